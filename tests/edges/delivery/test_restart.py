"""What a process leaves when it dies, and what the next one makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.codec import encode
from schemas.errors import LogInUse
from schemas.topics import DELIVERIES
from streams.edges.delivery.courier import Courier
from streams.edges.delivery.lock import delivery_lock
from streams.edges.delivery.outcomes import record
from streams.shells.log import Entry
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.conftest import HandClock, work_off
from tests.edges.delivery.receivers import (
    START,
    Got,
    Handler,
    Receiver,
    alert,
    append,
    deliveries,
    first,
    ok,
    outcomes,
    receiving,
    status,
    targets,
)

Deliver = Callable[..., None]
DAY = timedelta(days=1)


class Killed(Exception):
    """Ends the courier as a signal would."""


class DiesBeforeRecording(SqliteLog):
    """A log whose process dies when it is to record a delivery."""

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        raise Killed("between the request and its record")


def flaky(handler: Handler, receiver: Receiver, got: Got) -> None:
    """Fails two of three."""
    if len(receiver.got) % 3:
        handler.answer(503)
    else:
        ok(handler, receiver, got)


def test_killed_between_request_and_record_the_alert_comes_again_under_the_same_id(
    log: SqliteLog, tmp_path: Path, deliver: Deliver, clock: HandClock
) -> None:
    append(log, alert())
    with receiving() as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url})
        dying = DiesBeforeRecording(tmp_path / "log.db")
        with pytest.raises(ExceptionGroup) as ended:
            asyncio.run(work_off(Courier(dying, chosen, clock=clock), clock))
        assert ended.group_contains(Killed)
        dying.close()
        assert outcomes(log) == []
        deliver(chosen)
    assert len(receiver.got) == 2
    assert len(set(receiver.ids())) == 1
    assert outcomes(log) == ["delivered"]


def test_a_retry_waits_over_a_restart_for_its_time(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, alert())
    with receiving(first(3, status(500))) as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url})
        deliver(chosen, until=timedelta(minutes=10))
        assert outcomes(log) == ["retry"] * 3
        clock.now = START + timedelta(minutes=20)
        deliver(chosen)
        assert len(receiver.got) == 3, "the fourth attempt is due after 35 minutes"
        clock.now = deliveries(log)[-1].next_at or START
        deliver(chosen)
    assert outcomes(log) == ["retry"] * 3 + ["delivered"]
    assert [one.attempt for one in deliveries(log)] == [1, 2, 3, 4]


def test_attempts_count_on_over_restarts(log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock) -> None:
    append(log, alert())
    with receiving(status(500)) as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url})
        for _ in range(20):
            deliver(chosen)
            clock.now = (deliveries(log)[-1].next_at or clock.now) + timedelta(hours=1)
    assert len(receiver.got) == 8
    assert outcomes(log)[-1] == "exhausted"


def test_what_was_given_up_is_sent_again_when_asked_for(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, alert())
    with receiving(first(8, status(500))) as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url})
        deliver(chosen, until=3 * DAY)
        given_up = deliveries(log)[-1]
        asked = {"outcome": "requested", "attempt": 9, "attempted_at": clock.now, "next_at": clock.now}
        record(log, [given_up.model_copy(update=asked)])
        deliver(chosen)
    assert outcomes(log)[-3:] == ["exhausted", "requested", "delivered"]
    assert [one.attempt for one in deliveries(log)][-3:] == [8, 9, 9]
    assert len(set(receiver.ids())) == 1


def test_order_is_kept_over_failures_and_restarts(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, *(alert(number) for number in range(6)))
    with receiving(flaky) as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url}, retries=[5] * 20)
        for _ in range(100):
            deliver(chosen)
            clock.now += timedelta(seconds=6)
    assert receiver.revisions() == [(f"alert-{number}", 1) for number in range(6)]
    assert outcomes(log).count("delivered") == 6


def test_only_one_process_delivers_a_log(tmp_path: Path) -> None:
    with (
        delivery_lock(tmp_path / "log.db"),
        pytest.raises(LogInUse, match="another process"),
        delivery_lock(tmp_path / "log.db"),
    ):
        pass


def test_a_record_that_cannot_be_read_stops_nothing(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    log.append([Entry("alerts", "x", b"no alert", 0), Entry(DELIVERIES.name, "x", encode(alert()), 0)])
    append(log, alert())
    with receiving() as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}))
    assert receiver.revisions() == [("alert-1", 1)]
