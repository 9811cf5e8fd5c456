"""What a target answers, and what becomes of it: real servers, a real log, a clock set by hand."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from streams.edges.delivery import lookup
from streams.edges.delivery.schedule import RETRIES_S
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.conftest import HandClock
from tests.edges.delivery.receivers import (
    SECRET,
    Got,
    Handler,
    Receiver,
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


def test_what_a_receiver_says_of_a_refusal_is_shown_cut_escaped_and_without_secrets(
    log: SqliteLog, deliver: Deliver, tmp_path: Path
) -> None:
    def talkative(handler: Handler, receiver: Receiver, got: Got) -> None:
        key = SECRET.removeprefix("whsec_")
        handler.answer(400, f"bad\x1b[2J key {key} at {handler.path}\u202e {'x' * 5000}".encode())

    append(log, alert())
    with receiving(talkative) as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": f"http://127.0.0.1:{receiver.port}/hooks/T0PSECRET"}))
    said = deliveries(log)[0].detail
    assert said.startswith("answered 400: bad\\x1b[2J key … at …\\x202e xxx")
    assert len(said) < 250
    assert "T0PSECRET" not in said


def test_a_look_up_that_never_ends_is_given_up_and_keeps_nothing_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> list[object]:
        time.sleep(30)
        return []

    monkeypatch.setattr(lookup.socket, "getaddrinfo", silent)
    monkeypatch.setattr(lookup, "LOOKUP_S", 0.2)
    began = time.monotonic()
    with pytest.raises(socket.gaierror, match="no answer within"):
        lookup.look_up("silent.example", 443)
    assert time.monotonic() - began < 3
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "look-up")


def test_attempts_and_what_waits_are_told_to_prometheus(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, alert(1), alert(2))
    with receiving(first(1, status(500))) as receiver:
        deliver(targets(tmp_path, {"name": "measured", "url": receiver.url}))
    page = generate_latest().decode()
    assert 'frontwire_delivery_attempts_total{outcome="retry",target="measured"} 1.0' in page
    assert 'frontwire_deliveries_waiting{target="measured"} 2.0' in page
    assert 'frontwire_delivery_seconds_count{target="measured"} 1.0' in page
