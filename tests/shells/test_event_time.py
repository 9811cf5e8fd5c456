"""Days that a record tells of, whatever its topic; and replays of some days or from a place in any topic."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from streams.shells.event_time import Within, event_days
from streams.shells.log import Entry, Lane, Store, Stored, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import Offset, replay
from streams.shells.runner import Runner

WHEN = {"first": "2016-08-01", "last": "2016-08-05"}


def stored(value: Any) -> Stored:
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return Stored("mentions", 0, 0, "k", raw, 1_470_000_000_000, ())


@pytest.mark.parametrize(
    ("record", "days"),
    [
        ({"when": WHEN, "published_at": "2016-09-01T00:00:00Z"}, (date(2016, 8, 1), date(2016, 8, 5))),
        ({"when": None, "published_at": "2016-09-01T00:00:00Z"}, (date(2016, 9, 1), date(2016, 9, 1))),
        ({"at": "2016-07-03"}, (date(2016, 7, 3), date(2016, 7, 3))),
        ({"when": None, "first_seen": "2016-07-04T10:00:00Z"}, (date(2016, 7, 4), date(2016, 7, 4))),
        ({"at": "soon"}, (date(2016, 7, 31), date(2016, 7, 31))),
        (b"\xff", (date(2016, 7, 31), date(2016, 7, 31))),
        ([1], (date(2016, 7, 31), date(2016, 7, 31))),
    ],
)
def test_a_record_has_days(record: Any, days: Any) -> None:
    assert event_days(stored(record)) == days


def test_days_overlap_or_they_do_not() -> None:
    record = stored({"when": WHEN})
    assert Within(date(2016, 8, 5), None)(record)
    assert Within(None, date(2016, 8, 1))(record)
    assert not Within(date(2016, 8, 6), None)(record)
    assert not Within(None, date(2016, 7, 31))(record)


def test_a_replay_of_some_days_takes_those_articles_alone(log: Store, stages: Any, articles: list[Entry]) -> None:
    log.append(articles)
    read = [place for place, one in enumerate(iterate(log, "articles")) if place % 3 == 0]
    target = MemoryLog()
    assert replay(log, target, stages, wanted=lambda one: one.offset % 3 == 0) == 40
    origins = {int(dict(one.headers)["origin"].split(b":")[2]) for one in iterate(target, "deliveries")}
    assert origins == set(read)
    assert {mark.offset for mark in target.marks() if mark.lane.topic == "articles"} == {40}


def test_a_place_in_a_later_topic_is_the_article_that_caused_it(log: Store, stages: Any, articles: list[Entry]) -> None:
    log.append(articles)
    Runner(log, stages).run_once()
    (change,) = log.read("control-changes", 0, 4, 1)
    cause = int(dict(change.headers)["origin"].split(b":")[2])
    target = MemoryLog()
    assert replay(log, target, stages, first=Offset(Lane("control-changes", 0), 4)) == 40 - cause
    other = MemoryLog()
    taken = replay(log, other, stages, topic="deliveries", end=Offset(Lane("control-changes", 0), 4))
    origins = [int(dict(one.headers)["origin"].split(b":")[2]) for one in log.read("deliveries", 0, 0, taken)]
    assert max(origins) == cause - 1
