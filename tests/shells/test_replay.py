"""Replay: the run again, from anywhere, and where two runs part."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import OffsetOutOfRange
from streams.pipeline import following, products, sources
from streams.shells.log import Entry, Lane, Store, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import Difference, Moment, Offset, differences, replay
from streams.shells.runner import Limits, Runner
from streams.shells.state_hash import exact_hash, state_hash

DERIVED = ("deliveries", "control-changes", "alerts", "dead-letters")
NAMES = ("split", "count", "join")


@pytest.fixture
def ran(log: Store, stages: Any, articles: list[Entry]) -> Store:
    log.append(articles)
    Runner(log, stages).run_once()
    return log


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_a_replay_from_the_beginning_is_the_run(ran: Store, stages: Any, batch: int) -> None:
    target = MemoryLog()
    assert replay(ran, target, stages, limits=Limits(batch=batch)) == 40
    assert list(differences(ran, target, DERIVED)) == []
    assert exact_hash(target, NAMES, target.marks()) == exact_hash(ran, NAMES, ran.marks())


def test_a_replay_from_the_middle_of_the_flow_is_the_run(ran: Store, stages: Any) -> None:
    target = MemoryLog()
    replay(ran, target, stages, topic="deliveries")
    assert list(differences(ran, target, ("control-changes",))) == []
    assert state_hash(target, stages) == state_hash(ran, stages)


def test_a_replay_reads_the_range_it_is_given(ran: Store, stages: Any, articles: list[Entry]) -> None:
    lane, target = Lane("articles", 0), MemoryLog()
    assert replay(ran, target, stages, first=Offset(lane, 10), end=Moment(articles[25].timestamp)) == 15
    origins = {int(dict(stored.headers)["origin"].split(b":")[2]) for stored in iterate(target, "deliveries")}
    assert origins == set(range(10, 25))


def test_a_replay_that_was_interrupted_goes_on(ran: Store, stages: Any) -> None:
    target = MemoryLog()
    assert replay(ran, target, stages, end=Offset(Lane("articles", 0), 17)) == 17
    assert replay(ran, target, stages) == 23
    assert list(differences(ran, target, DERIVED)) == []


def test_a_replay_from_an_offset_that_is_not_there_says_so(ran: Store, stages: Any) -> None:
    with pytest.raises(OffsetOutOfRange):
        replay(ran, MemoryLog(), stages, first=Offset(Lane("articles", 0), 41))


def test_the_first_record_that_differs_is_named(ran: Store, stages: Any) -> None:
    target = MemoryLog()
    replay(ran, target, stages, end=Offset(Lane("articles", 0), 39))
    assert [found.lane.topic for found in differences(ran, target, ("deliveries",))] == ["deliveries"]
    end = target.bounds("deliveries", 0)[1]
    assert list(differences(ran, target, ("deliveries",))) == [Difference(Lane("deliveries", 0), end)]


def test_the_flow_after_a_topic_is_found(stages: Any) -> None:
    split, count, join = stages
    assert following(stages, "articles") == [split, count, join]
    assert following(stages, "control-changes") == [join]
    assert sources([join]) == ["deliveries", "control-changes"]
    assert sources([count, join]) == ["deliveries"]
    assert products(stages) == ["deliveries", "control-changes", "alerts"]
