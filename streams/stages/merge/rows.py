"""The state of a place as rows: one for the place, one for each cluster, one for each report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from schemas.codec import canonical
from streams.stages.merge.cluster import Cluster, gathered, revised
from streams.stages.merge.desk import Lane
from streams.stages.merge.folding import lane_of
from streams.stages.merge.reading import read_row
from streams.stages.merge.report import Report
from streams.stages.merge.similarity import Judge
from streams.stages.merge.state import MergeState, content, seen_of
from streams.stages.stage import Rows

PLACE = "place"
"""Name of the row of the place itself. Rows of clusters begin with `c`, of reports with `r`, of ended ids with `x`,
of void mentions with `v`."""


def dump(state: MergeState) -> Rows:
    """The state as rows; equal states give equal bytes."""
    rows = {PLACE: _place_row(state)}
    rows.update((f"x {id_}", b"[%d,%d]" % end) for id_, end in state.ended.items())
    rows.update((f"v {id_}", b"[%d,%d]" % void) for id_, void in state.void.items())
    for family, lane in state.lanes.items():
        for cluster in lane.clusters():
            rows.update(_cluster_rows(family, cluster))
    return rows


def changes(before: MergeState, after: MergeState) -> dict[str, bytes | None]:
    """The rows in which two states of one place differ, null for those that go; costs what differs, not all."""
    rows: dict[str, bytes | None] = {PLACE: _place_row(after)}
    for prefix, old_ids, new_ids in (("x", before.ended, after.ended), ("v", before.void, after.void)):
        if old_ids is not new_ids:
            rows.update((f"{prefix} {id_}", None) for id_ in old_ids if id_ not in new_ids)
            changed = ((id_, pair) for id_, pair in new_ids.items() if old_ids.get(id_) != pair)
            rows.update((f"{prefix} {id_}", b"[%d,%d]" % pair) for id_, pair in changed)
    for family in {**before.lanes, **after.lanes}:
        old, new = before.lanes.get(family, Lane()), after.lanes.get(family, Lane())
        if old is not new:
            for name, row in _lane_changes(family, old, new).items():
                # An id that went to another family is gone in one and written in the other.
                rows[name] = rows.get(name) if row is None else row
    return rows


def load(key: str, rows: Rows, judge: Judge) -> MergeState:
    """The state that `dump` made these rows of."""
    if not rows:
        return MergeState(key)
    watermark, late, closed, closed_sum, ends = orjson.loads(rows[PLACE])
    lanes = {family: _lane(clusters, ends[family]) for family, clusters in _clusters(rows, judge).items()}
    return MergeState(
        key=key,
        lanes=lanes,
        seen=seen_of(cluster for lane in lanes.values() for cluster in lane.clusters()),
        ended={name[2:]: tuple(orjson.loads(row)) for name, row in rows.items() if name.startswith("x ")},
        void={name[2:]: tuple(orjson.loads(row)) for name, row in rows.items() if name.startswith("v ")},
        watermark=watermark,
        late=late,
        closed=closed,
        closed_sum=int(closed_sum, 16),
    )


def digest(state: MergeState) -> Any:
    """What the state says, without the history of its revisions: the same for any order of arrival in time.

    Null if all that was ever said of the place was taken back.
    """
    if not state.lanes and not state.closed:
        return None
    clusters = [content(cluster) for lane in state.lanes.values() for cluster in lane.clusters()]
    return {
        "watermark": state.watermark,
        "closed": [state.closed, f"{state.closed_sum:064x}"],
        "open": sorted(clusters),
    }


def _place_row(state: MergeState) -> bytes:
    ends = {family: [*lane.end, lane.due] for family, lane in state.lanes.items()}
    return canonical([state.watermark, state.late, state.closed, f"{state.closed_sum:x}", ends])


def _lane(clusters: list[Cluster], end: list[Any]) -> Lane:
    at, mention_id, due = end
    return lane_of(clusters, (at, mention_id), due)


def _cluster_rows(family: str, cluster: Cluster) -> Iterator[tuple[str, bytes]]:
    yield f"c {cluster.id}", orjson.dumps([family, cluster.revision])
    for report, _ in cluster.members:
        yield _name(cluster, report), report.row


def _name(cluster: Cluster, report: Report) -> str:
    return f"r {cluster.id} {report.mention_id}"


def _lane_changes(family: str, old: Lane, new: Lane) -> dict[str, bytes | None]:
    rows: dict[str, bytes | None] = {}
    blocks = [block for block in {**old.blocks, **new.blocks} if old.blocks.get(block) is not new.blocks.get(block)]
    was = {c.id: c for block in blocks for c in old.blocks.get(block, ())}
    now = {c.id: c for block in blocks for c in new.blocks.get(block, ())}
    for id_ in {**was, **now}:
        before, after = was.get(id_), now.get(id_)
        if before is not after:
            rows.update(_differing(family, before, after))
    return rows


def _differing(family: str, before: Cluster | None, after: Cluster | None) -> dict[str, bytes | None]:
    old = dict(_cluster_rows(family, before)) if before else {}
    new = dict(_cluster_rows(family, after)) if after else {}
    rows: dict[str, bytes | None] = {name: row for name, row in new.items() if old.get(name) is not row}
    rows.update((name, None) for name in old if name not in new)
    return rows


def _clusters(rows: Rows, judge: Judge) -> dict[str, list[Cluster]]:
    reports: dict[str, list[Report]] = {}
    for name, row in rows.items():
        if name.startswith("r "):
            reports.setdefault(name.split(" ", 2)[1], []).append(read_row(row, judge))
    lanes: dict[str, list[Cluster]] = {}
    for name in sorted(name for name in rows if name.startswith("c ")):
        family, revision = orjson.loads(rows[name])
        members = sorted(reports[name[2:]], key=lambda report: report.key)
        lanes.setdefault(family, []).append(revised(gathered(members, judge), revision))
    return lanes
