"""How long a worker may write for its partitions: a lease that the broker enforces.

A process can be stopped at any instruction, and wake up when its partitions are another worker's. No check of its own
can then keep it from writing. Therefore each record of a changelog bears as its time when the worker last heard that
it belongs to its group, and the broker refuses those that are older than a part of the session's timeout
(`message.timestamp.before.max.ms`). A group gives partitions away after a whole timeout, so the refusal comes first,
as long as the clocks of workers and brokers differ by less than the rest of it.
"""

from __future__ import annotations

from time import time
from typing import Any

from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance, GroupCoordinator

SHARE = 0.8
"""Part of the session's timeout for which a worker may write: leaves two seconds of ten to clocks that differ."""

_heartbeat = GroupCoordinator._do_heartbeat
_synced = CoordinatorGroupRebalance._send_sync_group_request


async def _do_heartbeat(self: Any) -> bool:
    asked, generation = time(), self.generation
    heard: bool = await _heartbeat(self)
    if heard and generation == self.generation:
        self.frontwire_heard_at = asked
    return heard


async def _send_sync_group_request(self: Any, request: Any) -> Any:
    asked = time()
    assignment = await _synced(self, request)
    if assignment is not None:
        self._coordinator.frontwire_heard_at = asked
    return assignment


def apply() -> None:
    """Let each member of a group in this process note when it last heard from the coordinator."""
    GroupCoordinator._do_heartbeat = _do_heartbeat
    CoordinatorGroupRebalance._send_sync_group_request = _send_sync_group_request


def heard_at(app: Any) -> float:
    """When the app's consumer sent the last request that its coordinator answered well, seconds since 1970.

    Zero if it has heard nothing yet.
    """
    consumer = getattr(getattr(app.consumer, "_thread", None), "_consumer", None)
    return float(getattr(getattr(consumer, "_coordinator", None), "frontwire_heard_at", 0.0))
