"""`frontwire diff`: what differs in who holds what between two days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, NamedTuple

import typer
from pydantic_core import to_jsonable_python
from rich.text import Text

from schemas.control import TownControl
from schemas.topics import CONTROL
from schemas.vocabulary import ControlStatus
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.options import AsJson, Broker, KnownAt, LogFile, Prefix, day_argument
from streams.edges.cli.places import place_filter
from streams.edges.cli.towns import holders
from streams.stages.control.asof import Answer, at
from streams.stages.control.parameters import Parameters, load_parameters


class Difference(NamedTuple):
    """A town that stood otherwise on the one day than on the other."""

    before: Answer
    after: Answer


def diff(
    first: Annotated[date, day_argument("DAY", "The earlier day.")],
    second: Annotated[date, day_argument("DAY", "The later day.")],
    log: LogFile = None,
    known_at: KnownAt = None,
    place: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this town, or those in this district or governorate; a name or id."),
    ] = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Show the towns that stood otherwise on the second day than on the first.

    Both days are read off the same knowledge: all of it, or what was known at a point. That something is no longer
    known is no change of hands, and stands apart.
    """
    theatre = session.theatre()
    is_meant, parameters = place_filter(theatre.gazetteer, place), load_parameters(theatre)
    with session.looked_at(log, broker, prefix) as store:
        found = [town for town in revisions.by_key(store, CONTROL, TownControl, known_at) if is_meant(town.place)]
    found.sort(key=lambda town: (town.place.name, town.place.key))
    differing = list(differences(found, first, second, parameters))
    if as_json:
        for one in differing:
            screen.json_line(_as_json(one))
        return
    _show(differing, f"What differs between {first} and {second}")


def differences(towns: list[TownControl], first: date, second: date, parameters: Parameters) -> Iterator[Difference]:
    """The towns whose holder, status, parties or besiegers are others on the second day than on the first."""
    for town in towns:
        before, after = at(town, first, parameters), at(town, second, parameters)
        if _standing(before) != _standing(after):
            yield Difference(before, after)


def _standing(answer: Answer) -> tuple[object, ...]:
    return (answer.status, answer.controller, answer.parties, answer.besieged_by)


def _as_json(one: Difference) -> dict[str, Any]:
    names = ("controller", "status", "parties", "besieged_by", "since", "stale", "confidence")
    sides = ({name: getattr(answer, name) for name in names} for answer in one)
    before, after = sides
    plain: dict[str, Any] = to_jsonable_python({"place": one.after.place, "before": before, "after": after})
    return plain


def _show(differing: list[Difference], title: str) -> None:
    out = screen.out()
    gone = [one for one in differing if one.after.status is ControlStatus.UNKNOWN]
    told = [one for one in differing if one.after.status is not ControlStatus.UNKNOWN]
    table = screen.table("town", "before", "after", "since", ">sure", title=title)
    for before, after in told:
        since = after.since.isoformat() if after.since else ""
        table.add_row(Text(after.place.name), _told(before), _told(after), since, f"{after.confidence:.2f}")
    if told:
        out.print(table)
    out.print(
        f"{screen.plural(len(told), 'town')} stood otherwise"
        + (f"; no longer known: {screen.some([one.after.place.name for one in gone], 12)}" if gone else ""),
        style="dim",
    )


def _told(answer: Answer) -> Text:
    words = holders(answer)
    if answer.status is not ControlStatus.HELD:
        words = Text(f"{answer.status.value} ", style="dim") + words
    if answer.besieged_by:
        words += Text(f", besieged by {', '.join(answer.besieged_by)}", style="dim")
    return words
