"""The fold: every report, in canonical order, joins the best cluster before it or opens one.

What a family of reports ends in is a function of the set of reports: the fold over their canonical order. A report that
arrives in order is folded on; one that does not is worked in (`reordering`), to the same end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from streams.stages.merge.blocking import Block, block_of
from streams.stages.merge.cluster import Cluster
from streams.stages.merge.desk import Desk, Ended, Lane, levels_of
from streams.stages.merge.reordering import Reordering
from streams.stages.merge.report import Key, Report, day_of
from streams.stages.merge.similarity import Judge


@dataclass(frozen=True, slots=True)
class Change:
    """What a report did to a lane."""

    lane: Lane
    before: dict[str, Cluster]
    """Clusters that were there and changed or ended, by id."""
    after: dict[str, Cluster]
    """Clusters that changed or opened, by id."""


def fold(lane: Lane, report: Report, judge: Judge, ended: Ended = MappingProxyType({})) -> Change:
    """The lane with one more report, which it does not hold yet.

    Args:
        lane: The clusters so far.
        report: The report that comes in.
        judge: The rules.
        ended: Ids that ended earlier, with their last revision: where one comes back, it counts on from there.
    """
    desk = Desk(lane, judge, ended)
    if report.key > lane.end:
        desk.place(report, desk.choose(report))
    else:
        Reordering(desk, day_of(lane.end)).insert(report)
        desk.settle()
    due = min(lane.due, report.day) if lane.blocks else report.day
    return Change(Lane(desk.blocks, desk.levels, max(lane.end, report.key), due), desk.before, desk.after)


def unfold(lane: Lane, report: Report, judge: Judge, ended: Ended, instead: Report | None = None) -> Change:
    """The lane as if a report had never come in, or another in its stead.

    Args:
        lane: The clusters so far.
        report: A report that stands in one of them.
        judge: The rules.
        ended: Ids that ended earlier, with their last revision.
        instead: What its article says now, if that belongs in this lane.
    """
    desk = Desk(lane, judge, ended)
    work = Reordering(desk, day_of(lane.end))
    work.remove(report, next(cluster for cluster in desk.clusters() if cluster.holds(report)))
    if instead is not None:
        Reordering(desk, day_of(lane.end)).insert(instead)
    desk.settle()
    end, due = (max(lane.end, instead.key), min(lane.due, instead.day)) if instead else (lane.end, lane.due)
    return Change(Lane(desk.blocks, desk.levels, end, due), desk.before, desk.after)


def lane_of(clusters: Iterable[Cluster], end: Key, due: int = 0) -> Lane:
    """The lane that holds these clusters."""
    blocks: dict[Block, tuple[Cluster, ...]] = {}
    for cluster in sorted(clusters, key=lambda c: c.opening.key):
        block = block_of(cluster.span)
        blocks[block] = (*blocks.get(block, ()), cluster)
    return Lane(blocks, levels_of(blocks), end, due)
