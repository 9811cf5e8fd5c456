"""A match as it stood from a known time on, and its place in the order of what became known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from schemas.alert import Match, Severity, Turn
from schemas.mention import in_text
from schemas.record import DateRange, Place


class Position(NamedTuple):
    """A place in the order of what became known, the same however it arrives."""

    known_at: datetime
    rank: int
    """What takes another one in comes first, what holds next, what ends last: nothing is unsaid and said again."""
    cause: tuple[str, bool, int]
    """The report that made it known: what one article tells comes in the order of its text."""
    subject: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a subject stands to the rule from a known time on."""

    position: Position
    holds: bool
    severity: Severity
    when: DateRange | None
    killed: int
    taken_in: tuple[str, ...]
    place: Place
    group: str | None
    subject: str = field(init=False, compare=False, repr=False)
    """What meets the rule."""
    first: int = field(init=False, compare=False, repr=False)
    """First day of event time as a proleptic ordinal, zero if it is not known."""
    last: int = field(init=False, compare=False, repr=False)
    """Last day of event time as a proleptic ordinal, zero if it is not known."""
    age: tuple[int, str] = field(init=False, compare=False, repr=False)
    """What orders matches in event time: the last day, then the subject."""

    def __post_init__(self) -> None:
        derive = object.__setattr__
        derive(self, "subject", self.position.subject)
        derive(self, "first", self.when.first.toordinal() if self.when else 0)
        derive(self, "age", age_of(self.when, self.subject))
        derive(self, "last", self.age[0])

    @property
    def known_at(self) -> datetime:
        """From when on."""
        return self.position.known_at


def age_of(when: DateRange | None, subject: str) -> tuple[int, str]:
    """What orders matches in event time."""
    return when.last.toordinal() if when else 0, subject


def position_of(match: Match, turn: Turn) -> Position:
    """Where a turn of a match stands in the order of what became known."""
    rank = 0 if turn.taken_in else 1 if turn.holds else 2
    return Position(turn.known_at, rank, in_text(turn.cause), match.subject)


def meetings(match: Match, skipped: int = 0) -> Iterator[Meeting]:
    """How a match stood from each of its turns on, but for the first ones; earliest first."""
    for turn in match.turns[skipped:]:
        at = position_of(match, turn)
        yield Meeting(at, turn.holds, turn.severity, turn.when, turn.killed, turn.taken_in, match.place, match.group)
