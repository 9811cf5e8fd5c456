"""Options that several commands share, each worded once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from schemas.errors import RefusedArticle
from streams.edges.intake.dates import Printed, read_time


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise typer.BadParameter(f"{written!r} is no day; write it as 2017-10-28") from None


def _printed(written: str) -> Printed:
    try:
        return read_time(written)
    except RefusedArticle:
        raise typer.BadParameter(f"{written!r} is no time; write 2017-10-28 or 2017-10-28T12:00:00Z") from None


LogFile = Annotated[
    Path | None,
    typer.Option("--log", metavar="FILE", help="The log's file. Without it FRONTWIRE_LOG, else .frontwire/log.db."),
]
Broker = Annotated[
    str | None,
    typer.Option(
        "--broker", metavar="kafka://HOST:PORT", help="Work on this Kafka cluster instead of an embedded log."
    ),
]
Prefix = Annotated[str, typer.Option("--prefix", help="With a broker: what topics are called before their names.")]
GROUP = "frontwire"
Group = Annotated[
    str, typer.Option("--group", metavar="NAME", help="With a broker: the group whose workers keep the states.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines for programs instead of tables for people.")]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        metavar="OFFSET|TIME",
        help="As it was known once the articles before this offset, or up to this time, had arrived.",
    ),
]


def day_option(name: str, text: str) -> typer.models.OptionInfo:
    """An option that takes a day."""
    option: typer.models.OptionInfo = typer.Option(name, metavar="DAY", help=text, parser=_day)
    return option


def day_argument(metavar: str, text: str) -> typer.models.ArgumentInfo:
    """An argument that is a day."""
    argument: typer.models.ArgumentInfo = typer.Argument(metavar=metavar, help=text, parser=_day)
    return argument


def printed_option(name: str, text: str) -> typer.models.OptionInfo:
    """An option that takes when something was printed: a moment, or a day."""
    option: typer.models.OptionInfo = typer.Option(name, metavar="TIME", help=text, parser=_printed)
    return option
