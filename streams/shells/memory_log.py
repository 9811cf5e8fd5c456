"""The log in memory: for tests, and for a scratch state that nobody needs tomorrow."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from schemas.errors import LogError, LogInUse, OffsetOutOfRange, UnknownTopic
from schemas.topics import TOPICS
from streams.shells.framing import frame_of, link, origin_of_chain
from streams.shells.log import Changes, EndMoved, Entry, Head, Lane, Mark, RowChange, Stored
from streams.shells.partitioner import partition_of
from streams.stages.stage import Rows


@dataclass(slots=True)
class _Held:
    """One lane: its records, and after each the latest log time so far."""

    head: Head
    records: list[Stored] = field(default_factory=list)
    clocks: list[int] = field(default_factory=list)


class MemoryLog:
    """A log that ends with the process. One thread at a time."""

    def __init__(self, *, partitions: int = 1) -> None:
        self._topics = dict.fromkeys(TOPICS, partitions)
        self._held = {
            lane: _Held(Head(0, 0, origin_of_chain(lane), 0))
            for lane in (Lane(topic, partition) for topic in TOPICS for partition in range(partitions))
        }
        self._states: dict[str, dict[str, dict[str, bytes]]] = {}
        self._marks: dict[tuple[str, Lane], Mark] = {}
        self._sequence = 0
        self._running = False

    def topics(self) -> Mapping[str, int]:
        """Number of partitions by topic."""
        return self._topics

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises UnknownTopic."""
        try:
            return self._topics[topic]
        except KeyError:
            raise UnknownTopic(f"there is no topic {topic!r}; there are {', '.join(self._topics)}") from None

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Append in order, all or nothing; partition and offset of each."""
        return self.commit(Changes(entries=tuple(entries)))

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on. Raises OffsetOutOfRange."""
        held = self._lane(Lane(topic, partition))
        first, end = held.head.first, held.head.end
        if not first <= offset <= end:
            raise OffsetOutOfRange(f"{topic}/{partition}: offset {offset} is not there; the log holds {first} to {end}")
        start = offset - first
        return held.records[start : start + limit]

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open."""
        head = self._lane(Lane(topic, partition)).head
        return head.first, head.end

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        held = self._lane(Lane(topic, partition))
        return held.head.first + bisect_left(held.clocks, timestamp)

    def heads(self) -> Mapping[Lane, Head]:
        """The end of every lane."""
        return {lane: held.head for lane, held in self._held.items()}

    def latest(self, topic: str, key: str | None = None, *, ends: Mapping[int, int] | None = None) -> Iterator[Stored]:
        """The last record of a key, or of each key; see `Store.latest`."""
        for partition in range(self.partitions(topic)):
            records = self._held[Lane(topic, partition)].records
            end = (ends or {}).get(partition)
            last = {stored.key.encode(): stored for stored in records if end is None or stored.offset < end}
            yield from (last[found] for found in sorted(last) if key is None or found == key.encode())

    def commit(self, changes: Changes) -> Sequence[tuple[int, int]]:
        """Make all of the changes. Raises EndMoved."""
        lanes = [self._lane_of(entry) for entry in changes.entries]
        if any(self._lane(lane).head.end != end for lane, end in changes.ends.items()):
            raise EndMoved
        places = [self._append(lane, entry) for lane, entry in zip(lanes, changes.entries, strict=True)]
        self._write_rows(changes.rows)
        self._marks.update({(mark.stage, mark.lane): mark for mark in changes.marks})
        return places

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        return dict(self._states.get(stage, {}).get(key, {}))

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, in order, with its rows."""
        states = self._states.get(stage, {})
        yield from ((key, dict(sorted(states[key].items()))) for key in sorted(states) if states[key])

    def marks(self) -> Sequence[Mark]:
        """How far each stage has read."""
        return [self._marks[about] for about in sorted(self._marks)]

    def begin_at(self, heads: Mapping[Lane, Head], rows: Iterable[RowChange], marks: Sequence[Mark]) -> None:
        """Start an empty log where another one was. Raises LogError if it is not empty."""
        if self._sequence:
            raise LogError("this log is not empty; begin in a new one")
        for lane, head in heads.items():
            self._lane(lane).head = Head(head.end, head.end, head.chain, head.clock)
        self._write_rows(rows)
        self._marks = {(mark.stage, mark.lane): mark for mark in marks}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the right to run stages on this log. Raises LogInUse."""
        if self._running:
            raise LogInUse("another runner of this process runs the stages on this log; stop it first")
        self._running = True
        try:
            yield
        finally:
            self._running = False

    def close(self) -> None:
        """Nothing to let go of."""

    def _lane(self, lane: Lane) -> _Held:
        count = self.partitions(lane.topic)
        if not 0 <= lane.partition < count:
            raise UnknownTopic(f"{lane.topic} has partitions 0 to {count - 1}, not {lane.partition}")
        return self._held[lane]

    def _lane_of(self, entry: Entry) -> Lane:
        count = self.partitions(entry.topic)
        lane = Lane(entry.topic, partition_of(entry.key, count) if entry.partition is None else entry.partition)
        self._lane(lane)
        return lane

    def _append(self, lane: Lane, entry: Entry) -> tuple[int, int]:
        held, self._sequence = self._held[lane], self._sequence + 1
        head = held.head
        stored = Stored(*lane, head.end, entry.key, entry.value, entry.timestamp, entry.headers, self._sequence)
        clock = max(head.clock, entry.timestamp)
        held.head = Head(head.first, head.end + 1, link(head.chain, frame_of(stored), entry.value), clock)
        held.records.append(stored)
        held.clocks.append(clock)
        return lane.partition, stored.offset

    def _write_rows(self, changes: Iterable[RowChange]) -> None:
        for change in changes:
            rows = self._states.setdefault(change.stage, {}).setdefault(change.key, {})
            rows.update(change.written)
            for name in change.gone:
                rows.pop(name, None)
