"""What a target answers, and what becomes of it: real servers, a real log, a clock set by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from streams.edges.delivery.schedule import RETRIES_S
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.conftest import HandClock
from tests.edges.delivery.receivers import (
    alert,
    append,
    deliveries,
    dripping,
    endless,
    first,
    outcomes,
    receiving,
    reset,
    slow,
    status,
    targets,
)

Deliver = Callable[..., None]
DAY = timedelta(days=1)


def test_an_alert_arrives_once_and_is_recorded(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert())
    with receiving() as receiver:
        for _ in range(2):
            deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}))
    assert receiver.revisions() == [("alert-1", 1)]
    assert len(receiver.got) == 1
    assert outcomes(log) == ["delivered"]


@pytest.mark.parametrize("code", [300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_anything_but_2xx_is_a_failure_and_is_tried_again(
    code: int, log: SqliteLog, deliver: Deliver, tmp_path: Path
) -> None:
    append(log, alert())
    with receiving(first(1, status(code, location="http://127.0.0.1:1/x"))) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}), until=DAY)
    assert outcomes(log) == ["retry", "delivered"]
    assert [one.status_code for one in deliveries(log)] == [code, 200]
    assert len(set(receiver.ids())) == 1


def test_a_redirect_is_not_followed(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert())
    with receiving() as inner, receiving(status(307, location=inner.url)) as outer:
        deliver(targets(tmp_path, {"name": "desk", "url": outer.url}))
    assert len(outer.got) == 1
    assert inner.got == []


def test_gone_stops_this_delivery_and_not_the_next(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert(1), alert(2))
    with receiving(first(1, status(410))) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}), until=DAY)
    assert outcomes(log) == ["refused", "delivered"]


def test_eight_attempts_over_a_day_and_then_no_more(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, alert())
    with receiving(status(500)) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}), until=timedelta(days=3))
    made = deliveries(log)
    assert [one.outcome for one in made] == ["retry"] * 7 + ["exhausted"]
    assert [one.attempt for one in made] == list(range(1, 9))
    waits = [(later.attempted_at - sooner.attempted_at).total_seconds() for sooner, later in pairwise(made)]
    assert all(wanted <= wait <= 1.1 * wanted for wait, wanted in zip(waits, RETRIES_S, strict=True))
    assert len(set(receiver.ids())) == 1


def test_a_pause_that_the_receiver_asks_for_is_kept(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert())
    with receiving(first(1, status(429, retry_after="3600"))) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}), until=DAY)
    sooner, later = deliveries(log)
    assert later.attempted_at - sooner.attempted_at == timedelta(hours=1)


def test_a_target_that_hangs_has_its_time_and_no_more(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert())
    with receiving(slow(5)) as receiver:
        began = time.monotonic()
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url, "timeout_seconds": 0.3}))
    assert time.monotonic() - began < 3
    assert deliveries(log)[0].detail == "no answer within 0.3 s"


def test_an_endless_answer_is_cut(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert(1), alert(2))
    with receiving(endless) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}))
    assert outcomes(log) == ["delivered"] * 2
    assert receiver.written < 30_000_000, "what the system buffers, and not what a second gives room for"


def test_an_answer_that_drips_is_not_waited_for(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert(1), alert(2))
    with receiving(dripping) as receiver:
        began = time.monotonic()
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}))
    assert time.monotonic() - began < 10
    assert outcomes(log) == ["delivered"] * 2


def test_a_broken_connection_is_tried_again(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert())
    with receiving(first(1, reset)) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}), until=DAY)
    assert outcomes(log) == ["retry", "delivered"]
    assert len(set(receiver.ids())) == 1


def test_nobody_there_is_tried_again(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert())
    with receiving() as receiver:
        pass
    deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}))
    assert [(one.outcome, one.detail) for one in deliveries(log)] == [("retry", "no connection could be made")]
