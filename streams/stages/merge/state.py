"""What merging remembers of a place, and how it forgets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from schemas.codec import canonical
from streams.stages.merge.cluster import Cluster
from streams.stages.merge.desk import Lane
from streams.stages.merge.folding import lane_of
from streams.stages.merge.landmarks import landmarks
from streams.stages.merge.report import Report
from streams.stages.merge.similarity import Judge

_NEVER = 2**31
"""A day on which nothing is due: a lane of landmarks alone forgets none until something new has come in."""
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
    void: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Ids of mentions whose articles were corrected or retracted: the revision up to which what is said under them is
    void, and the day of publication."""
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
    ids = state.seen.get(report.day, ())
    at = bisect_left(ids, report.mention_id)
    return at < len(ids) and ids[at] == report.mention_id


def with_seen(state: MergeState, report: Report) -> Mapping[int, tuple[str, ...]]:
    """The mentions seen, with one more."""
    ids = state.seen.get(report.day, ())
    at = bisect_left(ids, report.mention_id)
    return {**state.seen, report.day: (*ids[:at], report.mention_id, *ids[at:])}


def without_seen(state: MergeState, report: Report) -> Mapping[int, tuple[str, ...]]:
    """The mentions seen, with one less."""
    left = tuple(id_ for id_ in state.seen.get(report.day, ()) if id_ != report.mention_id)
    others = {day: ids for day, ids in state.seen.items() if day != report.day}
    return {**others, report.day: left} if left else others


def held(state: MergeState, mention_id: str) -> tuple[str, Report] | None:
    """The report that stands of a mention, and its family; null if there is none."""
    for family, lane in state.lanes.items():
        for cluster in lane.clusters():
            for report, _ in cluster.members:
                if report.mention_id == mention_id:
                    return family, report
    return None


def is_late(state: MergeState, day: int, judge: Judge) -> bool:
    """Whether what was printed on a day comes from beyond the lateness: it counts, but its arrival may matter."""
    return day < state.watermark - judge.parameters.lateness_days


def forget(state: MergeState, judge: Judge) -> MergeState:
    """The state without what no report in time can change any more.

    A cluster closes when its last report lies before the watermark by more than the lateness and the memory of events
    together, unless it is a landmark. Its content goes into the sum of what was closed.
    """
    oldest = state.watermark - judge.parameters.lateness_days - judge.memory_days
    if all(lane.due >= oldest for lane in state.lanes.values()):
        return state
    lanes, closing = {}, list[Cluster]()
    for family, lane in state.lanes.items():
        lanes[family], gone = _swept(lane, oldest, judge) if lane.due < oldest else (lane, [])
        closing += gone
    return replace(
        state,
        lanes={family: lane for family, lane in lanes.items() if lane.blocks},
        seen=_without(state.seen, closing),
        ended={id_: end for id_, end in state.ended.items() if end[1] >= oldest},
        void={id_: void for id_, void in state.void.items() if void[1] >= oldest},
        closed=state.closed + len(closing),
        closed_sum=(state.closed_sum + sum(map(_hash, closing))) % SUMS,
    )


def seen_of(clusters: Iterable[Cluster]) -> Mapping[int, tuple[str, ...]]:
    """The mentions under these clusters, as the state has them."""
    days: dict[int, list[str]] = {}
    for cluster in clusters:
        for report, _ in cluster.members:
            days.setdefault(report.day, []).append(report.mention_id)
    return {day: tuple(sorted(ids)) for day, ids in days.items()}


def content(cluster: Cluster) -> list[str]:
    """What a cluster says, without its history: its id and the reports under it."""
    return [cluster.id, *(report.mention_id for report, _ in cluster.members)]


def _swept(lane: Lane, oldest: int, judge: Judge) -> tuple[Lane, list[Cluster]]:
    """The lane with what it has to keep, and what it has not."""
    clusters = list(lane.clusters())
    gone = {c.id for c in clusters if c.members[-1][0].day < oldest}
    if gone:
        gone -= landmarks(clusters, oldest, judge.parameters)
    kept = [cluster for cluster in clusters if cluster.id not in gone]
    days = [day for c in kept for day in (c.opening.day, c.members[-1][0].day) if day >= oldest]
    due = min(days, default=_NEVER)
    if not gone:
        return replace(lane, due=due), []
    return lane_of(kept, lane.end, due), [cluster for cluster in clusters if cluster.id in gone]


def _without(seen: Mapping[int, tuple[str, ...]], closing: list[Cluster]) -> Mapping[int, tuple[str, ...]]:
    if not closing:
        return seen
    gone = {day: set(ids) for day, ids in seen_of(closing).items()}
    left = {day: tuple(id_ for id_ in ids if id_ not in gone.get(day, ())) for day, ids in seen.items()}
    return {day: ids for day, ids in left.items() if ids}


def _hash(cluster: Cluster) -> int:
    return int.from_bytes(blake2b(canonical(content(cluster)), digest_size=32).digest())
