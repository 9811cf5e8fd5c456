"""Who waits for whom: within a target in order, between targets not at all."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.alert import Delivery
from schemas.vocabulary import AlertState
from streams.edges.delivery.courier import Courier
from streams.edges.delivery.targets import Targets
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.conftest import HandClock
from tests.edges.delivery.receivers import (
    Behaviour,
    Got,
    Handler,
    Receiver,
    alert,
    append,
    deliveries,
    endless,
    first,
    ok,
    outcomes,
    receiving,
    reset,
    slow,
    status,
    targets,
)

Deliver = Callable[..., None]
DAY = timedelta(days=1)


def test_alerts_arrive_in_the_order_of_the_log(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, *(alert(number) for number in range(20)), alert(3, 2), alert(3, 3, state=AlertState.CANCELLED))
    with receiving() as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}))
    assert receiver.revisions() == [*((f"alert-{number}", 1) for number in range(20)), ("alert-3", 2), ("alert-3", 3)]


def test_the_next_waits_for_the_one_that_failed(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert(1), alert(2))
    with receiving(first(3, status(500))) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}), until=DAY)
    assert receiver.revisions() == [("alert-1", 1), ("alert-2", 1)]
    assert [got.json["data"]["alert_id"] for got in receiver.got] == ["alert-1"] * 4 + ["alert-2"]


def test_with_order_alert_only_revisions_of_one_alert_wait(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    def one_fails_once(handler: Handler, receiver: Receiver, got: Got) -> None:
        failed = got.json["data"]["alert_id"] == "alert-1" and receiver.ids().count(got.id) == 1
        (status(500) if failed else ok)(handler, receiver, got)

    append(log, alert(1), alert(1, 2), alert(2), alert(3))
    with receiving(one_fails_once) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url, "order": "alert"}), until=DAY)
    arrived = receiver.revisions()
    assert arrived.index(("alert-1", 1)) < arrived.index(("alert-1", 2))
    assert set(arrived[:2]) == {("alert-2", 1), ("alert-3", 1)}


def test_with_order_alert_no_more_than_the_limit_are_under_way(
    log: SqliteLog, deliver: Deliver, tmp_path: Path
) -> None:
    now: list[int] = [0]
    most: list[int] = [0]

    def counting(handler: Handler, receiver: Receiver, got: Got) -> None:
        now[0] += 1
        most[0] = max(most[0], now[0])
        time.sleep(0.05)
        now[0] -= 1
        ok(handler, receiver, got)

    append(log, *(alert(number) for number in range(12)))
    with receiving(counting) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url, "order": "alert", "concurrency": 3}))
    assert most == [3]
    assert len(receiver.accepted) == 12


@pytest.mark.parametrize("bad", [slow(30), status(500), endless, reset, status(302, location="http://10.0.0.1/")])
def test_a_bad_target_delays_no_other(bad: Behaviour, log: SqliteLog, tmp_path: Path) -> None:
    with receiving(bad) as sick, receiving() as well:
        chosen = targets(tmp_path, {"name": "sick", "url": sick.url}, {"name": "well", "url": well.url})
        asyncio.run(_while_delivering(log, chosen, lambda: len(well.accepted) == 30))
        assert len(well.accepted) == 30
        assert well.got[-1].at - well.got[0].at < 5


async def _while_delivering(log: SqliteLog, chosen: Targets, is_done: Callable[[], object], **more: Any) -> None:
    """Append thirty alerts while a courier runs, and wait for a condition."""
    courier, stop = Courier(log, chosen, **more), asyncio.Event()
    await courier.begin()
    running = asyncio.create_task(courier.run(stop))
    for number in range(30):
        await asyncio.to_thread(append, log, alert(number))
    deadline = time.monotonic() + 90
    while not is_done() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await courier.close()


def test_a_target_that_only_fails_is_left_alone_for_a_while(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, *(alert(number) for number in range(50)))
    with receiving(status(500)) as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url, "order": "alert"})
        deliver(chosen)
        asked = len(receiver.got)
    assert 5 <= asked <= 8, "five failures open the circuit; three may have been under way"
    assert set(outcomes(log)) == {"retry"}


def test_after_the_pause_one_attempt_closes_the_circuit_and_all_comes(
    log: SqliteLog, deliver: Deliver, tmp_path: Path
) -> None:
    append(log, *(alert(number) for number in range(50)))
    with receiving(first(8, status(500))) as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url, "order": "alert"})
        deliver(chosen, until=timedelta(minutes=30))
    assert sorted(receiver.revisions()) == sorted((f"alert-{number}", 1) for number in range(50))


def test_a_name_that_takes_for_ever_to_look_up_delays_no_other(log: SqliteLog, tmp_path: Path) -> None:
    def stalling(host: str, port: int, *_: object, **__: object) -> list[Any]:
        if host == "stalled.example":
            time.sleep(3)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with receiving() as well:
        sick = {"name": "sick", "url": f"http://stalled.example:{well.port}/", "timeout_seconds": 0.2}
        healthy = {"name": "well", "url": f"http://well.example:{well.port}/"}
        chosen = targets(tmp_path, sick, healthy, retries=[0.1, 0.1])

        def told() -> list[Delivery]:
            return [one for one in deliveries(log) if one.target == "sick"]

        asyncio.run(_while_delivering(log, chosen, lambda: len(well.accepted) == 30 and told(), resolver=stalling))
    assert {one.detail for one in told()} == {"no answer within 0.2 s"}
    assert len(well.accepted) == 30
    assert well.got[-1].at - well.got[0].at < 5
