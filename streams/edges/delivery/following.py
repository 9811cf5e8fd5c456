"""A topic, read on from where the last look ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from streams.shells.log import Log, Stored, iterate


class Follower:
    """One reader of one topic; remembers its place and nothing else."""

    def __init__(self, log: Log, topic: str) -> None:
        """At the first record held."""
        self._log, self._topic = log, topic
        self._next: Mapping[int, int] = {
            number: log.bounds(topic, number)[0] for number in range(log.partitions(topic))
        }

    def new(self) -> Iterator[Stored]:
        """Every record up to the present end that was not read before, in the order of arrival."""
        first = self._next
        self._next = {partition: self._log.bounds(self._topic, partition)[1] for partition in first}
        if self._next == first:
            return iter(())
        return iterate(self._log, self._topic, first, self._next)
