"""`frontwire serve` and `frontwire feed`: the live feed, given and followed."""

from __future__ import annotations

import socket
from typing import Annotated
from urllib.parse import urlsplit

import typer

from schemas.errors import FrontwireError
from streams.edges.cli import screen, session
from streams.edges.cli.options import LogFile
from streams.edges.settings import settings


class NoServer(FrontwireError):
    """There is no feed at an address."""


URL = "http://127.0.0.1:8080"


def serve(
    log: LogFile = None,
    host: Annotated[str, typer.Option(help="Address to listen at, of this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8080,
) -> None:
    """Serve the feed, its API and the map to this machine.

    It only reads the log, so `frontwire run` can work on it meanwhile.
    """
    # The web server takes half a second to import: only this command pays for it.
    from streams.edges.feed.server import serve as serve_feed

    def started(url: str) -> None:
        screen.err().print(f"Map at {url}, API described at {url}/v1/openapi.json. End it with Ctrl-C.", soft_wrap=True)

    serve_feed(session.log_path(log), host, port, theatre=settings().theatre, started=started)


def feed(
    url: Annotated[str, typer.Argument(help="Address of the server.")] = URL,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="events, claims, control, changes or alerts; repeatable."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="POINT", help="From here on: a cursor, an offset, a time, earliest or latest."),
    ] = None,
    place: Annotated[str | None, typer.Option(metavar="ID", help="Only in this place or governorate.")] = None,
    party: Annotated[str | None, typer.Option(metavar="ID", help="Only with this party.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End with what is there.")] = False,
    cursor: Annotated[bool, typer.Option("--cursor", help="Each record under record, beside its cursor.")] = False,
) -> None:
    """Follow a feed: its records as JSON lines, as they come, over any number of broken connections."""
    from streams.edges.feed.client import follow

    _expect_a_server(url)
    filters = {name: value for name, value in (("place", place), ("party", party)) if value}
    for found in follow(url, kinds=kinds or (), since=since, filters=filters, until_caught_up=once):
        mark = f'{{"kind":"{found.kind}","cursor":"{found.cursor}","record":'.encode()
        screen.lines([mark + found.raw + b"}" if cursor else found.raw])


def _expect_a_server(url: str) -> None:
    """The client waits for a server that went away; one that never was there is told at once."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10).close()
    except OSError as error:
        raise NoServer(
            f"nothing answers at {url} ({error.strerror or error}); start it with: frontwire serve"
        ) from error
