"""What merging remembers of a place, and how it forgets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from schemas.codec import canonical
from streams.stages.merge.cluster import Cluster
from streams.stages.merge.folding import Lane, lane_of
from streams.stages.merge.landmarks import landmarks
from streams.stages.merge.report import Report
from streams.stages.merge.similarity import Judge

SUMS = 2**256
"""Hashes of closed clusters are summed modulo this: a sum does not depend on the order of closing."""


@dataclass(frozen=True, slots=True)
class MergeState:
    """The open events and claims of one place."""

    key: str
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    """By family. Never changed in place, nor is any other mapping here."""
    seen: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Ids of the mentions under its clusters, sorted, by day of publication."""
    ended: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Ids that ended: their last revision, and the day of publication of the report that opened them."""
    watermark: int = 0
    """Latest day of publication seen, as an ordinal."""
    late: int = 0
    """Reports that came after the lateness."""
    closed: int = 0
    """Clusters that can no longer change."""
    closed_sum: int = 0
    """Sum of the hashes of what was closed."""


def has_seen(state: MergeState, report: Report) -> bool:
    """Whether a mention has been taken in before."""
    ids = state.seen.get(report.published_day, ())
    at = bisect_left(ids, report.mention_id)
    return at < len(ids) and ids[at] == report.mention_id


def with_seen(state: MergeState, report: Report) -> Mapping[int, tuple[str, ...]]:
    """The mentions seen, with one more."""
    ids = state.seen.get(report.published_day, ())
    at = bisect_left(ids, report.mention_id)
    return {**state.seen, report.published_day: (*ids[:at], report.mention_id, *ids[at:])}


def is_late(state: MergeState, report: Report, judge: Judge) -> bool:
    """Whether a report comes from beyond the lateness: it counts, but its order of arrival may matter."""
    return report.published_day < state.watermark - judge.parameters.lateness_days


def forget(state: MergeState, judge: Judge) -> MergeState:
    """The state without what no report in time can change any more.

    A cluster closes when its last report lies before the watermark by more than the lateness and the memory of events
    together, unless it is a landmark. Its content goes into the sum of what was closed.
    """
    oldest = state.watermark - judge.parameters.lateness_days - judge.memory_days
    lanes, closing = {}, list[Cluster]()
    for family, lane in state.lanes.items():
        kept, gone = _parted(lane, oldest, judge)
        lanes[family] = lane_of(kept, lane.end) if gone else lane
        closing += gone
    return replace(
        state,
        lanes={family: lane for family, lane in lanes.items() if lane.blocks},
        seen=_without(state.seen, closing),
        ended={id_: end for id_, end in state.ended.items() if end[1] >= oldest},
        closed=state.closed + len(closing),
        closed_sum=(state.closed_sum + sum(map(_hash, closing))) % SUMS,
    )


def seen_of(clusters: Iterable[Cluster]) -> Mapping[int, tuple[str, ...]]:
    """The mentions under these clusters, as the state has them."""
    days: dict[int, list[str]] = {}
    for cluster in clusters:
        for report, _ in cluster.members:
            days.setdefault(report.published_day, []).append(report.mention_id)
    return {day: tuple(sorted(ids)) for day, ids in days.items()}


def content(cluster: Cluster) -> list[str]:
    """What a cluster says, without its history: its id and the reports under it."""
    return [cluster.id, *(report.mention_id for report, _ in cluster.members)]


def _parted(lane: Lane, oldest: int, judge: Judge) -> tuple[list[Cluster], list[Cluster]]:
    asleep = {c.id for c in lane.clusters() if c.members[-1][0].published_day < oldest}
    if asleep:
        asleep -= landmarks(lane.clusters(), oldest, judge.parameters)
    kept = [cluster for cluster in lane.clusters() if cluster.id not in asleep]
    return kept, [cluster for cluster in lane.clusters() if cluster.id in asleep]


def _without(seen: Mapping[int, tuple[str, ...]], closing: list[Cluster]) -> Mapping[int, tuple[str, ...]]:
    if not closing:
        return seen
    gone = {day: set(ids) for day, ids in seen_of(closing).items()}
    left = {day: tuple(id_ for id_ in ids if id_ not in gone.get(day, ())) for day, ids in seen.items()}
    return {day: ids for day, ids in left.items() if ids}


def _hash(cluster: Cluster) -> int:
    return int.from_bytes(blake2b(canonical(content(cluster)), digest_size=32).digest())
