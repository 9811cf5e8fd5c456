"""The client: a few lines that lose and repeat nothing, whatever the network does."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from urllib.parse import urlsplit

import orjson
import pytest
from typer.testing import CliRunner

from schemas.control import TownControl
from schemas.event import Event
from streams.edges.cli import app
from streams.edges.feed import follow
from streams.edges.feed.client import CursorGone, FeedRefused
from tests.edges.feed.records import Writer, fill

Serve = Callable[..., str]


@contextmanager
def fragile(url: str, seed: int = 3) -> Iterator[tuple[str, list[int]]]:
    """A way to a server that breaks every connection after some bytes, mostly inside a record."""
    target = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
    door = socket.create_server(("127.0.0.1", 0))
    chance, cuts, over = random.Random(seed), list[int](), threading.Event()

    def pass_on(near: socket.socket) -> None:
        budget = chance.choice([0, 90, 300, 1500, 5000, 9000])
        with near, socket.create_connection(target, timeout=5) as far, suppress(OSError):
            far.sendall(near.recv(65536))
            while budget > 0 and not over.is_set():
                found = far.recv(min(4096, budget))
                near.sendall(found)
                budget -= len(found)
                if not found:
                    break
            cuts.append(budget)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=pass_on, args=(door.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}", cuts
    finally:
        over.set()
        door.close()


def no_wait(seconds: float) -> None:
    pass


def test_records_arrive_as_records(serve: Serve, writer: Writer) -> None:
    fill(writer)
    first, *_ = islice(follow(serve(), kinds=("events",), since="earliest"), 3)
    assert isinstance(first.record, Event)
    assert first.kind == "events"
    assert first.cursor == "events:1"


def test_every_record_comes_once_over_a_network_that_breaks(serve: Serve, writer: Writer) -> None:
    for number in range(120):
        writer.event(number)
    with fragile(serve()) as (url, cuts):
        received = list(islice(follow(url, kinds=("events",), since="earliest", sleep=no_wait), 120))
        assert [one.envelope["offset"] for one in received] == list(range(120))
        assert len(cuts) > 10


def test_a_stored_cursor_goes_on_after_the_record_it_came_with(serve: Serve, writer: Writer) -> None:
    fill(writer)
    url = serve()
    third = list(islice(follow(url, since="earliest"), 3))[-1]
    fourth = next(iter(follow(url, since=third.cursor)))
    assert fourth.envelope["id"] == list(islice(follow(url, since="earliest"), 4))[-1].envelope["id"]


def test_filters_are_those_of_the_api(serve: Serve, writer: Writer) -> None:
    fill(writer)
    received = next(iter(follow(serve(), kinds=("control",), since="earliest", filters={"place": "homs"})))
    assert isinstance(received.record, TownControl)
    assert received.record.place.name == "Palmyra"


def test_the_command_takes_every_filter_of_the_api(serve: Serve, writer: Writer) -> None:
    fill(writer)
    command = ["feed", serve(), "--kind", "events", "--since", "earliest", "--once", "--where"]
    told = CliRunner().invoke(app, [*command, "min_killed=40"])
    # The server in this process tells its log events there as well.
    records = [orjson.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]
    assert [record["killed"]["min"] for record in records] == [40, 50, 60]
    assert CliRunner().invoke(app, [*command, "min_kiled=40"]).exit_code != 0
    assert "NAME=VALUE" in CliRunner().invoke(app, [*command, "min_killed"]).output


def test_it_can_end_with_what_is_there(serve: Serve, writer: Writer) -> None:
    fill(writer)
    url = serve()
    assert len(list(follow(url, since="earliest", until_caught_up=True))) == 10
    assert (
        list(follow(url, since="earliest", filters={"min_killed": 999}, kinds=("events",), until_caught_up=True)) == []
    )


def test_a_cursor_whose_records_are_gone_is_an_error_and_not_a_silent_loss(serve: Serve) -> None:
    with pytest.raises(CursorGone) as raised:
        next(iter(follow(serve(), kinds=("events",), since="events:999")))
    assert raised.value.earliest == "events:0"


def test_a_request_that_makes_no_sense_is_not_repeated_for_ever(serve: Serve) -> None:
    with pytest.raises(FeedRefused, match="rumours"):
        next(iter(follow(serve(), kinds=("rumours",))))
