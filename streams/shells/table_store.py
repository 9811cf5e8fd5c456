"""The state of a stage on a worker: a Faust table that a worker's disk never knows ahead of the changelog.

Faust keeps the table where its partitions are, recovers it from the changelog and keeps standby copies. Writing is done
here, a batch at a time: to the changelog in one piece, and only then to this worker's disk. Faust's own way is the
other one round and entry by entry: a worker that is killed in between goes on from a state that no other worker will
ever see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import time
from typing import Any, NamedTuple

import faust
from faust.types import TP

from streams.shells.changelog import TOMBSTONES_KEPT_MS, position_key, prefix, read_position
from streams.stages.stage import Rows

_AS_OF = b"\xff\xff\xff\xfeas-of"
"""Under it a partition's copy on disk says, in milliseconds, when the last change that it has was written."""


class Written(NamedTuple):
    """An entry as it stands in the changelog, in the shape in which Faust hands changelog records on."""

    tp: TP
    offset: int
    key: bytes
    value: bytes | None
    timestamp: float

    @property
    def partition(self) -> int:
        """Its partition."""
        return int(self.tp.partition)

    @property
    def message(self) -> Written:
        """Itself: Faust wraps records in events."""
        return self


class StateTable(faust.Table):  # type: ignore[type-arg]
    """A Faust table of raw bytes, read by prefix and written from the changelog only."""

    def read(self, partition: int, key: bytes) -> bytes | None:
        """The value under a key."""
        value: bytes | None = self._database(partition).get(key)
        return value

    def scan(self, partition: int, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys that begin with some bytes, and their values, in order; keys without these bytes."""
        for key, value in self._database(partition).items(from_key=start):
            if not key.startswith(start):
                return
            yield key[len(start) :], value

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Put entries of the changelog on this worker's disk, with the offset up to which it has them."""
        batch = list(batch)
        super().apply_changelog_batch(batch)
        latest = {event.message.partition: int(event.message.timestamp * 1000) for event in batch}
        for partition, at in latest.items():
            self._database(partition).put(_AS_OF, b"%d" % at)

    def persisted_offset(self, tp: TP) -> int | None:
        """Up to which offset of the changelog this worker's disk has a partition; null if it is to be read anew.

        A copy that got no change for long may have missed tombstones that are gone by now.
        """
        offset: int | None = super().persisted_offset(tp)
        as_of = int(self.read(tp.partition, _AS_OF) or 0)
        if offset is None or time() * 1000 - as_of < TOMBSTONES_KEPT_MS * 0.7:
            return offset
        self._clear(tp.partition)
        return None

    def _database(self, partition: int) -> Any:
        store: Any = self.data
        return store._db_for_partition(partition)

    def _clear(self, partition: int) -> None:
        database = self._database(partition)
        for key in list(database.keys()):
            database.delete(key)


class TableStore:
    """Rows and positions of one stage, of the partition that is at hand."""

    def __init__(self, table: StateTable) -> None:
        self._table = table
        self._partition = 0

    @contextmanager
    def at(self, partition: int) -> Iterator[None]:
        """Read the part of the table that belongs to a partition."""
        before, self._partition = self._partition, partition
        try:
            yield
        finally:
            self._partition = before

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        return {name.decode(): value for name, value in self._table.scan(self._partition, prefix(key))}

    def position(self, topic: str, partition: int) -> tuple[int, str] | None:
        """First offset that the state does not yet contain, and the version of the stage that left it.

        Null if it contains nothing of the partition.
        """
        stored = self._table.read(partition, position_key(topic, partition))
        return None if stored is None else read_position(stored)
