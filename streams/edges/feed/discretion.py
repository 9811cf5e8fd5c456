"""A log as strangers may see it: some hours late, and with points that are not exact.

Everything that the feed tells comes out of a log; so what may not be told yet, or not so exactly, is held back here,
before it reaches the read model, the stream, a page or an export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import cos, radians
from typing import Any

import orjson

from schemas.codec import canonical
from schemas.errors import LogError
from streams.shells.log import Entry, Stored
from streams.shells.sqlite_log import SqliteLog

KM_OF_A_DEGREE = 111.2
"""Length of a degree of latitude, and of longitude at the equator."""


@dataclass(frozen=True, slots=True)
class Discretion:
    """What is held back."""

    delay: timedelta = timedelta(0)
    """How long ago a record must have reached the log."""
    round_km: float = 0
    """Points are moved to a grid of this width; exact if zero."""

    def __bool__(self) -> bool:
        return bool(self.delay or self.round_km)

    @property
    def name(self) -> str:
        """Differs wherever what is told differs: a part of a file's name."""
        return f"{self.delay.total_seconds():g}s-{self.round_km:g}km"


OPENLY = Discretion()
"""Nothing is held back."""


class DiscreetLog:
    """A log file, read with discretion."""

    def __init__(self, log: SqliteLog, discretion: Discretion, now: Callable[[], datetime]) -> None:
        self._log, self._discretion, self._now = log, discretion, now
        self._horizon = 0

    @property
    def generation(self) -> int:
        """Of what is read: the set of topics."""
        return self._log.generation

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic."""
        return self._log.partitions(topic)

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Not for readers. Raises LogError."""
        raise LogError("this log is only read")

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on, in order; none where those begin that may not be told yet."""
        end = self.bounds(topic, partition)[1]
        found = self._log.read(topic, partition, offset, max(0, min(limit, end - offset))) if offset < end else ()
        return [self._coarse(stored) for stored in found]

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held, and the first that may not be told yet."""
        first, end = self._log.bounds(topic, partition)
        return first, min(end, self._log.offset_at(topic, partition, self._told_until())) if self._late else end

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        return min(self._log.offset_at(topic, partition, timestamp), self.bounds(topic, partition)[1])

    @property
    def _late(self) -> bool:
        return bool(self._discretion.delay)

    def _told_until(self) -> int:
        until = int((self._now().astimezone(UTC) - self._discretion.delay).timestamp() * 1000)
        # What was told stays told, also when the clock is set back.
        self._horizon = max(self._horizon, until)
        return self._horizon

    def _coarse(self, stored: Stored) -> Stored:
        if not self._discretion.round_km or b'"lat"' not in stored.value:
            return stored
        return replace(stored, value=canonical(coarse(orjson.loads(stored.value), self._discretion.round_km)))


def coarse(record: Any, km: float) -> Any:
    """The same JSON with each point at the middle of its square of a grid.

    Args:
        record: Any JSON. A point is an object with `lat` and `lon`, in degrees.
        km: Width of the squares.
    """
    if isinstance(record, list):
        return [coarse(one, km) for one in record]
    if not isinstance(record, dict):
        return record
    within = {name: coarse(one, km) for name, one in record.items()}
    if within.get("lat") is not None and within.get("lon") is not None:
        within["lat"], within["lon"] = _middle(within["lat"], within["lon"], km)
    return within


def _middle(lat: float, lon: float, km: float) -> tuple[float, float]:
    step = km / KM_OF_A_DEGREE
    rows_lat = max(-90.0, min(90.0, _snapped(lat, step)))
    # Degrees of longitude are shorter away from the equator; near a pole one square goes all the way round.
    wide = step / max(cos(radians(rows_lat)), step / 180)
    return round(rows_lat, 4), round(max(-180.0, min(180.0, _snapped(lon, wide))), 4)


def _snapped(degrees: float, step: float) -> float:
    return round(degrees / step) * step
