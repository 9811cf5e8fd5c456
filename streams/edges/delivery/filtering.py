"""Which revisions of which alerts a target wants."""

from __future__ import annotations

from hashlib import blake2b

from schemas.alert import SEVERITIES, Alert
from schemas.codec import canonical
from schemas.vocabulary import AlertState
from streams.edges.delivery.targets import TargetSpec


class Wanted:
    """A target's filter, fed every revision in order.

    An alert that was told once is followed: who heard that it was grave hears too that it no longer is. Nobody is
    called for one more copy: an update goes out if it says something new, or on other sources or sentences.
    """

    def __init__(self, spec: TargetSpec) -> None:
        self._spec = spec
        self._told: dict[str, bytes] = {}

    def __call__(self, alert: Alert) -> bool:
        """Whether the target wants this revision."""
        spec = self._spec
        if (spec.rules and alert.rule not in spec.rules) or (spec.since and alert.known_at < spec.since):
            return False
        before, words = self._told.get(alert.alert_id), _words(alert)
        grave = SEVERITIES.index(alert.severity) >= SEVERITIES.index(spec.min_severity)
        if not grave and before is None:
            return False
        if alert.state is AlertState.CANCELLED:
            self._told.pop(alert.alert_id, None)
        else:
            self._told[alert.alert_id] = words
        if alert.state is AlertState.UPDATED and before == words:
            return False
        return not spec.states or alert.state in spec.states


def _words(alert: Alert) -> bytes:
    """Hash of what people read of an alert, and of whose word it is on."""
    quoted = [quote.mention_id for quote in alert.evidence]
    said = [alert.severity, alert.title, alert.text, alert.root_sources, quoted]
    return blake2b(canonical(said), digest_size=16).digest()
