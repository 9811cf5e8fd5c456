"""What an alert says, from its rule's templates."""

from __future__ import annotations

from string import Template

from schemas.control import ControlChange, Standing
from schemas.event import Event
from schemas.record import DateRange, Toll
from streams.stages.alert.conditions import root_sources
from streams.stages.alert.rules import Rule
from streams.theatres.theatre import Theatre

_UNSAID = "not stated"


def worded(rule: Rule, record: Event | ControlChange, theatre: Theatre) -> tuple[str, str]:
    """Title and text of an alert on a record. Names are put in as plain text; nothing in them is looked up again."""
    fields = _of_event(record, theatre) if isinstance(record, Event) else _of_change(record, theatre)
    fields |= {
        "place": record.place.name,
        "governorate": record.place.admin1 or _UNSAID,
        "sources": str(len(root_sources(record))),
    }
    return Template(rule.title).substitute(fields), Template(rule.text).substitute(fields)


def _of_event(event: Event, theatre: Theatre) -> dict[str, str]:
    return {
        "what": event.event_type.replace("_", " "),
        "who": _names(event.actors, theatre),
        "against": _names(event.targets, theatre),
        "killed": _toll(event.killed),
        "days": _days(event.when),
        "before": _UNSAID,
        "now": _UNSAID,
    }


def _of_change(change: ControlChange, theatre: Theatre) -> dict[str, str]:
    return {
        "what": change.change.value,
        "who": _names((change.to.controller,) if change.to.controller else change.to.besieged_by, theatre),
        "against": _names((change.from_.controller,) if change.from_.controller else (), theatre),
        "killed": _UNSAID,
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
