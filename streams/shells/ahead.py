"""Reading ahead: steps of the first stage worked out by other processes before their turn comes.

A step follows from state and record alone. Where a key is new when its turn comes, as nearly every article's is, the
step that another process worked out for the initial state is the step; everywhere else it is worked out again. So
several cores end in the bytes of one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from threading import Thread
from time import sleep
from typing import Any

from schemas.codec import decode_on, encode
from schemas.topics import TOPICS
from streams.shells import telemetry
from streams.shells.log import Lane, Stored
from streams.stages.stage import Rows, Stage

_CHUNK = 4
"""Records handed over at once: few, so that the first answers come soon."""


@dataclass(frozen=True, slots=True)
class Made:
    """A record that a step puts out, as bytes."""

    topic: str
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Worked:
    """What a step makes of a record in the initial state of its key."""

    rows: Rows | None
    """The state after it, null if it is still the initial one."""
    made: tuple[Made, ...]


Answers = Future[list[Worked | None]]


class Ahead:
    """Processes that work out steps of one stage."""

    def __init__(self, stage: Stage[Any], processes: int) -> None:
        """Start the processes. Does nothing more if `processes` is zero."""
        self._stage, self._topics = stage, {topic.name for topic in stage.inputs}
        self._pool: ProcessPoolExecutor | None = None
        self._asked: dict[tuple[Lane, int], tuple[Answers, int]] = {}
        if processes:
            fork = multiprocessing.get_context("fork")  # The theatre is there already, shared until written to.
            self._pool = ProcessPoolExecutor(processes, fork, _begin, (stage, os.getpid()))
            self._pool.submit(os.getpid).result()  # They are made now, before anything is locked that they would share.

    @property
    def works(self) -> bool:
        """Whether there are processes to ask."""
        return self._pool is not None

    def ask(self, records: Iterable[Stored]) -> None:
        """Have records worked out, in the order in which they are wanted; those asked for before are under way."""
        left = (one for one in records if one.topic in self._topics and _place(one) not in self._asked)
        while self._pool and (chunk := list(islice(left, _CHUNK))):
            try:
                answers = self._pool.submit(_work, chunk)
            except BrokenProcessPool:
                return self._lost()
            for place, stored in enumerate(chunk):
                self._asked[_place(stored)] = answers, place

    def answer(self, stage: Stage[Any], stored: Stored) -> Worked | None:
        """What was worked out for a record; null if nothing was, or the step has to be taken here."""
        if stage is not self._stage or self._pool is None:
            return None
        answers, place = self._asked.pop(_place(stored), (None, 0))
        try:
            return answers.result()[place] if answers else None
        except BrokenProcessPool:
            self._lost()
            return None

    def close(self) -> None:
        """End the processes."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _lost(self) -> None:
        """Go on alone: a process that read ahead was killed, perhaps for want of memory."""
        telemetry.readers_lost(self._stage.name)
        self._asked.clear()
        self.close()


def _place(stored: Stored) -> tuple[Lane, int]:
    return Lane(stored.topic, stored.partition), stored.offset


@contextmanager
def reading_ahead(stages: Sequence[Stage[Any]], processes: int) -> Iterator[Ahead]:
    """Processes that read ahead for the first stage, while the body runs."""
    ahead = Ahead(stages[0], processes)
    try:
        yield ahead
    finally:
        ahead.close()


_stage: Stage[Any]


def _begin(stage: Stage[Any], parent: int) -> None:
    global _stage
    _stage = stage
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The runner hears it, and ends us.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        sleep(0.2)
    os._exit(1)


def _work(records: list[Stored]) -> list[Worked | None]:
    return [_step(stored) for stored in records]


def _step(stored: Stored) -> Worked | None:
    initial, known_at = _stage.initial(stored.key), stored.known_at
    try:
        record = decode_on(TOPICS[stored.topic], stored.value)
        state, outputs = _stage.step(initial, record, known_at)
        made = tuple(Made(one.topic.name, one.key, encode(one.record)) for one in outputs)
    except Exception:  # The runner meets the same, and buries the record with the reason.
        return None
    return Worked(None if state is initial else dict(_stage.dump(state)), made)
