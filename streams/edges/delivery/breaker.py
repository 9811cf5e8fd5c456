"""A circuit breaker: a target that only fails is left alone for a while, and then asked once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

TRIPS_AT = 5
"""Failures in a row after which a target is left alone."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = 10
"""Times the first pause."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a target has answered lately."""

    failures: int = 0
    """In a row."""
    open_until: datetime | None = None
    """Nothing is sent before, and then one attempt at a time until one succeeds; null while the target answers."""
    first_pause: timedelta = FIRST_PAUSE

    def succeeded(self) -> Breaker:
        """After a success: closed."""
        return replace(self, failures=0, open_until=None)

    def failed(self, now: datetime) -> Breaker:
        """After a failure: open once there were enough, for longer each time."""
        failures = self.failures + 1
        if failures < TRIPS_AT:
            return replace(self, failures=failures)
        pause = self.first_pause * min(LONGEST_PAUSE, 2 ** min(failures - TRIPS_AT, 16))
        return replace(self, failures=failures, open_until=now + pause)
