"""What rules ask of a record, read from it once, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.control import ControlChange, Standing
from schemas.event import Claim, Event
from schemas.record import Toll
from schemas.vocabulary import Modality, Relation, Victims
from streams.stages.match.backing import Backing
from streams.stages.match.state import Seen
from streams.theatres.alert_rules import Watched
from streams.theatres.theatre import Theatre

_LOSING = frozenset({Relation.LOST, Relation.WITHDREW})


@dataclass(frozen=True, slots=True)
class Facts:
    """A record, as conditions see it."""

    watched: Watched
    kind: str
    """Event type, relation, or kind of change."""
    by: frozenset[str]
    """Parties that act, hold, gain or besiege."""
    against: frozenset[str]
    """Parties that are acted upon, or that lose."""
    modality: Modality | None
    killed: int
    wounded: int
    victims: Victims | None
    main: bool | None
    confidence: float
    age_days: int
    """Days from when it happened to the first report of it; zero if it has no day of its own."""
    backing: Backing


def facts_of(record: Seen, backing: Backing, theatre: Theatre) -> Facts:
    """What rules ask of a record.

    Args:
        record: The record.
        backing: Who is behind it.
        theatre: Whose actors it names.
    """
    if isinstance(record, Event):
        return _of_event(record, backing, theatre)
    if isinstance(record, Claim):
        return _of_claim(record, backing, theatre)
    return _of_change(record, backing)


def _of_event(event: Event, backing: Backing, theatre: Theatre) -> Facts:
    return Facts(
        watched="events",
        kind=event.event_type,
        by=_parties(event.actors, theatre),
        against=_parties(event.targets, theatre),
        modality=event.modality,
        killed=_least(event.killed),
        wounded=_least(event.wounded),
        victims=event.killed.of if event.killed else None,
        main=event.main,
        confidence=event.confidence,
        age_days=_age(event),
        backing=backing,
    )


def _of_claim(claim: Claim, backing: Backing, theatre: Theatre) -> Facts:
    actors, others = _parties(claim.actors, theatre), _parties(claim.from_actors, theatre)
    by, against = (others, actors) if claim.relation in _LOSING else (actors, others)
    return Facts(
        watched="claims",
        kind=claim.relation,
        by=by,
        against=against,
        modality=claim.modality,
        killed=0,
        wounded=0,
        victims=None,
        main=None,
        confidence=claim.confidence,
        age_days=_age(claim),
        backing=backing,
    )


def _of_change(change: ControlChange, backing: Backing) -> Facts:
    return Facts(
        watched="changes",
        kind=change.change,
        by=_sides(change.to),
        against=_sides(change.from_),
        modality=None,
        killed=0,
        wounded=0,
        victims=None,
        main=None,
        confidence=1.0,
        age_days=max(0, (change.known_at.date() - change.at).days),
        backing=backing,
    )


def _parties(actors: Iterable[str], theatre: Theatre) -> frozenset[str]:
    return frozenset(theatre.actors.party(actor) for actor in actors)


def _sides(standing: Standing) -> frozenset[str]:
    holder = (standing.controller,) if standing.controller else ()
    return frozenset((*holder, *standing.besieged_by))


def _least(toll: Toll | None) -> int:
    return toll.min if toll else 0


def _age(record: Event | Claim) -> int:
    return max(0, (record.first_seen.date() - record.when.last).days) if record.when else 0
