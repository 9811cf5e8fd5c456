"""`frontwire explain`: an event, a claim, a town or an article, down to the sentences that say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from schemas.article import Article, Retraction
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, Broker, LogFile, Prefix, printed_option
from streams.edges.intake.dates import Printed


def explain(
    subject: Annotated[
        str | None,
        typer.Argument(metavar="ID|TOWN", help="Id of an event or claim, or how it begins; or a town's name or id."),
    ] = None,
    log: LogFile = None,
    article: Annotated[
        str | None,
        typer.Option(
            "--article",
            metavar="FILE|ID",
            help="Explain an article instead, sentence by sentence: those of a file, or the one of an id in the log.",
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the article's explanation as a page.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="Outlet of an article that does not say.")] = None,
    published_at: Annotated[
        Printed | None, printed_option("--published-at", "When an article was printed that does not say.")
    ] = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Explain an event, a claim, a town or an article, down to the sentences.

    Of each sentence: outlet, who is behind it, where it stands, and what spoke for joining its report with others. Of a
    town: the claims that decide who holds it, with their weights. Of an article: what was read of each sentence, and
    what was refused and why.
    """
    if (subject is None) == (article is None):
        raise typer.BadParameter("give an id or a town, or --article FILE")
    # What explains needs the rules of the stages, which take a second to import.
    from streams.edges.cli.explain_article import explain_article
    from streams.edges.cli.explain_subject import about
    from streams.edges.intake.articles import Defaults

    if article:
        explain_article(article, _finder(log, broker, prefix), Defaults(outlet, published_at), html, as_json)
        return
    with session.looked_at(log, broker, prefix) as store:
        told = about(store, subject or "")
    screen.json_line(told.as_json()) if as_json else told.print(screen.out())


def _finder(log: Path | None, broker: str | None, prefix: str) -> Callable[[str], list[Article | Retraction]]:
    """Looks up all that stands under an article's id."""
    from streams.edges.cli.evidence import texts_of

    def find(article_id: str) -> list[Article | Retraction]:
        if broker is None and not session.log_path(log).exists():
            return []
        with session.looked_at(log, broker, prefix) as store:
            return texts_of(store, article_id)

    return find
