"""What strangers may see: late, and not exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from streams.edges.cli import app
from streams.edges.feed import follow
from streams.edges.feed.discretion import DiscreetLog, Discretion, coarse
from streams.edges.feed.filters import distance_km
from streams.edges.feed.server import server_of
from streams.shells.sqlite_log import SqliteLog
from tests.edges.feed.records import PLACES, START, Writer, running

OPENED = Callable[[Discretion], httpx.Client]


class HandClock:
    """Goes when it is told to."""

    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def opened(log: SqliteLog, tmp_path: Path, clock: HandClock) -> Iterator[OPENED]:
    """Starts a server that holds something back."""
    with ExitStack() as stack:

        def start(discretion: Discretion) -> httpx.Client:
            server = server_of(DiscreetLog(log, discretion, clock), tmp_path / discretion.name)
            return stack.enter_context(httpx.Client(base_url=stack.enter_context(running(server))))

        yield start


def test_nothing_is_told_before_its_time_on_any_way(
    opened: OPENED, writer: Writer, clock: HandClock, log: SqliteLog
) -> None:
    writer.story()
    clock.now = START + timedelta(hours=6)
    client = opened(Discretion(delay=timedelta(hours=6)))
    ends = client.get("/v1/status").json()["lanes"]
    assert {lane["end"] for lane in ends} == {0}
    for address in ("/v1/events", "/v1/claims", "/v1/exports/events"):
        assert "Palmyra" not in client.get(address).text
    assert client.get("/v1/articles/a1").status_code == 404
    assert list(follow(str(client.base_url), since="earliest", until_caught_up=True)) == []


def test_when_its_time_has_come_it_is_told_once_and_stays_told(
    opened: OPENED, writer: Writer, clock: HandClock
) -> None:
    early = writer.event(1)
    client = opened(Discretion(delay=timedelta(hours=6)))
    clock.now = START + timedelta(hours=7)
    late = writer.event(2)
    told = [one.record for one in follow(str(client.base_url), since="earliest", until_caught_up=True)]
    assert [record.event_id for record in told] == [early.event_id, late.event_id]
    clock.now = START
    assert client.get("/v1/status").json()["lag"] == 0
    assert len(client.get("/v1/events").json()["data"]) == 2


def test_points_are_rounded_wherever_they_stand_and_where_they_are_sought(opened: OPENED, writer: Writer) -> None:
    writer.event(1, "Aleppo")
    writer.town("Aleppo")
    client, exact = opened(Discretion(round_km=20)), PLACES["Aleppo"]
    for address in ("/v1/events", "/v1/towns", "/v1/exports/events?format=geojson"):
        assert f"{exact.lat}" not in client.get(address).text
    (event,) = client.get("/v1/events").json()["data"]
    (sent,) = follow(str(client.base_url), kinds=["events"], since="earliest", until_caught_up=True)
    assert (sent.record.place.lat, sent.record.place.lon) == (event["place"]["lat"], event["place"]["lon"])
    assert client.get("/v1/events", params={"near": f"{exact.lat},{exact.lon},1"}).json()["data"] == []


@given(st.floats(-85, 85), st.floats(-180, 180), st.floats(0.5, 200))
def test_a_point_moves_no_further_than_to_the_middle_of_its_square(lat: float, lon: float, km: float) -> None:
    moved: Any = coarse({"place": [{"lat": lat, "lon": lon}]}, km)["place"][0]
    assert distance_km(lat, lon, moved["lat"], moved["lon"]) <= km * 0.75 + 0.1
    assert coarse({"lat": None, "lon": None, "other": lat}, km) == {"lat": None, "lon": None, "other": lat}


def test_a_cluster_feed_that_cannot_hold_back_says_so() -> None:
    told = CliRunner().invoke(app, ["serve", "--broker", "kafka://127.0.0.1:9", "--delay-hours", "6"])
    assert told.exit_code != 0
    assert "serve a log file" in str(told.exception)
