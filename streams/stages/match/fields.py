"""What the texts of alerts may name of a record, in words for people."""

from __future__ import annotations

from schemas.control import ControlChange, Standing
from schemas.event import Claim, Event
from schemas.record import DateRange, Place, Toll
from streams.stages.match.backing import Backing
from streams.stages.match.state import Seen
from streams.theatres.theatre import Theatre

_UNSAID = "not stated"


def fields_of(record: Seen, backing: Backing, theatre: Theatre) -> dict[str, str]:
    """Names and words.

    Args:
        record: The record.
        backing: Who is behind it.
        theatre: Whose actors they are.
    """
    fields = {"killed": _UNSAID, "wounded": _UNSAID, "before": _UNSAID, "now": _UNSAID, **_own(record, theatre)}
    return fields | {
        "place": record.place.name,
        "governorate": record.place.admin1 or _UNSAID,
        "sources": str(len(backing.root_sources)),
        "outlets": ", ".join(backing.outlets),
        "quote": backing.sentences[0] if backing.sentences else _UNSAID,
    }


def area_name(area: str, place: Place, theatre: Theatre) -> str:
    """What people call the area that a rule looks at: a place, what it lies in, or everything."""
    if area == place.key:
        return place.name
    site = theatre.gazetteer.get(area)
    return site.name if site else "all places"


def _own(record: Seen, theatre: Theatre) -> dict[str, str]:
    if isinstance(record, Event):
        return _of_event(record, theatre)
    return _of_claim(record, theatre) if isinstance(record, Claim) else _of_change(record, theatre)


def _of_event(event: Event, theatre: Theatre) -> dict[str, str]:
    return {
        "what": event.event_type.replace("_", " "),
        "who": _names(event.actors, theatre),
        "against": _names(event.targets, theatre),
        "killed": _toll(event.killed),
        "wounded": _toll(event.wounded),
        "days": _days(event.when),
    }


def _of_claim(claim: Claim, theatre: Theatre) -> dict[str, str]:
    return {
        "what": claim.relation.value,
        "who": _names(claim.actors, theatre),
        "against": _names(claim.from_actors, theatre),
        "days": _days(claim.when),
    }


def _of_change(change: ControlChange, theatre: Theatre) -> dict[str, str]:
    return {
        "what": change.change.value,
        "who": _names((change.to.controller,) if change.to.controller else change.to.besieged_by, theatre),
        "against": _names((change.from_.controller,) if change.from_.controller else (), theatre),
        "days": change.at.isoformat(),
        "before": _standing(change.from_, theatre),
        "now": _standing(change.to, theatre),
    }


def _names(actors: tuple[str, ...], theatre: Theatre) -> str:
    named = (theatre.actors.get(actor) for actor in actors)
    return ", ".join(actor.name for actor in named if actor) or _UNSAID


def _standing(standing: Standing, theatre: Theatre) -> str:
    held = f"{standing.status} by {_names((standing.controller,), theatre)}" if standing.controller else standing.status
    return f"{held}, besieged by {_names(standing.besieged_by, theatre)}" if standing.besieged_by else held


def _toll(toll: Toll | None) -> str:
    if toll is None:
        return _UNSAID
    if toll.max is None:
        return f"at least {toll.min}"
    return str(toll.min) if toll.min == toll.max else f"{toll.min} to {toll.max}"


def _days(when: DateRange | None) -> str:
    if when is None:
        return _UNSAID
    return str(when.first) if when.first == when.last else f"{when.first} to {when.last}"
