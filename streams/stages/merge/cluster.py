"""A cluster: the reports that are one event, or one claim, in canonical order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from streams.stages.merge.report import Key, Report
from streams.stages.merge.similarity import Judge
from streams.stages.merge.witnesses import Witness, witness

NAMESPACE = UUID("5d1c2b1e-5f0a-5c52-8f0e-2f6a3f1f7b10")
"""Of event and claim ids; fixed for ever, since ids must not change."""

Member = tuple[Report, Witness]


def id_of(opening: Report) -> str:
    """The id of what a report opens: from its mention id, and its place, as a correction may move it."""
    return str(uuid5(NAMESPACE, f"{opening.place_key} {opening.mention_id}"))


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports of one event. Equal sets of reports make equal clusters, but for `revision`."""

    id: str
    span: tuple[int, int]
    """First and last day that the opening report speaks of."""
    members: tuple[Member, ...]
    """In canonical order; the first one opened the cluster."""
    views: tuple[Member, ...]
    """The earliest differently worded reports: what a new report is compared with."""
    hull: tuple[int, int]
    """First and last day that any member speaks of."""
    revision: int = 0
    """Records written of this id; part of the history of arrival."""

    @property
    def opening(self) -> Report:
        """The report that opened it."""
        return self.members[0][0]

    @property
    def last_key(self) -> Key:
        """Its latest report's place in the canonical order."""
        return self.members[-1][0].key

    def views_before(self, key: Key) -> tuple[Member, ...]:
        """The views as they were before a point of the canonical order."""
        return self.views if self.views[-1][0].key < key else tuple(view for view in self.views if view[0].key < key)

    def last_day_before(self, key: Key) -> int:
        """Day of publication of the latest report before a point of the canonical order."""
        latest = -1 if self.last_key < key else self.position(key) - 1
        return self.members[latest][0].day

    def holds(self, report: Report) -> bool:
        """Whether a report is one of its members."""
        at = self.position(report.key)
        return at < len(self.members) and self.members[at][0].key == report.key

    def position(self, key: Key) -> int:
        """Where a report with this key stands, or would stand, among the members."""
        return bisect_left(self.members, key, key=lambda member: member[0].key)


def opened_by(report: Report, judge: Judge) -> Cluster:
    """The cluster that a report opens."""
    member = (report, witness(report, (), (), judge.parameters, judge.knowledge))
    span = report.span
    return Cluster(id_of(report), span, (member,), (member,), span)


def extended(cluster: Cluster, report: Report, judge: Judge) -> Cluster:
    """The cluster with a report that comes after all its members."""
    member = (report, witness(report, cluster.members, cluster.views, judge.parameters, judge.knowledge))
    fresh = not member[1].copy and len(cluster.views) < judge.parameters.views
    first, last = report.span
    return Cluster(
        cluster.id,
        cluster.span,
        (*cluster.members, member),
        (*cluster.views, member) if fresh else cluster.views,
        (min(first, cluster.hull[0]), max(last, cluster.hull[1])),
        cluster.revision,
    )


def gathered(reports: Sequence[Report], judge: Judge) -> Cluster:
    """The cluster of these reports, at least one, in canonical order."""
    cluster = opened_by(reports[0], judge)
    for report in reports[1:]:
        cluster = extended(cluster, report, judge)
    return cluster


def revised(cluster: Cluster, revision: int) -> Cluster:
    """The same cluster after so many records."""
    return Cluster(cluster.id, cluster.span, cluster.members, cluster.views, cluster.hull, revision)
