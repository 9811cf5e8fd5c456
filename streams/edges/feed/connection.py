"""The server's own end of a connection: what never becomes a request is answered with a problem too, and in time.

Uvicorn answers it in plain text, takes a head of any length, and waits for the rest of a request for ever.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import TimerHandle
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from streams.edges.feed import telemetry
from streams.edges.feed.guard import HEADERS, LONGEST_HEAD
from streams.edges.feed.problems import problem

REQUEST_S = 10.0
"""Seconds in which a request must have come, from its first byte, or from the connection's begin, to its last."""

_SILENT = logging.Logger("frontwire.connection", logging.CRITICAL + 1)
"""For what the protocol would say of every broken request: whoever can connect could fill a disk with it."""


class Connection(HttpToolsProtocol):
    """Uvicorn's protocol with an end to its patience, and with words of our own."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.logger = _SILENT
        self._head = 0
        """Bytes of a head that is not whole yet."""
        self._due: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head without end is refused before it is whole."""
        self._head += len(data)
        super().data_received(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse(431, f"a request's head has at most {LONGEST_HEAD} bytes")

    def on_message_begin(self) -> None:
        """A request's first byte has come."""
        super().on_message_begin()
        self._expect()

    def on_headers_complete(self) -> None:
        """Its head is whole, and is measured by the guard."""
        super().on_headers_complete()
        self._head = 0

    def on_body(self, body: bytes) -> None:
        """Some of its body has come."""
        super().on_body(body)
        self._head = 0

    def on_message_complete(self) -> None:
        """Its last byte has come."""
        super().on_message_complete()
        self._stop_waiting()
        self._head = 0

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._refuse(400, "this is no HTTP/1.1 request that can be read; see /v1/openapi.json for what there is to ask")

    # -- inside

    def _expect(self) -> None:
        self._stop_waiting()
        self._due = self.loop.call_later(REQUEST_S, self._refuse, 408, f"a request takes at most {REQUEST_S:g} seconds")

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _refuse(self, status: int, detail: str) -> None:
        """Answer, unless an answer is under way already, and end the connection."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            telemetry.request_refused(status, "")
            self.transport.write(_message(status, detail))
        self.transport.close()


def _message(status: int, detail: str) -> bytes:
    """A problem as it goes over the wire.

    Source:
        RFC 9112, section 4, Status Line, and section 9.6, Tear-down.
    """
    answer = problem(status, detail)
    answer.headers.update(HEADERS)
    answer.headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
