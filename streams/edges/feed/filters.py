"""One filter for the API and the stream: a closed grammar of query parameters, tested in memory or in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import asin, cos, degrees, radians, sin, sqrt
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
        if self.parties and not set(self.parties) & set(record.parties):
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
        """The same as conditions on the columns of the read model, with their parameters."""
        wanted: list[str] = []
        values: dict[str, Any] = {}

        def ask(condition: str, **parameters: Any) -> None:
            wanted.append(condition)
            values.update(parameters)

        if self.place is not None:
            ask("(place_key = :place OR parent = :place OR admin1 = :place COLLATE NOCASE)", place=self.place)
        box = self.bbox or (_box_around(*self.near) if self.near else None)
        if box:
            ask(
                "lat BETWEEN :south AND :north AND lon BETWEEN :west AND :east",
                **dict(zip(("west", "south", "east", "north"), box, strict=True)),
            )
        if self.near:
            lat, lon, km = self.near
            ask("km(lat, lon, :near_lat, :near_lon) <= :near_km", near_lat=lat, near_lon=lon, near_km=km)
        if self.bbox and self.near:
            west, south, east, north = _box_around(*self.near)
            ask("lat BETWEEN :s2 AND :n2 AND lon BETWEEN :w2 AND :e2", s2=south, n2=north, w2=west, e2=east)
        if self.parties:
            names = {f"party{number}": f",{party}," for number, party in enumerate(self.parties)}
            ask("(" + " OR ".join(f"instr(parties, :{name})" for name in names) + ")", **names)
        if self.types:
            names = {f"type{number}": kind for number, kind in enumerate(self.types)}
            ask(f"type IN ({', '.join(':' + name for name in names)})", **names)
        if self.min_killed is not None:
            ask("(kind <> 'events' OR coalesce(killed, 0) >= :min_killed)", min_killed=self.min_killed)
        if self.min_confidence is not None:
            ask("coalesce(confidence, 1) >= :min_confidence", min_confidence=self.min_confidence)
        if self.min_root_sources is not None:
            ask("coalesce(roots, 0) >= :min_roots", min_roots=self.min_root_sources)
        if self.first is not None:
            ask("last >= :first_day", first_day=self.first.isoformat())
        if self.last is not None:
            ask("first <= :last_day", last_day=self.last.isoformat())
        if self.known_from is not None:
            ask("known >= :known_from", known_from=self.known_from)
        if self.known_to is not None:
            ask("known < :known_to", known_to=self.known_to)
        return wanted, values


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


def _box_around(lat: float, lon: float, km: float) -> tuple[float, float, float, float]:
    north = degrees(km / EARTH_KM)
    east = north / max(0.01, cos(radians(lat)))
    return lon - east, lat - north, lon + east, lat + north
