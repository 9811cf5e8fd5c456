"""`frontwire events`: what happened, however many outlets report it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Annotated

import typer
from rich.text import Text

from schemas.codec import encode
from schemas.event import Event, Merged
from schemas.record import Toll
from schemas.vocabulary import EventType
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.options import AsJson, Broker, KnownAt, LogFile, Prefix, day_option
from streams.edges.cli.places import place_filter

SHORT_ID = 8
"""Characters of an id that are shown; `explain` takes as many as make it unique."""
WIDE = 140
"""Columns from which the table shows everything beside each other."""


def events(
    log: LogFile = None,
    place: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only in this town, site, district or governorate; a name or id."),
    ] = None,
    kind: Annotated[
        list[EventType] | None,
        typer.Option("--type", metavar="TYPE", help=f"Only of this type; repeatable: {', '.join(EventType)}."),
    ] = None,
    party: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only with this party as actor or target; repeatable, for any of them."),
    ] = None,
    since: Annotated[date | None, day_option("--since", "Only what lasted until this day or later.")] = None,
    until: Annotated[date | None, day_option("--until", "Only what began on this day or earlier.")] = None,
    min_killed: Annotated[int, typer.Option(metavar="N", min=0, help="Only with at least so many dead.")] = 0,
    min_confidence: Annotated[
        float, typer.Option(metavar="P", min=0, max=1, help="Only at least so sure, 0 to 1.")
    ] = 0.0,
    min_sources: Annotated[
        int, typer.Option(metavar="N", min=0, help="Only with at least so many independent root sources.")
    ] = 0,
    known_at: KnownAt = None,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """List events in the order of their days.

    What has no day of its own is left out where --since or --until is given. With --json each line is an event's last
    revision.
    """
    is_meant = place_filter(session.theatre().gazetteer, place) if place else lambda _: True
    tests: tuple[Callable[[Event], bool], ...] = (
        lambda event: is_meant(event.place),
        lambda event: not kind or event.event_type in kind,
        lambda event: not party or bool({*event.actors, *event.targets} & set(party)),
        lambda event: since is None or (event.when is not None and event.when.last >= since),
        lambda event: until is None or (event.when is not None and event.when.first <= until),
        lambda event: not min_killed or (event.killed is not None and event.killed.min >= min_killed),
        lambda event: event.confidence >= min_confidence,
        lambda event: len(event.root_sources) >= min_sources,
    )
    with session.looked_at(log, broker, prefix) as store:
        found = [event for event in revisions.present_events(store, known_at) if all(test(event) for test in tests)]
    found.sort(key=_by_day)
    if as_json:
        screen.lines(map(encode, found))
    else:
        show(found)


def show(found: Sequence[Event]) -> None:
    """Print events as a table that fits the terminal."""
    out = screen.out()
    if not found:
        out.print("No event fits. Without options `frontwire events` lists all there are.")
        return
    wide = out.width >= WIDE
    columns = ("day", "what", "where", "who", ">killed", ">wounded", "sources", ">sure", "id")
    table = screen.table(*(columns if wide else ("day", "what", ">killed", ">src", "id")))
    table.columns[0].no_wrap = table.columns[-1].no_wrap = True
    for event in found:
        table.add_row(*(_wide_cells(event) if wide else _narrow_cells(event)))
    out.print(table)
    out.print(f"{screen.plural(len(found), 'event')}. What one rests on: frontwire explain ID", style="dim")


def _wide_cells(event: Event) -> tuple[Text | str, ...]:
    return (
        days(event),
        what(event),
        where(event),
        parties(event),
        toll(event.killed),
        toll(event.wounded),
        Text(screen.some(event.root_sources, 2), style="dim"),
        f"{event.confidence:.2f}",
        event.event_id[:SHORT_ID],
    )


def _narrow_cells(event: Event) -> tuple[Text | str, ...]:
    told = what(event) + Text(", ") + where(event)
    if event.actors or event.targets:
        told += Text("\n") + parties(event)
    return days(event), told, toll(event.killed), str(len(event.root_sources)), event.event_id[:SHORT_ID]


def what(event: Event) -> Text:
    """The kind of act, struck through if the alleged actor denies it."""
    return Text(event.event_type.replace("_", " "), style="strike" if event.modality == "denied" else "")


def where(event: Merged) -> Text:
    """District, town and governorate."""
    place = event.place
    named = Text(f"{place.district}, " if place.district else "") + Text(place.name)
    return named + Text(f", {place.admin1}", style="dim") if place.admin1 not in (None, place.name) else named


def parties(event: Event) -> Text:
    """Who against whom; `?` stands for an actor who is not said."""
    actors = Text(", ").join(screen.party(name) for name in event.actors)
    if not event.targets:
        return actors
    targets = Text(", ").join(screen.party(name) for name in event.targets)
    return (actors or Text("?", style="dim")) + Text(" → ", style="dim") + targets


def toll(figure: Toll | None) -> str:
    """People as a range: `63-90`, `63+` where it is open, nothing where it is not stated."""
    if figure is None:
        return ""
    if figure.max is None:
        return f"{figure.min:,}+"
    return f"{figure.min:,}" if figure.max == figure.min else f"{figure.min:,}-{figure.max:,}"


def days(event: Merged) -> Text:
    """Days as short as they can be told: `2016-01-22`, `2016-01-22..24`, `2016-01`; else that of the first report."""
    if event.when is None:
        return Text(f"by {event.first_seen:%Y-%m-%d}", style="dim")
    return Text(_stretch(event.when.first, event.when.last))


def _stretch(first: date, last: date) -> str:
    if first == last:
        return first.isoformat()
    if (first.month, first.day, last) == (1, 1, date(first.year, 12, 31)):
        return f"{first.year}"
    if first.day == 1 and last.month == first.month and (last + timedelta(days=1)).day == 1 and _one_year(first, last):
        return f"{first:%Y-%m}"
    tail = last.isoformat()
    return f"{first}..{tail[8:] if f'{first:%Y-%m}' == tail[:7] else tail[5:] if _one_year(first, last) else tail}"


def _one_year(first: date, last: date) -> bool:
    return first.year == last.year


def _by_day(event: Event) -> tuple[date, str, str]:
    day = event.when.first if event.when else event.first_seen.date()
    return day, event.place.name, event.event_id
