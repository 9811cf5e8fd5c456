"""The query parameters of the API and the stream, read into a filter and a state of knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from schemas.vocabulary import ChangeKind, ControlStatus, EventType, Relation
from streams.edges.feed.cursor import KINDS
from streams.edges.feed.filters import BadFilter, Filter, millis, numbers
from streams.edges.feed.formats import Format
from streams.edges.feed.queries import PRESENT, Known

TYPES = frozenset([*EventType, *Relation, *ControlStatus, *ChangeKind, "info", "minor", "major", "critical"])
"""Everything that `type` may be."""

MAX_OFFSET = 2**62
DAY_MS = 86_400_000

MOST = 5000
"""Most records of one page."""

Day = Annotated[date | None, Query(description="Event time: the state of this day.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")]


def only_known(request: Request) -> None:
    """Refuse what has a parameter that the address does not take: a slip would be answered with everything.

    Raises:
        BadFilter: If there is one.
    """
    path = request.scope["route"].path_format
    described = request.app.openapi()["paths"].get(path, {}).get("get", {}).get("parameters", ())
    known = [parameter["name"] for parameter in described if parameter["in"] == "query"]
    if unknown := sorted(request.query_params.keys() - set(known)):
        raise BadFilter(f"{unknown[0][:60]!r} cannot be asked for here, only {', '.join(known) or 'the address alone'}")


def wanted(
    place: Annotated[
        str | None, Query(max_length=200, description="Place id with all that lies under it, or a governorate.")
    ] = None,
    bbox: Annotated[str | None, Query(max_length=100, description="west,south,east,north in degrees")] = None,
    near: Annotated[str | None, Query(max_length=100, description="latitude,longitude,kilometres")] = None,
    party: Annotated[
        str | None, Query(max_length=500, description="Actor ids with commas between; any of them.")
    ] = None,
    type: Annotated[str | None, Query(max_length=500, description="Types with commas between; any of them.")] = None,
    min_killed: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    min_root_sources: Annotated[int | None, Query(ge=0, le=10_000)] = None,
    first: Annotated[date | None, Query(description="It lasted until this day or later.")] = None,
    last: Annotated[date | None, Query(description="It began on this day or earlier.")] = None,
    known_from: Annotated[str | None, Query(max_length=40, description="Known at this time or later.")] = None,
    known_to: Annotated[str | None, Query(max_length=40, description="Known before this time.")] = None,
) -> Filter:
    """The filter that a request asks for. Raises BadFilter."""
    types = _words(type)
    if unknown := sorted(set(types) - TYPES):
        raise BadFilter(f"type={unknown[0][:60]!r} is not among {', '.join(sorted(TYPES))}")
    return Filter(
        place=place,
        bbox=_box(bbox),
        near=_circle(near),
        parties=_words(party),
        types=types,
        min_killed=min_killed,
        min_confidence=min_confidence,
        min_root_sources=min_root_sources,
        first=first,
        last=last,
        known_from=millis(known_from, "known_from") if known_from else None,
        known_to=millis(known_to, "known_to") if known_to else None,
    )


def known(
    known_at: Annotated[
        str | None,
        Query(max_length=40, description="What was known at a time (a day: its end), or before an article's offset."),
    ] = None,
) -> Known:
    """The state of knowledge that a request asks for. Raises BadFilter."""
    if known_at is None:
        return Known()
    if known_at.isascii() and known_at.isdigit():
        return Known(before=min(int(known_at), MAX_OFFSET))
    moment = millis(known_at, "known_at")
    return Known(at=moment + DAY_MS - 1 if len(known_at) == len("2017-04-05") else moment)


Wanted = Annotated[Filter, Depends(wanted)]
AsKnown = Annotated[Known, Depends(known)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a list."""

    wanted: Filter
    known: Known = PRESENT
    as_of: date | None = None
    limit: int = 100
    cursor: str | None = None
    form: Format | None = None


def asked(
    wanted: Wanted,
    known: AsKnown,
    as_of: Day = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    format: Annotated[Format | None, Query(description="Else the Accept header decides, else JSON.")] = None,
) -> Asked:
    """What a request asks of a list. Raises BadFilter."""
    return Asked(wanted, known, as_of, limit, cursor, format)


Listed = Annotated[Asked, Depends(asked)]


def kinds_of(text: str | None) -> tuple[str, ...]:
    """Kinds that a stream asks for, all but alerts if it leaves it open. Raises BadFilter."""
    asked = _words(text) or ("events", "claims", "control", "changes")
    if unknown := sorted(set(asked) - KINDS.keys()):
        raise BadFilter(f"kinds={unknown[0][:60]!r} is not among {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in asked)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(sorted({word.strip() for word in (text or "").split(",") if word.strip()}))


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    west, south, east, north = _bounded(numbers(text, 4, "west,south,east,north"), (180, 90, 180, 90))
    if south > north or west > east:
        raise BadFilter("bbox: west,south,east,north in this order, from less to more")
    return west, south, east, north


def _circle(text: str | None) -> tuple[float, float, float] | None:
    if text is None:
        return None
    lat, lon, km = _bounded(numbers(text, 3, "latitude,longitude,kilometres"), (90, 180, 20_100))
    if km < 0:
        raise BadFilter("near: kilometres are zero or more")
    return lat, lon, km


def _bounded(found: Sequence[float], limits: Sequence[float]) -> Sequence[float]:
    if any(abs(number) > limit for number, limit in zip(found, limits, strict=True)):
        raise BadFilter("coordinates are degrees: longitude -180 to 180, latitude -90 to 90")
    return found
