"""`frontwire dead-letters`: what could not be read, and back in with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.text import Text

from schemas.codec import decode
from schemas.dead_letter import DeadLetter
from schemas.errors import LogError
from schemas.topics import ARTICLES, DEAD_LETTERS
from schemas.vocabulary import MEANING, Reason
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, Broker, LogFile, Prefix, printed_option
from streams.edges.intake.articles import ArticleReader, Defaults
from streams.edges.intake.dates import Printed
from streams.edges.intake.ingest import Ingest, milliseconds
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import Form, pieces_of_bytes
from streams.shells.log import Entry, Headers, Log, Reader, Stored, View, iterate

PUT_BACK = "put-back"
"""Header of what was put back: the dead letter that it was."""
SHOWN_BYTES = 2_000

dead_letters = typer.Typer(no_args_is_help=True)

ReasonOption = Annotated[Reason | None, typer.Option("--reason", help="Only those of this reason.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Its number, as `list` shows it.")]


@dead_letters.command("list")
def list_letters(
    log: LogFile = None,
    reason: ReasonOption = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """List what could not be read, the oldest first."""
    with session.looked_at(log, broker, prefix) as store:
        _list(store, reason, as_json)


def _list(store: View, reason: Reason | None, as_json: bool) -> None:
    found = ((stored, letter) for stored, letter in _letters(store) if reason in (None, letter.reason))
    if as_json:
        screen.lines(_as_line(stored, letter) for stored, letter in found)
        return
    table = screen.table("number", "reason", "from", ">bytes", "what was found", title="Dead letters")
    for stored, letter in found:
        size = f"{len(letter.raw):,}"
        table.add_row(
            _number(store, stored),
            letter.reason.value,
            screen.foreign(_origin(letter)),
            size,
            screen.foreign(letter.detail),
        )
    if table.row_count:
        screen.out().print(table)
        screen.out().print("Look at one: frontwire dead-letters show NUMBER", style="dim")
    else:
        screen.out().print("There are no dead letters.")


@dead_letters.command()
def show(
    number: Number,
    log: LogFile = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Its original bytes alone, as they are, to standard output.")
    ] = False,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: where it came from, what is wrong with it, and how it begins."""
    with session.looked_at(log, broker, prefix) as store:
        stored, letter = _letter(store, number)
        name = _number(store, stored)
    if raw:
        typer.get_binary_stream("stdout").write(letter.raw)
    elif as_json:
        screen.lines([_as_line(stored, letter)])
    else:
        _show(name, stored, letter)


@dead_letters.command("put-back")
def put_back(
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="NUMBER...", help="Their numbers, as `list` shows them.")
    ] = None,
    log: LogFile = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them, or all of one --reason.")] = False,
    reason: ReasonOption = None,
    mended: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", exists=True, dir_okay=False, help="Bytes to put in its place, mended."),
    ] = None,
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="Outlet, where it does not say.")] = None,
    published_at: Annotated[
        Printed | None, printed_option("--published-at", "When it was printed, where it does not say.")
    ] = None,
    form: Annotated[Form | None, typer.Option("--format", help="How it is written, where that is not clear.")] = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Give dead letters to the log again, with their exact bytes or mended ones.

    Articles are read once more by intake, with the options given; other records go back onto their topic. The dead
    letter stays where it is. One that is still unreadable becomes another dead letter.
    """
    if bool(numbers) == everything:
        raise typer.BadParameter("give numbers, or --all; `frontwire dead-letters list` shows them")
    if mended and len(numbers or ()) != 1:
        raise typer.BadParameter("--from mends one dead letter; give its number")
    defaults = Defaults(outlet, published_at)
    taken = 0
    with session.written(log, broker, prefix) as store, PageReader() as pages:
        chosen = [_letter(store, number) for number in numbers or ()] or [
            (stored, letter) for stored, letter in _letters(store) if reason in (None, letter.reason)
        ]
        reader = ArticleReader(session.outlet_names(), pages, defaults)
        for stored, letter in chosen:
            raw = mended.read_bytes() if mended else letter.raw
            taken += _put_back(store, reader, stored, letter, raw, form)
    if as_json:
        screen.json_line({"put_back": taken, "refused_again": len(chosen) - taken})
    else:
        again = len(chosen) - taken
        screen.out().print(
            f"Put back {screen.plural(taken, 'record')}" + (f"; {again:,} refused again." if again else ".")
        )
    raise typer.Exit(0 if taken or not chosen else 1)


def _put_back(
    store: Log, reader: ArticleReader, stored: Stored, letter: DeadLetter, raw: bytes, form: Form | None
) -> bool:
    mark: Headers = ((PUT_BACK, f"{stored.topic}/{stored.partition}/{stored.offset}".encode()),)
    if letter.topic != ARTICLES.name:
        store.append([Entry(letter.topic, letter.key or "", raw, milliseconds(session.now()), mark)])
        return True
    run = Ingest(store, reader, session.now, headers=mark)
    run.take(pieces_of_bytes(raw, letter.origin or "", form=form))
    run.flush()
    return bool(run.tally.appended)


def _letters(store: Reader) -> Iterator[tuple[Stored, DeadLetter]]:
    for stored in iterate(store, DEAD_LETTERS.name):
        yield stored, decode(DeadLetter, stored.value)


def _letter(store: Reader, number: str) -> tuple[Stored, DeadLetter]:
    partition, _, offset = number.rpartition("/")
    if not offset.isdigit() or not (partition or "0").isdigit():
        raise typer.BadParameter(f"{number!r} is no number of a dead letter; `frontwire dead-letters list` shows them")
    found = store.read(DEAD_LETTERS.name, int(partition or 0), int(offset), 1)
    if not found:
        raise LogError(f"there is no dead letter {number}; `frontwire dead-letters list` shows those there are")
    return found[0], decode(DeadLetter, found[0].value)


def _number(store: Reader, stored: Stored) -> str:
    return f"{stored.partition}/{stored.offset}" if store.partitions(stored.topic) > 1 else str(stored.offset)


def _origin(letter: DeadLetter) -> str:
    if letter.partition is None:
        return letter.origin or letter.topic
    return letter.origin or f"{letter.topic}/{letter.partition}, offset {letter.offset}"


def _as_line(stored: Stored, letter: DeadLetter) -> bytes:
    where = {"partition": stored.partition, "offset": stored.offset, "timestamp": stored.timestamp}
    return orjson.dumps(where)[:-1] + b',"record":' + stored.value + b"}"


def _show(number: str, stored: Stored, letter: DeadLetter) -> None:
    arrived = datetime.fromtimestamp(stored.timestamp / 1000, UTC)
    out = screen.out()
    out.print(f"Dead letter {number}", style="bold")
    meant = "meant for" if letter.partition is None else "read from"
    for name, value in (
        ("from", _origin(letter)),
        (meant, letter.topic),
        ("arrived", f"{arrived:%Y-%m-%d %H:%M:%S} UTC"),
        ("reason", f"{letter.reason}: {MEANING[Reason][letter.reason]}"),
        ("found", letter.detail),
        ("bytes", f"{len(letter.raw):,}"),
    ):
        out.print(Text(f"  {name:10}", style="dim") + screen.foreign(value), soft_wrap=True)
    begins = letter.raw[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    out.print(screen.foreign(begins))
    if letter.topic == ARTICLES.name:
        out.print(f"Put it back: frontwire dead-letters put-back {number} [--from MENDED_FILE]", style="dim")
