"""Some records and all that follows from them, worked out in memory and not yet committed.

A record is followed to the end before the next one is taken: what it causes is delivered in the order in which it is
appended. So the order of everything on the log is that of the articles, whatever the size of a batch, and every stage
meets its input topics in one and the same order, live or replayed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from schemas.codec import decode_on, encode
from schemas.dead_letter import DeadLetter
from schemas.errors import DecodeError
from schemas.record import Record
from schemas.topics import ARTICLES, DEAD_LETTERS, TOPICS
from schemas.vocabulary import Reason
from streams.shells import telemetry, tracing
from streams.shells.ahead import Worked
from streams.shells.live_states import About, LiveStates
from streams.shells.log import Changes, Entry, Headers, Lane, Mark, RowChange, Stored
from streams.shells.partitioner import partition_of
from streams.stages.stage import Stage

ORIGIN = "origin"
"""Header: the record, of the topic that nothing stands before, that a record follows from: `articles:0:17`."""
STAGE = "stage"
"""Header: name and version of the stage that made a record: `extract/1.2+syria.3`."""
MAX_VALUE_BYTES = 20_000_000
"""Longest value that is decoded: the longest body that an article may have, with every character of four bytes."""


_Waiting = tuple[Stored, Record | None]
"""A record that is to be delivered, with what its bytes say where that is known already."""
Answer = Callable[[Stage[Any], Stored], Worked | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """A stage and a lane that it reads."""

    stage: str
    lane: Lane


class Batch:
    """What follows from the records taken so far."""

    def __init__(
        self,
        readers: Mapping[str, Sequence[Stage[Any]]],
        partitions: Mapping[str, int],
        live: LiveStates,
        offsets: Mapping[Reading, int],
        ends: Mapping[Lane, int],
        answer: Answer = lambda stage, stored: None,
    ) -> None:
        """Begin with nothing taken.

        Args:
            readers: Stages by the topic that they read, in their order.
            partitions: Number of partitions by topic of the log that is written.
            live: The states so far.
            offsets: First offset not yet read, by stage and lane.
            ends: Ends of the lanes of the log that is written.
            answer: What was worked out ahead for a record in the initial state of its key, null if nothing was.
        """
        self._readers, self._partitions, self._live = readers, partitions, live
        self._before, self.offsets = offsets, dict(offsets)
        self._ends, self._next, self._answer = ends, dict(ends), answer
        self.states: dict[About, Any] = {}
        self.entries: list[Entry] = []

    def take(self, stored: Stored) -> None:
        """Take one record, and follow everything that it causes to the end."""
        waiting: deque[_Waiting] = deque([(stored, None)])
        while waiting:
            waiting.extend(self._deliver(*waiting.popleft()))

    def skip(self, stored: Stored) -> None:
        """Pass over one record, as if it had been read and nothing followed."""
        lane = Lane(stored.topic, stored.partition)
        for stage in self._readers.get(stored.topic, ()):
            if self.offsets[Reading(stage.name, lane)] == stored.offset:
                self.offsets[Reading(stage.name, lane)] = stored.offset + 1

    def changes(self, rows: Sequence[RowChange], versions: Mapping[str, str]) -> Changes:
        """All that is to be committed together."""
        marks = [
            Mark(reading.stage, versions[reading.stage], reading.lane, offset)
            for reading, offset in self.offsets.items()
            if offset != self._before[reading]
        ]
        return Changes(self.entries, rows, marks, self._relied_on())

    def _relied_on(self) -> dict[Lane, int]:
        # Only where offsets were handed on does it matter that nobody else appends: intake may add dead letters.
        return {
            lane: end for lane, end in self._ends.items() if self._next[lane] != end and self._readers.get(lane.topic)
        }

    def _deliver(self, stored: Stored, record: Record | None) -> Iterator[_Waiting]:
        lane = Lane(stored.topic, stored.partition)
        readings = [(stage, Reading(stage.name, lane)) for stage in self._readers.get(stored.topic, ())]
        # A stage that has fallen behind on this lane reads the record from the log, when its turn comes.
        due = [(stage, reading) for stage, reading in readings if self.offsets[reading] == stored.offset]
        for _, reading in due:
            self.offsets[reading] = stored.offset + 1
        looked = record is not None
        for stage, _ in due:
            if not looked and (worked := self._worked_out(stage, stored)):
                yield from self._take_over(stage, stored, worked)
                continue
            if not looked:
                record, looked = self._decode(stage, stored), True
            if record is not None:
                yield from self._step(stage, stored, record)

    def _worked_out(self, stage: Stage[Any], stored: Stored) -> Worked | None:
        worked = self._answer(stage, stored)
        known = (stage.name, stored.key) in self.states or self._live.knows(stage.name, stored.key)
        return None if known else worked

    def _take_over(self, stage: Stage[Any], stored: Stored, worked: Worked) -> Iterator[_Waiting]:
        with _traced(stage, stored):
            pass  # It was done by another process; the trace of the article begins with it all the same.
        if worked.rows is not None:
            self.states[stage.name, stored.key] = stage.load(stored.key, worked.rows)
        headers = _headers(stage, stored)
        for made in worked.made:
            yield self._append(made.topic, made.key, made.value, stored.timestamp, headers), None

    def _decode(self, stage: Stage[Any], stored: Stored) -> Record | None:
        try:
            if len(stored.value) > MAX_VALUE_BYTES:
                raise DecodeError(Reason.TOO_LARGE, f"{len(stored.value)} bytes; at most {MAX_VALUE_BYTES} are read")
            return decode_on(TOPICS[stored.topic], stored.value)
        except DecodeError as error:
            telemetry.record_unreadable(stage.name, stored, error.reason, error.detail)
            self._bury(stage, stored, error.reason, error.detail)
            return None

    def _step(self, stage: Stage[Any], stored: Stored, record: Record) -> Iterator[_Waiting]:
        about = (stage.name, stored.key)
        before = self.states[about] if about in self.states else self._live.get(stage, stored.key)
        known_at = stored.known_at
        try:
            with _traced(stage, stored):
                state, outputs = stage.step(before, record, known_at)
            values = [encode(output.record) for output in outputs]
        except MemoryError:
            raise
        except Exception as error:
            telemetry.record_failed(stage.name, stored, error)
            self._bury(stage, stored, Reason.FAILED, f"{stage.name} {stage.version}: {type(error).__name__}: {error}")
            return
        if state is not before:
            self.states[about] = state
        headers = _headers(stage, stored)
        for output, value in zip(outputs, values, strict=True):
            yield self._append(output.topic.name, output.key, value, stored.timestamp, headers), output.record

    def _append(self, topic: str, key: str, value: bytes, timestamp: int, headers: Headers) -> Stored:
        lane = Lane(topic, partition_of(key, self._partitions[topic]))
        offset = self._next[lane]
        self._next[lane] = offset + 1
        self.entries.append(Entry(topic, key, value, timestamp, headers, lane.partition))
        return Stored(topic, lane.partition, offset, key, value, timestamp, headers)

    def _bury(self, stage: Stage[Any], stored: Stored, reason: Reason, detail: str) -> None:
        letter = DeadLetter(
            topic=stored.topic,
            partition=stored.partition,
            offset=stored.offset,
            origin=origin_of(stored).decode(),
            key=stored.key,
            raw=stored.value,
            reason=reason,
            detail=detail,
        )
        self._append(DEAD_LETTERS.name, stored.topic, encode(letter), stored.timestamp, _headers(stage, stored))


def _headers(stage: Stage[Any], stored: Stored) -> Headers:
    return (ORIGIN, origin_of(stored)), (STAGE, f"{stage.name}/{stage.version}".encode())


def _traced(stage: Stage[Any], stored: Stored) -> AbstractContextManager[None]:
    place = {"topic": stored.topic, "partition": stored.partition, "offset": stored.offset}
    return tracing.span(stage.name, origin_of(stored), root=stored.topic == ARTICLES.name, **place)


def origin_of(stored: Stored) -> bytes:
    """The record that a record follows from, as its header says; itself if it says nothing."""
    for name, value in stored.headers:
        if name == ORIGIN:
            return value
    return f"{stored.topic}:{stored.partition}:{stored.offset}".encode()
