"""When an article was printed: read from its data, or found at the head of its text. Never guessed.

A day without an hour becomes noon in UTC, which is the same day nearly everywhere; a time without a zone is taken as
UTC. Numeric days whose order is open (06/08/2013) are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dateutil import parser as dateutil

from schemas.errors import RefusedArticle
from schemas.vocabulary import Reason

NOON = time(12, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=10)
"""How far ahead a newsroom's clock may run."""
FIRST_ZONE = timedelta(hours=14)
"""How far ahead of UTC a day begins where it begins first."""
FIRST_YEAR = 1900
"""Years before it are what programs write for "unknown"."""
HEAD_CHARS = 400
"""How much of a text's beginning may hold the date of its printing. Further in, dates are those of events."""

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_GRAMMAR = tuple(
    re.compile(rf"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?{shape}(?!\d)", re.I)
    for shape in (
        rf"{_DAY}[\s-]{_MONTH}[\s,-]+{_YEAR}",
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)",
        r"(?P<day>\d{1,2})(?P<numeric>[-/.])(?P<month>\d{1,2})(?P=numeric)(?P<year>(?:19|20)\d\d)",
    )
)
_LABEL = re.compile(r"(?:first |last )?(?:published|posted|updated|issued|dated?)(?: on| at)?:?\s+", re.I)
_AFTER = re.compile(r"\s*(?:$|\n|[-–—|:;,.()\[\]/]|\d{1,2}[:.]\d\d|[A-Z]|at \d)")
"""What follows a date of printing: the end of its line, a separator, an hour, or the first sentence."""
_DATELINE = re.compile(r"[A-Z][A-Z .,/'’-]{2,40}[,(–—-]\s?(?=\d|[A-Z][a-z]{2})")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{8}")
_NUMERIC = re.compile(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}\b")


@dataclass(frozen=True, slots=True)
class Printed:
    """When an article was printed."""

    at: datetime
    exact: bool
    """False if only the day is known, and `at` is its noon."""

    def lies_ahead_of(self, now: datetime) -> bool:
        """True if this cannot have been printed yet, anywhere on earth."""
        return self.at > now + CLOCK_SKEW if self.exact else self.at.date() > (now + FIRST_ZONE).date()


def read_time(written: str) -> Printed:
    """The moment that a given date says: ISO 8601, RFC 2822, or as newspapers write it.

    Raises:
        RefusedArticle: With reason SCHEMA, if it is no date, lacks the day or the year, or is open between two days.
    """
    text = written.strip()
    try:
        printed = _of(date.fromisoformat(text)) if _ISO_DAY.fullmatch(text) else _exact(_iso_time(text))
    except (ValueError, OverflowError):
        printed = _read_slowly(text)
    if printed.at.year < FIRST_YEAR:
        raise _refuse(text, "is a filler, not a date of printing")
    return printed


def find_in_text(title: str | None, body: str) -> Printed | None:
    """The date of printing at the head of a text, None if there is none.

    A date counts if it opens the text or a line of its head, or follows "Published", "Updated" and the like; a date
    inside a sentence is that of an event.
    """
    for text in (body[:HEAD_CHARS], title or ""):
        for line in text.splitlines():
            found = _find_in_line(line)
            if found:
                return _of(found)
    return None


def _find_in_line(line: str) -> date | None:
    dateline = _DATELINE.match(line)
    starts = [len(line) - len(line.lstrip()), *(label.end() for label in _LABEL.finditer(line))]
    starts += [dateline.end()] if dateline else []
    for start in starts:
        for grammar in _GRAMMAR:
            found = grammar.match(line, start)
            if found and _AFTER.match(line, found.end()):
                return _day(found)
    return None


def _day(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    month = parts["month"].lower()[:3]
    day, number = int(parts["day"]), int(month) if month.isdigit() else _MONTHS.index(month) + 1
    if parts.get("numeric") and day <= 12 and day != number and not parts["weekday"]:
        return None
    try:
        said = date(int(parts["year"]), number, day)
    except ValueError:
        return None
    weekday = parts["weekday"]
    return None if weekday and _DAYS[said.weekday()] != weekday.lower() else said


def _read_slowly(text: str) -> Printed:
    numeric = _NUMERIC.match(text)
    if numeric and max(map(int, numeric.groups())) <= 12 and len(set(map(int, numeric.groups()))) == 2:
        raise _refuse(text, "may be two different days")
    try:
        # Parts that the text leaves out come from the default, so two defaults show what is left out.
        readings = {dateutil.parse(text, default=default, dayfirst=True) for default in _DEFAULTS}
        exact = {_exact(reading) for reading in readings}
    except (ValueError, ArithmeticError) as error:  # The library also divides figures that are too long for it.
        raise _refuse(text, "is no date") from error
    if len({reading.date() for reading in readings}) > 1:
        raise _refuse(text, "lacks the day, the month or the year")
    return exact.pop() if len(exact) == 1 else _of(readings.pop().date())


_DEFAULTS = (datetime(2000, 1, 1, 1, 1), datetime(2004, 2, 2, 2, 2))


def _iso_time(text: str) -> datetime:
    if ":" not in text:
        raise ValueError("no hour")
    return datetime.fromisoformat(text)


def _exact(moment: datetime) -> Printed:
    return Printed((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), exact=True)


def _of(day: date) -> Printed:
    return Printed(datetime.combine(day, NOON), exact=False)


def _refuse(text: str, fault: str) -> RefusedArticle:
    return RefusedArticle(
        Reason.SCHEMA, f"published_at: {text[:60]!r} {fault}; write 2017-04-05 or 2017-04-05T12:00:00Z"
    )
