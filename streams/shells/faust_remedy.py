"""A remedy for faust-streaming 0.15.3, without which a worker with tables can lose records when it starts.

`Recovery.on_recovery_completed` resumes the source partitions before it seeks to the committed offsets, while the
fetcher already runs. What is fetched in between is put into queues that the seek then clears; fetched again, it counts
as read already and is dropped. A hole of one record is even committed over. Stopping the flow until the seek is done
closes the window; nothing else changes.

It can go when Faust seeks before it resumes.
"""

from __future__ import annotations

from typing import Any

from faust.tables.recovery import Recovery

_original = Recovery.on_recovery_completed


async def _on_recovery_completed(self: Recovery, generation_id: int = 0) -> None:
    consumer: Any = self.app.consumer
    consumer.stop_flow()
    await consumer.wait_for_stopped_flow()
    await _original(self, generation_id)


def apply() -> None:
    """Mend Faust in this process; once is enough, twice does no harm."""
    Recovery.on_recovery_completed = _on_recovery_completed  # type: ignore[method-assign]
