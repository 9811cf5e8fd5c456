"""What the alert stage remembers of a rule in an area: what meets it, and the alerts raised on that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import orjson

from schemas.alert import Match, Severity
from schemas.codec import canonical, decode, encode
from schemas.vocabulary import AlertState
from streams.stages.stage import Rows

MATCHES, ALERTS = 2_000, 300
"""Most matches and alerts of one rule in one area that are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Held:
    """A match as last heard of."""

    match: Match
    silenced: Severity | None = None
    """Raised nothing, as the rule was cooling down or muted, when it was so grave; only graver news does."""
    age: tuple[int, str] = field(init=False, compare=False, repr=False)
    """What orders matches in time: the last day as a proleptic ordinal, zero if it is not known; then the subject."""

    def __post_init__(self) -> None:
        day = self.match.when.last.toordinal() if self.match.when else 0
        object.__setattr__(self, "age", (day, self.match.subject))


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as last written."""

    alert_id: str
    members: tuple[str, ...]
    """Subjects that it rests on, sorted."""
    span: tuple[date, date] | None
    """Of a rule that counts: the days over which the wave has lasted that it tells of."""
    revision: int
    state: AlertState
    severity: Severity
    signature: str
    """Hash of what the alert says: nothing new is said as long as it is equal."""
    raised_at: datetime
    """Known time at which it was last raised."""
    told_at: datetime
    """Known time at which it last said anything."""


@dataclass(frozen=True, slots=True)
class AreaAlerts:
    """State of one rule in one area, by subject and by alert id."""

    matches: Mapping[str, Held] = field(default_factory=dict)
    alerts: Mapping[str, Standing] = field(default_factory=dict)

    def holding(self, first: int = 0, last: int = date.max.toordinal()) -> list[Match]:
        """What meets the rule now and ended within these days (proleptic ordinals, inclusive), by event time."""
        found = [held for held in self.matches.values() if first <= held.age[0] <= last and held.match.holds]
        return [held.match for held in sorted(found, key=lambda held: held.age)]

    def open_alerts(self) -> list[Standing]:
        """The alerts that stand, the latest told first."""
        found = [alert for alert in self.alerts.values() if alert.state is not AlertState.CANCELLED]
        return sorted(found, key=_told, reverse=True) if len(found) > 1 else found

    def on(self, subject: str) -> Standing | None:
        """The open alert that rests on a subject; of several the latest told."""
        found = [alert for alert in self.alerts.values() if subject in alert.members]
        return max([alert for alert in found if alert.state is not AlertState.CANCELLED], key=_told, default=None)

    def hearing(self, held: Held) -> AreaAlerts:
        """With a match, new or in place of what was heard of its subject before."""
        matches = {**self.matches, held.match.subject: held}
        if len(matches) > MATCHES:
            del matches[min(matches, key=lambda one: matches[one].age)]
        return AreaAlerts(matches, self.alerts)

    def saying(self, alert: Standing) -> AreaAlerts:
        """With an alert, new or in place of the one of its id."""
        alerts = {**self.alerts, alert.alert_id: alert}
        if len(alerts) > ALERTS:
            del alerts[min(alerts, key=lambda one: (alerts[one].raised_at, one))]
        return AreaAlerts(self.matches, alerts)


def _told(alert: Standing) -> tuple[datetime, str]:
    return alert.told_at, alert.alert_id


def dump(state: AreaAlerts) -> Rows:
    """A row a match, a row an alert."""
    return {
        **{f"m {name}": _held_row(held) for name, held in state.matches.items()},
        **{f"a {name}": _alert_row(alert) for name, alert in state.alerts.items()},
    }


def changes(before: AreaAlerts, after: AreaAlerts) -> dict[str, bytes | None]:
    """The rows in which two states differ, null for those that go."""
    rows: dict[str, bytes | None] = {f"m {name}": None for name in before.matches if name not in after.matches}
    rows.update((f"a {name}", None) for name in before.alerts if name not in after.alerts)
    for name, held in after.matches.items():
        if before.matches.get(name) is not held:
            rows[f"m {name}"] = _held_row(held)
    for name, alert in after.alerts.items():
        if before.alerts.get(name) is not alert:
            rows[f"a {name}"] = _alert_row(alert)
    return rows


def load(rows: Rows) -> AreaAlerts:
    """The state that `dump` made these rows of."""
    matches = {name: _held(row) for name, row in _named(rows, "m")}
    return AreaAlerts(matches, {name: _alert(row) for name, row in _named(rows, "a")})


def _named(rows: Rows, letter: str) -> Iterator[tuple[str, bytes]]:
    return ((name[2:], row) for name, row in rows.items() if name[0] == letter)


def _held_row(held: Held) -> bytes:
    return canonical([encode(held.match).decode(), held.silenced])


def _held(row: bytes) -> Held:
    match, silenced = orjson.loads(row)
    return Held(decode(Match, match.encode()), silenced)


def _alert_row(alert: Standing) -> bytes:
    return canonical(
        [
            alert.alert_id,
            alert.members,
            alert.span,
            alert.revision,
            alert.state,
            alert.severity,
            alert.signature,
            alert.raised_at,
            alert.told_at,
        ]
    )


def _alert(row: bytes) -> Standing:
    alert_id, members, span, revision, state, severity, signature, raised_at, told_at = orjson.loads(row)
    days = (date.fromisoformat(span[0]), date.fromisoformat(span[1])) if span else None
    times = datetime.fromisoformat(raised_at), datetime.fromisoformat(told_at)
    return Standing(alert_id, tuple(members), days, revision, AlertState(state), severity, signature, *times)
