"""Generations: a version builds its topics beside the live ones, and takes over at once or not at all."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import LogError, Superseded
from streams.shells import snapshots, takeover
from streams.shells.log import Entry, Lane, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import differences, replay
from streams.shells.runner import Limits, Runner
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.state_hash import state_hash
from streams.shells.verify import verify

MADE = ("deliveries", "control-changes", "alerts", "dead-letters")


def louder(stages: Any) -> Any:
    """The small stages in a version of their own, whose first one says every word twice."""
    split, count, join = stages
    says = {"version": "2", "step": lambda self, *given: _twice(split.step(*given))}
    return type("Louder", (type(split),), says)(), count, join


def _twice(stepped: Any) -> Any:
    state, outputs = stepped
    return state, (*outputs, *outputs)


@pytest.fixture(autouse=True)
def small_stages_remake_deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small stages write deliveries, which the real ones do not."""
    from dataclasses import replace

    from schemas.topics import TOPICS

    monkeypatch.setitem(TOPICS, "deliveries", replace(TOPICS["deliveries"], remade=True))


@pytest.fixture
def path(tmp_path: Path, stages: Any, articles: list[Entry]) -> Path:
    with closing(open_log(tmp_path / "a.log")) as log:
        log.append(articles[:30])
        Runner(log, stages).run_once()
    return tmp_path / "a.log"


def begun(path: Path) -> int:
    with closing(open_log(path)) as log:
        return log.begin_generation()


def expected(path: Path, stages: Any) -> MemoryLog:
    target = MemoryLog()
    with closing(open_log(path, read_only=True)) as log:
        replay(log, target, stages)
    return target


def test_until_it_takes_over_nobody_sees_a_generation(path: Path, stages: Any) -> None:
    with closing(open_log(path)) as before:
        heads, hashed = before.heads(), state_hash(before, stages)
        takeover.build(path, begun(path), louder(stages))
        assert (before.heads(), state_hash(before, stages)) == (heads, hashed)
        with closing(open_log(path)) as again:
            assert again.heads() == heads


def test_a_generation_that_took_over_is_a_replay_from_nothing(path: Path, stages: Any) -> None:
    takeover.take_over(path, begun(path), louder(stages))
    fresh = expected(path, louder(stages))
    with closing(open_log(path)) as log:
        assert list(differences(log, fresh, MADE)) == []
        assert state_hash(log, stages) == state_hash(fresh, stages)
        assert {mark.version for mark in log.marks() if mark.stage == "split"} == {"2"}
    assert verify(path).damage == ()


def test_a_generation_goes_on_where_it_was_cut_off(path: Path, stages: Any) -> None:
    number = begun(path)
    with closing(open_log(path, generation=number)) as log:
        Runner(log, louder(stages), end={Lane("articles", 0): 11}).run_once()
    with closing(open_log(path)) as log:
        assert takeover.unfinished(log, {"split": "2", "count": "1", "join": "1"}) == number
        assert takeover.unfinished(log, {"split": "1", "count": "1", "join": "1"}) is None
    assert takeover.take_over(path, number, louder(stages)) == 19


def test_one_that_has_not_caught_up_does_not_take_over(path: Path, articles: list[Entry]) -> None:
    with closing(open_log(path, generation=begun(path))) as log:
        assert log.take_over([], {}) is False
        assert log.live() == 0


def test_who_holds_the_log_open_is_told_and_intake_follows(path: Path, stages: Any, articles: list[Entry]) -> None:
    letter = Entry("dead-letters", "articles", b"a letter", 1)
    with closing(open_log(path)) as held, closing(open_log(path)) as intake:
        runner = Runner(held, stages)
        intake.append([letter])
        takeover.take_over(path, begun(path), louder(stages))
        with pytest.raises(Superseded, match="has taken over"):
            held.read("alerts", 0, 0, 1)
        with pytest.raises(Superseded):
            runner.run_once()
        intake.append([*articles[30:], letter])
    with closing(open_log(path)) as log:
        assert Runner(log, louder(stages)).run_once() == 10
        assert [one.value for one in iterate(log, "dead-letters")].count(b"a letter") == 2


def test_the_old_generation_can_come_back_or_go(path: Path, stages: Any, articles: list[Entry]) -> None:
    takeover.take_over(path, begun(path), louder(stages))
    with closing(open_log(path)) as log:
        log.append(articles[30:])
    assert takeover.take_over(path, 0, stages) == 10
    with closing(open_log(path)) as log:
        assert list(differences(log, expected(path, stages), MADE)) == []
        log.drop_generation(1)
        assert log.generations() == [0]
        with pytest.raises(LogError, match="generation 0 is live"):
            log.drop_generation(0)
    with pytest.raises(LogError, match="no generation 1"):
        open_log(path, generation=1)
    assert verify(path).damage == ()


def test_damage_in_a_generation_beside_is_found(path: Path, stages: Any) -> None:
    number = begun(path)
    takeover.build(path, number, stages)
    with closing(SqliteLog(path, generation=number)) as log:
        log.connection().execute(
            "UPDATE records SET value = x'00' WHERE lane = ? AND \"offset\" = 2", (log.number(Lane("alerts", 0)),)
        )
    assert [(one.topic, one.offset) for one in verify(path).damage] == [("alerts", 2)]


def test_snapshots_are_of_the_generation_that_was_live(path: Path, stages: Any, articles: list[Entry]) -> None:
    snapshots.take(path)
    takeover.take_over(path, begun(path), stages)
    assert snapshots.snapshots(path) == []
    taken = snapshots.take(path)
    with closing(open_log(path)) as log:
        log.append(articles[30:])
        Runner(log, stages, limits=Limits(batch=3)).run_once()
        target = MemoryLog()
        snapshots.start_from(taken, target)
        assert replay(log, target, stages) == 10
        assert list(differences(log, target, MADE)) == []
