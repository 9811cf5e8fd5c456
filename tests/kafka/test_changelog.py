"""What a broker does with changelogs, and with offsets that hold no record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterator
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from streams.shells.access import OPEN
from streams.shells.changelog import ChangelogStates, ChangelogWriter, TooMuch, TooOld, position_entry, row_entries
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Lane, Mark, RowChange, iterate

pytestmark = pytest.mark.kafka

LEASE_MS = 8_000


@pytest.fixture
def log(kafka: str) -> Iterator[KafkaLog]:
    with KafkaLog(kafka, prefix=f"c{uuid4().hex[:8]}-") as opened:
        yield opened


@pytest.fixture
def changelog(log: KafkaLog) -> str:
    name = f"{log.prefix}merge-state-changelog"
    log.create_changelog(name, 2, 1, LEASE_MS)
    return name


def entries(offset: int, **rows: bytes) -> list[tuple[bytes, bytes | None]]:
    mark = Mark("merge", "1", Lane("mentions", 1), offset)
    return [*row_entries(RowChange("merge", "homs", rows, ())), position_entry(mark)]


def written(kafka: str, work: Any) -> Any:
    """What some work with a writer comes to."""

    async def run() -> Any:
        writer = ChangelogWriter(kafka, OPEN)
        try:
            return await work(writer)
        finally:
            await writer.close()

    made: Coroutine[Any, Any, Any] = run()
    return asyncio.run(made)


def test_rows_and_position_lie_behind_each_other_in_one_piece(kafka: str, log: KafkaLog, changelog: str) -> None:
    async def twice(writer: ChangelogWriter) -> tuple[int, int]:
        now = int(time.time() * 1000)
        first = await writer.write(changelog, 1, entries(5, a=b"1", b=b"2"), now)
        return first, await writer.write(changelog, 1, entries(9, a=b"3"), now)

    assert written(kafka, twice) == (0, 3)
    states = ChangelogStates({"merge": log.changelog(changelog)})
    assert list(states.states("merge")) == [("homs", {"a": b"3", "b": b"2"})]
    assert [mark.offset for mark in states.marks] == [9]


def test_a_worker_that_has_not_heard_from_its_group_for_a_lease_cannot_write(
    kafka: str, log: KafkaLog, changelog: str
) -> None:
    async def late(writer: ChangelogWriter) -> int:
        now = int(time.time() * 1000)
        await writer.write(changelog, 0, entries(5, a=b"the present"), now)
        with pytest.raises(TooOld):
            await writer.write(changelog, 0, entries(2, a=b"the past"), now - LEASE_MS - 2_000)
        # It hears from its group again, and goes on.
        return await writer.write(changelog, 0, entries(6, b=b"more"), int(time.time() * 1000))

    assert written(kafka, late) == 2
    states = ChangelogStates({"merge": log.changelog(changelog)})
    assert states.rows("merge", "homs") == {"a": b"the present", "b": b"more"}


def test_a_change_that_does_not_fit_into_one_piece_is_not_written_in_two(
    kafka: str, log: KafkaLog, changelog: str
) -> None:
    async def much(writer: ChangelogWriter) -> None:
        await writer.write(changelog, 0, entries(1, a=b"x" * 9_000_000, b=b"y" * 9_000_000), int(time.time() * 1000))

    with pytest.raises(TooMuch):
        written(kafka, much)
    assert list(log.changelog(changelog)) == []


def test_offsets_without_a_record_are_read_over(kafka: str, log: KafkaLog) -> None:
    log.create(partitions=1)
    name = log.prefix + "events"
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all", transactional_id=log.prefix)
    producer.init_transactions()
    for number in range(3):  # The end of each transaction takes an offset, as a record that compaction took leaves one.
        producer.begin_transaction()
        producer.send(name, key=b"k", value=b"%d" % number)
        producer.commit_transaction()
    producer.close()
    assert [stored.offset for stored in iterate(log, "events", chunk=2)] == [0, 2, 4]
    assert [stored.value for stored in log.read("events", 0, 1, 10)] == [b"1", b"2"]
    assert log.read("events", 0, 5, 10) == []
