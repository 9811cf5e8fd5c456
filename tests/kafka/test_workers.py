"""Workers on a real broker give what the embedded log gives."""

from __future__ import annotations

import os
import signal
import time

import pytest

from schemas.topics import ARTICLES, MENTIONS
from streams.pipeline import Pipeline
from streams.shells.copying import copy
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.state_hash import state_hash
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
        assert cluster.come_to(stages, 90) == state_hash(embedded, stages)
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
        assert cluster.come_to(stages, 90) == state_hash(embedded, stages)
        assert folded(log) == folded(embedded)
        assert len(records(log, ARTICLES)) == len(articles)


def test_a_worker_told_to_stop_ends_well(cluster: Cluster, articles: list[Entry]) -> None:
    cluster.start(0)
    with KafkaLog(cluster.settings.broker, prefix=cluster.settings.prefix) as log:
        log.append(articles[:5])
        deadline = time.monotonic() + 60
        while not records(log, MENTIONS) and time.monotonic() < deadline:
            time.sleep(0.5)
    assert cluster.leave(0) == 0
