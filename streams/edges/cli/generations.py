"""`frontwire generations`: sets of topics beside each other, and which is live; how `replay --beside` builds one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.topics import ARTICLES, TOPICS
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile
from streams.shells.sqlite_log import SqliteLog, open_log

if TYPE_CHECKING:
    from streams.pipeline import Pipeline


def generations(
    log: LogFile = None,
    make_live: Annotated[
        int | None,
        typer.Option("--make-live", metavar="N", help="Have this one catch up and become live: the way back."),
    ] = None,
    drop: Annotated[
        int | None, typer.Option("--drop", metavar="N", help="Delete this one, with all that its stages know.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the sets of topics that versions have built beside each other; names of topics mean the live one.

    `frontwire replay --take-over` builds one and makes it live. The one before stays until it is dropped.
    """
    path = session.log_path(log)
    if make_live is not None:
        _take_over(path, make_live, session.stages(), 0)
    with closing(session.to_write(log) if drop is not None else session.to_read(log)) as store:
        if drop is not None:
            store.drop_generation(drop)
        _tell(store, as_json)


def build(path: Path, stages: Pipeline, *, take_over: bool, processes: int, as_json: bool) -> None:
    """Build a generation with these stages, or go on with one; have it become live if asked; list them all."""
    from streams.shells.takeover import build as build_beside
    from streams.shells.takeover import unfinished

    with closing(open_log(path)) as store:
        begun = unfinished(store, {stage.name: stage.version for stage in stages})
        number = store.begin_generation() if begun is None else begun
    with screen.bar(f"Building generation {number}", total=None) as bar:
        build_beside(path, number, stages, limits=session.limits(processes), on_progress=screen.watcher(bar))
    if take_over:
        _take_over(path, number, stages, processes)
    with closing(session.to_read(path)) as store:
        _tell(store, as_json)


def _take_over(path: Path, number: int, stages: Pipeline, processes: int) -> None:
    from streams.shells.takeover import take_over

    with screen.bar("Catching up", total=None) as bar:
        take_over(path, number, stages, limits=session.limits(processes), on_progress=screen.watcher(bar))


def _tell(store: SqliteLog, as_json: bool) -> None:
    told = [_about(store, number) for number in store.generations()]
    if as_json:
        for one in told:
            screen.json_line(one)
        return
    table = screen.table("generation", "", ">articles read", ">to read", ">records", "versions")
    for one in told:
        versions = "\n".join(f"{stage} {version}" for stage, version in one["versions"].items())
        figures = (f"{one[name]:,}" for name in ("read", "waiting", "records"))
        table.add_row(str(one["generation"]), "live" if one["live"] else "", *figures, versions)
    screen.out().print(table)


def _about(store: SqliteLog, number: int) -> dict[str, Any]:
    with closing(open_log(store.path, read_only=True, generation=number)) as log:
        heads, marks = log.heads(), log.marks()
        ends = {lane: head for lane, head in heads.items() if lane.topic == ARTICLES.name}
        read = sum(mark.offset - ends[mark.lane].first for mark in marks if mark.lane in ends)
        return {
            "generation": number,
            "live": number == store.live(),
            "read": read,
            "waiting": sum(head.end - head.first for head in ends.values()) - read,
            "records": sum(head.end - head.first for lane, head in heads.items() if TOPICS[lane.topic].remade),
            "versions": {mark.stage: mark.version for mark in marks},
        }
