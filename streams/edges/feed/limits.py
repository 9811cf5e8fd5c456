"""How much one client may ask for: a bucket of requests that fills up again, and a number of streams at once."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CLIENTS = 10_000
"""Clients whose buckets are remembered; the one that was quiet longest is forgotten first, with a full bucket."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask for."""

    rate: float = 50
    """Requests a second in the long run."""
    burst: int = 200
    """Requests at once, after some silence."""
    streams: int = 32
    """Streams and exports that are open at once."""


OWN_MACHINE = Limits(rate=2_000, burst=4_000, streams=4_000)
"""Where only the machine itself is listened to: a bound for what has gone wild."""


class TooMany(Exception):
    """A client asked for too much. The message says what to do."""

    def __init__(self, detail: str, wait_s: float) -> None:
        super().__init__(detail)
        self.wait_s = wait_s
        """Seconds after which it may ask again."""


class Meter:
    """What each client has asked for lately."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Requests left, and when that was so."""
        self._open: Counter[str] = Counter()

    def take(self, client: str, limits: Limits) -> None:
        """Count a request. Raises TooMany."""
        now = self._clock()
        left, then = self._buckets.pop(client, (float(limits.burst), now))
        left = min(limits.burst, left + (now - then) * limits.rate)
        self._buckets[client] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        if left < 1:
            wait = (1 - left) / limits.rate
            raise TooMany(
                f"more than {limits.rate:g} requests a second; come back later, or ask for longer pages", wait
            )

    @contextmanager
    def streaming(self, client: str, limits: Limits) -> Iterator[None]:
        """Count a stream while it is open. Raises TooMany."""
        if self._open[client] >= limits.streams:
            raise TooMany(f"{limits.streams} streams are open already; close one, or share one among readers", 5)
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]
