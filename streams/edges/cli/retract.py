"""`frontwire retract`: take an article back, with all that was read in it."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.article import Article, Retraction
from schemas.codec import decode_on, encode
from schemas.topics import ARTICLES
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, Broker, LogFile, Prefix, printed_option
from streams.edges.intake.dates import Printed
from streams.edges.intake.ingest import milliseconds
from streams.shells.log import Entry
from streams.shells.sqlite_log import SqliteLog


def retract(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE_ID", help="Id of the article that is taken back.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, as readers shall see it.")],
    log: LogFile = None,
    revision: Annotated[
        int | None,
        typer.Option(
            "--revision",
            min=1,
            help="Take back the revisions up to this one only; without it the article as such, whatever comes.",
        ),
    ] = None,
    outlet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who says so; without it the outlet that printed the article.")
    ] = None,
    published_at: Annotated[
        Printed | None, printed_option("--published-at", "When it was said; without it now.")
    ] = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Take an article back: events, claims, control and alerts become as if it had never been printed.

    The article stays in the log, and so does the retraction, which may also come before it. A corrected text needs no
    retraction: give it to `ingest` under the same article_id with a higher revision.
    """
    now = session.now()
    with session.written(log, broker, prefix, create=(ARTICLES,)) as store:
        known = _known(store, article_id) if isinstance(store, SqliteLog) else None
        record = Retraction(
            retracts=article_id,
            revision=revision,
            reason=reason,
            outlet=_named(outlet) or (known.outlet if known else None),
            published_at=published_at.at if published_at else now,
        )
        store.append([Entry(ARTICLES.name, article_id, encode(record), milliseconds(now))])
    if as_json:
        screen.json_line({"retracts": article_id, "known": known is not None})
        return
    screen.out().print(f"Took the retraction of {article_id}.", markup=False, soft_wrap=True)
    if known is None and not broker:
        screen.err().print(
            f"No article {article_id} stands in the log yet; if one comes, it will not count.",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
    screen.out().print("Next: frontwire run --once", style="dim")


def _known(store: SqliteLog, article_id: str) -> Article | None:
    found = next(store.latest(ARTICLES.name, article_id), None)
    record = decode_on(ARTICLES, found.value) if found else None
    return record if isinstance(record, Article) else None


def _named(outlet: str | None) -> str | None:
    return outlet and (session.outlet_names()(outlet) or outlet)
