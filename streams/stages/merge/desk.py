"""One lane while it is worked on: which cluster a report joins, and what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest

from streams.stages.merge.blocking import Block, Blocks, block_of, near
from streams.stages.merge.cluster import Cluster, extended, gathered, opened_by, revised
from streams.stages.merge.landmarks import landmarks
from streams.stages.merge.report import Key, Report
from streams.stages.merge.similarity import Judge, likeness

Ended = Mapping[str, tuple[int, int]]
"""Ids that ended: their last revision, and the day of publication of the report that opened them."""


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


def levels_of(blocks: Blocks) -> tuple[int, ...]:
    """Lengths of which there are blocks, ascending."""
    return tuple(sorted({level for level, _ in blocks}))


class Desk:
    """A lane while it is worked on. The lane itself stays as it was."""

    def __init__(self, lane: Lane, judge: Judge, ended: Ended) -> None:
        self.judge = judge
        self.blocks: dict[Block, tuple[Cluster, ...]] = dict(lane.blocks)
        self.levels = lane.levels
        self.before: dict[str, Cluster] = {}
        """Clusters that were there and changed or ended, by id."""
        self.after: dict[str, Cluster] = {}
        """Clusters that changed or opened, by id."""
        self._ended = ended

    def clusters(self) -> Iterator[Cluster]:
        """All clusters as they are now, in no meaningful order."""
        for clusters in self.blocks.values():
            yield from clusters

    def choose(self, report: Report) -> Cluster | None:
        """The best cluster among those before a report, as they were before it; none if no one matches."""
        best: tuple[float, Cluster] | None = None
        for cluster in self._candidates(report):
            score = self._score(cluster, report)
            if score is None or _told_already(cluster, report):
                continue
            if best is None or _beats(score, cluster, best):
                best = (score, cluster)
        return best[1] if best else None

    def place(self, report: Report, chosen: Cluster | None) -> Cluster:
        """Put a report into a cluster, or let it open one; the cluster as it is then."""
        if chosen is None:
            cluster = opened_by(report, self.judge)
        elif report.key > chosen.last_key:
            cluster = extended(chosen, report, self.judge)
        else:
            at = chosen.position(report.key)
            reports = [member for member, _ in chosen.members]
            cluster = gathered((*reports[:at], report, *reports[at:]), self.judge)
        return self._put(chosen, cluster)

    def take_out(self, report: Report, home: Cluster) -> Cluster | None:
        """Take a report out of its cluster, which dissolves if it was the one that opened it; what is left of it."""
        if home.opening.key == report.key:
            self._held(home.span, home.id, ())
            self._note(home)
            self.after.pop(home.id, None)
            return None
        return self._put(home, gathered([member for member, _ in home.members if member.key != report.key], self.judge))

    def is_crowded(self, report: Report) -> bool:
        """Whether there is more near a report than it is compared with, so that any cluster there may crowd one out."""
        limit = self.judge.parameters.candidates
        return sum(1 for _ in self._near(report)) >= limit

    def settle(self) -> None:
        """Forget changes that came to nothing."""
        for id_, old in list(self.before.items()):
            new = self.after.get(id_)
            if new is not None and new.members == old.members:
                del self.before[id_], self.after[id_]
                self._held(old.span, id_, (old,))

    def _near(self, report: Report) -> Iterator[Cluster]:
        """The clusters that blocking lets a report meet: near in time, of an act like its own, of no other quarter."""
        acts, quarter = self.judge.acts_like(report), report.quarter
        for cluster in near(self.blocks, self.levels, report.span, self.judge.slack(report)):
            opening = cluster.members[0][0]
            if opening.act in acts and not (quarter and opening.quarter and quarter.isdisjoint(opening.quarter)):
                yield cluster

    def _candidates(self, report: Report) -> list[Cluster]:
        """The clusters before a report that were awake, taking in reports, when it was printed."""
        found = [cluster for cluster in self._near(report) if cluster.opening.key < report.key]
        oldest = report.day - self.judge.memory_days
        awake = [cluster for cluster in found if cluster.last_day_before(report.key) >= oldest]
        if len(awake) < len(found):
            famous = landmarks(self.clusters(), oldest, self.judge.parameters)
            awake += [c for c in found if c.id in famous and c.last_day_before(report.key) < oldest]
        limit = self.judge.parameters.candidates
        if len(awake) <= limit:
            return awake
        return nlargest(limit, awake, key=lambda c: (likeness(c.opening, report), c.opening.key))

    def _score(self, cluster: Cluster, report: Report) -> float | None:
        """How well a report matches the best view of a cluster; null if none, or if the opening one forbids it."""
        best: float | None = None
        for view, _ in cluster.views_before(report.key):
            decision = self.judge.compare(view, report)
            if decision.same and (best is None or decision.score > best):
                best = decision.score
            elif decision.score < self.judge.parameters.hopeless and view is cluster.opening:
                break
        return best

    def _put(self, old: Cluster | None, new: Cluster) -> Cluster:
        """Set a new cluster in the place of the old one, with the revision that it will be written in."""
        if old is not None:
            self._note(old)
        written = self.before[new.id].revision if new.id in self.before else self._ended.get(new.id, (0, 0))[0]
        self.after[new.id] = new = revised(new, written + 1)
        self._held(new.span, new.id, (new,))
        return new

    def _note(self, old: Cluster) -> None:
        if old.id not in self.before and old.id not in self.after:
            self.before[old.id] = old

    def _held(self, span: tuple[int, int], id_: str, clusters: tuple[Cluster, ...]) -> None:
        """Set what a block holds under an id."""
        block = block_of(span)
        others = [cluster for cluster in self.blocks.get(block, ()) if cluster.id != id_]
        if others or clusters:
            self.blocks[block] = (*others, *clusters)
        else:
            del self.blocks[block]
        if not (others and clusters):
            self.levels = levels_of(self.blocks)


def _told_already(cluster: Cluster, report: Report) -> bool:
    """Whether the report's own article has told this event: then it tells another, its reader kept them apart."""
    if report.kind != "event":
        return False
    before = cluster.members[: cluster.position(report.key)]
    return any(other.article == report.article and other.act == report.act for other, _ in before)


def _beats(score: float, cluster: Cluster, best: tuple[float, Cluster]) -> bool:
    """Whether a cluster is the better match. Of equal scores the older one wins, so that ids live long."""
    if score != best[0]:
        return score > best[0]
    return cluster.opening.key < best[1].opening.key
