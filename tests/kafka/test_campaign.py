"""Whatever happens to workers and broker while articles arrive, the end is that of an undisturbed embedded run.

Sizes are small by default; `FRONTWIRE_KILLS=full` takes those that the processor's README quotes.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.errors import LogError
from streams.pipeline import Pipeline
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry
from streams.shells.memory_log import MemoryLog
from streams.shells.state_hash import state_hash
from streams.shells.workers import create_topics
from tests.conftest import LocalKafka
from tests.kafka.cluster import Cluster, folded
from tests.kafka.conftest import run

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(3_600)]

FULL = os.environ.get("FRONTWIRE_KILLS") == "full"


@dataclass(frozen=True)
class Sizes:
    """How much happens."""

    workers: int
    partitions: int
    worker_kills: int
    broker_kills: int
    rolling_restarts: int
    joins: int
    wipes: int
    pause_s: tuple[float, float]


SIZES = Sizes(3, 8, 20, 3, 5, 3, 2, (3, 8)) if FULL else Sizes(2, 4, 2, 1, 1, 1, 1, (1, 3))


@pytest.fixture
def told(request: pytest.FixtureRequest) -> list[Entry]:
    """The whole corpus where there is one and the campaign is full, else the sample."""
    entries: list[Entry] = request.getfixturevalue("corpus" if FULL else "articles")
    return entries


@pytest.fixture
def undisturbed(told: list[Entry], stages: Pipeline) -> MemoryLog:
    return run(told, stages)


@pytest.fixture
def attacked(own_kafka: LocalKafka, tmp_path: Path, stages: Pipeline) -> Iterator[Cluster]:
    made = Cluster(own_kafka.bootstrap, tmp_path)
    create_topics(made.settings, stages, SIZES.partitions)
    yield made
    made.end()


def mishaps(cluster: Cluster, broker: LocalKafka, chance: random.Random) -> list[Callable[[], None]]:
    """What is to happen, in any order."""

    def any_worker() -> int:
        return chance.choice(sorted(cluster.workers))

    def kill_worker() -> None:
        victim = any_worker()
        cluster.kill(victim)
        cluster.start(victim)

    def kill_broker() -> None:
        broker.kill()
        time.sleep(chance.uniform(0, 2))
        broker.start()

    def restart_one_after_the_other() -> None:
        for number in sorted(cluster.workers):
            cluster.leave(number)
            cluster.start(number)

    def join_and_leave() -> None:
        cluster.start(max(cluster.workers) + 1)
        time.sleep(chance.uniform(2, 6))
        cluster.leave(any_worker())

    def lose_a_disk() -> None:
        victim = any_worker()
        cluster.kill(victim)
        cluster.wipe(victim)
        cluster.start(victim)

    all_of_them = [
        *[kill_worker] * SIZES.worker_kills,
        *[kill_broker] * SIZES.broker_kills,
        *[restart_one_after_the_other] * SIZES.rolling_restarts,
        *[join_and_leave] * SIZES.joins,
        *[lose_a_disk] * SIZES.wipes,
    ]
    chance.shuffle(all_of_them)
    return all_of_them


def test_kills_of_workers_and_broker_restarts_and_lost_disks_change_nothing(
    attacked: Cluster, own_kafka: LocalKafka, told: list[Entry], undisturbed: MemoryLog, stages: Pipeline
) -> None:
    chance = random.Random(20161213)
    for number in range(SIZES.workers):
        attacked.start(number)
    due = mishaps(attacked, own_kafka, chance)
    share = -(-len(told) // len(due))
    for number, mishap in enumerate(due):
        arrive(attacked, told[number * share : (number + 1) * share])
        time.sleep(chance.uniform(*SIZES.pause_s))
        attacked.supervise()
        mishap()
    assert attacked.come_to(stages, 1_800 if FULL else 600) == state_hash(undisturbed, stages)
    with KafkaLog(attacked.settings.broker, prefix=attacked.settings.prefix) as log:
        assert folded(log) == folded(undisturbed)


def arrive(cluster: Cluster, articles: list[Entry]) -> None:
    """Append, as intake would: again, where the broker was away."""
    for _ in range(20):
        try:
            with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
                log.append(articles)
            return
        except LogError:
            time.sleep(1)
    raise AssertionError("the broker stayed away")
