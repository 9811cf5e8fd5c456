"""When what a record tells of happened, whatever its topic."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson

from streams.shells.log import Stored

_MOMENTS = ("at", "published_at", "first_seen", "attempted_at")


def event_days(stored: Stored) -> tuple[date, date]:
    """First and last day that a record speaks of.

    Those of its `when`; else the day of the change, of the article, or of the first report; else that of its log time,
    as also for bytes that are no record.
    """
    record = _record(stored.value)
    when = record.get("when")
    if isinstance(when, dict):
        return date.fromisoformat(when["first"]), date.fromisoformat(when["last"])
    told = next((record[name] for name in _MOMENTS if isinstance(record.get(name), str)), "")
    try:
        day = date.fromisoformat(told[:10])
    except ValueError:
        day = stored.known_at.date()
    return day, day


class Within:
    """Whether a record speaks of days from one to another, both inclusive; null leaves that side open."""

    def __init__(self, since: date | None, until: date | None) -> None:
        self._since, self._until = since or date.min, until or date.max

    def __call__(self, stored: Stored) -> bool:
        """Whether any of its days lies between."""
        first, last = event_days(stored)
        return first <= self._until and self._since <= last


def _record(value: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
