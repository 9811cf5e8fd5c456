"""Which events are remembered after they are news: the most reported ones of a place, so that a retelling finds them.

An event takes in reports until none has come for the lateness and the horizon together. After that only landmarks do.
Rank is taken from the days while it was news, and only among events opened before lateness and horizon: so no report
that may still arrive in time can change who is a landmark, and who has been outranked stays so.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.stages.merge.cluster import Cluster
from streams.stages.merge.parameters import Parameters

Rank = tuple[int, int, str]


def landmarks(clusters: Iterable[Cluster], before: int, parameters: Parameters) -> frozenset[str]:
    """Ids of the most reported clusters among those opened before a day (an ordinal)."""
    old = [rank(cluster, parameters) for cluster in clusters if cluster.opening.day < before]
    return frozenset(id_ for _, _, id_ in sorted(old, reverse=True)[: parameters.landmarks])


def rank(cluster: Cluster, parameters: Parameters) -> Rank:
    """How widely a cluster was reported while it was news: outlets, then reports, then its id."""
    until = cluster.opening.day + parameters.horizon_days
    early = [report for report, _ in cluster.members if report.day <= until]
    return len({report.outlet for report in early}), len(early), cluster.id
