"""Quiet hours, mutes, filters: what comes when, what comes as a digest, and what does not come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import AlertState
from streams.edges.delivery.filtering import Wanted
from streams.edges.delivery.quiet import Quiet
from streams.edges.delivery.targets import TargetSpec
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.conftest import HandClock
from tests.edges.delivery.receivers import alert, append, deliveries, first, outcomes, receiving, status, targets

Deliver = Callable[..., None]
NIGHT = {"from": "22:00", "to": "07:00", "zone": "Asia/Damascus"}
EVENING = datetime(2026, 11, 22, 20, tzinfo=UTC)
"""23:00 in Damascus."""
MORNING = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""07:00 in Damascus."""


def spec(**more: object) -> TargetSpec:
    return TargetSpec.model_validate({"name": "desk", "url": "https://x.example/", "format": "plain", **more})


def test_the_night_is_held_back_and_comes_as_a_digest_in_the_morning(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, alert(1), alert(2), alert(2, 2))
    with receiving() as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url, "quiet": NIGHT})
        clock.now = EVENING
        deliver(chosen)
        assert receiver.got == []
        assert outcomes(log) == ["held"] * 3
        clock.now = MORNING
        deliver(chosen)
    (got,) = receiver.got
    assert got.json["type"] == "frontwire.alert.digest"
    told = [(one["alert_id"], one["revision"]) for one in got.json["data"]["alerts"]]
    assert told == [("alert-1", 1), ("alert-2", 1), ("alert-2", 2)]
    assert outcomes(log)[3:] == ["delivered"] * 3
    assert {one.digest_id for one in deliveries(log)} == {got.id}


def test_a_digest_that_failed_comes_again_whole_and_under_its_id_over_a_restart(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, alert(1), alert(2))
    with receiving(first(2, status(500))) as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url, "quiet": NIGHT})
        clock.now = EVENING
        deliver(chosen)
        clock.now = MORNING
        for _ in range(3):
            deliver(chosen)
            clock.now += timedelta(minutes=6)
    assert len(set(receiver.ids())) == 1
    assert len({got.body for got in receiver.got}) == 1
    assert outcomes(log) == ["held"] * 2 + ["retry"] * 4 + ["delivered"] * 2


def test_what_is_grave_enough_comes_through_at_night(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, alert(1), alert(2, severity="critical"))
    clock.now = EVENING
    with receiving() as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url, "quiet": NIGHT}))
    assert receiver.revisions() == [("alert-2", 1)]
    assert sorted(outcomes(log)) == ["delivered", "held"]


def test_a_long_night_makes_several_digests(log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock) -> None:
    append(log, *(alert(number) for number in range(250)))
    with receiving() as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url, "quiet": NIGHT})
        clock.now = EVENING
        deliver(chosen)
        clock.now = MORNING
        deliver(chosen)
    assert [len(got.json["data"]["alerts"]) for got in receiver.got] == [100, 100, 50]
    assert len(set(receiver.ids())) == 3


def test_what_comes_while_a_target_is_muted_never_comes(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    append(log, alert(1))
    with receiving() as receiver:
        chosen = targets(tmp_path, {"name": "desk", "url": receiver.url, "mute_until": "2026-11-22T13:00:00Z"})
        deliver(chosen)
        clock.now += timedelta(hours=2)
        append(log, alert(2))
        deliver(chosen)
    assert receiver.revisions() == [("alert-2", 1)]
    assert outcomes(log) == ["muted", "delivered"]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.times(),
    st.times(),
    st.sampled_from(["UTC", "Asia/Damascus", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"]),
)
def test_quiet_hours_end_after_now_and_within_a_day_and_a_bit(at: datetime, begin: time, to: time, zone: str) -> None:
    if begin == to:
        return
    quiet, now = Quiet(**{"from": begin, "to": to, "zone": zone}), at.replace(tzinfo=UTC)
    end = quiet.end(now)
    local = now.astimezone(ZoneInfo(zone)).time()
    inside = begin <= local < to if begin < to else local >= begin or local < to
    if end is None:
        # Only in the hour that clocks repeat may quiet hours be over before their end.
        assert not inside or zone in ("Europe/Berlin", "Australia/Lord_Howe")
    else:
        assert inside
        assert timedelta(0) < end - now <= timedelta(hours=25)


@pytest.mark.parametrize(("written", "read"), [("22:00", time(22)), (1320, time(22)), ("07:30", time(7, 30))])
def test_a_time_is_read_with_and_without_quotes(written: object, read: time) -> None:
    assert Quiet(**{"from": written, "to": "06:00"}).from_ == read


def test_only_what_the_filter_takes_is_wanted() -> None:
    wanted = Wanted(spec(rules=["siege"], min_severity="major", states=["raised", "cancelled"]))
    assert wanted(alert(1))
    assert not wanted(alert(2, rule="other"))
    assert not wanted(alert(3, severity="minor"))
    assert not wanted(alert(1, 2))


def test_who_heard_that_an_alert_was_grave_hears_that_it_no_longer_is() -> None:
    wanted = Wanted(spec(min_severity="major"))
    assert not wanted(alert(1, severity="minor"))
    assert wanted(alert(1, 2, severity="major"))
    assert wanted(alert(1, 3, severity="minor"))
    assert wanted(alert(1, 4, severity="minor", state=AlertState.CANCELLED))
    assert not wanted(alert(1, 5, severity="minor", state=AlertState.RAISED))


def test_what_is_older_than_since_is_not_wanted() -> None:
    assert not Wanted(spec(since=datetime(2027, 1, 1, tzinfo=UTC)))(alert())


def test_an_update_that_says_nothing_new_calls_nobody() -> None:
    wanted, again = Wanted(spec()), alert(1, 2, text="Roads were cut.")
    assert wanted(alert(1, text="Roads were cut."))
    assert not wanted(again.model_copy(update={"outlets": ("afp",)}))
    assert wanted(again.model_copy(update={"root_sources": ("afp", "sohr")}))
