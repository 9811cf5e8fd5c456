"""`frontwire explain`: an event, a claim, a town or an article, down to the sentences that say so."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile, printed_option
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
        explain_article(article, log, Defaults(outlet, published_at), html, as_json)
        return
    store = session.to_read(log)
    told = about(store, subject or "")
    screen.json_line(told.as_json()) if as_json else told.print(screen.out())
    store.close()
