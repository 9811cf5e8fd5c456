"""A thread beside a worker that tells whether it is well, to people, to metrics and to whoever restarts it.

A quiet topic and a stuck worker look alike from outside: nothing moves. The thread asks the broker where the topics end
and the worker how far its state is, so it knows which of the two it is. A stuck worker ends itself: Faust can idle for
ever after a lost rebalance.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic, sleep, time
from typing import Any

from streams.shells import lease
from streams.shells import worker_telemetry as telemetry
from streams.shells.stage_agent import StageAgent

CONDITIONS = ("starting", "recovering", "quiet", "working", "stuck", "silent")
"""Starting: no partitions yet. Recovering: reading changelogs. Quiet: nothing waits. Working: records wait and are
worked off. Stuck: they wait and nothing moves. Silent: the worker's loop does not answer."""
LOOK_EVERY_S = 5.0
ANSWER_WITHIN_S = 30.0


@dataclass
class Vitals:
    """What was seen when a worker was last looked at."""

    condition: str = "starting"
    lags: dict[str, int] = field(default_factory=dict)
    looked_at: float = 0.0
    """Seconds since 1970."""
    heard_at: float = 0.0
    """When the worker last heard from its group, seconds since 1970; zero if never."""
    recovery_left: int = 0


class Watch(Thread):
    """Looks at a worker every few seconds."""

    def __init__(
        self,
        app: Any,
        agents: Sequence[StageAgent],
        *,
        stuck_after_s: float,
        end: Callable[[], Any] = lambda: os._exit(1),
    ) -> None:
        """Watch the agents of an app; `end` is called when they are stuck for too long."""
        super().__init__(name="watch", daemon=True)
        self.vitals = Vitals()
        self._app, self._agents, self._stuck_after_s, self._end = app, agents, stuck_after_s, end
        self._recovery: tuple[float, int] | None = None
        self._unwell_since: float | None = None

    def run(self) -> None:
        """Look, until the process ends."""
        while not self._app.should_stop:
            sleep(LOOK_EVERY_S)
            if self._app.loop.is_running():
                self.look()

    def look(self) -> None:
        """Look once."""
        condition = self._recovering() or self._asked()
        self.vitals.condition, self.vitals.looked_at = condition, time()
        self.vitals.heard_at = lease.heard_at(self._app)
        telemetry.worker_looked_at(condition, CONDITIONS, self.vitals.lags, self.vitals.heard_at)
        self._judge(condition)

    def _recovering(self) -> str | None:
        recovery = self._app.tables.recovery
        left = max(0, recovery.active_remaining_total()) if recovery.in_recovery else 0
        self.vitals.recovery_left = left
        if left:
            began, of = self._recovery = self._recovery or (monotonic(), left)
            done = of - left
            telemetry.recovery_went_on(left, left * (monotonic() - began) / done if done > 0 else None)
            return "recovering"
        if self._recovery:
            telemetry.recovery_ended(self._recovery[1], monotonic() - self._recovery[0])
            self._recovery = None
        return None

    def _asked(self) -> str:
        try:
            lags = asyncio.run_coroutine_threadsafe(self._lags(), self._app.loop).result(ANSWER_WITHIN_S)
        except TimeoutError:
            return "silent"
        except Exception:
            # No broker, or a rebalance under way: the next look will tell.
            return self.vitals.condition
        if lags is None:
            return "starting"
        self.vitals.lags = lags
        idle = monotonic() - LOOK_EVERY_S
        waiting = [agent for agent in self._agents if lags[agent.stage.name]]
        if not waiting:
            return "quiet"
        return "working" if any(agent.moved > idle for agent in self._agents) else "stuck"

    async def _lags(self) -> dict[str, int] | None:
        """Records that wait, by stage, as the broker says; null without partitions."""
        consumer = self._app.consumer
        ours = [(at, agent) for at in consumer.assignment() for agent in self._agents if at.topic in agent.inputs]
        if not ours:
            return None
        ends = await consumer.highwaters(*{at for at, _ in ours})
        lags = {agent.stage.name: 0 for agent in self._agents}
        for at, agent in ours:
            lags[agent.stage.name] += max(0, ends[at] - (agent.position(at) or 0))
        return lags

    def _judge(self, condition: str) -> None:
        if condition not in ("stuck", "silent"):
            self._unwell_since = None
            return
        self._unwell_since = self._unwell_since or monotonic()
        seconds = monotonic() - self._unwell_since
        if seconds > self._stuck_after_s:
            telemetry.worker_stuck(condition, seconds)
            self._end()
