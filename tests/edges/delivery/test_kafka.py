"""The same delivery over a real broker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams.edges.delivery.courier import Courier
from streams.edges.delivery.targets import Targets
from streams.shells.kafka_log import KafkaLog
from tests.edges.delivery.receivers import alert, append, first, outcomes, receiving, status, targets

pytestmark = pytest.mark.kafka


def test_alerts_of_a_cluster_are_delivered_once_and_what_failed_again(kafka: str, tmp_path: Path) -> None:
    with KafkaLog(f"kafka://{kafka}", prefix="delivery-") as log, receiving(first(1, status(500))) as receiver:
        log.create(partitions=2)
        append(log, alert(1), alert(1, 2), alert(2))
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url}, retries=[0.1])
        for _ in range(3):
            asyncio.run(_work_off(log, chosen))
    arrived = receiver.revisions()
    assert sorted(arrived) == [("alert-1", 1), ("alert-1", 2), ("alert-2", 1)]
    assert arrived.index(("alert-1", 1)) < arrived.index(("alert-1", 2))
    assert sorted(outcomes_of(kafka)) == ["delivered"] * 3 + ["retry"]


async def _work_off(log: KafkaLog, chosen: Targets) -> None:
    courier = Courier(log, chosen)
    try:
        await courier.begin()
        await courier.work_off()
        await asyncio.sleep(0.2)
    finally:
        await courier.close()


def outcomes_of(kafka: str) -> list[str]:
    with KafkaLog(f"kafka://{kafka}", prefix="delivery-") as log:
        return outcomes(log)
