"""What was known then: a topic as it stood before an article arrived, or at a moment.

What an article causes is appended before anything of the next one, so a past state of knowledge is the first part of
each lane, and only its end has to be found.
"""

from __future__ import annotations

from bisect import bisect_left

from schemas.errors import OffsetOutOfRange, UnknownTopic
from streams.shells.batch import ORIGIN
from streams.shells.log import Lane, Reader, Stored


class Arrivals:
    """When the record that caused another one arrived: its place in the order of everything."""

    def __init__(self, log: Reader) -> None:
        self._log, self._known = log, dict[bytes, int | None]()

    def of(self, stored: Stored) -> int:
        """Sequence of the cause; the record's own, if nothing that this log holds caused it."""
        for name, value in stored.headers:
            if name == ORIGIN:
                arrived = self._of(value)
                return stored.sequence if arrived is None else arrived
        return stored.sequence

    def order(self, stored: Stored) -> tuple[int, int]:
        """Sorts records of several lanes as they would have come had each article been followed to its end."""
        return self.of(stored), stored.sequence

    def _of(self, origin: bytes) -> int | None:
        if origin not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[origin] = self._looked_up(origin)
        return self._known[origin]

    def _looked_up(self, origin: bytes) -> int | None:
        try:
            topic, partition, offset = origin.decode().split(":")
            found = self._log.read(topic, int(partition), int(offset), 1)
        except (ValueError, UnknownTopic, OffsetOutOfRange):  # Copied here without its cause, or written by hand.
            return None
        return found[0].sequence if found else None


_REMEMBERED = 10_000
"""Causes remembered at once: neighbours in a lane share them."""


def known_at(log: Reader, topic: str, timestamp: int) -> dict[int, int]:
    """Ends by partition of what was known at a moment, in milliseconds of log time, that moment included."""
    return {partition: log.offset_at(topic, partition, timestamp + 1) for partition in range(log.partitions(topic))}


def known_before(log: Reader, topic: str, cause: Lane, offset: int) -> dict[int, int]:
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
    return {lane.partition: caused_before(log, lane, found[0].sequence) for lane in lanes}


def arrived_before(log: Reader, lane: Lane, sequence: int) -> int:
    """End of what stood in a lane before a place in the order of arrival."""
    first, end = log.bounds(*lane)
    return bisect_left(range(end), sequence, lo=first, key=lambda offset: log.read(*lane, offset, 1)[0].sequence)


def caused_before(log: Reader, lane: Lane, arrival: int) -> int:
    """End of what stood in a lane before anything that an article caused, by its place in the order of arrival."""
    (first, end), arrivals = log.bounds(*lane), Arrivals(log)
    return bisect_left(range(end), arrival, lo=first, key=lambda offset: arrivals.of(log.read(*lane, offset, 1)[0]))
