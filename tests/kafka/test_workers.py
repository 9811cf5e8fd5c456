"""Workers on a real broker give what the embedded log gives."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from schemas.topics import ARTICLES
from streams.pipeline import Pipeline
from streams.shells.copying import copy
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.state_hash import state_hash
from streams.shells.workers import create_topics
from tests.kafka.cluster import Cluster, folded, records
from tests.kafka.conftest import run

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_a_worker_that_was_asleep_while_others_took_over_changes_nothing(
    cluster: Cluster, articles: list[Entry], embedded: MemoryLog, stages: Pipeline
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
        assert cluster.come_to(stages, 300) == state_hash(embedded, stages)
        assert folded(log) == folded(embedded)


def test_workers_go_on_where_the_embedded_log_was_copied(
    cluster: Cluster, articles: list[Entry], embedded: MemoryLog, stages: Pipeline
) -> None:
    begun = run(articles[:40], stages)

    def cut_off(topic: str, records: int) -> None:
        if topic == "events":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(begun, cluster.settings, stages, on_progress=cut_off)
    sent = copy(begun, cluster.settings, stages)
    assert (sent["articles"], sent["mentions"]) == (0, 0)
    assert sent["claims"] == sum(1 for _ in iterate(begun, "claims"))
    assert set(copy(begun, cluster.settings, stages).values()) == {0}
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        cluster.start(0)
        log.append(articles[40:])
        assert cluster.come_to(stages, 300) == state_hash(embedded, stages)
        assert folded(log) == folded(embedded)
        assert len(records(log, ARTICLES)) == len(articles)


def test_a_standby_copy_takes_over_and_no_state_is_missing(
    cluster: Cluster, articles: list[Entry], embedded: MemoryLog, stages: Pipeline
) -> None:
    cluster.standby = 1
    for number in range(2):
        cluster.start(number)
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        log.append(articles[:40])
        cluster.come_to(stages, 300)
        cluster.kill(0)
        cluster.workers.pop(0)
        log.append(articles[40:])
        assert cluster.come_to(stages, 300) == state_hash(embedded, stages)
    assert cluster.leave(1) == 0


# Three workers beside a broker on two cores take minutes: the full size is asked for by a setting.
@pytest.mark.parametrize("workers", [1, 2, 3] if os.environ.get("FRONTWIRE_KILLS") == "full" else [2])
def test_any_number_of_workers_ends_in_the_state_of_the_embedded_log(
    workers: int, kafka: str, tmp_path: Path, articles: list[Entry], embedded: MemoryLog, stages: Pipeline
) -> None:
    cluster = Cluster(kafka, tmp_path)
    create_topics(cluster.settings, stages, 8)
    try:
        for number in range(workers):
            cluster.start(number)
        with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
            log.append(articles)
            assert cluster.come_to(stages, 300) == state_hash(embedded, stages)
            assert folded(log) == folded(embedded)
    finally:
        cluster.end()
