"""The server's own connection under a response: written to at once, so that one loop serves a thousand clients.

An ASGI `send` costs a task its turn for every client and every chunk. Where the server gives its transport away, the
hub writes the same bytes to all who keep up; everybody else is sent to, and waited for, one by one.
"""

from __future__ import annotations

import asyncio

from starlette.types import Scope, Send

WIRE = "frontwire.wire"
"""Where the guard puts it into the scope."""


class Wire:
    """A connection over which a response of unknown length is being sent in chunks."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    @classmethod
    def under(cls, scope: Scope, send: Send) -> Wire | None:
        """The connection of a request, if the server shows it and sends chunks over it; else null."""
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        return cls(transport) if transport is not None and scope.get("http_version") == "1.1" else None

    @property
    def idle(self) -> bool:
        """Whether all that was written has left, and more can be written without its piling up here."""
        return not self._transport.is_closing() and self._transport.get_write_buffer_size() == 0

    def write(self, chunk: bytes) -> None:
        """Write bytes made by `chunked`."""
        self._transport.write(chunk)

    def abort(self) -> None:
        """Drop the connection, with what has not left yet."""
        self._transport.abort()


def chunked(body: bytes) -> bytes:
    """A piece of a response as one chunk.

    Source:
        RFC 9112, section 7.1, Chunked Transfer Coding.
    """
    return b"%x\r\n%b\r\n" % (len(body), body)
