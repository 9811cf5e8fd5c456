"""Follow a feed in a few lines, over any number of broken connections, without a lost or a repeated record::

    for received in follow("http://127.0.0.1:8080", kinds=("changes",)):
        print(received.record.place.name, received.record.change)

Keep `received.cursor` with what you did about the record, and come back with it as `since`.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from schemas.codec import decode
from schemas.errors import FrontwireError
from schemas.record import Record
from schemas.topics import TOPICS

SILENCE_S = 45.0
"""Time without a byte after which a connection counts as dead: three heartbeats."""

LONGEST_PAUSE_S = 30.0
"""Longest wait before coming back to a server that does not answer."""


class FeedRefused(FrontwireError):
    """The server answers, and the answer is no. It would be the same again."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail', 'the server gave no reason')}")
        self.status, self.problem = status, problem


class CursorGone(FeedRefused):
    """Records after the cursor are no longer there: some are lost to this reader."""

    @property
    def earliest(self) -> str | None:
        """Cursor of the first records that are still there."""
        return self.problem.get("earliest")


@dataclass(frozen=True, slots=True)
class Received:
    """A record that came over the feed."""

    kind: str
    """`events`, `claims`, `control`, `changes` or `alerts`."""
    cursor: str
    """Where to come back to once this record is dealt with."""
    envelope: Mapping[str, Any]
    """The CloudEvent."""
    raw: bytes
    """The record's JSON."""

    @property
    def record(self) -> Record:
        """The record itself. Raises DecodeError if it is of a newer version than this program."""
        return decode(TOPICS[str(self.envelope["id"]).split("/")[0]].record, self.raw)


def follow(
    url: str,
    *,
    kinds: Sequence[str] = (),
    since: str | None = None,
    filters: Mapping[str, str | int | float] | None = None,
    key: str | None = None,
    silence_s: float = SILENCE_S,
    sleep: Callable[[float], None] = time.sleep,
    until_caught_up: bool = False,
) -> Iterator[Received]:
    """Every record of a feed from a point on, for ever.

    Args:
        url: Address of the server, `http://127.0.0.1:8080`.
        kinds: Kinds wanted; all but alerts if empty.
        since: A cursor, an offset, a time, `earliest` or `latest`; null for what comes from now on.
        filters: Parameters as the API has them: `{"place": "ocha:C1007", "min_killed": 10}`.
        key: Key to show, for a feed that asks for one.
        silence_s: Time without a byte after which to connect anew.
        sleep: How to wait between connections.
        until_caught_up: End once everything is read that was there at the start, rather than never.

    Raises:
        CursorGone: If records after the cursor are no longer in the log.
        FeedRefused: If the server refuses the request as such.
    """
    cursor, failures = since, 0
    shown = {"Authorization": f"Bearer {key}"} if key else {}
    target = _now(url, shown, silence_s) if until_caught_up else None
    while True:
        try:
            for received in _connect(url, kinds, cursor, filters or {}, shown, silence_s):
                cursor, failures = received.cursor, 0
                if received.raw:
                    yield received
                if target is not None and _reached(cursor, target):
                    return
        except (OSError, http.client.HTTPException):
            failures += 1
        sleep(min(LONGEST_PAUSE_S, 0.1 * 2 ** min(failures, 10)))


def _connect(
    url: str,
    kinds: Sequence[str],
    cursor: str | None,
    filters: Mapping[str, Any],
    shown: Mapping[str, str],
    silence_s: float,
) -> Iterator[Received]:
    asked = {**filters, **({"kinds": ",".join(kinds)} if kinds else {}), **({"since": cursor} if cursor else {})}
    connection = _open(url, silence_s)
    try:
        connection.request(
            "GET", f"{_path(url)}/v1/feed?{urlencode(asked)}", headers={"Accept": "text/event-stream", **shown}
        )
        response = connection.getresponse()
        if response.status != HTTPStatus.OK:
            raise _refusal(response)
        yield from _events(response)
    finally:
        connection.close()


def _events(response: http.client.HTTPResponse) -> Iterator[Received]:
    """Whole events only: what a broken connection cut short is asked for again.

    Source:
        HTML Living Standard, 9.2.6, Interpreting an event stream, as far as this server writes it.
    """
    fields: dict[str, str] = {}
    for line in iter(response.readline, b""):
        text = line.decode().rstrip("\r\n")
        name, _, value = text.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not text and "id" in fields:
            yield _received(fields)
            fields = {}
        elif not text:
            fields = {}


def _received(fields: Mapping[str, str]) -> Received:
    """A record, or a mere step of the cursor, whose `raw` is empty."""
    if "data" not in fields or fields.get("event") == "gap":
        return Received("", fields["id"], {}, b"")
    envelope = orjson.loads(fields["data"])
    raw = fields["data"].partition(',"data":')[2][:-1].encode()
    return Received(fields["event"], fields["id"], envelope, raw)


def _refusal(response: http.client.HTTPResponse) -> Exception:
    status = response.status
    if status in (429, 502, 503, 504):
        return ConnectionError(f"the server answers {status}")
    try:
        problem = orjson.loads(response.read(100_000))
    except orjson.JSONDecodeError:
        problem = {}
    return CursorGone(status, problem) if status == HTTPStatus.GONE else FeedRefused(status, problem)


def _open(url: str, silence_s: float) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return make(parts.hostname or "", parts.port, timeout=silence_s)


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _now(url: str, shown: Mapping[str, str], silence_s: float) -> str:
    connection = _open(url, silence_s)
    try:
        connection.request("GET", f"{_path(url)}/v1/status", headers=dict(shown))
        response = connection.getresponse()
        if response.status != HTTPStatus.OK:
            raise _refusal(response)
        return str(orjson.loads(response.read())["cursor"])
    finally:
        connection.close()


def _reached(cursor: str, target: str) -> bool:
    """Whether a cursor is at or past another one, in every partition that it has."""
    ends = _offsets(target)
    return all(offset >= ends[lane] for lane, offset in _offsets(cursor).items())


def _offsets(cursor: str) -> dict[tuple[str, int], int]:
    parts = (part.partition(":") for part in cursor.split(";"))
    return {(kind, lane): int(at) for kind, _, numbers in parts for lane, at in enumerate(numbers.split("."))}
