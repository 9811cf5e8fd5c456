"""One filter for the API and the stream: a closed grammar of query parameters, tested in memory or in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from math import asin, cos, radians, sin, sqrt
from typing import Any

from streams.edges.feed.facets import Facets

EARTH_KM = 6371.0
"""Mean radius of the Earth."""


class BadFilter(ValueError):
    """A filter that cannot be read. The message says which parameter, and how to write it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader wants. None asks for nothing; what a kind of record does not have, a filter does not test."""

    place: str | None = None
    """A place id with all that lies under it, or the name of a governorate."""
    bbox: tuple[float, float, float, float] | None = None
    """West, south, east, north; degrees."""
    near: tuple[float, float, float] | None = None
    """Latitude, longitude, kilometres."""
    parties: tuple[str, ...] = ()
    """Any of these takes part."""
    types: tuple[str, ...] = ()
    """Any of these."""
    min_killed: int | None = None
    min_confidence: float | None = None
    min_root_sources: int | None = None
    first: date | None = None
    """It lasted until this day or later."""
    last: date | None = None
    """It began on this day or earlier."""
    known_from: int | None = None
    """Log time in milliseconds, inclusive."""
    known_to: int | None = None
    """Log time in milliseconds, exclusive."""

    def __call__(self, record: Facets) -> bool:
        """Whether a record is wanted."""
        return self._of_place(record) and self._of_kind(record) and self._of_time(record)

    def _of_place(self, record: Facets) -> bool:
        if self.place is not None and not (
            self.place in (record.place_key, record.parent) or (record.admin1 or "").casefold() == self.place.casefold()
        ):
            return False
        if self.bbox is None and self.near is None:
            return True
        if record.lat is None or record.lon is None:
            return False
        return self._in_box(record.lat, record.lon) and self._in_circle(record.lat, record.lon)

    def _in_box(self, lat: float, lon: float) -> bool:
        if self.bbox is None:
            return True
        west, south, east, north = self.bbox
        return west <= lon <= east and south <= lat <= north

    def _in_circle(self, lat: float, lon: float) -> bool:
        return self.near is None or distance_km(lat, lon, self.near[0], self.near[1]) <= self.near[2]

    def _of_kind(self, record: Facets) -> bool:
        if self.parties and record.kind != "alerts" and not set(self.parties) & set(record.parties):
            return False
        if self.types and record.type not in self.types:
            return False
        if self.min_killed is not None and record.kind == "events" and (record.killed or 0) < self.min_killed:
            return False
        if self.min_confidence is not None and (record.confidence if record.confidence is not None else 1) < (
            self.min_confidence
        ):
            return False
        return self.min_root_sources is None or (record.roots or 0) >= self.min_root_sources

    def _of_time(self, record: Facets) -> bool:
        if self.first is not None and not (record.last or "") >= self.first.isoformat():
            return False
        if self.last is not None and not (record.first or "9999") <= self.last.isoformat():
            return False
        if self.known_from is not None and record.known < self.known_from:
            return False
        return self.known_to is None or record.known < self.known_to

    def sql(self) -> tuple[list[str], dict[str, Any]]:
        """The same as conditions on the tables of the read model, with their parameters."""
        conditions = [condition for wanted, condition in self._conditions() if wanted]
        if where := self.places_sql():
            # Places are few: found first, they lead to their revisions by index.
            conditions.insert(0, f"place_key IN ({where})")
        return conditions, self._values()

    def places_sql(self) -> str | None:
        """A query for the keys of the places that it asks for; null if it asks for none."""
        where = [condition for wanted, condition in self._place_conditions() if wanted]
        return f"SELECT key FROM places WHERE {' AND '.join(where)}" if where else None  # noqa: S608

    def _place_conditions(self) -> Iterator[tuple[bool, str]]:
        yield self.place is not None, "(key = :place OR parent = :place OR admin1 = :place COLLATE NOCASE)"
        yield self.bbox is not None, "lat BETWEEN :south AND :north AND lon BETWEEN :west AND :east"
        yield self.near is not None, "km(lat, lon, :near_lat, :near_lon) <= :near_km"

    def _conditions(self) -> Iterator[tuple[bool, str]]:
        parties = " OR ".join(f"instr(parties, :party{number})" for number in range(len(self.parties)))
        types = ", ".join(f":type{number}" for number in range(len(self.types)))
        yield bool(self.parties), f"(kind = 'alerts' OR {parties})"
        yield bool(self.types), f"type IN ({types})"
        yield self.min_killed is not None, "(kind <> 'events' OR coalesce(killed, 0) >= :min_killed)"
        yield self.min_confidence is not None, "coalesce(confidence, 1) >= :min_confidence"
        yield self.min_root_sources is not None, "coalesce(roots, 0) >= :min_root_sources"
        yield self.first is not None, "last >= :first_day"
        yield self.last is not None, "first <= :last_day"
        yield self.known_from is not None, "known >= :known_from"
        yield self.known_to is not None, "known < :known_to"

    def _values(self) -> dict[str, Any]:
        box = self.bbox or (None,) * 4
        circle = self.near or (None,) * 3
        names = ("min_killed", "min_confidence", "min_root_sources", "known_from", "known_to", "place")
        return {
            **{name: getattr(self, name) for name in names},
            **dict(zip(("west", "south", "east", "north"), box, strict=True)),
            **dict(zip(("near_lat", "near_lon", "near_km"), circle, strict=True)),
            **{f"party{number}": f",{party}," for number, party in enumerate(self.parties)},
            **{f"type{number}": kind for number, kind in enumerate(self.types)},
            "first_day": self.first and self.first.isoformat(),
            "last_day": self.last and self.last.isoformat(),
        }

    def of_places(self) -> Filter:
        """Only what it asks of the place."""
        return Filter(place=self.place, bbox=self.bbox, near=self.near)

    def anywhere(self) -> Filter:
        """All that it asks but the place."""
        return replace(self, place=None, bbox=None, near=None)


def km(lat: float | None, lon: float | None, other_lat: float, other_lon: float) -> float | None:
    """The same for SQL: null where a place has no point."""
    return None if lat is None or lon is None else distance_km(lat, lon, other_lat, other_lon)


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Kilometres between two points on the Earth, along the great circle (haversine)."""
    one, two = radians(lat), radians(other_lat)
    half = sin((two - one) / 2) ** 2 + cos(one) * cos(two) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def numbers(text: str, count: int, form: str) -> tuple[float, ...]:
    """Some numbers with commas between. Raises BadFilter."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if len(found) != count or not all(abs(number) < 1e6 for number in found):
        raise BadFilter(f"{text[:60]!r} is not of the form {form}")
    return found


def millis(text: str, name: str) -> int:
    """A moment as milliseconds since 1970; a day is its first moment, a time without zone is UTC. Raises BadFilter."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise BadFilter(f"{name}={text[:60]!r} is no time; write 2017-04-05T12:00:00Z") from None
