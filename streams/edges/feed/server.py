"""Serves the feed over a log: to this machine only, or with keys to others."""

from __future__ import annotations

import gc
import ipaddress
import logging
import resource
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from types import FrameType

import uvicorn

from schemas.errors import FrontwireError
from streams.edges.feed import telemetry
from streams.edges.feed.app import make_app
from streams.edges.feed.connection import Connection
from streams.edges.feed.discretion import OPENLY, DiscreetLog, Discretion
from streams.edges.feed.guard import Guard, Rules
from streams.edges.feed.limits import OWN_MACHINE, Limits
from streams.edges.feed.stream import Pace
from streams.edges.keys import KeyRing
from streams.shells.access import OPEN, Access
from streams.shells.kafka_reader import KafkaReader
from streams.shells.log import Log
from streams.shells.sqlite_log import SqliteLog
from streams.theatres.theatre import Theatre

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
"""Names under which this machine knows itself."""


class NotLoopback(FrontwireError):
    """The feed was asked to serve others, and it has no keys by which to tell them apart."""


def rules_for(host: str, keys: Path | None = None, origins: Sequence[str] = (), rate: float | None = None) -> Rules:
    """Who may ask for how much.

    Args:
        host: Address to listen at.
        keys: File of keys; null if everybody may ask for everything, which takes a loopback address.
        origins: Other sites whose pages may ask.
        rate: Requests a second that one client may make; null for the usual.

    Raises:
        NotLoopback: If there are no keys and others could reach the server.
        KeysError: If the file of keys cannot be used.
    """
    if keys is None and not _is_loopback(host):
        raise NotLoopback(
            f"{host} can be reached by others: give out keys (frontwire keys new), or listen at 127.0.0.1"
        )
    limits = OWN_MACHINE if keys is None else Limits()
    return Rules(
        hosts=LOOPBACK if keys is None else None,
        keys=None if keys is None else KeyRing(keys, telemetry.keys_unreadable),
        limits=limits if rate is None else replace(limits, rate=rate),
        origins=tuple(origins),
    )


def serve(
    log_path: Path,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    theatre: Theatre | None = None,
    rules: Rules | None = None,
    discretion: Discretion = OPENLY,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve the feed and the map over a log file until interrupted.

    Args:
        log_path: The log. What the feed makes of it stands beside it, in `<log>.feed` or, with discretion, in a file of
            its own, and can be deleted.
        host: Address to listen at.
        port: Port; 0 takes a free one.
        theatre: The war whose names are shown; null for Syria.
        rules: Who may ask for how much; null for this machine alone.
        discretion: What is told late, or not exactly.
        started: Called with the address once it answers.

    Raises:
        NotLoopback: If there are no rules and the host is not this machine alone.
        LogError: If there is no log.
    """
    rules = rules or rules_for(host)
    log = SqliteLog(log_path, read_only=True)
    projection = log_path.with_name(f"{log_path.name}.feed{f'-{discretion.name}' if discretion else ''}")
    told = DiscreetLog(log, discretion, lambda: datetime.now(UTC)) if discretion else log
    try:
        server_of(told, projection, host, port, theatre=theatre, rules=rules, started=started).run()
    finally:
        log.close()


def serve_broker(
    url: str,
    projection: Path,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    prefix: str = "",
    access: Access = OPEN,
    theatre: Theatre | None = None,
    rules: Rules | None = None,
    started: Callable[[str], None] | None = None,
) -> None:
    """The same over a cluster's topics.

    Args:
        url: `kafka://host:port`, several separated by commas.
        projection: File for what the feed makes of them, with the articles and mentions; can be deleted.
        host: Address to listen at.
        port: Port; 0 takes a free one.
        prefix: Put before each topic's name on the broker.
        access: What the client shows the broker.
        theatre: The war whose names are shown; null for Syria.
        rules: Who may ask for how much; null for this machine alone.
        started: Called with the address once it answers.

    Raises:
        NotLoopback: If there are no rules and the host is not this machine alone.
        LogError: If no broker answers there, or the topics are not there yet.
    """
    rules = rules or rules_for(host)
    log = KafkaReader(url, prefix=prefix, access=access)
    try:
        server_of(log, projection, host, port, theatre=theatre, rules=rules, keep=True, started=started).run()
    finally:
        log.close()


def server_of(
    log: Log,
    projection: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    theatre: Theatre | None = None,
    rules: Rules | None = None,
    keep: bool = False,
    pace: Pace | None = None,
    started: Callable[[str], None] | None = None,
) -> Server:
    """A server of any log, not yet running. `keep` is for a log that gives single records slowly."""
    rules = rules or rules_for(host)
    app = make_app(log, projection, theatre=theatre, keys=rules.keys, keep=keep, pace=pace)
    _hear_the_server()
    config = uvicorn.Config(
        Guard(app, rules),
        host=host,
        port=port,
        http=Connection,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=15,
    )

    def answers(url: str) -> None:
        telemetry.feed_started(url, rules.keys is not None)
        if started is not None:
            started(url)

    return Server(config, app.state.feed.tail.hub.close, answers)


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
        _allow_connections()
        # The theatre stays for good: gone through with every full collection, it would hold up an answer now and then.
        gc.collect()
        gc.freeze()
        await super().startup(sockets)
        if self.started and self._started is not None:
            self._started(self.url)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the streams, then the server."""
        self._end_streams()
        await super().shutdown(sockets)
        telemetry.feed_stopped()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal."""
        self.should_exit = True


def _hear_the_server() -> None:
    """Make its own messages log events, and nothing besides."""
    logger = logging.getLogger("uvicorn.error")
    logger.handlers, logger.propagate = [telemetry.ServerEvents()], False


def _allow_connections() -> None:
    """Take all the open files that the system grants: the usual limit of 1,024 is fewer than the feed has clients."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
