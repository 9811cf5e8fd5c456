"""What a broker may hold that nobody should have put there: the stream goes on, and nothing is lost."""

from __future__ import annotations

import random

import orjson
import pytest
from kafka import KafkaProducer

from schemas.codec import decode
from schemas.dead_letter import DeadLetter
from schemas.topics import DEAD_LETTERS
from schemas.vocabulary import Reason
from streams.pipeline import Pipeline
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.state_hash import state_hash
from tests.kafka.cluster import Cluster, folded

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

GARBAGE = {
    b"\x00\xff\xfe not UTF-8": Reason.ENCODING,
    b'{"half": ': Reason.NOT_JSON,
    b'{"article_id": "of-another-shape"}': Reason.SCHEMA,
    b"": Reason.EMPTY,
}


def poisoned(articles: list[Entry], prefix: str) -> list[tuple[str, bytes | None, bytes | None]]:
    """The articles in any order, some twice and thrice, and between them what is none: topic, key, value."""
    chance = random.Random(7)
    again = [*articles, *chance.sample(articles, 20), *chance.sample(articles, 5)]
    chance.shuffle(again)
    sent: list[tuple[str, bytes | None, bytes | None]] = [
        (f"{prefix}articles", entry.key.encode(), entry.value) for entry in again
    ]
    wrong = orjson.dumps({**orjson.loads(articles[0].value), "schema_version": 99})
    for value in (*GARBAGE, wrong):
        sent.insert(chance.randrange(len(sent)), (f"{prefix}articles", b"poison", value or None))
    for topic in ("mentions", "claims"):
        sent.insert(0, (f"{prefix}{topic}", b"\xff\xfe", b"\xff not of ours"))
        sent.insert(0, (f"{prefix}{topic}", b"tombstone", None))
    return sent


def test_garbage_tombstones_repeats_and_disorder_end_as_dead_letters_and_change_nothing(
    cluster: Cluster, articles: list[Entry], embedded: MemoryLog, stages: Pipeline
) -> None:
    cluster.start(0)
    producer = KafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all")
    sent = poisoned(articles, cluster.settings.prefix)
    for number, (topic, key, value) in enumerate(sent):
        producer.send(topic, key=key, value=value, timestamp_ms=1_400_000_000_000 + number)
    producer.flush()
    producer.close()
    assert cluster.come_to(stages, 300) == state_hash(embedded, stages)
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        letters = [decode(DeadLetter, stored.value) for stored in iterate(log, DEAD_LETTERS.name)]
        assert {name: set(part) for name, part in folded(log_of(log)).items()} == {
            name: set(part) for name, part in folded(embedded).items()
        }
    found = {letter.raw: letter.reason for letter in letters if letter.topic == "articles"}
    assert {raw: found.get(raw) for raw in GARBAGE} == GARBAGE
    assert [letter.reason for letter in letters if b'"schema_version":99' in letter.raw] == [Reason.VERSION]
    # Two stages read mentions, and each tells what it could not read.
    assert sum(letter.topic == "mentions" for letter in letters) == 4


def log_of(log: KafkaLog) -> MemoryLog:
    """The records that are ours, on a log that holds no poison."""
    clean = MemoryLog()
    for topic in ("mentions", "events", "claims", "control"):
        clean.append(
            Entry(topic, stored.key, stored.value, stored.timestamp)
            for stored in iterate(log, topic)
            if stored.value.startswith(b"{")
        )
    return clean
