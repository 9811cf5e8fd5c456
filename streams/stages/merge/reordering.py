"""A report out of order, or taken back: judged again is whatever later one could be judged otherwise because of it.

A later report can be judged otherwise only if its own cluster lost a view, another one gained a view that it matches, a
cluster near it was opened or woken where more are near than it is compared with, or its own article's telling moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from streams.stages.merge.cluster import Cluster, Member
from streams.stages.merge.desk import Desk
from streams.stages.merge.report import Key, Report


class Reordering:
    """The work that one report out of order causes."""

    def __init__(self, desk: Desk, end_day: int) -> None:
        self._desk = desk
        self._end_day = end_day
        self._queue: list[tuple[Key, Report]] = []
        self._queued: set[Key] = set()
        self._homes: dict[Key, Cluster] = {}

    def insert(self, report: Report) -> None:
        """Judge a report at its place, and later ones again, in canonical order, until nothing more can change."""
        self._settle_all(report)
        self._push(report)
        self._work_off()

    def remove(self, report: Report, home: Cluster) -> None:
        """Take a report out of its cluster, and judge all later ones again that might have been compared with it."""
        self._settle_all(report)
        # Without it its cluster may have fallen asleep earlier, and in old ones another may be a landmark. News is
        # taken back rarely, so all that comes near is looked at and not only what must.
        old = home.opening.day + self._desk.judge.memory_days < self._end_day
        for _, later in self._after(report) if old else self._later(home, report):
            self._push(later)
        self._leave(report, home)
        self._work_off()

    def _settle_all(self, report: Report) -> None:
        for cluster in self._desk.clusters():
            if cluster.last_key >= report.key:
                self._settle_in(cluster)

    def _work_off(self) -> None:
        while self._queue:
            key, judged = heappop(self._queue)
            self._queued.discard(key)
            self._judge(judged)

    def _judge(self, report: Report) -> None:
        home, chosen = self._homes.get(report.key), self._desk.choose(report)
        if home is not None and (chosen.id == home.id if chosen else home.opening.key == report.key):
            return
        if home is not None:
            self._leave(report, home)
        joined = self._desk.place(report, chosen)
        self._settle_in(joined)
        self._doubt(report, chosen, joined)

    def _leave(self, report: Report, home: Cluster) -> None:
        left = self._desk.take_out(report, home)
        for member, _ in home.members:
            del self._homes[member.key]
            if left is None and member.key != report.key:
                self._push(member)
        if left is not None:
            self._settle_in(left)
        self._doubt(report, home, left)

    def _settle_in(self, cluster: Cluster) -> None:
        for member, _ in cluster.members:
            self._homes[member.key] = cluster

    def _push(self, report: Report) -> None:
        if report.key not in self._queued:
            self._queued.add(report.key)
            heappush(self._queue, (report.key, report))

    def _doubt(self, report: Report, old: Cluster | None, new: Cluster | None) -> None:
        """Judge later reports again that the change of a cluster at this one may concern."""
        was, now = _views(old), _views(new)
        gained = [now[key] for key in now.keys() - was.keys()]
        lost = bool(was.keys() - now.keys())
        upset = old is None or new is None
        woken = self._wakes(new or old, report)
        for holder, member in self._later(new or old, report):
            inside = new is not None and holder.id == new.id
            if (
                member.article == report.article
                or (inside and lost)
                or (not inside and woken)
                or (not inside and any(self._matches(view, member) for view in gained))
                or (upset and self._desk.is_crowded(member))
            ):
                self._push(member)

    def _matches(self, view: Report, member: Report) -> bool:
        return view.key < member.key and self._desk.judge.compare(view, member).same

    def _later(self, changed: Cluster | None, at: Report) -> Iterator[tuple[Cluster, Report]]:
        """The reports after a point whose time comes near a cluster, each with its own cluster."""
        if changed is None:
            return
        slack = self._desk.judge.slack(at)
        first, last = changed.span[0] - slack, changed.span[1] + slack
        for cluster in self._desk.clusters():
            if cluster.last_key > at.key and cluster.hull[0] <= last and first <= cluster.hull[1]:
                for member, _ in cluster.members[cluster.position(at.key) :]:
                    if member.key > at.key and member.span[0] <= last and first <= member.span[1]:
                        yield cluster, member

    def _after(self, at: Report) -> Iterator[tuple[Cluster, Report]]:
        """All reports after a point, each with its own cluster."""
        for cluster in self._desk.clusters():
            for member, _ in cluster.members[cluster.position(at.key) :]:
                if member.key > at.key:
                    yield cluster, member

    def _wakes(self, cluster: Cluster | None, report: Report) -> bool:
        """Whether a cluster would fall asleep without a report before the lane ends."""
        if cluster is None:
            return False
        at = cluster.position(report.key)
        before = cluster.members[at - 1][0].day if at else None
        return before is not None and before + self._desk.judge.memory_days < self._end_day


def _views(cluster: Cluster | None) -> dict[Key, Report]:
    views: tuple[Member, ...] = cluster.views if cluster else ()
    return {view.key: view for view, _ in views}
