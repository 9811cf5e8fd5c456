"""A head word of time with all that a rule may look at, and the words of time that rules share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from schemas.record import DateRange

Found = tuple[int, int, DateRange, str] | None
"""Start, end, days and rule of a phrase; null if the head stands for no time."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec")
MONTH = rf"(?:(?:{'|'.join(MONTH_NAMES)})\b|(?:{'|'.join(SHORT_MONTHS)})\b\.?)"
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_NAME = rf"(?:{'|'.join(DAY_NAMES)})"


@dataclass(frozen=True, slots=True)
class Reading:
    """A head with all that a rule may look at."""

    text: str
    published: date
    head: str
    start: int
    """Offset of the head."""
    end: int
    """Offset after the head."""
    floor: int
    """Where the phrase may begin at the earliest."""
    left: str
    """The text from there to the head."""
    last: DateRange | None
    """Days of the phrase before."""

    def found(self, left: re.Match[str] | None, when: DateRange | None, rule: str, end: int | None = None) -> Found:
        """The phrase from a match in `left` (or the head itself) to its end."""
        if when is None:
            return None
        start = self.floor + left.start() if left else self.start
        return start, self.end if end is None else end, when, rule
