"""`frontwire ingest`: articles into the log."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.topics import ARTICLES, DEAD_LETTERS
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, Broker, LogFile, Prefix, printed_option
from streams.edges.intake.articles import ArticleReader, Defaults
from streams.edges.intake.dates import Printed
from streams.edges.intake.ingest import Ingest, LogTime, Tally
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import MAX_PIECE_BYTES, STANDARD_INPUT, Form, Refusal, files_under, pieces
from streams.shells.sqlite_log import SqliteLog

if TYPE_CHECKING:
    from streams.shells.kafka_log import KafkaLog

SHOWN_REFUSALS = 20
"""Refusals that are told one by one; all of them are on `dead-letters`."""
MOST_KEPT_ON_BROKER = 20_000_000
"""Bytes of a dead letter that a broker takes: a record of 32 MB, in which they stand as base64."""


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="JSON lines, JSON arrays, plain text, HTML pages, gzip of any of these, folders of them, or - for "
            "standard input. The form is told by the content.",
        ),
    ],
    log: LogFile = None,
    outlet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Outlet of articles that do not name theirs (plain text).")
    ] = None,
    published_at: Annotated[
        Printed | None,
        printed_option("--published-at", "When articles were printed that do not say. A day stands for its noon."),
    ] = None,
    language: Annotated[
        str, typer.Option(metavar="CODE", help="Language of articles that do not name theirs, as ISO 639-1.")
    ] = "en",
    title_line: Annotated[
        bool, typer.Option("--title-line", help="The first line of plain text is its headline.")
    ] = False,
    form: Annotated[
        Form | None, typer.Option("--format", help="How the sources are written, where telling by content fails.")
    ] = None,
    log_time: Annotated[
        LogTime,
        typer.Option(
            "--log-time",
            help="Time of arrival to write: now; or published, to read an archive in as if it had come day by day.",
        ),
    ] = "now",
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Put articles into the log.

    An article needs outlet, published_at and body; article_id, title, language, url and revision are optional, and any
    other field is dropped. A higher revision of an id takes the place of the lower ones; an object that names an
    article's id in retracts, with its reason, takes the article back.

    What cannot be read goes to the dead letters with its bytes and the reason, and the next article is taken. Exit code
    1 if there was something and none of it could be taken.
    """
    files = _without_log(files_under(sources), session.log_path(log))
    defaults = Defaults(outlet, published_at, language, title_line)
    where = broker or str(session.log_path(log))
    with session.written(log, broker, prefix, create=(ARTICLES, DEAD_LETTERS)) as store:
        tally = ingest_files(store, files, defaults, form=form, log_time=log_time, told=not as_json)
    if as_json:
        screen.json_line(_as_json(tally, files, where))
    else:
        _report(tally, files, where)
    raise typer.Exit(1 if tally.refused and not tally.appended else 0)


def ingest_files(
    store: SqliteLog | KafkaLog,
    files: list[str],
    defaults: Defaults,
    *,
    form: Form | None = None,
    log_time: LogTime = "now",
    told: bool = True,
) -> Tally:
    """Take the articles of files into a log, with a progress bar where somebody watches.

    Args:
        store: The log.
        files: From `files_under`.
        defaults: What stands in where an article does not say.
        form: How the files are written; told by their content if null.
        log_time: Which time of arrival to write.
        told: Whether to tell refusals on standard error as they occur.
    """
    with PageReader() as pages, screen.bar("Reading", _size(files)) as bar:
        run = Ingest(
            store,
            ArticleReader(session.outlet_names(), pages, defaults),
            session.now,
            log_time=log_time,
            is_known=_is_known(store),
            on_refusal=_teller() if told else lambda refusal: None,
            most_kept=MAX_PIECE_BYTES if isinstance(store, SqliteLog) else MOST_KEPT_ON_BROKER,
        )

        def advance(count: int) -> None:
            if bar:
                bar.update(bar.task_ids[0], advance=count, note=screen.plural(run.tally.taken, "article"))

        for file in files:
            run.take(pieces(file, form=form, on_read=advance, before_waiting=run.flush))
        run.flush()
    return run.tally


def _size(files: list[str]) -> int | None:
    return sum(os.stat(file).st_size for file in files) if "-" not in files else None


def _without_log(files: list[str], log: Path) -> list[str]:
    """A log that lies in the folder that is taken in is no article; nor is what lies beside it under its name."""
    log = log.resolve()

    def belongs(file: Path) -> bool:
        return file.parent == log.parent and file.name.startswith(log.name)

    return [file for file in files if file == STANDARD_INPUT or not belongs(Path(file).resolve())]


def _is_known(store: SqliteLog | KafkaLog) -> Callable[[str], bool]:
    """A broker cannot be asked for a key: there, repeated articles are not counted."""
    if isinstance(store, SqliteLog):
        return lambda key: next(store.latest(ARTICLES.name, key), None) is not None
    return lambda key: False


def _teller() -> Callable[[Refusal], None]:
    told = 0

    def tell(refusal: Refusal) -> None:
        nonlocal told
        told += 1
        if told <= SHOWN_REFUSALS:
            reason = screen.foreign(f"{refusal.origin}: {refusal.reason}: ", style="yellow")
            screen.err().print(reason + screen.foreign(refusal.detail), soft_wrap=True)

    return tell


def _report(tally: Tally, files: list[str], log: str) -> None:
    out = screen.out()
    known = f", {tally.repeated:,} of them already there" if tally.repeated else ""
    where = screen.plural(len(files), "source")
    out.print(f"Took {screen.plural(tally.taken, 'article')} from {where} into {log}{known}.", soft_wrap=True)
    if tally.retracted:
        out.print(f"Took {screen.plural(tally.retracted, 'retraction')}.")
    if tally.refused:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(tally.refused.items()))
        count = screen.plural(tally.refused.total(), "dead letter")
        out.print(f"Refused: {count} ({reasons}). See them with: frontwire dead-letters list", style="yellow")
    if tally.appended:
        out.print("Next: frontwire run --once", style="dim")


def _as_json(tally: Tally, files: list[str], log: str) -> dict[str, object]:
    return {
        "log": log,
        "sources": len(files),
        "articles": tally.taken,
        "repeated": tally.repeated,
        "retractions": tally.retracted,
        "dead_letters": tally.refused.total(),
        "refused": {str(reason): count for reason, count in sorted(tally.refused.items())},
    }
