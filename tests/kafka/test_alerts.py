"""Alerts on Faust workers: stages with four inputs by place, and one by rule and area, end as on the embedded log."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.alert import Alert
from schemas.codec import decode
from schemas.topics import ALERTS, MATCHES
from schemas.vocabulary import AlertState
from streams.edges.delivery.courier import Courier
from streams.edges.delivery.targets import Targets
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, Reader, Stored, iterate
from streams.stages.match.step import MatchStage
from tests.edges.delivery.receivers import receiving, targets
from tests.stages.alert.retracted_sample import rules, run_embedded, standing

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

WORKER = "tests.kafka.alerting_worker"


def test_a_worker_that_is_stopped_comes_to_the_alerts_of_the_embedded_log_and_the_receiver_is_told(
    kafka: str, tmp_path: Path
) -> None:
    embedded, group = run_embedded(), f"t{uuid4().hex[:10]}"
    expected = standing(alerts(embedded))
    assert {alert["rule"] for alert in expected.values()} == {rule.name for rule in rules()}
    command = [sys.executable, "-m", WORKER, kafka, group, str(tmp_path / "data")]
    given = [list(iterate(embedded, topic.name)) for topic in reversed(MatchStage.inputs)]
    with KafkaLog(f"kafka://{kafka}", prefix=f"{group}-") as log:
        log.create(2)
        # The changes before the claims, these before the events, and the sentences last: never so on an embedded log.
        append(log, [one for lane in given for one in lane[: len(lane) // 2]])
        with running(command, tmp_path):
            wait_for(lambda: any(iterate(log, MATCHES.name)))
        append(log, [one for lane in given for one in lane[len(lane) // 2 :]])
        with running(command, tmp_path):
            wait_for(lambda: standing(alerts(log)) == expected)
        assert standing(alerts(log)) == expected
        with receiving() as receiver:
            asyncio.run(deliver(log, targets(tmp_path, {"name": "desk", "url": receiver.url})))
        told = {got.json["subject"]: got.json["type"] for got in receiver.accepted}
    assert {name for name, kind in told.items() if kind != "frontwire.alert.cancelled"} == expected.keys()
    assert any(one.state is AlertState.CANCELLED for one in alerts(embedded))


def alerts(log: Reader) -> Iterator[Alert]:
    return (decode(Alert, stored.value) for stored in iterate(log, ALERTS.name))


def append(log: KafkaLog, given: list[Stored]) -> None:
    log.append(Entry(one.topic, one.key, one.value, one.timestamp, one.headers) for one in given)


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[None]:
    """A worker that is stopped in the end: of one that is killed, `tests/properties/test_alert_order.py` says more."""
    with (folder / "out.txt").open("ab") as out:
        worker = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


def wait_for(reached: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(2)


async def deliver(log: KafkaLog, chosen: Targets) -> None:
    courier = Courier(log, chosen)
    try:
        await courier.begin()
        await courier.work_off()
    finally:
        await courier.close()
