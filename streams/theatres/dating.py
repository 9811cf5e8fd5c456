"""Dates in a pack: a day, a month or a year, and spans of them."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days, both ends included; null is open."""

    first: date | None
    last: date | None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def days_from(self, day: date) -> int:
        """Days between a day and the nearest day of the span; zero inside."""
        if self.first is not None and day < self.first:
            return (self.first - day).days
        return (day - self.last).days if self.last is not None and day > self.last else 0


def _bound(value: Any, last: bool) -> Any:
    """A day from `2016`, `2016-07` or `2016-07-28`; the first or the last that is meant."""
    if value is None or isinstance(value, date):
        return value
    parts = str(value).split("-")
    if len(parts) > 3 or not all(part.isdecimal() for part in parts):
        raise ValueError("is no date; write 2016, 2016-07 or 2016-07-28")
    numbers = [int(part) for part in parts]
    year, month = numbers[0], numbers[1] if len(numbers) > 1 else (12 if last else 1)
    return date(year, month, numbers[2] if len(numbers) > 2 else monthrange(year, month)[1] if last else 1)


FirstDay = Annotated[date | None, BeforeValidator(lambda value: _bound(value, last=False))]
"""The first day that a date of the pack covers."""

LastDay = Annotated[date | None, BeforeValidator(lambda value: _bound(value, last=True))]
"""The last day that a date of the pack covers."""
