"""Workers on a real broker give what the embedded log gives, whatever happens to them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import orjson
import pytest

from schemas.topics import CLAIMS, CONTROL, EVENTS, MENTIONS, TOPICS
from streams.pipeline import pipeline
from streams.shells.copying import copy
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, Log, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.shells.workers import WorkerSettings, create_topics
from streams.theatres.theatre import load_theatre

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PARTITIONS = 4
SAMPLE = files("streams.theatres.syria").joinpath("examples.jsonl")
HISTORY = {"revision", "kind", "supersedes", "late"}
"""Fields that tell how a record came about; arrival decides them, and no two runs of a cluster have the same."""
ENDED = {"merge", "retract"}


@pytest.fixture(scope="module")
def articles() -> list[Entry]:
    """The sample, in order of publication."""
    lines = sorted(map(orjson.loads, SAMPLE.read_bytes().splitlines()), key=lambda line: line["published_at"])
    return [
        Entry("articles", line["article_id"], orjson.dumps(line), 1_400_000_000_000 + number)
        for number, line in enumerate(lines)
    ]


@pytest.fixture(scope="module")
def embedded(articles: list[Entry]) -> MemoryLog:
    """The sample, run on an embedded log."""
    log = MemoryLog()
    log.append(articles)
    Runner(log, pipeline(load_theatre())).run_once()
    return log


@dataclass
class Cluster:
    """Workers of one group, as processes that can be killed."""

    bootstrap: str
    folder: Path
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def settings(self) -> WorkerSettings:
        name = self.folder.name
        return WorkerSettings(f"kafka://{self.bootstrap}", self.folder, group=name, prefix=f"{name}-")

    def start(self, number: int) -> None:
        chosen = self.settings
        command = [sys.executable, "-m", "streams.edges.cli", "run", "--broker", chosen.broker]
        command += ["--group", chosen.group, "--prefix", chosen.prefix, "--data", str(self.folder / f"{number}")]
        with (self.folder / f"{number}.out").open("ab") as out:
            self.workers[number] = subprocess.Popen(command, stdout=out, stderr=out)

    def kill(self, number: int) -> None:
        self.workers[number].kill()
        self.workers[number].wait()

    def stop(self) -> dict[int, int]:
        for worker in self.workers.values():
            worker.terminate()
        return {number: worker.wait(timeout=60) for number, worker in self.workers.items()}


@pytest.fixture
def cluster(kafka: str, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(kafka, tmp_path)
    create_topics(made.settings, pipeline(load_theatre()), PARTITIONS)
    yield made
    for worker in made.workers.values():
        worker.kill()
        worker.wait()


def folded(log: Log) -> dict[str, dict[str, object]]:
    """What a log has come to: the mentions, and the last word on each event, claim and town."""
    mentions = {line["mention_id"]: line for line in _records(log, MENTIONS.name)}
    return {
        "mentions": mentions,
        "events": _last(log, EVENTS.name, "event_id"),
        "claims": _last(log, CLAIMS.name, "claim_id"),
        "towns": {line["place"]["place_id"]: _told(line) for line in _newest(log, CONTROL.name, _town).values()},
    }


def _last(log: Log, topic: str, name: str) -> dict[str, object]:
    newest = _newest(log, topic, lambda line: str(line[name]))
    return {key: _told(line) for key, line in newest.items() if line["kind"] not in ENDED}


def _newest(log: Log, topic: str, key) -> dict[str, dict]:  # type: ignore[no-untyped-def, type-arg]
    found: dict[str, dict] = {}  # type: ignore[type-arg]
    for line in _records(log, topic):
        # A record that was delivered again comes after later ones: its revision says where it belongs.
        if line["revision"] >= found.get(key(line), {"revision": 0})["revision"]:
            found[key(line)] = line
    return found


def _town(line: dict) -> str:  # type: ignore[type-arg]
    return str(line["place"]["place_id"])


def _told(line: dict) -> dict:  # type: ignore[type-arg]
    return {name: value for name, value in line.items() if name not in HISTORY}


def _records(log: Log, topic: str) -> list[dict]:  # type: ignore[type-arg]
    return [orjson.loads(stored.value) for stored in iterate(log, topic)]


def _await_equal(log: KafkaLog, expected: dict[str, dict[str, object]], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while (found := folded(log)) != expected and time.monotonic() < deadline:
        time.sleep(1)
    assert {name: len(part) for name, part in found.items()} == {name: len(part) for name, part in expected.items()}
    assert found == expected


def test_killed_workers_end_in_the_same_events_claims_and_control(
    cluster: Cluster, articles: list[Entry], embedded: MemoryLog
) -> None:
    chance = random.Random(20161213)
    for number in range(3):
        cluster.start(number)
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        for start in range(0, len(articles), 20):
            log.append(articles[start : start + 20])
            time.sleep(chance.uniform(2, 6))
            victim = chance.randrange(3)
            cluster.kill(victim)
            cluster.start(victim)
        _await_equal(log, folded(embedded))


def test_a_worker_that_was_asleep_while_others_took_over_changes_nothing(
    cluster: Cluster, articles: list[Entry], embedded: MemoryLog
) -> None:
    for number in range(2):
        cluster.start(number)
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        log.append(articles[:30])
        time.sleep(8)
        os.kill(cluster.workers[0].pid, signal.SIGSTOP)
        log.append(articles[30:])
        time.sleep(14)
        os.kill(cluster.workers[0].pid, signal.SIGCONT)
        _await_equal(log, folded(embedded))


def test_workers_go_on_where_the_embedded_log_was_copied(
    cluster: Cluster, articles: list[Entry], embedded: MemoryLog
) -> None:
    stages = pipeline(load_theatre())
    begun = MemoryLog()
    begun.append(articles[:40])
    Runner(begun, stages).run_once()
    sent = copy(begun, cluster.settings, stages)
    assert sent == {topic: sum(1 for _ in iterate(begun, topic)) for topic in TOPICS}
    assert set(copy(begun, cluster.settings, stages).values()) == {0}
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        cluster.start(0)
        log.append(articles[40:])
        _await_equal(log, folded(embedded))
        assert all(len(_records(log, topic)) == sum(1 for _ in iterate(embedded, topic)) for topic in ("articles",))


def test_a_worker_told_to_stop_ends_well(cluster: Cluster, articles: list[Entry]) -> None:
    cluster.start(0)
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        log.append(articles[:5])
        deadline = time.monotonic() + 60
        while not _records(log, MENTIONS.name) and time.monotonic() < deadline:
            time.sleep(0.5)
    assert cluster.stop() == {0: 0}
