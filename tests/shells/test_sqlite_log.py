"""The log in a file: several readers and writers, one runner, clear refusals."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import LogError, LogInUse
from streams.shells.log import Changes, Entry, Store
from streams.shells.runner import Runner, stopped_by_signals
from streams.shells.sqlite_log import open_log

FORK = multiprocessing.get_context("fork")


def entries(amount: int, first: int = 0) -> list[Entry]:
    return [Entry("articles", f"k{number}", b"{}", number) for number in range(first, first + amount)]


def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_a_log_is_there_again_when_it_is_opened_again(tmp_path: Path) -> None:
    with closing(open_log(tmp_path / "a.log", partitions=2)) as log:
        log.append(entries(9))
        heads = log.heads()
    with closing(open_log(tmp_path / "a.log")) as again:
        assert again.heads() == heads
        assert again.partitions("articles") == 2


def test_a_commit_is_on_the_disk_before_it_returns(tmp_path: Path) -> None:
    with closing(open_log(tmp_path / "a.log")) as log:
        pragmas = [log.connection().execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]


def test_readers_see_whole_batches_while_a_writer_writes(tmp_path: Path) -> None:
    with closing(open_log(tmp_path / "a.log")) as log, closing(open_log(tmp_path / "a.log", read_only=True)) as reader:
        with ThreadPoolExecutor() as pool:
            writing = pool.submit(lambda: [log.append(entries(7, 7 * turn)) for turn in range(60)])
            seen = []
            while not writing.done():
                end = reader.bounds("articles", 0)[1]
                seen.append(end)
                assert [stored.timestamp for stored in reader.read("articles", 0, 0, end)] == list(range(end))
        assert {end % 7 for end in seen} == {0}


def test_several_processes_append_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    open_log(tmp_path / "a.log").close()

    def write(writer: int) -> None:
        with closing(open_log(tmp_path / "a.log")) as log:
            for turn in range(25):
                log.append(entries(1, 1_000 * writer + turn))

    writers = [FORK.Process(target=write, args=(number,)) for number in range(4)]
    [writer.start() for writer in writers], [writer.join() for writer in writers]
    with closing(open_log(tmp_path / "a.log")) as log:
        times = [stored.timestamp for stored in log.read("articles", 0, 0, 1_000)]
    assert sorted(times) == sorted(1_000 * writer + turn for writer in range(4) for turn in range(25))


def test_a_log_that_is_only_read_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no log at"):
        open_log(tmp_path / "a.log", read_only=True)
    open_log(tmp_path / "a.log").close()
    with (
        closing(open_log(tmp_path / "a.log", read_only=True)) as log,
        pytest.raises(LogError, match="may not be written"),
    ):
        log.append(entries(1))


def test_other_partitions_than_the_log_has_are_refused(tmp_path: Path) -> None:
    open_log(tmp_path / "a.log", partitions=2).close()
    with pytest.raises(LogError, match="has 2 partitions, not 3"):
        open_log(tmp_path / "a.log", partitions=3)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="check that the folder exists"):
        open_log(tmp_path / "missing" / "a.log")


def test_a_full_disk_is_told_and_leaves_the_log_whole(tmp_path: Path) -> None:
    with closing(open_log(tmp_path / "a.log")) as log:
        log.append(entries(3))
        pages = log.connection().execute("PRAGMA page_count").fetchone()[0]
        log.connection().execute(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(LogError, match="free some space"):
            log.append([Entry("articles", "big", bytes(1_000_000), 0)])
        log.connection().execute("PRAGMA max_page_count = 1000000")
        assert log.append(entries(1)) == [(0, 3)]


def test_a_second_runner_learns_which_process_has_the_log(tmp_path: Path, stages: Any) -> None:
    log = open_log(tmp_path / "a.log")
    holder = FORK.Process(target=hold, args=(tmp_path / "a.log",))
    holder.start()
    lock = tmp_path / "a.log.lock"
    eventually(lambda: lock.exists() and lock.read_text().strip() == str(holder.pid))
    with pytest.raises(LogInUse, match=f"process {holder.pid} runs the stages"):
        Runner(log, stages).run_once()
    os.kill(holder.pid or 0, signal.SIGKILL)
    holder.join()
    assert Runner(log, stages).run_once() == 0
    log.close()


def hold(path: Path) -> None:
    with closing(open_log(path)) as log, log.running():
        time.sleep(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_live_run_ends_at_a_signal_after_the_batch_it_is_in(
    tmp_path: Path, stages: Any, articles: list[Entry], number: signal.Signals
) -> None:
    path = tmp_path / "a.log"
    log = open_log(path)
    log.append(articles[:5])
    process = FORK.Process(target=run_until_told, args=(path, stages))
    process.start()
    eventually(lambda: caught_up(log, 5))
    log.append(articles[5:9])
    eventually(lambda: caught_up(log, 9))
    os.kill(process.pid or 0, number)
    process.join(20)
    assert process.exitcode == 0
    log.close()


def run_until_told(path: Path, stages: Any) -> None:
    with closing(open_log(path)) as log:
        runner = Runner(log, stages)
        with stopped_by_signals(runner):
            runner.run()


def caught_up(log: Store, end: int) -> bool:
    return any(mark.stage == "split" and mark.offset == end for mark in log.marks())


def test_a_transaction_that_breaks_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from streams.shells import sqlite_state

    def broken(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with closing(open_log(tmp_path / "a.log")) as log:
        before = log.heads()
        monkeypatch.setattr(sqlite_state, "write_marks", broken)
        with pytest.raises(LogError, match="nothing was written"):
            log.commit(Changes(entries=entries(3)))
        assert log.heads() == before
        monkeypatch.undo()
        assert log.append(entries(1)) == [(0, 0)]
