"""What the alert stage remembers of a rule in an area: what meets it, the alerts that follow, and what was told.

The alerts are a fold over how matches turned, in the order in which that became known and not in that of arrival: on a
broker the matches of an area come from several places. So the fold is kept as of a while ago, and what became known
since is folded again where something comes late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

from schemas.alert import Match, Severity
from schemas.codec import canonical, decode, encode
from schemas.vocabulary import AlertState
from streams.stages.alert.counting import Span, Window
from streams.stages.alert.meeting import Meeting, Position, meetings
from streams.stages.stage import Rows

MATCHES = 2_000
"""Most matches of one rule in one area that are kept; those that turned longest ago go first."""
LATE = 200
"""A turn of a match is put in its place if at most so many that became known later came before it."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert as the fold has it."""

    alert_id: str
    members: tuple[str, ...]
    """Subjects that it rests on, sorted."""
    shown: tuple[str, ...]
    """Those of which it tells, sorted: fewer while the rule cools down."""
    window: Window | None
    """Of a rule that counts: the window that it tells of."""
    span: Span | None
    """Of a rule that counts: the days over which the wave has lasted."""
    severity: Severity
    is_open: bool
    raised_at: datetime
    """Known time at which it was last raised."""
    told_at: datetime
    """Known time at which that of which it tells last changed."""


class Silence(NamedTuple):
    """Why a match raised nothing."""

    severity: Severity
    """How grave it was; only graver news break the silence."""
    alert_id: str
    """The alert that had just been raised; empty if the rule was muted."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The alerts as of a place in the order of what became known."""

    upto: Position | None = None
    """The last turn that is in them; null if none is."""
    now: Mapping[str, Meeting] = field(default_factory=dict)
    """How each match stands, by subject."""
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    silent: Mapping[str, Silence] = field(default_factory=dict)
    """By subject."""
    ages: tuple[tuple[int, str], ...] = ()
    """What holds now, in event time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was last written of an alert."""

    revision: int
    state: AlertState
    severity: Severity
    signature: str
    """Hash of what it said: nothing is said as long as it is equal."""
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaAlerts:
    """State of one rule in one area."""

    matches: Mapping[str, Match] = field(default_factory=dict)
    """As last heard of, by subject."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """By alert."""
    base: Folded = Folded()
    """The alerts as of a while ago."""
    recent: tuple[Meeting, ...] = ()
    """The turns since, in the order of what became known."""
    tip: Folded = Folded()
    """The alerts as of now: what follows from the base and the turns since."""
    midway: Folded | None = None
    """The alerts as of the turn that ends the next base, if they were once the tip and nothing came late since."""


def dump(state: AreaAlerts) -> Rows:
    """A row a match, a row an alert that was told, and rows for the base."""
    return {f"{letter} {name}": _row(one) for letter, part in _parts(state) for name, one in part.items()}


def changes(before: AreaAlerts, after: AreaAlerts) -> dict[str, bytes | None]:
    """The rows in which two states differ, null for those that go."""
    rows: dict[str, bytes | None] = {}
    for (letter, old), (_, new) in zip(_parts(before), _parts(after), strict=True):
        if old is not new:
            rows.update((f"{letter} {name}", None) for name in old if name not in new)
            rows.update((f"{letter} {name}", _row(one)) for name, one in new.items() if old.get(name) is not one)
    return rows


def load(rows: Rows) -> AreaAlerts:
    """The state that `dump` made these rows of, but for its tip, which is to be folded."""
    matches = {name: decode(Match, row) for name, row in _named(rows, "m")}
    told = {name: _told(row) for name, row in _named(rows, "t")}
    upto = next((_position(row) for _, row in _named(rows, "u")), None)
    turns = sorted((turn for match in matches.values() for turn in meetings(match)), key=lambda turn: turn.position)
    past = [turn for turn in turns if upto and turn.position <= upto]
    alarms = {name: _alarm(row) for name, row in _named(rows, "b")}
    silent = {name: Silence(*orjson.loads(row)) for name, row in _named(rows, "s")}
    now = {turn.subject: turn for turn in past}
    ages = tuple(sorted(turn.age for turn in now.values() if turn.holds))
    base = Folded(upto, now, alarms, silent, ages)
    return AreaAlerts(matches, told, base, tuple(turns[len(past) :]), base)


def _parts(state: AreaAlerts) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    upto = {"to": state.base.upto} if state.base.upto else _NOTHING
    return ("m", state.matches), ("t", state.told), ("b", state.base.alarms), ("s", state.base.silent), ("u", upto)


_NOTHING: Mapping[str, Any] = {}


def _named(rows: Rows, letter: str) -> Iterator[tuple[str, bytes]]:
    return ((name[2:], row) for name, row in rows.items() if name[0] == letter)


def _row(one: Match | Told | Alarm | Silence | Position) -> bytes:
    if isinstance(one, Match):
        return encode(one)
    return canonical(one if isinstance(one, tuple) else [getattr(one, name) for name in one.__dataclass_fields__])


def _told(row: bytes) -> Told:
    revision, state, severity, signature, shown = orjson.loads(row)
    return Told(revision, AlertState(state), severity, signature, tuple(shown))


def _position(row: bytes) -> Position:
    known_at, rank, cause, subject = orjson.loads(row)
    return Position(datetime.fromisoformat(known_at), rank, tuple(cause), subject)


def _alarm(row: bytes) -> Alarm:
    alert_id, members, shown, window, span, severity, is_open, raised_at, told_at = orjson.loads(row)
    days = (span[0], span[1]) if span else None
    times = datetime.fromisoformat(raised_at), datetime.fromisoformat(told_at)
    return Alarm(alert_id, tuple(members), tuple(shown), _window(window), days, severity, is_open, *times)


def _window(data: dict[str, Any] | None) -> Window | None:
    if data is None:
        return None
    days = date.fromisoformat(data["first"]), date.fromisoformat(data["last"])
    return Window(*days, data["level"], data["usual"], tuple(data["members"]))
