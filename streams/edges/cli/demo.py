"""`frontwire demo`: a tour of the sample, from the articles to one explained event."""

from __future__ import annotations

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import mkdtemp

from rich.text import Text

from schemas.control import TownControl
from schemas.errors import TheatreError
from schemas.event import Event
from schemas.topics import CONTROL
from schemas.vocabulary import ControlStatus
from streams.edges.cli import events, revisions, screen, session, towns
from streams.edges.cli.ingest import ingest_files
from streams.edges.cli.options import AsJson, LogFile
from streams.edges.cli.run import counts, report, run_stages
from streams.edges.intake.articles import Defaults
from streams.edges.settings import settings
from streams.shells.sqlite_log import SqliteLog

SAMPLE = "examples.jsonl"
MOST_TOWNS = 15
MOST_EVENTS = 8


def demo(log: LogFile = None, as_json: AsJson = False) -> None:
    """Read the sample articles of the theatre and show what comes of them.

    Without --log it works in a new temporary folder. With one it adds the sample to that log; the same articles twice
    change nothing.
    """
    path = log or Path(mkdtemp(prefix="frontwire-demo-"), "log.db")
    store = session.to_write(path)
    with as_file(_sample()) as sample:
        # Arrival as printed: so the log, and all that follows, is the same on every day that the demo runs.
        ingest_files(store, [str(sample)], Defaults(), log_time="published", told=not as_json)
    run_stages(store, once=True)
    if as_json:
        screen.json_line({"log": str(path), **counts(store)})
    else:
        _tour(store, path)
    store.close()


def _sample() -> Traversable:
    home: Traversable = settings().theatres or files("streams.theatres")
    sample = home / settings().theatre / SAMPLE
    if not sample.is_file():
        raise TheatreError(
            f"the theatre {settings().theatre} has no {SAMPLE}; take in articles of your own: ingest FILE"
        )
    return sample


def _tour(store: SqliteLog, path: Path) -> None:
    from streams.edges.cli.explain_subject import about

    out = screen.out()
    _head("1. Articles went in, and this came of them")
    report(store)
    _head("2. Who holds what, as the news last had it, of the towns most written of")
    known = [town for town in revisions.by_key(store, CONTROL, TownControl) if town.status is not ControlStatus.UNKNOWN]
    known.sort(key=lambda town: (-len(town.evidence), town.place.name, town.place.key))
    towns.show([(town, towns.standing(town)) for town in known[:MOST_TOWNS]], "")
    _head("3. What happened, as most sources have it")
    found = sorted(revisions.present_events(store), key=_weight, reverse=True)
    events.show(found[:MOST_EVENTS])
    if found:
        _head("4. What the first of these rests on")
        about(store, found[0].event_id).print(out)
    _head("Go on")
    _ways_on(path)


def _weight(event: Event) -> tuple[int, int, str]:
    return len(event.root_sources), event.killed.min if event.killed else 0, event.event_id


def _head(words: str) -> None:
    screen.out().print(Text(f"\n{words}", style="bold reverse"))


def _ways_on(path: Path) -> None:
    option = "" if path == settings().log else f" --log {path}"
    ways = [
        (f"frontwire towns{option} --as-of 2016-12-01", "who held what on a day"),
        (f"frontwire explain{option} Aleppo", "why we think so, down to the sentences"),
        (f"frontwire replay{option}", "read it all again, and prove that it comes to the same"),
        (f"frontwire serve{option}", "a map and an API in the browser"),
        ("frontwire ingest FILE; frontwire run --once", "your own articles"),
    ]
    for command, words in ways:
        screen.out().print(Text(f"  {command}") + Text(f"  {words}", style="dim"), soft_wrap=True)
