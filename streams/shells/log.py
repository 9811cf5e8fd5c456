"""What a log is: topics, partitions and offsets as in Kafka; and what the embedded ones keep besides.

Kafka's log and the embedded ones share `Log`. The embedded ones are also a `Store`: they keep the stages' state and how
far each stage has read, and change records, state and progress in one transaction. That is all that exactly-once takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import NamedTuple, Protocol

from streams.stages.stage import Rows

Headers = tuple[tuple[str, bytes], ...]

ERASED = "erased"
"""Header of a record whose content was taken out: another one stands in its place, and nothing follows from it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Lane(NamedTuple):
    """One partition of one topic: the stretch of a log that has offsets of its own."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way into the log."""

    topic: str
    key: str
    value: bytes
    timestamp: int
    """Milliseconds since 1970 in UTC: the log time of the article that caused it."""
    headers: Headers = ()
    partition: int | None = None
    """Null to let the key decide (murmur2, as Kafka's clients do)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record in the log."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    timestamp: int
    headers: Headers
    sequence: int = 0
    """Place in the order of arrival over all topics and partitions of an embedded log; on a broker, which knows no such
    order, the log time."""

    @property
    def erased(self) -> bool:
        """Whether its content was taken out of the log."""
        return any(name == ERASED for name, _ in self.headers)

    @property
    def known_at(self) -> datetime:
        """The log time as a moment in UTC."""
        return _EPOCH + timedelta(milliseconds=self.timestamp)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a lane, and all that stands before it in sixteen bytes."""

    first: int
    """First offset held."""
    end: int
    """Offset that the next record gets."""
    chain: bytes
    """Hash over every record that ever stood in the lane. Equal heads mean equal lanes, byte for byte."""
    clock: int
    """Latest log time of any record in it, milliseconds; zero while it is empty."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a step changed in the stored state of one key."""

    stage: str
    key: str
    written: Rows
    """Rows that are new or differ."""
    gone: tuple[str, ...]
    """Names of rows that are no more."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a stage has read a lane."""

    stage: str
    version: str
    """Version of the stage that read it."""
    lane: Lane
    offset: int
    """First offset not yet read."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing about a log that is not as it was written."""

    what: str
    topic: str | None = None
    """Null if it lies outside every topic."""
    partition: int | None = None
    offset: int | None = None
    """First offset that is not safe to read."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What takes effect together or not at all."""

    entries: Sequence[Entry] = ()
    rows: Sequence[RowChange] = ()
    marks: Sequence[Mark] = ()
    ends: Mapping[Lane, int] = field(default_factory=dict)
    """Ends of the lanes that the entries were made for; the commit is refused if one of them moved."""


class Reader(Protocol):
    """A log that is read only."""

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises UnknownTopic."""
        ...

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on, in order; none at the end.

        Raises:
            OffsetOutOfRange: If the offset lies before the first one held or beyond the end.
        """
        ...

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open."""
        ...

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        ...


class Log(Reader, Protocol):
    """What every log can do, be it in memory, in a file or on a broker."""

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Append in order, all or nothing; partition and offset of each, durable on return."""
        ...


class View(Reader, Protocol):
    """A log to look at, with what is the last word on each key, and with the states and the progress of the stages."""

    def topics(self) -> Mapping[str, int]:
        """Number of partitions by topic."""
        ...

    def latest(self, topic: str, key: str | None = None, *, ends: Mapping[int, int] | None = None) -> Iterator[Stored]:
        """The last record of a key, or of each key in the order of keys within each partition.

        Args:
            topic: Topic to read.
            key: Key wanted; null for every key.
            ends: Offset by partition from which on nothing counts: how a past state of knowledge is read
                (`streams.shells.known_time`). Null for the present.
        """
        ...

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        ...

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, in order, with its rows."""
        ...

    def marks(self) -> Sequence[Mark]:
        """How far each stage has read."""
        ...

    def close(self) -> None:
        """Let go of the file or the broker."""
        ...


class Store(View, Log, Protocol):
    """An embedded log, with the state and the progress of the stages that run on it."""

    def heads(self) -> Mapping[Lane, Head]:
        """The end of every lane."""
        ...

    def commit(self, changes: Changes) -> Sequence[tuple[int, int]]:
        """Make all of the changes, durable on return; partition and offset of each entry.

        Raises:
            EndMoved: If someone else appended to a lane in `ends`; nothing was changed.
        """
        ...

    def begin_at(self, heads: Mapping[Lane, Head], rows: Iterable[RowChange], marks: Sequence[Mark]) -> None:
        """Start an empty log where another one was: its lanes' ends, state and progress, without its records."""
        ...

    def running(self) -> AbstractContextManager[None]:
        """Hold the right to run stages on this log. Raises LogInUse if another process holds it."""
        ...


class EndMoved(Exception):
    """Someone else appended where the changes were to go: work them out again."""


def iterate(
    log: Reader,
    topic: str,
    first: Mapping[int, int] | None = None,
    end: Mapping[int, int] | None = None,
    *,
    chunk: int = 500,
) -> Iterator[Stored]:
    """Every record of a topic within offsets by partition, in the order of arrival.

    Args:
        log: Log to read.
        topic: Topic to read.
        first: First offset by partition; the first held where it says nothing.
        end: End by partition, half-open; the present end where it says nothing.
        chunk: Records read at once from each partition.
    """
    lanes = []
    for lane in (Lane(topic, partition) for partition in range(log.partitions(topic))):
        held, present = log.bounds(*lane)
        start, stop = (first or {}).get(lane.partition, held), (end or {}).get(lane.partition, present)
        lanes.append(stretch(log, lane, start, min(stop, present), chunk=chunk))
    return merge(*lanes, key=lambda stored: stored.sequence)


def stretch(log: Reader, lane: Lane, first: int, end: int, *, chunk: int = 500) -> Iterator[Stored]:
    """The records of a lane from an offset up to another one, a chunk at a time in memory."""
    while first < end and (found := log.read(*lane, first, min(chunk, end - first))):
        yield from (stored for stored in found if stored.offset < end)
        # Not by their number: a broker that compacts leaves holes.
        first = found[-1].offset + 1
