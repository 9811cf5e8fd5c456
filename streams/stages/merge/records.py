"""A cluster as the record that goes out: an Event or a Claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from schemas.event import Claim, Event, Voice
from schemas.record import DateRange
from schemas.vocabulary import DatePrecision, EventType, Modality, Relation, RevisionKind, Scope
from streams.stages.merge.cluster import Cluster
from streams.stages.merge.report import Days, Report, instant, place_of, toll_of, when_of
from streams.stages.merge.similarity import Judge
from streams.stages.merge.tolls import series, sourced, span_of
from streams.stages.merge.witnesses import confidence

_LASTING = frozenset(("holds", "besieges", "contests", "advances"))
"""Relations that last: every restatement says that it was so on its day too."""
_STRENGTH = {Modality.REPORTED: 2, Modality.CLAIMED: 1, Modality.DENIED: 0}


def record_of(
    cluster: Cluster, judge: Judge, kind: RevisionKind, supersedes: Iterable[str] = (), late: bool = False
) -> Event | Claim:
    """The record of a cluster. All but revision, kind, supersedes and late is a function of its reports."""
    said = _common(cluster, judge)
    said.update(revision=cluster.revision, kind=kind, supersedes=tuple(sorted(supersedes)), late=late)
    if cluster.opening.kind == "event":
        return Event(event_id=cluster.id, **said, **_of_event(cluster, judge))
    return Claim(claim_id=cluster.id, **said, **_of_claim(cluster, judge))


def _common(cluster: Cluster, judge: Judge) -> dict[str, Any]:
    reports = [report for report, _ in cluster.members]
    voices = _voices(cluster)
    return {
        "place": place_of(_clearest(reports)),
        "when": _when(cluster),
        "actors": _most_told(cluster, "actors"),
        "modality": _modality(reports),
        "mention_ids": tuple(sorted([report.key[1] for report in reports])),
        "outlets": tuple(sorted({report.outlet for report in reports})),
        "root_sources": tuple(sorted(voices)),
        "copies": sum([witness.copy and not witness.again for _, witness in cluster.members]),
        "confidence": confidence(sorted(voices.items()), judge.parameters, judge.knowledge),
        "first_seen": instant(reports[0].key[0]),
        "last_seen": instant(reports[-1].key[0]),
    }


def _of_event(cluster: Cluster, judge: Judge) -> dict[str, Any]:
    told = series(cluster.members, judge.knowledge)
    shared = next((report for report, _ in cluster.members if report.shared), None)
    return {
        "event_type": EventType(_commonest([view.act for view, _ in cluster.views])),
        "targets": _most_told(cluster, "targets"),
        "killed": toll_of(span_of(told, 2)),
        "wounded": toll_of(span_of(told, 3)),
        "tolls": sourced(told),
        "shared": shared is not None,
        "group": shared.group if shared else None,
        "main": any(report.main for report, _ in cluster.members),
    }


def _of_claim(cluster: Cluster, judge: Judge) -> dict[str, Any]:
    reports = [report for report, _ in cluster.members]
    voices = tuple(
        Voice(root_source=root, party=judge.knowledge.teller(root).party, modality=Modality(modality))
        for root, modality in sorted(_voices(cluster).items())
    )
    speaking = {voice.party for voice in voices}
    gainers, losers = _interests(cluster, judge)
    shares = [report.share for report in reports if report.share is not None]
    return {
        "relation": Relation(_commonest([report.act for report in reports])),
        "scope": Scope(cluster.opening.scope or Scope.WHOLE),
        "share": shares[-1] if shares else None,
        "from_actors": _most_told(cluster, "from_actors"),
        "voices": voices,
        "self_interested": bool(speaking) and None not in speaking and speaking <= gainers,
        "admitted": not losers.isdisjoint(speaking),
    }


def _interests(cluster: Cluster, judge: Judge) -> tuple[frozenset[str], frozenset[str]]:
    """The parties that gain by a claim, and those that lose."""
    actors = judge.knowledge.parties_of(_most_told(cluster, "actors"))
    others = judge.knowledge.parties_of(_most_told(cluster, "from_actors"))
    return (others, actors) if cluster.opening.act in ("lost", "withdrew") else (actors, others)


def _voices(cluster: Cluster) -> dict[str, str]:
    """Each root source with the strongest modality in which it speaks."""
    voices: dict[str, str] = {}
    for report, witness in cluster.members:
        known = voices.get(witness.root)
        if known is None or _STRENGTH[Modality(report.modality)] > _STRENGTH[Modality(known)]:
            voices[witness.root] = report.modality
    return voices


def _modality(reports: Sequence[Report]) -> Modality:
    """A denial by the alleged actor marks the event; else one undisputed report is enough."""
    said = {report.modality for report in reports}
    return next(modality for modality in (Modality.DENIED, Modality.REPORTED, Modality.CLAIMED) if modality in said)


def _clearest(reports: Sequence[Report]) -> Report:
    """The report whose place says most: of the neighbourhood that most of them name, if any, the first."""
    named = [report for report in reports if report.district]
    if not named:
        return reports[0]
    district = _commonest([report.district for report in named])
    return next(report for report in named if report.district == district)


def _when(cluster: Cluster) -> DateRange | None:
    """An act has the days that most of its differently worded reports give, a state of things all that any gives."""
    if cluster.opening.act in _LASTING:
        return _whole([report.when for report, _ in cluster.members if report.when])
    dated = [view for view, _ in cluster.views if view.when]
    if len(dated) < 2:
        return when_of(dated[0]) if dated else None
    often = Counter([view.span for view in dated])
    # Of equals the shortest, then the first.
    return when_of(min(dated, key=lambda view: (-often[view.span], view.span[1] - view.span[0], view.span)))


def _whole(days: Sequence[Days]) -> DateRange | None:
    if not days:
        return None
    first, last = min(first for first, _ in days), max(last for _, last in days)
    precision = DatePrecision.DAY if last == first else DatePrecision.RANGE
    return DateRange(first=date.fromordinal(first), last=date.fromordinal(last), precision=precision)


def _most_told(cluster: Cluster, field: str) -> tuple[str, ...]:
    """The actors named by at least half as many root sources as the one named most; where sides disagree, both."""
    if len(cluster.members) == 1:
        return tuple(sorted(set(getattr(cluster.opening, field))))
    named = [(witness.root, getattr(report, field)) for report, witness in cluster.members]
    by_root = {(root, actor) for root, actors in named for actor in actors}
    often = Counter([actor for _, actor in by_root])
    most = max(often.values(), default=0)
    return tuple(sorted([actor for actor, times in often.items() if 2 * times >= most]))


def _commonest(words: Sequence[str]) -> str:
    """The word that occurs most, of equally frequent ones the first."""
    return words[0] if len(words) == 1 else Counter(words).most_common(1)[0][0]
