"""What never becomes a request, over a bare socket."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from streams.edges.feed import connection, telemetry
from streams.edges.feed.guard import HEADERS, LONGEST_HEAD, Guard, Rules

Serve = Callable[..., str]
Refusal = tuple[int, dict[str, str], dict[str, object]]
"""Status, headers and problem."""


def link_to(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((str(parts.hostname), int(parts.port or 80)), timeout=20)


def said_to(link: socket.socket) -> Refusal:
    """All that comes until the connection ends."""
    told = b"".join(iter(lambda: link.recv(65_536), b""))
    head, _, body = told.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"GE\x00T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"BREW /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    ],
)
def test_what_is_no_http_is_answered_with_a_problem(filled: str, sent: bytes) -> None:
    with link_to(filled) as link:
        link.sendall(sent)
        status, headers, told = said_to(link)
    assert (status, told["status"], headers["content-type"]) == (400, 400, "application/problem+json")
    assert "openapi" in str(told["detail"])
    assert {name.lower() for name in HEADERS} <= headers.keys()


@pytest.mark.parametrize("piece", [b"x" * 4_000, b"X-More: 1\r\n" * 400], ids=["one line", "many lines"])
def test_a_head_without_end_is_refused_before_it_fills_the_memory(filled: str, piece: bytes) -> None:
    with link_to(filled) as link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        for _ in range(LONGEST_HEAD // len(piece) + 1):
            link.sendall(piece)
            time.sleep(0.02)
        assert said_to(link)[0] == 431


def test_a_long_head_that_comes_at_once_is_refused_too(filled: str) -> None:
    answer = httpx.get(f"{filled}/v1/events", headers={"X-Long": "x" * LONGEST_HEAD})
    assert (answer.status_code, answer.headers["content-type"]) == (431, "application/problem+json")


HALF = b"POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"


@pytest.mark.parametrize("sent", [b"", HALF[:8], HALF], ids=["nothing", "half a line", "half a body"])
def test_a_request_that_does_not_come_to_its_end_is_not_waited_for(
    filled: str, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "REQUEST_S", 0.2)
    with link_to(filled) as link:
        link.sendall(sent)
        status, headers, _ = said_to(link)
    assert (status, headers["content-type"]) == (408, "application/problem+json")


def test_a_stream_is_not_taken_for_a_slow_request(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_S", 0.5)
    with link_to(filled) as link:
        link.sendall(b"GET /v1/feed HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"event-stream" in link.recv(65_536)
        time.sleep(0.8)
        link.setblocking(False)
        # Either more of the stream, or nothing at the moment; not its end.
        with suppress(BlockingIOError):
            assert link.recv(65_536)


def test_several_requests_at_once_are_all_answered(filled: str) -> None:
    ask = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with link_to(filled) as link:
        link.sendall(ask * 2 + ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        told = b"".join(iter(lambda: link.recv(65_536), b""))
    assert told.count(b"HTTP/1.1 200 OK") == 3


def test_no_other_protocol_goes_past_the_guard(filled: str) -> None:
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "eA==",
    }
    answer = httpx.get(f"{filled}/v1/events", headers={**asked, "Host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")


def test_a_fault_of_ours_is_a_problem_without_a_word_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("/secret/place")

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(Guard(broken, Rules()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/v1/events")

    failures: list[str] = []
    monkeypatch.setattr(telemetry, "request_failed", lambda route, error: failures.append(route))
    answer = asyncio.run(asked())
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    assert failures == ["other"]


def test_it_takes_all_the_open_files_that_the_system_grants(filled: str) -> None:
    assert httpx.get(f"{filled}/healthz").status_code == 200
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert now == most
