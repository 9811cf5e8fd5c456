"""Reading ahead on several cores ends in the bytes of one, and leaves nobody behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from streams.shells.ahead import Ahead
from streams.shells.log import Entry, Stored
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Limits, Runner
from streams.shells.sqlite_log import open_log


class Once:
    """The first stage, with a memory: an article again says nothing, as with the real one."""

    def __init__(self, split: Any) -> None:
        self._split = split

    def __getattr__(self, name: str) -> Any:
        return getattr(self._split, name)

    def step(self, state: Any, record: Any, known_at: Any) -> Any:
        if state.seen:
            return state, ()
        if record.body.startswith("gate"):
            raise ValueError("this gate is shut")
        return self._split.count(state, record.article_id), self._split.step(state, record, known_at)[1]


@pytest.fixture
def flow(stages: Any) -> list[Any]:
    return [Once(stages[0]), *stages[1:]]


def run(flow: Any, articles: list[Entry], **limits: int) -> MemoryLog:
    log = MemoryLog()
    log.append([*articles, Entry("articles", "poison", b"\xff", 7), *articles[:9]])
    Runner(log, flow, limits=Limits(**limits)).run_once()
    return log


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_several_readers_end_in_the_bytes_of_none(flow: Any, articles: list[Entry], batch: int) -> None:
    alone, together = run(flow, articles), run(flow, articles, readers=3, batch=batch)
    assert together.heads() == alone.heads()
    for stage in flow:
        assert list(together.states(stage.name)) == list(alone.states(stage.name))
    assert alone.bounds("dead-letters", 0)[1] > 5


def test_the_work_is_done_by_the_readers(flow: Any, articles: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    answers, answer = list[Any](), Ahead.answer

    def watched(self: Ahead, stage: Any, stored: Stored) -> Any:
        answers.append(answer(self, stage, stored))
        return answers[-1]

    monkeypatch.setattr(Ahead, "answer", watched)
    run(flow, articles, readers=2)
    assert sum(found is not None for found in answers) > 30


def test_a_killed_reader_slows_the_run_and_changes_nothing(flow: Any, articles: list[Entry]) -> None:
    class Deadly(Once):
        def step(self, state: Any, record: Any, known_at: Any) -> Any:
            if record.article_id == "a5" and multiprocessing.parent_process():
                os.kill(os.getpid(), signal.SIGKILL)
            return super().step(state, record, known_at)

    deadly = [Deadly(flow[0]._split), *flow[1:]]
    assert run(deadly, articles, readers=2).heads() == run(flow, articles).heads()


def test_readers_end_with_a_killed_runner_and_the_log_is_free(tmp_path: Path, flow: Any, articles: list[Entry]) -> None:
    path = tmp_path / "a.log"
    open_log(path).close()
    process = multiprocessing.get_context("fork").Process(target=run_for_ever, args=(path, flow))
    process.start()
    lock = tmp_path / "a.log.lock"
    wait_for(lambda: lock.exists() and lock.read_text().strip() == str(process.pid))
    readers = children(process.pid or 0)
    assert len(readers) == 2
    process.kill()
    process.join()
    with closing(open_log(path)) as log:
        assert Runner(log, flow).run_once() == 0  # At once: the readers never held the lock.
    wait_for(lambda: not any(alive(reader) for reader in readers))


def run_for_ever(path: Path, flow: Any) -> None:
    with closing(open_log(path)) as log:
        Runner(log, flow, limits=Limits(readers=2)).run()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(true: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
