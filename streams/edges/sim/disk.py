"""The seam between a process and the log: all that a disk, a power cut and a neighbour can do to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

from schemas.errors import LogError
from streams.edges.sim.faults import Faults, Killed
from streams.shells.log import Changes, EndMoved, Entry, Head, Lane, Mark, RowChange, Stored
from streams.shells.memory_log import MemoryLog
from streams.stages.stage import Rows


class Disk:
    """A log as one process sees it. What was committed stays, whoever dies."""

    def __init__(self, log: MemoryLog, faults: Faults) -> None:
        self._log, self._faults = log, faults

    def topics(self) -> Mapping[str, int]:
        """Number of partitions by topic."""
        return self._log.topics()

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic."""
        return self._log.partitions(topic)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on, sometimes fewer than there are."""
        if self._faults.fire("read-fails"):
            raise LogError("the disk failed while it was read")
        found = self._log.read(topic, partition, offset, limit)
        return found[:1] if len(found) > 1 and self._faults.fire("short-read") else found

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end."""
        return self._log.bounds(topic, partition)

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment."""
        return self._log.offset_at(topic, partition, timestamp)

    def heads(self) -> Mapping[Lane, Head]:
        """The end of every lane."""
        return self._log.heads()

    def latest(self, topic: str, key: str | None = None, *, ends: Mapping[int, int] | None = None) -> Iterator[Stored]:
        """The last record of a key, or of each key."""
        return self._log.latest(topic, key, ends=ends)

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key."""
        if self._faults.fire("state-read-fails"):
            raise LogError("the disk failed while a state was read")
        return self._log.rows(stage, key)

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, with its rows."""
        return self._log.states(stage)

    def marks(self) -> Sequence[Mark]:
        """How far each stage has read."""
        return self._log.marks()

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Append in order, all or nothing."""
        return self.commit(Changes(entries=tuple(entries)))

    def commit(self, changes: Changes) -> Sequence[tuple[int, int]]:
        """All of the changes or none; and whoever asked for them may not live to hear which."""
        if self._faults.fire("disk-full"):
            raise LogError("the disk is full; nothing was written")
        if changes.ends and self._faults.fire("end-moved"):
            raise EndMoved
        if self._faults.fire("killed-before-commit"):
            raise Killed
        places = self._log.commit(changes)
        if self._faults.fire("killed-after-commit"):
            raise Killed
        return places

    def begin_at(self, heads: Mapping[Lane, Head], rows: Iterable[RowChange], marks: Sequence[Mark]) -> None:
        """Start an empty log where another one was."""
        self._log.begin_at(heads, rows, marks)

    def running(self) -> AbstractContextManager[None]:
        """Hold the right to run stages on this log."""
        return self._log.running()

    def close(self) -> None:
        """Nothing to let go of."""
