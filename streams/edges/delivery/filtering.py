"""Which revisions of which alerts a target wants."""

from __future__ import annotations

from schemas.alert import SEVERITIES, Alert
from schemas.vocabulary import AlertState
from streams.edges.delivery.targets import TargetSpec


class Wanted:
    """A target's filter, fed every revision in order.

    An alert that was told once is followed: who heard that it was grave hears too that it no longer is.
    """

    def __init__(self, spec: TargetSpec) -> None:
        self._spec = spec
        self._told: set[str] = set()

    def __call__(self, alert: Alert) -> bool:
        """Whether the target wants this revision."""
        spec = self._spec
        if (spec.rules and alert.rule not in spec.rules) or (spec.since and alert.known_at < spec.since):
            return False
        grave = SEVERITIES.index(alert.severity) >= SEVERITIES.index(spec.min_severity)
        if not grave and alert.alert_id not in self._told:
            return False
        if alert.state is AlertState.CANCELLED:
            self._told.discard(alert.alert_id)
        else:
            self._told.add(alert.alert_id)
        return not spec.states or alert.state in spec.states
