"""What every log must do, be it in memory, in a file or on a broker."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import OffsetOutOfRange, UnknownTopic
from streams.shells.log import Entry, Log, Store, Stored, iterate


def entry(key: str, timestamp: int = 1_000, value: bytes = b"{}", partition: int | None = None) -> Entry:
    return Entry("articles", key, value, timestamp, (("origin", b"articles:0:1"), ("raw", b"\x00\xff")), partition)


def test_what_is_appended_is_read_back_as_it_was(log: Log) -> None:
    sent = entry("دير الزور", value=b"\x00 any bytes \xff")
    ((partition, offset),) = log.append([sent])
    (got,) = log.read("articles", partition, offset, 10)
    assert (got.key, got.value, got.timestamp, got.headers) == (sent.key, sent.value, sent.timestamp, sent.headers)
    assert (got.topic, got.partition, got.offset) == ("articles", partition, offset)


def test_offsets_count_from_zero_without_gaps_in_each_partition(log: Log) -> None:
    places = log.append([entry(f"k{number}") for number in range(60)])
    for partition in range(3):
        assert [offset for at, offset in places if at == partition] == list(range(log.bounds("articles", partition)[1]))
    assert sum(log.bounds("articles", partition)[1] for partition in range(3)) == 60


def test_equal_keys_share_a_partition_and_keep_their_order(log: Log) -> None:
    places = log.append([entry("raqqa", timestamp=number) for number in range(5)])
    assert len({partition for partition, _ in places}) == 1
    read = log.read("articles", places[0][0], 0, 100)
    assert [stored.timestamp for stored in read] == [0, 1, 2, 3, 4]


def test_a_named_partition_is_used(log: Log) -> None:
    assert log.append([entry("any", partition=2), entry("any", partition=0)]) == [(2, 0), (0, 0)]


def test_reading_stops_at_the_limit_and_at_the_end(log: Log) -> None:
    log.append([entry("k", partition=1) for _ in range(5)])
    assert [stored.offset for stored in log.read("articles", 1, 1, 2)] == [1, 2]
    assert [stored.offset for stored in log.read("articles", 1, 3, 50)] == [3, 4]
    assert list(log.read("articles", 1, 5, 50)) == []


@pytest.mark.parametrize("offset", [-1, 4])
def test_an_offset_that_is_not_there_is_named_with_those_that_are(log: Log, offset: int) -> None:
    log.append([entry("k", partition=1) for _ in range(3)])
    with pytest.raises(OffsetOutOfRange, match=rf"articles/1: offset {offset} .* 0 to 3"):
        log.read("articles", 1, offset, 1)


def test_an_unknown_topic_or_partition_is_refused_and_nothing_is_written(log: Log) -> None:
    with pytest.raises(UnknownTopic, match="nonsense"):
        log.append([entry("k", partition=0), Entry("nonsense", "k", b"{}", 0)])
    with pytest.raises(UnknownTopic, match="0 to 2"):
        log.append([entry("k", partition=3)])
    assert log.bounds("articles", 0) == (0, 0)


def test_the_offset_of_a_time_is_the_first_record_at_or_after_it(log: Log) -> None:
    log.append([entry("k", timestamp=at, partition=0) for at in (10, 20, 15, 20, 40)])
    wanted = {5: 0, 10: 0, 11: 1, 20: 1, 21: 4, 40: 4, 41: 5}
    assert {at: log.offset_at("articles", 0, at) for at in wanted} == wanted
    assert log.offset_at("articles", 1, 0) == 0


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(times=st.lists(st.integers(0, 50), max_size=30), at=st.integers(-1, 51))
def test_any_times_are_searched_as_a_plain_scan_would(log: Log, times: list[int], at: int) -> None:
    start = log.bounds("claims", 0)[1]
    base = 100 * start  # Later than all that earlier examples left.
    log.append([Entry("claims", "k", b"{}", base + time, (), 0) for time in times])
    scan = (start + place for place, time in enumerate(times) if time >= at)
    assert log.offset_at("claims", 0, base + at) == next(scan, start + len(times))


def test_iterating_follows_the_order_of_arrival_over_partitions(log: Log) -> None:
    log.append([entry(f"k{number}", timestamp=number) for number in range(40)])
    assert [stored.timestamp for stored in iterate(log, "articles", chunk=3)] == list(range(40))


def test_iterating_keeps_to_its_range(log: Log) -> None:
    log.append([entry("k", timestamp=number, partition=number % 3) for number in range(12)])
    got = [stored.timestamp for stored in iterate(log, "articles", {0: 1, 1: 4, 2: 0}, {0: 3, 2: 2}, chunk=1)]
    assert got == [2, 3, 5, 6]


def test_the_latest_record_of_a_key_is_found_now_and_as_it_was(log: Store) -> None:
    log.append([Entry("control", key, str(number).encode(), number) for number in range(4) for key in ("hama", "homs")])
    (got,) = log.latest("control", "homs")
    assert got.value == b"3"
    (then,) = log.latest("control", "homs", ends={got.partition: got.offset})
    assert then.value == b"2"
    assert list(log.latest("control", "idlib")) == []


def test_the_latest_record_of_every_key_comes_in_order(log: Store) -> None:
    keys = ["", "b", "a", "é", "ab"]
    log.append([Entry("control", key, str(number).encode(), number, (), 0) for number in range(3) for key in keys])
    got: list[Stored] = list(log.latest("control"))
    assert [(stored.key, stored.value) for stored in got] == [(key, b"2") for key in sorted(keys)]


def test_equal_lanes_have_equal_heads_in_every_log(log: Store) -> None:
    from streams.shells.memory_log import MemoryLog

    other = MemoryLog(partitions=3)
    sent = [entry(f"k{number}", timestamp=number) for number in range(30)]
    log.append(sent)
    for one in sent:
        other.append([one])
    assert log.heads() == other.heads()
    other.append([entry("k1")])
    assert log.heads() != other.heads()
