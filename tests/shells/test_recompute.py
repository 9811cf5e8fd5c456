"""A system that is not what its articles come to is found, with the first offset that differs."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streams.shells.log import Changes, Entry, RowChange, Store, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.recompute import recompute
from streams.shells.runner import Runner
from streams.shells.sqlite_log import open_log


@pytest.fixture
def ran(log: Store, stages: Any, articles: list[Entry]) -> Store:
    log.append(articles)
    Runner(log, stages).run_once()
    return log


def places(found: list[Any]) -> list[tuple[str | None, int | None]]:
    return [(one.topic, one.offset) for one in found]


def test_a_system_that_is_what_its_articles_come_to_is_sound(ran: Store, stages: Any) -> None:
    assert recompute(ran, MemoryLog(), stages) == []


def test_a_state_that_was_forged_is_named_with_its_last_record(ran: Store, stages: Any) -> None:
    rows = {**ran.rows("count", "river"), "seen": b"99"}
    ran.commit(Changes(rows=[RowChange("count", "river", rows, ())]))
    last = [one.offset for one in iterate(ran, "control-changes") if one.key == "river"][-1]
    assert places(recompute(ran, MemoryLog(), stages)) == [("control-changes", last)]


def test_the_first_record_that_was_forged_is_named(tmp_path: Path, stages: Any, articles: list[Entry]) -> None:
    with closing(open_log(tmp_path / "a.log")) as log:
        log.append(articles[:20])
        Runner(log, stages).run_once()
        end = log.bounds("alerts", 0)[1]
        (one,) = log.read("alerts", 0, 3, 1)
        log.append([Entry("alerts", one.key, one.value, one.timestamp, one.headers)])
        assert places(recompute(log, MemoryLog(), stages)) == [("alerts", end)]


def test_other_rules_are_found_where_they_first_speak(tmp_path: Path, stages: Any, articles: list[Entry]) -> None:
    with closing(open_log(tmp_path / "a.log")) as log:
        log.append(articles)
        Runner(log, stages).run_once()
        split, count, join = stages
        silent = type("Silent", (type(split),), {"step": lambda self, state, *_: (state, ())})()
        found = recompute(log, MemoryLog(), (silent, count, join))
        assert {place for place in places(found) if place[1] == 0} == {
            ("deliveries", 0), ("control-changes", 0), ("alerts", 0),
        }  # fmt: skip


def test_records_that_came_twice_and_in_another_order_are_no_difference_on_a_cluster(
    stages: Any, articles: list[Entry]
) -> None:
    log, turned = MemoryLog(), [replace(one, timestamp=1_700_000_000_000) for one in reversed(articles)]
    log.append(articles)
    Runner(log, stages).run_once()
    other = MemoryLog()
    other.append(turned)
    Runner(other, stages).run_once()
    for topic in ("alerts", "control-changes"):
        first = other.read(topic, 0, 0, 1)[0]
        other.append([Entry(topic, first.key, first.value, first.timestamp, first.headers)])
    assert recompute(other, MemoryLog(), stages) == []
