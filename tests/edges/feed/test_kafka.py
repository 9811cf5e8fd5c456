"""The feed over a real broker: the same answers, and a stream that loses and repeats nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import httpx
import pytest
from kafka import KafkaProducer

from schemas.codec import encode
from schemas.topics import EVENTS
from streams.edges.feed import follow
from streams.edges.feed.server import server_of
from streams.shells.kafka_log import KafkaLog
from streams.shells.kafka_reader import KafkaReader
from streams.shells.log import Entry
from streams.shells.memory_log import MemoryLog
from tests.edges.feed.records import Writer, event, fill, running, until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PARTITIONS = 3


@pytest.fixture
def log(kafka: str, request: pytest.FixtureRequest) -> Iterator[KafkaLog]:
    with KafkaLog(f"kafka://{kafka}", prefix=f"feed-{time.time_ns()}-") as opened:
        opened.create(partitions=PARTITIONS)
        yield opened


@pytest.fixture
def url(kafka: str, log: KafkaLog, tmp_path: Path) -> Iterator[str]:
    with (
        closing(KafkaReader(f"kafka://{kafka}", prefix=log.prefix)) as reader,
        running(server_of(reader, tmp_path / "feed", keep=True)) as address,
    ):
        yield address


def test_a_cluster_is_answered_for_like_a_file(log: KafkaLog, url: str, tmp_path: Path) -> None:
    fill(Writer(log))
    memory = MemoryLog()
    fill(Writer(memory))
    until(lambda: httpx.get(f"{url}/v1/alerts").json()["data"], "the feed has read the last record")
    until(lambda: httpx.get(f"{url}/v1/status").json()["lag"] == 0, "nothing is left to read")
    with running(server_of(memory, tmp_path / "other")) as other:
        for address in (
            *("towns", "towns/ocha:C2889", "events?known_at=2016-12-01T00:09:00Z", "events/event-1", "claims/claim-1"),
            *("articles/a1", "changes", "outlets", "activity", "dead-letters?reason=encoding"),
        ):
            one, two = (httpx.get(f"{host}/v1/{address}").json() for host in (url, other))
            assert _without_offsets(one) == _without_offsets(two), address


def _without_offsets(answer: object) -> object:
    if isinstance(answer, dict):
        return {name: _without_offsets(part) for name, part in answer.items() if name not in ("offset", "partition")}
    return [_without_offsets(part) for part in answer] if isinstance(answer, list) else answer


def test_a_client_cut_fifty_times_gets_every_record_of_each_partition_in_order(log: KafkaLog, url: str) -> None:
    chance, total = random.Random(3), 400
    log.append([_entry(number) for number in range(total // 2)])
    seen, cursor, cuts = list[tuple[int, int]](), "earliest", 0
    while len(seen) < total:
        if cuts == 20:
            log.append([_entry(number) for number in range(total // 2, total)])
        wanted = min(chance.choice([1, 2, 5, 9, 15]), (total if cuts > 20 else total // 2) - len(seen))
        for received in islice(follow(url, kinds=("events",), since=cursor), wanted):
            seen.append((received.envelope["partition"], received.envelope["offset"]))
            cursor = received.cursor
        cuts += 1
    assert cuts >= 50
    by_lane = {lane: [offset for partition, offset in seen if partition == lane] for lane in range(PARTITIONS)}
    assert by_lane == {lane: list(range(log.bounds("events", lane)[1])) for lane in range(PARTITIONS)}


def test_what_is_no_record_is_passed_over_and_the_news_goes_on(kafka: str, log: KafkaLog, url: str) -> None:
    with closing(KafkaProducer(bootstrap_servers=[kafka])) as producer:
        for value in (b"\xff\x00", b"{}", b'{"event_id": 1}', None, b"[" * 100_000):
            producer.send(f"{log.prefix}events", key=b"k", value=value)
        producer.flush()
    began = time.monotonic()
    log.append([_entry(7)])
    until(lambda: httpx.get(f"{url}/v1/events/event-7").status_code == 200, "the record after the rubbish is known")
    assert time.monotonic() - began < 5
    assert httpx.get(f"{url}/healthz").status_code == 200
    until(lambda: httpx.get(f"{url}/v1/status").json()["lag"] == 0, "the rubbish is behind")


def _entry(number: int) -> Entry:
    return Entry(EVENTS.name, f"key-{number % 11}", encode(event(number)), 1_480_000_000_000 + number)
