"""What was known then: a topic as it stood before an article arrived, or at a moment.

What an article causes is appended before anything of the next one, so a past state of knowledge is the first part of
each lane, and only its end has to be found.
"""

from __future__ import annotations

from bisect import bisect_left

from streams.shells.batch import ORIGIN
from streams.shells.log import Lane, Store, Stored


def known_at(log: Store, topic: str, timestamp: int) -> dict[int, int]:
    """Ends by partition of what was known at a moment, in milliseconds of log time, that moment included."""
    return {partition: log.offset_at(topic, partition, timestamp + 1) for partition in range(log.partitions(topic))}


def known_before(log: Store, topic: str, cause: Lane, offset: int) -> dict[int, int]:
    """Ends by partition of what was known before a record arrived.

    Args:
        log: Log to look into.
        topic: Topic whose ends are wanted; the cause's own, or one that follows from it.
        cause: Lane of the record, usually `Lane("articles", 0)`.
        offset: Its offset; the end of the lane stands for the present.

    Raises:
        OffsetOutOfRange: If the lane does not hold the offset.
    """
    found = log.read(*cause, offset, 1)
    lanes = [Lane(topic, partition) for partition in range(log.partitions(topic))]
    if not found:
        return {lane.partition: log.bounds(*lane)[1] for lane in lanes}
    return {lane.partition: _end_before(log, lane, found[0].sequence) for lane in lanes}


def arrived_before(log: Store, lane: Lane, sequence: int) -> int:
    """End of what stood in a lane before a place in the order of arrival."""
    first, end = log.bounds(*lane)
    return bisect_left(range(end), sequence, lo=first, key=lambda offset: log.read(*lane, offset, 1)[0].sequence)


def _end_before(log: Store, lane: Lane, arrival: int) -> int:
    first, end = log.bounds(*lane)
    return bisect_left(range(end), arrival, lo=first, key=lambda offset: _arrival(log, log.read(*lane, offset, 1)[0]))


def _arrival(log: Store, stored: Stored) -> int:
    """When the record that caused one arrived; when it arrived itself, if nothing of the log caused it."""
    for name, value in stored.headers:
        if name == ORIGIN:
            topic, partition, offset = value.decode().split(":")
            return log.read(topic, int(partition), int(offset), 1)[0].sequence
    return stored.sequence
