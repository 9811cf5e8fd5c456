"""The fold: every report, in canonical order, joins the best cluster before it or opens one.

What a family of reports ends in is a function of the set of reports: the fold over their canonical order. A report that
arrives in order is folded on. One that arrives out of order is judged at its place, and then only those later reports
are judged again that could be judged otherwise because of it; they may change clusters in their turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from types import MappingProxyType

from streams.stages.merge.blocking import Block, Blocks, block_of, near
from streams.stages.merge.cluster import Cluster, extended, gathered, opened_by
from streams.stages.merge.landmarks import landmarks
from streams.stages.merge.report import Key, Report, day_of
from streams.stages.merge.similarity import Judge

Ended = Mapping[str, tuple[int, int]]
"""Ids that ended: their last revision, and the day of publication of the report that opened them."""

LONG_DAYS = 62
"""Reports of longer stretches are compared with the latest clusters only, not with all that the stretch holds."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The clusters of one family at one place."""

    blocks: Blocks = field(default_factory=dict)
    levels: tuple[int, ...] = ()
    """Lengths of which there are blocks, ascending."""
    end: Key = (-(2**62), "")
    """Greatest key of a report that came in."""
    due: int = 0
    """Day that the oldest remembered publication has to pass before anything here can be forgotten; at the latest."""

    def clusters(self) -> Iterator[Cluster]:
        """All clusters, block by block."""
        for block in sorted(self.blocks):
            yield from self.blocks[block]


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
    desk = _Desk(lane, judge, ended)
    if report.key > lane.end:
        desk.place(report, desk.choose(report))
    else:
        desk.insert(report)
    desk.settle()
    due = min(lane.due, report.day) if lane.blocks else report.day
    return Change(Lane(desk.blocks, desk.levels, max(lane.end, report.key), due), desk.before, desk.after)


def lane_of(clusters: Iterable[Cluster], end: Key, due: int = 0) -> Lane:
    """The lane that holds these clusters."""
    blocks: dict[Block, tuple[Cluster, ...]] = {}
    for cluster in sorted(clusters, key=_opening_key):
        block = block_of(cluster.span)
        blocks[block] = (*blocks.get(block, ()), cluster)
    return Lane(blocks, _levels(blocks), end, due)


class _Desk:
    """One lane while it is worked on. The lane itself stays as it was."""

    def __init__(self, lane: Lane, judge: Judge, ended: Ended) -> None:
        self.judge = judge
        self.ended = ended
        self.blocks = dict(lane.blocks)
        self.levels = lane.levels
        self.end_day = day_of(lane.end)
        self.before: dict[str, Cluster] = {}
        self.after: dict[str, Cluster] = {}
        self.queue: list[tuple[Key, Report]] = []
        self.queued: set[Key] = set()
        self.homes: dict[Key, Cluster] = {}

    def choose(self, report: Report) -> Cluster | None:
        """The best cluster among those before a report, as they were before it; none if no one matches."""
        best: tuple[float, Cluster] | None = None
        for cluster in self.candidates(report):
            score = self.score(cluster, report)
            if score is None or _told_already(cluster, report):
                continue
            # Of equal scores the older cluster wins, so that ids live long.
            if best is None or _beats(score, cluster, best):
                best = (score, cluster)
        return best[1] if best else None

    def candidates(self, report: Report) -> list[Cluster]:
        """The clusters before a report that are awake: still taking in reports when it was printed."""
        found = [cluster for cluster in self.nearby(report) if cluster.opening.key < report.key]
        oldest = report.day - self.judge.memory_days
        awake = [cluster for cluster in found if cluster.last_day_before(report.key) >= oldest]
        if len(awake) < len(found):
            famous = landmarks(self.all(), oldest, self.judge.parameters)
            awake += [c for c in found if c.id in famous and c.last_day_before(report.key) < oldest]
        if _is_long(report, self.judge):
            return sorted(awake, key=_opening_key)[-self.judge.parameters.candidates :]
        return awake

    def nearby(self, report: Report) -> Iterator[Cluster]:
        return near(self.blocks, self.levels, report.span, self.judge.slack(report))

    def score(self, cluster: Cluster, report: Report) -> float | None:
        """How well a report matches the best view of a cluster; null if it matches none."""
        best: float | None = None
        for view, _ in cluster.views_before(report.key):
            decision = self.judge.compare(view, report)
            if decision.same and (best is None or decision.score > best):
                best = decision.score
        return best

    def all(self) -> Iterator[Cluster]:
        for clusters in self.blocks.values():
            yield from clusters

    def place(self, report: Report, chosen: Cluster | None) -> Cluster:
        """Put a report into a cluster, or let it open one; the cluster as it is then."""
        if chosen is None:
            cluster = opened_by(report, self.judge)
        elif report.key > chosen.last_key:
            cluster = extended(chosen, report, self.judge)
        else:
            at = chosen.position(report.key)
            reports = [member[0] for member in chosen.members]
            cluster = gathered((*reports[:at], report, *reports[at:]), self.judge, chosen.revision)
        self.put(chosen, cluster)
        return self.after[cluster.id]

    def put(self, old: Cluster | None, new: Cluster | None) -> None:
        """Replace a cluster, open one (no old) or dissolve one (no new)."""
        known = new or old
        assert known is not None  # noqa: S101 - for the type checker; there is no third case
        new = self.record(known.id, old, new)
        block = block_of(known.span)
        held = [cluster for cluster in self.blocks.get(block, ()) if cluster.id != known.id]
        if new is not None:
            held.append(new)
        if held:
            self.blocks[block] = tuple(held)
        else:
            del self.blocks[block]
        if not held or block[0] not in self.levels:
            self.levels = _levels(self.blocks)

    def record(self, id_: str, old: Cluster | None, new: Cluster | None) -> Cluster | None:
        """Note a change; the new cluster with the revision that it will be written in."""
        if old is not None and id_ not in self.before and id_ not in self.after:
            self.before[id_] = old
        if new is None:
            self.after.pop(id_, None)
            return None
        written = self.before[id_].revision if id_ in self.before else self.ended.get(id_, (0, 0))[0]
        self.after[id_] = new = replace(new, revision=written + 1)
        for member, _ in new.members if self.homes else ():
            self.homes[member.key] = new
        return new

    def settle(self) -> None:
        """Forget changes that came to nothing."""
        for id_, old in list(self.before.items()):
            new = self.after.get(id_)
            if new is not None and new.members == old.members:
                del self.before[id_], self.after[id_]
                block = block_of(old.span)
                self.blocks[block] = tuple(old if c.id == id_ else c for c in self.blocks[block])

    # A report out of order.

    def insert(self, report: Report) -> None:
        """Judge a report at its place, and again whatever later ones could be judged otherwise because of it."""
        for cluster in self.all():
            if cluster.last_key > report.key:
                for member, _ in cluster.members[cluster.position(report.key) :]:
                    self.homes[member.key] = cluster
        self.push(report)
        while self.queue:
            key, judged = heappop(self.queue)
            self.queued.discard(key)
            self.rejudge(judged)

    def push(self, report: Report) -> None:
        if report.key not in self.queued:
            self.queued.add(report.key)
            heappush(self.queue, (report.key, report))

    def rejudge(self, report: Report) -> None:
        home, chosen = self.homes.get(report.key), self.choose(report)
        stays = home is not None and (chosen.id == home.id if chosen else home.opening.key == report.key)
        if stays:
            return
        if home is not None:
            self.remove(report, home)
        joined = self.place(report, chosen)
        self.homes[report.key] = joined
        if chosen is None or joined.views != chosen.views or self.wakes(joined, report):
            self.doubt(joined, report)
        self.doubt_siblings(report)

    def remove(self, report: Report, home: Cluster) -> None:
        """Take a report out of its cluster. Without the one that opened it, a cluster dissolves."""
        del self.homes[report.key]
        if home.opening.key == report.key:
            self.put(home, None)
            for member, _ in home.members[1:]:
                self.homes.pop(member.key, None)
                self.push(member)
            self.doubt(home, report)
            return
        rest = [member for member, _ in home.members if member.key != report.key]
        left = gathered(rest, self.judge, home.revision)
        self.put(home, left)
        self.doubt_siblings(report)
        if left.views != home.views or self.wakes(home, report):
            self.doubt(home, report)

    def wakes(self, cluster: Cluster, report: Report) -> bool:
        """Whether a cluster would have fallen asleep without a report before the lane ends."""
        before = cluster.position(report.key) - 1
        return before < 0 or cluster.members[before][0].day + self.judge.memory_days < self.end_day

    def doubt_siblings(self, at: Report) -> None:
        """Judge later reports of the same article again: whether it has told an event already counts for them."""
        for cluster in self.all():
            if cluster.last_key > at.key:
                for member, _ in cluster.members[cluster.position(at.key) :]:
                    if member.key[0] > at.key[0]:
                        break
                    if member.key > at.key and member.article == at.article:
                        self.push(member)

    def doubt(self, changed: Cluster, at: Report) -> None:
        """Judge those reports again that come later and could belong to a cluster that changed at this one."""
        slack = self.judge.slack(changed.opening)
        first, last = changed.span[0] - slack, changed.span[1] + slack
        for cluster in self.all():
            if cluster.last_key > at.key and cluster.hull[0] <= last and first <= cluster.hull[1]:
                for member, _ in cluster.members[cluster.position(at.key) :]:
                    if member.key > at.key:
                        self.push(member)


def _told_already(cluster: Cluster, report: Report) -> bool:
    """Whether the report's own article has told this event: then it tells another, its reader kept them apart."""
    if report.kind != "event":
        return False
    before = cluster.members[: cluster.position(report.key)]
    return any(other.article == report.article and other.act == report.act for other, _ in before)


def _beats(score: float, cluster: Cluster, best: tuple[float, Cluster]) -> bool:
    if score != best[0]:
        return score > best[0]
    return cluster.opening.key < best[1].opening.key


def _is_long(report: Report, judge: Judge) -> bool:
    first, last = report.span
    return last - first > LONG_DAYS


def _levels(blocks: Blocks) -> tuple[int, ...]:
    return tuple(sorted({level for level, _ in blocks}))


def _opening_key(cluster: Cluster) -> Key:
    return cluster.opening.key
