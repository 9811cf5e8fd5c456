"""What the alert stage remembers of a place: its alerts, each in a row of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic import TypeAdapter

from schemas.codec import canonical
from schemas.vocabulary import AlertState
from streams.stages.alert.rules import Severity
from streams.stages.stage import Rows


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as last written."""

    alert_id: str
    rule: str
    subject: str
    """Event id, or what a change is known by; moves on when an event is merged into another."""
    since: str
    """For a change: the place's standing that it led to, by which a correction finds it. Empty for an event."""
    revision: int
    state: AlertState
    severity: Severity
    signature: str
    """Hash of what the alert says: nothing new is said as long as it is equal."""
    raised_at: datetime
    """Known time at which it was last raised."""


@dataclass(frozen=True, slots=True)
class PlaceAlerts:
    """The alerts of one place, by id."""

    alerts: Mapping[str, Standing]

    def about(self, rule: str, subjects: tuple[str, ...]) -> Standing | None:
        """The alert of a rule on the first of these subjects that has one."""
        found = {alert.subject: alert for _, alert in sorted(self.alerts.items()) if alert.rule == rule}
        return next((found[subject] for subject in subjects if subject in found), None)

    def holding(self, alert: Standing) -> PlaceAlerts:
        """With an alert in it, new or in place of the one of its id."""
        return PlaceAlerts({**self.alerts, alert.alert_id: alert})


_STANDING = TypeAdapter(Standing)


def dump(state: PlaceAlerts) -> Rows:
    """A row an alert."""
    return {alert_id: canonical(asdict(alert)) for alert_id, alert in sorted(state.alerts.items())}


def load(rows: Rows) -> PlaceAlerts:
    """The alerts that `dump` made these rows of."""
    return PlaceAlerts({alert_id: _STANDING.validate_json(row) for alert_id, row in rows.items()})
