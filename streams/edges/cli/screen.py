"""What commands print: tables for people, JSON lines for programs, errors and progress on the other channel."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import orjson
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from streams.shells.runner import Progress as Run

PARTY_STYLES = {
    "syrian-government": "red",
    "rebels": "green",
    "islamic-state": "bright_black",
    "sdf": "yellow",
    "hts": "bright_green",
    "turkey": "cyan",
}
"""Colours that maps of the war have used; parties without one stay plain."""


class Screen(Console):
    """A terminal that words from outside cannot command, turn round or pile up on."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """What is to be shown, made harmless as the last thing before it is written."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=harmless(segment.text))


def out() -> Console:
    """The console for results."""
    return Screen(highlight=False)


def err() -> Console:
    """The console for progress and errors."""
    return Screen(stderr=True, highlight=False)


_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that command a terminal, or turn the direction of what stands beside them."""

_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = re.compile(f"({_MARK}{{4}}){_MARK}+")
"""More combining marks than any language sets on a letter: they only cover other lines."""


def harmless(words: str) -> str:
    """Words without what commands a terminal, turns its line round, or piles up on a letter."""
    return _PILED.sub(r"\1", _COMMANDS.sub("\ufffd", words))


def lines(rows: Iterable[bytes]) -> None:
    """Write rows to standard output as they are, each on a line of its own."""
    for row in rows:
        sys.stdout.buffer.write(row)
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def json_line(data: object) -> None:
    """Write one line of JSON."""
    lines([orjson.dumps(data)])


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the one style of all commands; columns that begin with `>` hold numbers."""
    made = Table(title=title, box=None, pad_edge=False, header_style="bold", title_justify="left", title_style="bold")
    for column in columns:
        side: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        made.add_column(column.removeprefix(">"), justify=side, overflow="fold")
    return made


def party(name: str | None) -> Text:
    """A party in its colour."""
    return Text(name or "-", style=PARTY_STYLES.get(name or "", ""))


def foreign(words: str, style: str = "") -> Text:
    """Words from outside, without the control characters that would command the terminal."""
    return Text(harmless(words), style=style)


def some(names: Sequence[str], most: int) -> str:
    """The first few of some names, and how many more there are."""
    more = f" +{len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: `1 article`, `2,400 articles`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@contextmanager
def bar(unit: str, total: int | None) -> Iterator[Progress | None]:
    """A progress bar for people; None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn(unit), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeRemainingColumn(), console=err(), transient=True) as progress:
        progress.add_task(unit, total=total, note="")
        yield progress


def watcher(bar: Progress | None) -> Callable[[Run], None]:
    """Shows in a bar how far a run is."""

    def watch(run: Run) -> None:
        if bar:
            note = f"{run.rate:,.0f} records/s"
            bar.update(bar.task_ids[0], completed=run.done, total=run.done + run.lag, note=note)

    return watch


def hush_broken_pipe() -> None:
    """Let Python end in silence when whoever read the output has gone (`frontwire events | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
