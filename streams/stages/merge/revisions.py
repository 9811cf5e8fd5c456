"""What changed, as records: new, revised, merged and split events, each naming what it supersedes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.vocabulary import RevisionKind
from streams.stages.merge.cluster import Cluster, revised
from streams.stages.merge.folding import Change
from streams.stages.merge.report import Report

ENDED = frozenset((RevisionKind.MERGE, RevisionKind.RETRACT))
"""Kinds of an id's last record."""
Word = tuple[str, int]
"""A mention id, and the revision of the article that says it: a corrected mention is another word under its id."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One record to be written."""

    cluster: Cluster
    """With its new revision."""
    kind: RevisionKind
    supersedes: tuple[str, ...] = ()


def transitions(change: Change) -> list[Transition]:
    """What a change makes known, in order: first what lives, then what ended.

    Whoever takes in an event is written before that event ends, so that no reader sees a report under no event.

    Args:
        change: Clusters before and after, by id.
    """
    if len(change.after) == 1 and len(change.before) <= 1 and change.before.keys() <= change.after.keys():
        kind = RevisionKind.REVISE if change.before else RevisionKind.NEW
        return [Transition(cluster, kind) for cluster in change.after.values()]
    homes_before = _homes(change.before)
    homes_after = _homes(change.after)
    gone = {id_: cluster for id_, cluster in change.before.items() if id_ not in change.after}
    taken = {id_: heir for id_, cluster in gone.items() if (heir := _heir(cluster, homes_after))}
    found = []
    for cluster in sorted(change.after.values(), key=lambda c: c.opening.key):
        takes = {old for old, new in taken.items() if new == cluster.id}
        parent = homes_before.get(_word(cluster.opening))
        if cluster.id in change.before:
            found.append(Transition(cluster, RevisionKind.REVISE, _sorted(takes)))
        elif parent is None or parent in takes:
            found.append(Transition(cluster, RevisionKind.NEW, _sorted(takes)))
        else:
            found.append(Transition(cluster, RevisionKind.SPLIT, _sorted({*takes, parent})))
    for cluster in sorted(gone.values(), key=lambda c: c.opening.key):
        kind = RevisionKind.MERGE if cluster.id in taken else RevisionKind.RETRACT
        found.append(Transition(revised(cluster, cluster.revision + 1), kind))
    return found


def _sorted(ids: set[str]) -> tuple[str, ...]:
    return tuple(sorted(ids))


def _heir(cluster: Cluster, homes: Mapping[Word, str]) -> str | None:
    """Where the earliest report that still stands went; null if none does."""
    return next((homes[_word(report)] for report, _ in cluster.members if _word(report) in homes), None)


def _homes(clusters: Mapping[str, Cluster]) -> dict[Word, str]:
    return {_word(report): id_ for id_, cluster in clusters.items() for report, _ in cluster.members}


def _word(report: Report) -> Word:
    return report.mention_id, report.revision
