"""`frontwire history`: all that is known of who held a town, and how it came to be known; a table or a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import to_jsonable_python
from rich.text import Text

from schemas.codec import decode
from schemas.control import ControlChange, TownControl
from schemas.topics import CONTROL, CONTROL_CHANGES
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.explain_subject import town_named
from streams.edges.cli.explain_town import print_changes, print_head, print_timeline
from streams.edges.cli.options import AsJson, Broker, KnownAt, LogFile, Prefix
from streams.shells.log import View, iterate

Svg = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write it as a picture to this file as well.")]


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a town as it was once written."""

    known_at: datetime
    control: TownControl


def history(
    town: Annotated[str, typer.Argument(metavar="TOWN", help="A town's name or id.")],
    log: LogFile = None,
    known_at: KnownAt = None,
    all_revisions: Annotated[
        bool, typer.Option("--revisions", help="Also every state that was written, with the time when it was known.")
    ] = False,
    svg: Svg = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """Show who held a town from when to when, and how that came to be known.

    The timeline is what is believed; the changes below it are in the order in which they became known, corrections
    among them.
    """
    with session.looked_at(log, broker, prefix) as store:
        found = town_named(store, town, known_at)
        changes = _changes(store, found, known_at)
        written = list(_revisions(store, found, known_at)) if all_revisions else []
    if svg is not None:
        from streams.edges.pictures.timeline import timeline

        svg.write_text(timeline(found), encoding="utf-8")
    if as_json:
        screen.json_line(_as_json(found, changes, written))
        return
    out = screen.out()
    print_head(out, found)
    print_timeline(out, found)
    print_changes(out, changes)
    if written:
        _print_revisions(written)


def _changes(store: View, town: TownControl, known_at: str | None) -> list[ControlChange]:
    end = revisions.ends_known(store, CONTROL_CHANGES, known_at)
    found = (stored for stored in iterate(store, CONTROL_CHANGES.name, end=end) if stored.key == town.place.key)
    return [decode(ControlChange, stored.value) for stored in found]


def _revisions(store: View, town: TownControl, known_at: str | None) -> Iterator[Revision]:
    end = revisions.ends_known(store, CONTROL, known_at)
    for stored in iterate(store, CONTROL.name, end=end):
        if stored.key == town.place.key:
            yield Revision(datetime.fromtimestamp(stored.timestamp / 1000, UTC), decode(TownControl, stored.value))


def _as_json(town: TownControl, changes: Sequence[ControlChange], written: Sequence[Revision]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "place": town.place,
        "revision": town.revision,
        "timeline": town.timeline,
        "outlook": town.outlook,
        "changes": [to_jsonable_python(change, by_alias=True) for change in changes],
    }
    if written:
        fields["revisions"] = [{"known_at": one.known_at, "control": one.control} for one in written]
    plain: dict[str, Any] = to_jsonable_python(fields)
    return plain


def _print_revisions(written: Sequence[Revision]) -> None:
    table = screen.table(
        ">revision", "known", "status", "holder", "since", ">sure", title="\nStates as they were written"
    )
    for one in written:
        town = one.control
        holder = screen.party(town.controller) if town.controller else Text("")
        since = town.since.isoformat() if town.since else ""
        known, sure = f"{one.known_at:%Y-%m-%d %H:%M}", f"{town.confidence:.2f}"
        table.add_row(str(town.revision), known, town.status.value, holder, since, sure)
    screen.out().print(table)
