"""The read model is a projection: what it holds follows from the log alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.topics import CONTROL_CHANGES, EVENTS
from streams.edges.feed import queries
from streams.edges.feed.filters import Filter
from streams.edges.feed.queries import Known
from streams.edges.feed.read_model import ReadModel
from streams.edges.feed.tail import Tail
from streams.shells.log import Stored, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.sqlite_log import SqliteLog
from tests.edges.feed.records import START, Writer, change, event, fill


@pytest.fixture
def model(log: SqliteLog, tmp_path: Path) -> Iterator[ReadModel]:
    made = ReadModel(tmp_path / "feed", log)
    yield made
    made.close()


def read_all(log: SqliteLog, model: ReadModel) -> None:
    tail = Tail(log, model)
    while tail._advance():
        pass


def events(model: ReadModel, **asked: object) -> list[tuple[str, int]]:
    found = queries.listing(model.db, "events", Filter(), limit=100, **asked)  # type: ignore[arg-type]
    return [(row.id, row.record()["revision"]) for row in found.rows]


def test_a_log_that_has_more_than_it_gives_at_the_moment_is_not_read_to_its_end(tmp_path: Path) -> None:
    class Slow(MemoryLog):
        gives = False

        def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
            return super().read(topic, partition, offset, limit) if self.gives else ()

    async def states() -> list[bool]:
        following = asyncio.create_task(tail.run())
        await asyncio.sleep(0.2)
        found, log.gives = [tail.caught_up.is_set()], True
        await asyncio.wait_for(tail.caught_up.wait(), 5)
        following.cancel()
        return [*found, not any(tail.lag().values())]

    log = Slow()
    Writer(log).event(1)
    tail = Tail(log, ReadModel(tmp_path / "feed", log))
    assert asyncio.run(states()) == [False, True]


def test_the_present_is_the_last_revision_of_each_event(log: SqliteLog, writer: Writer, model: ReadModel) -> None:
    writer.event(1)
    writer.event(1, revision=2, kind="revise")
    read_all(log, model)
    assert events(model) == [("event-1", 2)]


def test_an_earlier_known_time_shows_the_revision_of_then(log: SqliteLog, writer: Writer, model: ReadModel) -> None:
    writer.event(1)
    writer.event(1, revision=2, kind="revise")
    read_all(log, model)
    after_the_first = int(START.timestamp() * 1000) + 60_000
    assert events(model, known=Known(at=after_the_first)) == [("event-1", 1)]
    assert events(model, known=Known(at=after_the_first - 1)) == []
    assert events(model, known=Known(at=after_the_first + 60_000)) == [("event-1", 2)]
    assert events(model, known=Known(before=1)) == [("event-1", 1)]


def test_a_retracted_event_is_listed_no_more_but_was_once_known(
    log: SqliteLog, writer: Writer, model: ReadModel
) -> None:
    writer.event(1)
    writer.event(1, revision=2, kind="retract")
    read_all(log, model)
    assert events(model) == []
    assert events(model, known=Known(before=1)) == [("event-1", 1)]


def test_an_event_that_was_taken_in_leads_to_its_successor(log: SqliteLog, writer: Writer, model: ReadModel) -> None:
    writer.event(1)
    writer.event(2)
    writer.event(2, revision=2, kind="merge")
    writer.event(1, revision=2, kind="revise", supersedes=("event-2",))
    read_all(log, model)
    assert events(model) == [("event-1", 2)]
    assert queries.successors(model.db, "event-2") == ["event-1"]


def test_an_old_record_that_a_worker_delivers_again_changes_nothing(
    log: SqliteLog, writer: Writer, model: ReadModel
) -> None:
    told = [writer.event(1), writer.event(1, revision=2, killed=30, kind="revise")]
    writer.put(CONTROL_CHANGES, "ocha:C1007", change())
    for record in told:
        writer.put(EVENTS, record.place.key, record)
    writer.put(CONTROL_CHANGES, "ocha:C1007", change())
    read_all(log, model)
    assert events(model) == [("event-1", 2)]
    assert len(queries.revisions(model.db, "events", "event-1")) == 2
    assert len(queries.all_changes(model.db)) == 1


def test_a_record_that_comes_twice_counts_once(log: SqliteLog, writer: Writer, model: ReadModel) -> None:
    writer.event(1)
    records = list(iterate(log, EVENTS.name))
    model.apply(records)
    model.apply(records)
    assert len(queries.revisions(model.db, "events", "event-1")) == 1


def test_it_goes_on_where_it_was_when_it_is_opened_again(log: SqliteLog, writer: Writer, tmp_path: Path) -> None:
    writer.event(1)
    first = ReadModel(tmp_path / "again", log)
    read_all(log, first)
    first.close()
    writer.event(2)
    second = ReadModel(tmp_path / "again", log)
    assert [row[0] for row in events(second)] == ["event-1"]
    read_all(log, second)
    assert sorted(row[0] for row in events(second)) == ["event-1", "event-2"]
    second.close()


def test_it_begins_anew_over_another_log(log: SqliteLog, writer: Writer, tmp_path: Path) -> None:
    writer.event(1)
    first = ReadModel(tmp_path / "other", log)
    read_all(log, first)
    first.close()
    other_log = SqliteLog(tmp_path / "other.db")
    Writer(other_log).event(7)
    second = ReadModel(tmp_path / "other", other_log)
    assert events(second) == []
    read_all(other_log, second)
    assert events(second) == [("event-7", 1)]
    second.close()
    other_log.close()


@pytest.mark.parametrize("rubbish", [b"", b"no database at all" * 100])
def test_it_begins_anew_over_a_file_that_is_no_projection(log: SqliteLog, tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "odd").write_bytes(rubbish)
    model = ReadModel(tmp_path / "odd", log)
    assert events(model) == []
    model.close()


def test_paging_gives_each_event_once_though_some_share_a_day(log: SqliteLog, writer: Writer, model: ReadModel) -> None:
    for number in range(11):
        writer.event(number, day=datetime(2016, 12, 1 + number % 3, tzinfo=UTC).date())
    read_all(log, model)
    seen: list[str] = []
    cursor = None
    while True:
        page = queries.listing(model.db, "events", Filter(), limit=3, cursor=cursor)
        seen += [row.id for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"event-{number}" for number in range(11))


def test_a_shared_toll_counts_once_in_the_course_of_the_war(log: SqliteLog, writer: Writer, model: ReadModel) -> None:
    for number, place in ((1, "Aleppo"), (2, "Douma")):
        record = event(number, place, killed=17, shared=True, group="g1")
        writer.put(EVENTS, record.place.key, record)
    writer.event(3, killed=5)
    read_all(log, model)
    assert queries.activity(model.db, Filter()) == [("2016-12-15", 3, 22)]


def test_a_town_is_found_among_everything_else(log: SqliteLog, writer: Writer, model: ReadModel) -> None:
    fill(writer)
    read_all(log, model)
    row = queries.latest(model.db, "control", "ocha:C1007")
    assert row is not None
    assert row.record()["controller"] == "syrian-government"
