"""`frontwire rollup`: how many towns each party holds, by governorate or district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer
from rich.text import Text

from schemas.control import TownControl
from schemas.record import Place
from schemas.topics import CONTROL
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.options import AsJson, Broker, KnownAt, LogFile, Prefix, day_option
from streams.edges.cli.towns import heading, standing
from streams.edges.feed.rollups import Area, area_of
from streams.stages.control.parameters import load_parameters
from streams.stages.control.rollup import RollUp, roll_up
from streams.theatres.gazetteer import Gazetteer


def rollup(
    log: LogFile = None,
    by: Annotated[str, typer.Option("--by", metavar="governorate|district", help="Which areas.")] = "governorate",
    as_of: Annotated[
        date | None, day_option("--as-of", "Who held them on this day. Without it, as the news last had it.")
    ] = None,
    known_at: KnownAt = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Show how many towns each party holds in each governorate or district, how many are unknown and how many stale.

    Silence is not evidence: a town that nothing confirmed for long counts as stale, and for nobody.
    """
    area: Area = "district" if by == "district" else "governorate"
    if by != area:
        raise typer.BadParameter(f"{by!r} is neither governorate nor district", param_hint="--by")
    theatre = session.theatre()
    gazetteer, parameters = theatre.gazetteer, load_parameters(theatre)
    with session.looked_at(log, broker, prefix) as store:
        answers = [
            standing(town, as_of, parameters) for town in revisions.by_key(store, CONTROL, TownControl, known_at)
        ]

    def units_of(place: Place) -> tuple[str, ...]:
        return (area_of(gazetteer, place.place_id, area),)

    areas = roll_up(answers, units_of)
    if as_json:
        for one in areas:
            screen.json_line({"name": _name(gazetteer, one.unit), **asdict(one)})
        return
    _show(areas, gazetteer, heading(as_of, known_at))


def _show(areas: Sequence[RollUp], gazetteer: Gazetteer, title: str) -> None:
    table = screen.table(
        "area", ">towns", "held by", ">divided", ">contested", ">besieged", ">unknown", ">stale", title=title
    )
    for one in sorted(areas, key=lambda area: _name(gazetteer, area.unit)):
        held = Text(", ").join(screen.party(party) + Text(f" {count}") for party, count in one.held)
        counts = (one.divided, one.contested, one.besieged, one.unknown, one.stale)
        table.add_row(Text(_name(gazetteer, one.unit)), str(one.towns), held, *(f"{count or ''}" for count in counts))
    screen.out().print(table)


def _name(gazetteer: Gazetteer, unit: str) -> str:
    site = gazetteer.get(unit)
    return site.name if site else unit.partition(":")[2] or unit
