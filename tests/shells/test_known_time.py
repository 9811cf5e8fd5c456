"""What was known then, by article and by moment."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import OffsetOutOfRange
from streams.shells.known_time import known_at, known_before
from streams.shells.log import Entry, Lane, Store, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner


def known(log: Store, topic: str, ends: dict[int, int]) -> list[bytes]:
    return [stored.value for stored in iterate(log, topic, end=ends)]


def values(log: Store, topic: str) -> list[bytes]:
    return [stored.value for stored in iterate(log, topic)]


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 17, 39])
def test_what_was_known_is_what_a_run_of_the_articles_until_then_says(
    stages: Any, articles: list[Entry], partitions: int, count: int
) -> None:
    log, until_then = MemoryLog(partitions=partitions), MemoryLog()
    places = log.append(articles)
    until_then.append(articles[:count])
    for one in (log, until_then):
        Runner(one, stages).run_once()
    partition, offset = places[count]
    for topic in ("articles", "deliveries", "alerts"):
        before = known_before(log, topic, Lane("articles", partition), offset)
        assert known(log, topic, before) == values(until_then, topic)
        if count:
            assert known_at(log, topic, articles[count - 1].timestamp) == before


def test_the_end_of_the_articles_is_the_present(log: Store, stages: Any, articles: list[Entry]) -> None:
    log.append(articles)
    Runner(log, stages).run_once()
    assert known_before(log, "alerts", Lane("articles", 0), 40) == {0: log.bounds("alerts", 0)[1]}
    with pytest.raises(OffsetOutOfRange):
        known_before(log, "alerts", Lane("articles", 0), 41)
