"""The embedded shell: the stages over an embedded log, on one machine.

It reads a batch of records, works out all that follows, and commits outputs, states and progress in one transaction.
A process killed anywhere leaves whole batches only, and the next one works out the same again.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from threading import Event
from time import monotonic
from typing import Any

from schemas.errors import LogError
from streams.shells import telemetry
from streams.shells.ahead import Ahead, reading_ahead
from streams.shells.batch import Batch, Reading
from streams.shells.known_time import Arrivals
from streams.shells.live_states import LiveStates
from streams.shells.log import EndMoved, Lane, Reader, Store, Stored, stretch
from streams.stages.stage import Stage


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds the runner's work and memory, whatever the input."""

    batch: int = 200
    """Records taken from the log in one transaction, at most."""
    batch_bytes: int = 16_000_000
    """Bytes of records taken from the log in one transaction, roughly: a batch ends with the record that passes it."""
    live_bytes: int = 64_000_000
    """Stored bytes of the states that are held ready; in memory they take about eight times as much."""
    readers: int = 0
    """Processes that work out the first stage's steps ahead: as many as there are cores, or none to use but one."""
    longest_wait_s: float = 0.5
    """Longest pause before looking for new records again."""


DEFAULTS = Limits()
_CHUNK = 16
"""Records read ahead of a lane: they count against no limit, so they are few."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    done: int
    """Records taken from the log since the run began."""
    lag: int
    """Records that wait."""
    seconds: float
    """Time since the run began."""

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.done / self.seconds if self.seconds else 0.0


class Runner:
    """Runs stages over a log."""

    def __init__(
        self,
        log: Store,
        stages: Sequence[Stage[Any]],
        *,
        source: Reader | None = None,
        first: Mapping[Lane, int] | None = None,
        end: Mapping[Lane, int] | None = None,
        wanted: Callable[[Stored], bool] | None = None,
        limits: Limits = DEFAULTS,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        accept_versions: bool = False,
    ) -> None:
        """Take up where the log's state is.

        Args:
            log: Holds state and progress, and takes what the stages put out.
            stages: In the order of the flow: a stage comes after those that write what it reads.
            source: Log that holds what no stage writes (the articles); the same one if null.
            first: Where to begin on lanes of which nothing was read yet; the first held if it says nothing.
            end: Where to stop, half-open; the end as it grows if it says nothing.
            wanted: Which records to take of those that no stage writes; all if null. The others are passed over.
            limits: Bounds of work and memory.
            on_progress: Called after each batch.
            accept_versions: Go on from state that another version of a stage has left.

        Raises:
            LogError: If the state is of another version of a stage, and that was not accepted.
        """
        self._log, self._stages, self._source = log, tuple(stages), source or log
        self._limits, self._on_progress, self._stop = limits, on_progress, Event()
        self._end, self._arrivals = end or {}, Arrivals(self._source)
        self._versions = {stage.name: stage.version for stage in stages}
        written = {topic.name for stage in stages for topic in stage.outputs}
        self._readers: dict[str, list[Stage[Any]]] = {}
        for stage in stages:
            for topic in stage.inputs:
                self._readers.setdefault(topic.name, []).append(stage)
        self._inner = self._lanes(log, [topic for topic in self._readers if topic in written])
        self._outer = self._lanes(self._source, [topic for topic in self._readers if topic not in written])
        self._live = LiveStates(log, stages, limit_bytes=limits.live_bytes)
        self._first, self._wanted = first or {}, wanted
        self._given = {lane.topic for lane in self._outer}
        self._meet_versions(accept_versions)
        self._offsets = self._start()

    def stop(self) -> None:
        """End a run after the batch it is in. Safe to call from another thread or a signal."""
        self._stop.set()

    def run_once(self) -> int:
        """Work off what is there; the number of records taken.

        Raises:
            LogInUse: If another process runs the stages on this log.
        """
        return self._run(until_idle=True)

    def run(self) -> int:
        """Work off what is there and what arrives, until `stop` is called; the number of records taken.

        Raises:
            LogInUse: If another process runs the stages on this log.
        """
        return self._run(until_idle=False)

    def lag(self) -> int:
        """Records that wait to be read."""
        return sum(end - start for _, start, end in self._waiting(self._outer) + self._waiting(self._inner))

    def _run(self, *, until_idle: bool) -> int:
        # The readers are made before the lock is taken: they would hold it on when this process is killed.
        with reading_ahead(self._stages, self._limits.readers) as ahead, self._log.running():
            self._take_up()
            return self._work_off(ahead, until_idle=until_idle)

    def _work_off(self, ahead: Ahead, *, until_idle: bool) -> int:
        began, done, pause = monotonic(), 0, 0.01
        telemetry.runner_started(self._versions, self.lag())
        while not self._stop.is_set():
            if taken := self._batch(ahead):
                done, pause = done + taken, 0.01
                self._on_progress(Progress(done, self.lag(), monotonic() - began))
            elif until_idle:
                break
            else:
                self._stop.wait(pause)
                pause = min(pause * 2, self._limits.longest_wait_s)
        telemetry.runner_stopped(done)
        return done

    def _batch(self, ahead: Ahead) -> int:
        ends = {lane: head.end for lane, head in self._log.heads().items()}
        batch = Batch(self._readers, self._log.topics(), self._live, self._offsets, ends, ahead.answer)
        pending = self._pending()
        records = list(self._some(pending))
        if ahead.works:
            # Those of the next batch are worked out while this one is followed to its end and committed.
            ahead.ask(filter(self._wants, records))
            ahead.ask(filter(self._wants, self._some(pending)))
        for stored in records:
            batch.take(stored) if self._wants(stored) else batch.skip(stored)
        if records:
            self._commit(batch)
        return len(records)

    def _wants(self, stored: Stored) -> bool:
        if stored.topic not in self._given:
            return True
        return not stored.erased and (self._wanted is None or self._wanted(stored))

    def _some(self, pending: Iterator[Stored]) -> Iterator[Stored]:
        size = 0
        for stored in islice(pending, self._limits.batch):
            yield stored
            size += len(stored.value)
            if size >= self._limits.batch_bytes:
                return

    def _commit(self, batch: Batch) -> None:
        dumped = self._live.dump(batch.states)
        changes = [one.change for one in dumped if one.change.written or one.change.gone]
        try:
            self._log.commit(batch.changes(changes, self._versions))
        except EndMoved:
            telemetry.batch_repeated(tuple(self._versions))
            return
        self._live.keep(dumped)
        self._offsets = batch.offsets

    def _pending(self) -> Iterator[Stored]:
        # What lies between stages comes first: a stage that has fallen behind catches up before the next article,
        # and so meets its inputs in the order in which it would have met them live.
        for log, lanes in ((self._log, self._inner), (self._source, self._outer)):
            if waiting := self._waiting(lanes):
                lanes_read = (stretch(log, *one, chunk=_CHUNK) for one in waiting)
                return merge(*lanes_read, key=self._arrivals.order)
        return iter(())

    def _waiting(self, lanes: Sequence[Lane]) -> list[tuple[Lane, int, int]]:
        log = self._log if lanes is self._inner else self._source
        waiting = []
        for lane in lanes:
            start = min(self._offsets[Reading(stage.name, lane)] for stage in self._readers[lane.topic])
            there = log.bounds(*lane)[1]
            end = min(there, self._end.get(lane, there))
            if start < end:
                waiting.append((lane, start, end))
        return waiting

    def _lanes(self, log: Reader, topics: Sequence[str]) -> list[Lane]:
        return [Lane(topic, partition) for topic in topics for partition in range(log.partitions(topic))]

    def _take_up(self) -> None:
        offsets = self._start()
        if offsets != self._offsets:  # Another runner was here since.
            self._live.forget()
        self._offsets = offsets

    def _start(self) -> dict[Reading, int]:
        marks = {Reading(mark.stage, mark.lane): mark.offset for mark in self._log.marks()}
        offsets = {}
        for log, lanes in ((self._log, self._inner), (self._source, self._outer)):
            for lane in lanes:
                first = self._first.get(lane, log.bounds(*lane)[0])
                for stage in self._readers[lane.topic]:
                    reading = Reading(stage.name, lane)
                    offsets[reading] = marks.get(reading, first)
        return offsets

    def _meet_versions(self, accept: bool) -> None:
        left = {mark.stage: mark.version for mark in self._log.marks()}
        for stage, version in self._versions.items():
            if (stored := left.get(stage, version)) == version:
                continue
            if not accept:
                raise LogError(
                    f"the state of {stage} was made by version {stored}; this program has {version}. "
                    f"Make everything again by this one: frontwire replay --take-over. Or go on: run --accept-versions"
                )
            telemetry.version_changed(stage, stored, version)


@contextmanager
def stopped_by_signals(runner: Runner) -> Iterator[None]:
    """Let SIGTERM and SIGINT end a run after the batch it is in. For the main thread."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for number in kept:
            signal.signal(number, lambda *_: runner.stop())
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
