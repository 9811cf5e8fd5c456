"""The stream over real HTTP: a client that gives back its cursor gets the log, once, in order, whatever breaks."""

from __future__ import annotations

import asyncio
import http.client
import random
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import orjson
import pytest

from schemas.codec import encode
from schemas.topics import CLAIMS, CONTROL, CONTROL_CHANGES, EVENTS
from streams.edges.feed.app import make_app
from streams.edges.feed.cursor import BadCursor, Position
from streams.edges.feed.filters import Filter
from streams.edges.feed.hub import Hub, Item, Subscription, nothing_before
from streams.edges.feed.server import server_of
from streams.edges.feed.stream import Pace, Stream
from streams.shells.log import Entry, Head, Lane, iterate
from streams.shells.sqlite_log import SqliteLog
from tests.edges.feed.records import Writer, change, claim, event, fill, running, town, until

Serve = Callable[..., str]


class Seen(NamedTuple):
    cursor: str
    kind: str
    data: dict[str, object]


def listen(url: str, query: str = "", cursor: str | None = None, silence_s: float = 10) -> Iterator[Seen]:
    """Every server-sent event of one connection, by a reader of the tests' own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=silence_s)
    connection.request("GET", f"/v1/feed?{query}", headers={"Last-Event-ID": cursor} if cursor else {})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    try:
        fields: dict[str, str] = {}
        while line := answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name and not line.startswith(b":"):
                fields[name] = value
            elif line == b"\n" and fields.get("id"):
                yield Seen(fields["id"], fields.get("event", ""), orjson.loads(fields.get("data", "{}")))
                fields = {}
            elif line == b"\n":
                fields = {}
    finally:
        connection.close()


def records_of(seen: list[Seen]) -> list[str]:
    return [str(one.data["id"]) for one in seen if one.kind in ("events", "claims", "control", "changes")]


def everything(log: SqliteLog) -> list[str]:
    topics = (EVENTS, CLAIMS, CONTROL, CONTROL_CHANGES)
    return sorted(f"{s.topic}/{s.partition}/{s.offset}" for topic in topics for s in iterate(log, topic.name))


def take(stream: Iterator[Seen], count: int) -> list[Seen]:
    """Records up to a count, leaving the connection to be cut."""
    found: list[Seen] = []
    while len(records_of(found)) < count:
        found.append(next(stream))
    return found


def flow(log: SqliteLog, count: int, stop: threading.Event) -> None:
    """Appends records of four topics in batches of every size."""
    chance = random.Random(5)
    made = 0
    while made < count and not stop.is_set():
        entries = []
        for _ in range(min(chance.choice([1, 2, 7, 40]), count - made)):
            made += 1
            topic, record = chance.choice(
                [(EVENTS, event(made)), (CLAIMS, claim(made)), (CONTROL, town()), (CONTROL_CHANGES, change())]
            )
            entries.append(Entry(topic.name, f"key-{made % 7}", encode(record), 1_480_000_000_000 + made))
        log.append(entries)
        stop.wait(0.002)


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_client_cut_at_random_gets_exactly_the_log(tmp_path: Path, partitions: int) -> None:

    log = SqliteLog(tmp_path / "parted.db", partitions=partitions)
    stop = threading.Event()
    writing = threading.Thread(target=flow, args=(log, 1500, stop))
    with running(server_of(log, tmp_path / "feed")) as url:
        writing.start()
        chance, seen, cursor, cuts = random.Random(9), list[Seen](), None, 0
        while len(records_of(seen)) < 1500:
            wanted = min(chance.choice([1, 3, 9, 20, 60]), 1500 - len(records_of(seen)))
            stream = listen(url, "since=earliest", cursor)
            seen += take(stream, wanted)
            stream.close()
            cursor, cuts = seen[-1].cursor, cuts + 1
        stop.set()
        writing.join()
    got = records_of(seen)
    assert cuts >= 50
    assert sorted(got) == everything(log)
    for lane in {one.rpartition("/")[0] for one in got}:
        offsets = [int(one.rpartition("/")[2]) for one in got if one.rpartition("/")[0] == lane]
        assert offsets == list(range(len(offsets)))
    log.close()


def test_backfill_from_the_start_is_in_the_order_of_arrival(serve: Serve, writer: Writer, log: SqliteLog) -> None:
    fill(writer)
    seen = take(listen(serve(), "since=earliest"), 10)
    times = [one.data["time"] for one in seen if one.kind]
    assert times == sorted(times)
    assert sorted(records_of(seen)) == everything(log)


def test_without_a_cursor_only_what_is_new_comes(serve: Serve, writer: Writer) -> None:
    fill(writer)
    stream = listen(serve())
    next(stream)
    new = writer.event(77)
    assert take(stream, 1)[-1].data["data"] == orjson.loads(encode(new))


def test_a_time_an_offset_and_a_cursor_say_where_to_begin(serve: Serve, writer: Writer) -> None:
    fill(writer)
    url = serve()
    for since in ("2016-12-01T00:09:00Z", "2", "events:2"):
        first = take(listen(url, f"kinds=events&since={quote(since)}"), 1)[-1]
        assert (since, first.data["offset"]) == (since, 2)


def test_a_record_comes_as_a_cloud_event_with_its_own_bytes(serve: Serve, writer: Writer) -> None:
    record = writer.event(1)
    told = take(listen(serve(), "since=earliest"), 1)[-1].data
    assert told["specversion"] == "1.0"
    assert (told["id"], told["source"], told["type"]) == ("events/0/0", "/v1/feed", "frontwire.events")
    assert told["data"] == orjson.loads(encode(record))


def test_only_what_was_asked_for_comes_and_the_cursor_passes_the_rest(serve: Serve, writer: Writer) -> None:
    for number in range(1, 40):
        writer.event(number, killed=number)
    stream = listen(serve(), "kinds=events&since=earliest&min_killed=30")
    seen = take(stream, 10)
    assert [one.data["offset"] for one in seen if one.kind] == list(range(29, 39))
    writer.event(40, killed=0)
    writer.event(41, killed=99)
    last = take(stream, 1)[-1]
    assert (last.data["offset"], last.cursor) == (40, "events:41")


def test_who_heard_of_a_record_hears_also_that_it_left_the_filter(serve: Serve, writer: Writer) -> None:
    for revision, killed in enumerate([12, 3, 2, 30], 1):
        writer.event(1, revision=revision, killed=killed)
    stream = listen(serve(), "kinds=events&since=earliest&min_killed=10")
    assert [one.data["offset"] for one in take(stream, 3) if one.kind] == [0, 1, 3]
    for revision, killed in enumerate([4, 5, 40], 5):
        writer.event(1, revision=revision, killed=killed)
    assert [one.data["offset"] for one in take(stream, 2) if one.kind] == [4, 6]


def test_a_heartbeat_moves_the_cursor_of_a_stream_that_nothing_is_for(log: SqliteLog, tmp_path: Path) -> None:
    async def main() -> list[str]:
        app = make_app(log, tmp_path / "quiet")
        feed = app.state.feed
        async with app.router.lifespan_context(app):
            subscription = Subscription(("events",), Filter(min_killed=1000))
            stream = Stream(log, feed.tail.hub, subscription, feed.tail.hub.position.only(("events",)), Pace(0.15))
            writer, found = Writer(log), []
            async for chunk in stream.chunks():
                found.append(chunk.decode())
                if len(found) == 3:
                    writer.event(1)
                if "events:1" in chunk.decode():
                    return found
        return found

    found = asyncio.run(main())
    assert found[-1].endswith("id: events:1\n\n")
    assert "data:" not in found[-1]


def test_a_reader_that_falls_off_the_ring_is_told_where_to_come_back(log: SqliteLog) -> None:
    hub, writer = Hub(Position.of({"events": [0]}), ring=8), Writer(log)

    def publish(number: int) -> None:
        writer.event(number)
        item = Item.of(log.read("events", 0, number, 1)[0], nothing_before)
        hub.publish([item], hub.position.after("events", 0, number))

    async def main() -> list[str]:
        stream = Stream(log, hub, Subscription(("events",), Filter()), hub.position, Pace()).chunks()
        found = [(await anext(stream)).decode() for _ in ("retry", "heartbeat")]
        publish(0)
        found.append((await anext(stream)).decode())
        for number in range(1, 21):
            publish(number)
        return found + [chunk.decode() async for chunk in stream]

    found = asyncio.run(main())
    assert "event: events" in found[-2]
    assert "event: gap" in found[-1]
    assert "id: events:1\n" in found[-1]


def test_a_client_that_never_reads_is_dropped_and_holds_nobody_back(log: SqliteLog, tmp_path: Path) -> None:

    made = server_of(log, tmp_path / "feed", pace=Pace(stall_s=0.7))
    with running(made) as url:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(made.servers[0].sockets[0].getsockname())
        deaf.sendall(b"GET /v1/feed?since=earliest HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        reader = listen(url, "since=earliest")
        count = 3000
        value = encode(event(1, mention_ids=tuple(f"mention-{number:08}" for number in range(150))))
        for first in range(0, count, 500):
            log.append([Entry("events", "k", value, 1_480_000_000_000 + first + n) for n in range(500)])
        assert [one.data["offset"] for one in take(reader, count) if one.kind] == list(range(count))
        until(lambda: len(made.server_state.connections) == 1, "the deaf client's connection is gone")
        reader.close()
        deaf.close()


def test_an_offset_that_the_log_gave_up_is_gone_and_the_earliest_is_told(tmp_path: Path) -> None:

    log = SqliteLog(tmp_path / "young.db")
    log.begin_at({Lane("events", 0): Head(100, 100, b"\0" * 16, 0)}, (), ())
    with running(server_of(log, tmp_path / "feed")) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request("GET", "/v1/feed?kinds=events&since=5")
        answer = connection.getresponse()
        told = orjson.loads(answer.read())
        connection.close()
    assert answer.status == 410
    assert (told["earliest"], told["latest"]) == ("events:100", "events:100")
    log.close()


def test_equal_subscriptions_share_their_bytes(log: SqliteLog) -> None:
    hub = Hub(Position.of({"events": [0]}))
    Writer(log).event(1)
    hub.publish([Item.of(log.read("events", 0, 0, 1)[0], nothing_before)], Position.of({"events": [1]}))
    first, second = Subscription(("events",), Filter(place="x")), Subscription(("events",), Filter(place="x"))
    assert hub.since(0, first) is hub.since(0, second)


@pytest.mark.parametrize("text", ["", "events", "events:", "events:-1", "rumours:1", "events:1.x", "events:1;", ";"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        Position.parse(text)


def test_a_cursor_reads_as_it_was_written() -> None:
    position = Position.of({"changes": [3], "events": [17, 20]})
    assert str(position) == "events:17.20;changes:3"
    assert Position.parse(str(position)) == position
    assert str(position.after("events", 1, 20)) == "events:17.21;changes:3"
