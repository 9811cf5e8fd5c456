"""Stretches of days by the conventions of the annotation guide: weeks from Monday, thirds of a month, seasons.

Decides which days a resolved word of time covers. Finding the words is left to `dates`.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from schemas.record import DateRange
from schemas.vocabulary import DatePrecision

DAY = timedelta(days=1)
RECENT_WEEKS = 28
"""Days of "recent weeks"."""
SOME_DAYS = 7
"""Days of "for days" and "recent days"."""
GRACE = 10
"""Days by which "June 19" may lie ahead and still be this year's: what is announced, not last year's."""

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First month of each season of three."""


@lru_cache(maxsize=4096)
def span(first: date, last: date, precision: DatePrecision | None = None) -> DateRange:
    """Days from first to last, as a day where they are one, else as a range."""
    if precision is None:
        precision = DatePrecision.DAY if first == last else DatePrecision.RANGE
    return DateRange(first=min(first, last), last=max(first, last), precision=precision)


def day(when: date) -> DateRange:
    """One day."""
    return span(when, when)


def night(morning: date) -> DateRange:
    """The night that ends on a day: both days, precise to the night."""
    return span(morning - DAY, morning, DatePrecision.DAY)


def back(published: date, days: int) -> DateRange:
    """The past so many days, the day of publication included."""
    return span(published - timedelta(days=days), published)


def month(year: int, number: int, part: str = "") -> DateRange:
    """A month, or its early, mid or late third."""
    last = monthrange(year, number)[1]
    first, last = {"early": (1, 10), "mid": (11, 20), "late": (21, last)}.get(part, (1, last))
    return span(date(year, number, first), date(year, number, last), DatePrecision.MONTH)


def year(number: int, part: str = "") -> DateRange:
    """A year; early and late are its first and last quarter, mid what lies between them."""
    first, last = {"early": (1, 3), "mid": (4, 9), "late": (10, 12)}.get(part, (1, 12))
    end = date(number, last, monthrange(number, last)[1])
    return span(date(number, first, 1), end, DatePrecision.YEAR)


def season(number: int, name: str) -> DateRange:
    """A season that begins in a year; a winter ends in the next one."""
    first = SEASONS[name]
    last_year, last = (number + 1, 2) if first == 12 else (number, first + 2)
    end = date(last_year, last, monthrange(last_year, last)[1])
    return span(date(number, first, 1), end, DatePrecision.YEAR)


def latest_weekday(published: date, weekday: int, *, before: bool = False) -> date:
    """The latest such day at or before publication; `before`: strictly before it."""
    ago = (published.weekday() - weekday) % 7
    return published - timedelta(days=ago or (7 if before else 0))


def latest_month(published: date, number: int) -> int:
    """Year of the latest such month that has begun by publication."""
    return published.year if number <= published.month else published.year - 1


def latest_day(published: date, number: int, day_of_month: int) -> date:
    """The latest such day of a month, at most `GRACE` days after publication."""
    this = date(published.year, number, day_of_month)
    if this > published + timedelta(days=GRACE):
        return date(published.year - 1, number, day_of_month)
    return this


def monday(when: date) -> date:
    """First day of the week that a day lies in."""
    return when - timedelta(days=when.weekday())


def shift_month(when: date, months: int) -> tuple[int, int]:
    """Year and month, so many months from a day's own."""
    index = when.year * 12 + when.month - 1 + months
    return index // 12, index % 12 + 1
