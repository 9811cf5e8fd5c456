"""Serves the feed over a log file, to this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path
from socket import socket
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import FrontwireError
from streams.edges.feed.app import make_app
from streams.edges.feed.stream import ABORT, Pace
from streams.shells.log import Log
from streams.shells.sqlite_log import SqliteLog

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
"""Names under which this machine knows itself."""


class NotLoopback(FrontwireError):
    """The feed was asked to serve others, and it knows no keys by which to tell them apart."""


def serve(
    log_path: Path,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    theatre: str = "syria",
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve the feed and the map until interrupted.

    Args:
        log_path: The log. What the feed makes of it stands beside it, in `<log>.feed`, and can be deleted.
        host: Address of the loopback interface to listen at.
        port: Port; 0 takes a free one.
        theatre: Pack whose names are shown.
        started: Called with the address once it answers.

    Raises:
        NotLoopback: If the host is not this machine alone.
        LogError: If there is no log.
    """
    if not _is_loopback(host):
        raise NotLoopback(f"{host} can be reached by others, and the feed has no keys; listen at 127.0.0.1")
    log = SqliteLog(log_path, read_only=True)
    try:
        server_of(log, log_path.with_name(log_path.name + ".feed"), host, port, theatre=theatre, started=started).run()
    finally:
        log.close()


def server_of(
    log: Log,
    projection: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    theatre: str = "syria",
    pace: Pace | None = None,
    started: Callable[[str], None] | None = None,
) -> Server:
    """A server of any log, not yet running."""
    app = make_app(log, projection, theatre=theatre, hosts=LOOPBACK, pace=pace)
    config = uvicorn.Config(
        Droppable(app),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=15,
    )
    return Server(config, app.state.feed.tail.hub.close, started)


class Server(uvicorn.Server):
    """Uvicorn that says where it listens, and ends the streams before it waits for open connections."""

    def __init__(
        self, config: uvicorn.Config, end_streams: Callable[[], None], started: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(config)
        self._end_streams, self._started = end_streams, started

    @property
    def url(self) -> str:
        """Where it listens. Only once it does."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        if self.started and self._started is not None:
            self._started(self.url)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the streams, then the server."""
        self._end_streams()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal."""
        self.should_exit = True


class Droppable:
    """Gives the application a way to drop a connection whose other end does not read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the server's own connection in its scope."""
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope[ABORT] = transport.abort
        await self._app(scope, receive, send)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
