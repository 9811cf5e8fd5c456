"""`frontwire towns`: who holds each town, on a day, as known at a point."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from pydantic_core import to_jsonable_python
from rich.text import Text

from schemas.codec import encode
from schemas.control import TownControl
from schemas.topics import CONTROL
from schemas.vocabulary import ControlStatus
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.options import AsJson, Broker, KnownAt, LogFile, Prefix, day_option
from streams.edges.cli.places import place_filter
from streams.stages.control.asof import Answer, at
from streams.stages.control.parameters import Parameters, load_parameters

WIDE = 110
"""Columns from which the table shows everything beside each other."""
LONGEST_PARTY = 17
"""Columns that the usual parties need."""

Row = tuple[TownControl, Answer]
"""A town's record, and its standing on the day asked for."""


def towns(
    log: LogFile = None,
    as_of: Annotated[
        date | None, day_option("--as-of", "Who held it on this day. Without it, as the news last had it.")
    ] = None,
    known_at: KnownAt = None,
    place: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this town, or those in this district or governorate; a name or id."),
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write a map to this file as well.")] = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Show who holds each town, since when, and how sure that is.

    With --json each line is the town's record; with --as-of it is its standing on that day.
    """
    # The theatre takes a second to load: only a question that needs it pays for it.
    is_meant = place_filter(session.theatre().gazetteer, place) if place else lambda _: True
    parameters = load_parameters(session.theatre()) if as_of else None
    with session.looked_at(log, broker, prefix) as store:
        found = [town for town in revisions.by_key(store, CONTROL, TownControl, known_at) if is_meant(town.place)]
    found.sort(key=lambda town: (town.place.name, town.place.admin1 or "", town.place.key))
    if svg is not None:
        from streams.edges.pictures.day_map import day_map

        answers = [standing(town, as_of, parameters) for town in found]
        svg.write_text(day_map(answers, heading(as_of, known_at)), encoding="utf-8")
    if as_json:
        screen.lines(as_line(town, as_of, parameters) for town in found)
    else:
        show([(town, standing(town, as_of, parameters)) for town in found], heading(as_of, known_at))


def standing(town: TownControl, day: date | None = None, parameters: Parameters | None = None) -> Answer:
    """A town's standing on a day, which takes the theatre's parameters; without one as its record has it."""
    if day and parameters:
        return at(town, day, parameters)
    return Answer(
        place=town.place,
        day=town.last_confirmed or date.min,
        controller=town.controller,
        status=town.status,
        parties=town.timeline[-1].parties if town.timeline else (),
        besieged_by=town.besieged_by,
        since=town.since,
        last_confirmed=town.last_confirmed,
        stale=town.stale,
        confidence=town.confidence,
    )


def as_line(town: TownControl, day: date | None, parameters: Parameters | None) -> bytes:
    """A town as a line of JSON: its record, or its standing on a day."""
    if day is None or parameters is None:
        return encode(town)
    answer = at(town, day, parameters)
    fields: dict[str, Any] = {name: getattr(answer, name) for name in Answer.__dataclass_fields__ if name != "day"}
    return orjson.dumps(to_jsonable_python({"as_of": day, **fields, "revision": town.revision}))


def heading(as_of: date | None, known_at: str | None) -> str:
    """What a table of towns says above it."""
    day = f"on {as_of:%-d %B %Y}" if as_of else "as the news last had it"
    return f"Who holds what, {day}" + (f", as known at {known_at}" if known_at else "")


def show(rows: Sequence[Row], title: str) -> None:
    """Print towns as a table that fits the terminal."""
    out = screen.out()
    if not rows:
        out.print("Nothing is known of any town. Put articles in and run: frontwire ingest FILE; frontwire run --once")
        return
    wide = out.width >= WIDE
    columns = ("town", "governorate", "holder", "status", "besieged by", "since", ">sure", "said by")
    table = screen.table(*(columns if wide else ("town", "holder", "since", ">sure")), title=title)
    for column in table.columns:
        column.min_width = LONGEST_PARTY if column.header in ("holder", "besieged by") else None
    for town, answer in rows:
        table.add_row(*(_wide_cells(town, answer) if wide else _narrow_cells(town, answer)))
    out.print(table)
    known = sum(answer.status is not ControlStatus.UNKNOWN for _, answer in rows)
    out.print(
        f"{screen.plural(len(rows), 'town')}, {known:,} of them known. ~ nothing has confirmed it for long", style="dim"
    )


def _wide_cells(town: TownControl, answer: Answer) -> tuple[Text | str, ...]:
    roots = sorted({root for claim in town.evidence for root in claim.root_sources})
    return (
        Text(town.place.name),
        Text(town.place.admin1 or ""),
        holders(answer),
        answer.status.value,
        _parties(answer.besieged_by),
        ("~" if answer.stale else "") + _day(answer.since),
        f"{answer.confidence:.2f}",
        Text(screen.some(roots, 2), style="dim"),
    )


def _narrow_cells(town: TownControl, answer: Answer) -> tuple[Text | str, ...]:
    admin1 = town.place.admin1
    name = Text(town.place.name) + Text(f", {admin1}" if admin1 not in (None, town.place.name) else "", style="dim")
    said = holders(answer)
    if answer.status is not ControlStatus.HELD:
        said = Text(f"{answer.status} ", style="dim") + said
    if answer.besieged_by:
        said += Text("\nbesieged by ", style="dim") + _parties(answer.besieged_by)
    return name, said, ("~" if answer.stale else "") + _day(answer.since), f"{answer.confidence:.2f}"


def holders(answer: Answer) -> Text:
    """Who holds a town, or its parts, or fights for it."""
    if answer.controller:
        return screen.party(answer.controller)
    return _parties(answer.parties) if answer.status is not ControlStatus.UNKNOWN else Text("")


def _parties(names: Sequence[str]) -> Text:
    return Text(", ").join(screen.party(name) for name in names)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
