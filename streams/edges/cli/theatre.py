"""`frontwire theatre`: what the theatre pack knows."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from schemas.errors import FrontwireError
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson
from streams.theatres.gazetteer import Site
from streams.theatres.theatre import Theatre

theatre = typer.Typer(no_args_is_help=True)

MOST = 20


class UnknownName(FrontwireError):
    """A name that the theatre does not have."""


@theatre.command()
def about(as_json: AsJson = False) -> None:
    """Tell which theatre is used, its version, and how much it knows."""
    pack = session.theatre()
    found = {
        "name": pack.name,
        "title": pack.title,
        "version": pack.version,
        "places": len(pack.gazetteer),
        "actors": sum(1 for _ in pack.actors),
        "outlets": sum(1 for _ in pack.outlets),
    }
    if as_json:
        screen.json_line(found)
        return
    table = screen.table("", "")
    table.show_header = False
    for name, value in found.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    screen.out().print(table)


@theatre.command()
def resolve(
    name: Annotated[str, typer.Argument(help="A name as texts write it: of a place, party, outlet or source.")],
    admin1: Annotated[
        str | None, typer.Option("--in", metavar="GOVERNORATE", help="Governorate that the text puts it in.")
    ] = None,
    near: Annotated[
        list[str] | None, typer.Option("--near", metavar="NAME", help="A place that is named with it; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a name means: the place with the others of that name, the party, the outlet, the source."""
    pack = session.theatre()
    company = [site.place_id for other in near or () if (site := pack.gazetteer.resolve(other).site)]
    found = pack.gazetteer.resolve(name, admin1=admin1, near=company)
    places = [site for site in (found.site, *found.candidates) if site]
    others = _others(pack, name)
    if not places and not others:
        raise UnknownName(f"{pack.name} knows no place, party, outlet or source called {name!r}")
    if as_json:
        screen.json_line({"name": name, "places": [_as_json(site) for site in places], **others})
    else:
        _show(name, places, others)


def _others(pack: Theatre, name: str) -> dict[str, Any]:
    """What the name means besides places."""
    actor, outlet, source = pack.actors.resolve(name), pack.outlets.get(name), pack.outlets.source(name)
    found: dict[str, Any] = {}
    if actor:
        found["actor"] = {"id": actor, "party": pack.actors.party(actor), "side": pack.actors.side(actor)}
    if outlet:
        found["outlet"] = {"id": outlet.id, "name": outlet.name, "type": outlet.type, "lean": outlet.lean}
    if source:
        found["source"] = {"id": source.id, "name": source.label, "type": source.type, "lean": source.lean}
    return found


def _as_json(site: Site) -> dict[str, Any]:
    return {
        "place_id": site.place_id,
        "name": site.name,
        "admin1": site.admin1,
        "admin2": site.admin2,
        "lat": site.lat,
        "lon": site.lon,
        "feature": site.feature,
        "population": site.population,
        "parent": site.parent,
    }


def _show(name: str, places: list[Site], others: dict[str, Any]) -> None:
    out = screen.out()
    for kind, fields in others.items():
        out.print(Text(f"{kind:8}") + Text(", ".join(f"{field} {value}" for field, value in fields.items())))
    if places:
        table = screen.table("place", "governorate", "id", "feature", ">population", title=f"Places called {name}")
        for number, site in enumerate(places[:MOST]):
            style = "bold" if number == 0 else ""
            people = f"{site.population:,}" if site.population else ""
            table.add_row(Text(site.name, style=style), Text(site.admin1 or ""), site.place_id, site.feature, people)
        out.print(table)
        out.print(Text("The first is meant if nothing else is known. --in and --near help to tell.", style="dim"))
