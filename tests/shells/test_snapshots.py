"""Snapshots: whole, sound, and as good a start as offset 0."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from schemas.errors import LogDamaged
from streams.shells import snapshots
from streams.shells.log import Entry, Lane
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import differences, replay
from streams.shells.runner import Limits, Runner
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.state_hash import state_hash

DERIVED = ("deliveries", "control-changes", "alerts", "dead-letters")
VERSIONS = {"split": "1", "count": "1", "join": "1"}


def run(path: Path, stages: Any, articles: list[Entry], every: int) -> SqliteLog:
    """A log that was run, with a snapshot after every so many articles."""
    log = open_log(path)
    for start in range(0, len(articles), every):
        log.append(articles[start : start + every])
        Runner(log, stages).run_once()
        snapshots.take(path)
    return log


def test_a_start_from_any_snapshot_ends_in_the_same_bytes_and_hash(
    tmp_path: Path, stages: Any, articles: list[Entry]
) -> None:
    with closing(run(tmp_path / "a.log", stages, articles, 9)) as log:
        assert len(snapshots.snapshots(tmp_path / "a.log")) == 5
        for snapshot in snapshots.snapshots(tmp_path / "a.log"):
            target = MemoryLog()
            snapshots.start_from(snapshot, target)
            replay(log, target, stages, limits=Limits(batch=2))
            assert list(differences(log, target, DERIVED)) == []
            assert state_hash(target, stages) == state_hash(log, stages)


def test_the_nearest_snapshot_is_the_last_one_before_an_offset(
    tmp_path: Path, stages: Any, articles: list[Entry]
) -> None:
    path = tmp_path / "a.log"
    run(path, stages, articles, 10).close()
    first, second, *_ = snapshots.snapshots(path)
    found = [snapshots.nearest(path, VERSIONS, Lane("articles", 0), offset) for offset in (9, 10, 19, 20)]
    assert found == [None, first, first, second]
    assert snapshots.nearest(path, {**VERSIONS, "join": "2"}, Lane("articles", 0), 20) is None


def test_a_snapshot_that_was_changed_is_found_and_not_used(tmp_path: Path, stages: Any, articles: list[Entry]) -> None:
    path = tmp_path / "a.log"
    run(path, stages, articles, 20).close()
    good, bad = snapshots.snapshots(path)
    with closing(open_log(bad.path)) as log:
        log.connection().execute("UPDATE marks SET offset = 39 WHERE stage = 'join'")
    with pytest.raises(LogDamaged):
        snapshots.check(bad)
    assert snapshots.nearest(path, VERSIONS, Lane("articles", 0), 40) == good


def test_pruning_keeps_the_newest(tmp_path: Path, stages: Any, articles: list[Entry]) -> None:
    path = tmp_path / "a.log"
    run(path, stages, articles, 10).close()
    every = snapshots.snapshots(path)
    assert snapshots.prune(path, keep=2) == every[:-2]
    assert snapshots.snapshots(path) == every[-2:]
    assert len(list(snapshots.folder_of(path).iterdir())) == 5  # Two files each, and the lock.


def test_snapshots_are_taken_beside_a_running_runner_and_are_whole(
    tmp_path: Path, stages: Any, articles: list[Entry]
) -> None:
    path = tmp_path / "a.log"
    log = open_log(path)
    log.append(articles * 20)
    periodic = snapshots.Periodic(path, every=50, keep=100)
    thread = Thread(target=Runner(log, stages, limits=Limits(batch=10), on_progress=periodic).run_once)
    thread.start(), thread.join()
    periodic.wait()
    taken = snapshots.snapshots(path)
    assert len(taken) >= 3
    for snapshot in taken[:: len(taken) // 3]:
        target = MemoryLog()
        snapshots.start_from(snapshot, target)
        replay(log, target, stages)
        assert list(differences(log, target, DERIVED)) == []
    log.close()


def test_a_snapshot_is_of_one_moment_whatever_is_committed_meanwhile(
    tmp_path: Path, stages: Any, articles: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, marks = tmp_path / "a.log", SqliteLog.marks
    log = open_log(path)
    log.append(articles[:10])
    Runner(log, stages).run_once()

    def meanwhile(self: SqliteLog) -> Any:
        if self is not log and log.bounds("articles", 0)[1] == 10:
            log.append(articles[10:])
            Runner(log, stages).run_once()
        return marks(self)

    monkeypatch.setattr(SqliteLog, "marks", meanwhile)
    taken = snapshots.take(path)
    assert log.bounds("articles", 0)[1] == 40
    with closing(open_log(taken.path)) as found:
        assert {mark.offset for mark in marks(found) if mark.lane.topic == "articles"} == {10}
        assert found.heads()[Lane("articles", 0)].end == 10
    log.close()
