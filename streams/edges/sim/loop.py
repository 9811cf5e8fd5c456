"""An event loop whose time is made up, and whose threads are none: what waits is next, at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any

from streams.edges.sim.faults import Faults

SLOW_S = 0.2
"""Time that a slow disk takes, seconds."""


MOST_TURNS = 100_000
"""Turns in one moment after which nothing will ever come of it."""


class Deadlock(Exception):
    """Nothing is due, ever: somebody waits for what will not come, or runs in circles."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Runs tasks in one order, whatever the machine is doing."""

    def __init__(self, faults: Faults) -> None:
        self._now, self._faults = 0.0, faults
        super().__init__(_Clockwork(self))

    def time(self) -> float:
        """Seconds since the simulation began."""
        return self._now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call in this thread, a turn later: what would have run beside the others runs between them."""
        future = self.create_future()

        def call() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except BaseException as error:
                future.set_exception(error)

        # Decided by the moment, not by who asks first: tasks that are cancelled together go in any order.
        self.call_later(SLOW_S if self._faults.fire("slow-disk", f"{self._now:.6f}") else 0, call)
        return future


class _Clockwork(selectors.SelectSelector):
    """Waits for nothing: the time that was to be waited has passed."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop, self._turns = loop, 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._turns = 0 if timeout else self._turns + 1
        if self._turns > MOST_TURNS:
            raise Deadlock("much is done, and no time passes")
        if timeout is None:
            raise Deadlock("nobody has anything left to do, and the simulation is not over")
        self._loop.pass_by(max(timeout, 0.0))
        return []
