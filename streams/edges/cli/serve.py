"""`frontwire serve` and `frontwire feed`: the live feed, given and followed."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from schemas.errors import FrontwireError
from streams.edges.cli import screen, session
from streams.edges.cli.options import Broker, LogFile, Prefix
from streams.edges.settings import settings

if TYPE_CHECKING:
    from streams.edges.feed.discretion import Discretion


class NoServer(FrontwireError):
    """There is no feed at an address."""


class NoDiscretion(FrontwireError):
    """A feed was to hold something back where it cannot."""


URL = "http://127.0.0.1:8080"
PROJECTION = Path(".frontwire/cluster.feed")


def serve(
    log: LogFile = None,
    host: Annotated[
        str, typer.Option(help="Address to listen at: of this machine alone, unless there are keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8080,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who may ask; made by `frontwire keys new`. Without it FRONTWIRE_KEYS."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="A site whose pages may ask as well; repeatable.")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0.1, help="Requests a second that one client may make; 50 with keys, 2,000 without."),
    ] = None,
    delay_hours: Annotated[
        float | None,
        typer.Option(min=0, metavar="HOURS", help="Tell nothing younger than this. Without it FRONTWIRE_DELAY_HOURS."),
    ] = None,
    round_km: Annotated[
        float | None,
        typer.Option(min=0, metavar="KM", help="Move points to a grid this wide. Without it FRONTWIRE_ROUND_KM."),
    ] = None,
    broker: Broker = None,
    prefix: Prefix = "",
    data: Annotated[
        Path, typer.Option("--data", metavar="FILE", help="With --broker: what the feed makes of it; can be deleted.")
    ] = PROJECTION,
    with_stages: Annotated[
        bool, typer.Option("--run", help="Run the stages as well, so that what is ingested shows at once.")
    ] = False,
) -> None:
    """Serve the feed, its API and the map.

    Without --run it only reads the log, so that `frontwire run` can work on it meanwhile. With --broker it reads a
    cluster's topics, which its workers write.
    """
    # The web server takes half a second to import: only this command pays for it.
    from streams.edges.feed.server import rules_for, serve_broker
    from streams.edges.feed.server import serve as serve_feed

    session.log_events_to_stderr()
    rules = rules_for(host, keys or settings().keys, allow_origin or (), rate)
    discretion = _discretion(delay_hours, round_km)
    if broker:
        if discretion:
            raise NoDiscretion("a cluster's feed tells all at once; serve a log file with a delay or a grid instead")
        if with_stages:
            raise typer.BadParameter("on a cluster `frontwire run --broker` runs them", param_hint="--run")
        data.parent.mkdir(parents=True, exist_ok=True)
        access, theatre = settings().access(), session.theatre()
        serve_broker(
            broker, data, host, port, prefix=prefix, access=access, theatre=theatre, rules=rules, started=_told
        )
        return
    path = session.log_path(log)
    stages = _stages_over(path) if with_stages else nullcontext()
    with stages:
        theatre = session.theatre()
        serve_feed(path, host, port, theatre=theatre, rules=rules, discretion=discretion, started=_told)


def _discretion(delay_hours: float | None, round_km: float | None) -> Discretion:
    from streams.edges.feed.discretion import Discretion

    hours = settings().delay_hours if delay_hours is None else delay_hours
    return Discretion(timedelta(hours=hours), settings().round_km if round_km is None else round_km)


def _told(url: str) -> None:
    screen.err().print(f"Map at {url}, API described at {url}/v1/openapi.json. End it with Ctrl-C.", soft_wrap=True)


@contextmanager
def _stages_over(path: Path) -> Iterator[None]:
    """`frontwire run` in a process of its own, which ends with this one."""
    with Popen([sys.executable, "-m", "streams.edges.cli", "run", "--log", str(path)]) as process:  # noqa: S603
        try:
            yield
        finally:
            process.terminate()


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
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Only what passes a filter of the API: min_killed=10; repeatable."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow/--once", help="Go on for ever, or end with what is there.")] = True,
    cursor: Annotated[bool, typer.Option("--cursor", help="Each record under record, beside its cursor.")] = False,
) -> None:
    """Follow a feed: its records as JSON lines, as they come, over any number of broken connections.

    A feed that asks for a key is shown the one in FRONTWIRE_KEY.
    """
    from streams.edges.feed.client import follow as records_of

    _expect_a_server(url)
    named = {name: value for name, value in (("place", place), ("party", party)) if value}
    filters = named | dict(_filter(text) for text in where or ())
    secret = settings().key
    key = secret.get_secret_value() if secret else None
    for found in records_of(url, kinds=kinds or (), since=since, filters=filters, key=key, until_caught_up=not follow):
        mark = f'{{"kind":"{found.kind}","cursor":"{found.cursor}","record":'.encode()
        screen.lines([mark + found.raw + b"}" if cursor else found.raw])


def _filter(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} is not of the form NAME=VALUE", param_hint="--where")
    return name, value


def _expect_a_server(url: str) -> None:
    """The client waits for a server that went away; one that never was there is told at once."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10).close()
    except OSError as error:
        raise NoServer(
            f"nothing answers at {url} ({error.strerror or error}); start it with: frontwire serve"
        ) from error
