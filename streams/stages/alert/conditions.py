"""Whether a record meets a rule, and how grave that is."""

from __future__ import annotations

from schemas.control import ControlChange
from schemas.event import Event
from schemas.record import Place
from streams.stages.alert.rules import SEVERITIES, Near, Rule, Severity, When, Where
from streams.theatres.gazetteer import Gazetteer
from streams.theatres.sites import km
from streams.theatres.theatre import Theatre


def severity(rule: Rule, record: Event | ControlChange, theatre: Theatre) -> Severity | None:
    """How grave a record is by a rule; None if the rule does not hold.

    An escalation holds on top of the rule's own conditions; the gravest counts.
    """
    of_kind = isinstance(record, Event) if rule.watch == "events" else isinstance(record, ControlChange)
    if not (of_kind and _is_there(rule.where, record.place, theatre.gazetteer) and _shows(rule.when, record, theatre)):
        return None
    levels = [level.severity for level in rule.escalate if _shows(level.when, record, theatre)]
    return max((rule.severity, *levels), key=SEVERITIES.index)


def parties(record: Event | ControlChange, theatre: Theatre) -> frozenset[str]:
    """Parties that a record is about."""
    if isinstance(record, Event):
        return frozenset(theatre.actors.party(actor) for actor in record.actors + record.targets)
    sides = (record.from_, record.to)
    holders = {side.controller for side in sides if side.controller}
    return frozenset(holders | {party for side in sides for party in side.besieged_by})


def root_sources(record: Event | ControlChange) -> tuple[str, ...]:
    """Independent witnesses of a record, sorted."""
    if isinstance(record, Event):
        return record.root_sources
    return tuple(sorted({source for claim in record.evidence for source in claim.root_sources}))


def _is_there(where: Where, place: Place, gazetteer: Gazetteer) -> bool:
    if where.within and not _is_within(where.within, place, gazetteer):
        return False
    if (where.near or where.inside) and (place.lat is None or place.lon is None):
        return False
    point = (place.lon or 0.0, place.lat or 0.0)
    return (where.near is None or _is_near(where.near, point)) and (not where.inside or _is_inside(where.inside, point))


def _is_within(wanted: tuple[str, ...], place: Place, gazetteer: Gazetteer) -> bool:
    return place.place_id is not None and not set(wanted).isdisjoint(gazetteer.within(place.place_id))


def _is_near(near: Near, point: tuple[float, float]) -> bool:
    return km((near.lat, near.lon), (point[1], point[0])) <= near.km


def _is_inside(corners: tuple[tuple[float, float], ...], point: tuple[float, float]) -> bool:
    """Whether a ray to the east crosses the outline an odd number of times."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _shows(when: When, record: Event | ControlChange, theatre: Theatre) -> bool:
    return (
        _of_kind(when, record)
        and (not when.party or bool(parties(record, theatre) & set(when.party)))
        and len(root_sources(record)) >= when.min_root_sources
        and (not isinstance(record, Event) or record.confidence >= when.min_confidence)
    )


def _of_kind(when: When, record: Event | ControlChange) -> bool:
    if isinstance(record, ControlChange):
        return not when.change or record.change in when.change
    killed = record.killed.min if record.killed else 0
    return (
        (not when.type or record.event_type in when.type)
        and killed >= when.min_killed
        and (when.main is None or record.main is when.main)
    )
