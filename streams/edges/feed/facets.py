"""What a record can be asked for: place, party, type, figures and times, the same for every kind of record.

The stream tests facets in memory and the read model keeps them as columns, so that one filter means one thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Facets:
    """A record as filters see it. None is "this kind of record has no such thing", or "not stated"."""

    kind: str
    place_key: str | None
    parent: str | None
    """Place id of the town that a site belongs to."""
    admin1: str | None
    lat: float | None
    lon: float | None
    parties: tuple[str, ...]
    """Everyone it names as actor, target, holder or besieger."""
    type: str
    """Event type, relation, status or change."""
    killed: int | None
    """Least number of dead."""
    confidence: float | None
    roots: int | None
    """Independent root sources."""
    first: str | None
    """First day, ISO."""
    last: str | None
    """Last day, ISO."""
    known: int
    """Log time, milliseconds since 1970."""


def facets(kind: str, record: dict[str, Any], known: int) -> Facets:
    """The facets of a record as it stands on the wire.

    Args:
        kind: One of `streams.edges.feed.cursor.KINDS`.
        record: The record, as parsed JSON.
        known: Its log time, milliseconds since 1970.
    """
    place = record["place"] or {}
    own = _OWN[kind](record)
    return Facets(
        kind=kind,
        place_key=place_key(place) if place else None,
        parent=place.get("parent"),
        admin1=place.get("admin1"),
        lat=place.get("lat"),
        lon=place.get("lon"),
        known=known,
        **own,
    )


def place_key(place: dict[str, Any]) -> str:
    """Key of a place, as `schemas.record.Place.key` says."""
    return place["place_id"] or f"unresolved:{' '.join(place['name'].casefold().split())}"


def identity(kind: str, record: dict[str, Any], partition: int, offset: int) -> str:
    """What stays the same over the revisions of a record."""
    if kind == "events":
        return str(record["event_id"])
    if kind == "claims":
        return str(record["claim_id"])
    if kind == "control":
        return place_key(record["place"])
    return str(record["alert_id"]) if kind == "alerts" else f"{partition}-{offset}"


def ended(record: dict[str, Any]) -> bool:
    """Whether this revision says that its id is no more."""
    return record.get("kind") in ("merge", "retract") or record.get("state") == "cancelled"


def _event(record: dict[str, Any]) -> dict[str, Any]:
    return _merged(record, record["targets"]) | {
        "type": record["event_type"],
        "killed": record["killed"] and record["killed"]["min"],
    }


def _claim(record: dict[str, Any]) -> dict[str, Any]:
    return _merged(record, record["from_actors"]) | {"type": record["relation"], "killed": None}


def _merged(record: dict[str, Any], others: list[str]) -> dict[str, Any]:
    when = record["when"] or {}
    return {
        "parties": tuple(sorted({*record["actors"], *others})),
        "confidence": record["confidence"],
        "roots": len(record["root_sources"]),
        "first": when.get("first"),
        "last": when.get("last"),
    }


def _control(record: dict[str, Any]) -> dict[str, Any]:
    holders = {record["controller"], *(share["party"] for share in record["shares"]), *record["besieged_by"]} - {None}
    return {
        "parties": tuple(sorted(holders)),
        "type": record["status"],
        "killed": None,
        "confidence": record["confidence"],
        "roots": _witnesses(record),
        "first": record["since"],
        "last": record["last_confirmed"],
    }


def _change(record: dict[str, Any]) -> dict[str, Any]:
    sides = (record["from"], record["to"])
    parties = {side["controller"] for side in sides} | {party for side in sides for party in side["besieged_by"]}
    return {
        "parties": tuple(sorted(parties - {None})),
        "type": record["change"],
        "killed": None,
        "confidence": None,
        "roots": _witnesses(record),
        "first": record["at"],
        "last": record["at"],
    }


def _alert(record: dict[str, Any]) -> dict[str, Any]:
    # Alerts of the first version tell no day.
    when = record.get("when") or {}
    return {
        "parties": (),
        "type": record["severity"],
        "killed": None,
        "confidence": None,
        "roots": len(record["root_sources"]),
        "first": when.get("first"),
        "last": when.get("last"),
    }


def _witnesses(record: dict[str, Any]) -> int:
    return len({root for claim in record["evidence"] for root in claim["root_sources"]})


_OWN = {"events": _event, "claims": _claim, "control": _control, "changes": _change, "alerts": _alert}
