"""`frontwire run`: the stages over the log, once or for as long as articles come."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.control import TownControl
from schemas.topics import ARTICLES, CLAIMS, CONTROL, DEAD_LETTERS, EVENTS, MENTIONS
from schemas.vocabulary import ControlStatus
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.cluster import (
    DATA_FOLDER,
    DataFolder,
    Partitions,
    Replication,
    Standby,
    work,
)
from streams.edges.cli.ingest import ingest_files
from streams.edges.cli.options import GROUP, AsJson, Broker, Group, LogFile, Prefix
from streams.edges.intake.articles import Defaults
from streams.edges.intake.sources import files_under
from streams.shells.log import View
from streams.shells.sqlite_log import SqliteLog


def run(
    log: LogFile = None,
    once: Annotated[bool, typer.Option("--once", help="Work off what is there and end.")] = False,
    articles: Annotated[
        list[str] | None, typer.Option("--articles", metavar="FILE", help="Take these articles in first; repeatable.")
    ] = None,
    accept_versions: Annotated[
        bool,
        typer.Option(
            "--accept-versions",
            help="Go on from the state that other versions of the stages left. Without it a new version asks for a "
            "replay into a new log.",
        ),
    ] = False,
    as_json: AsJson = False,
    broker: Broker = None,
    data: DataFolder = DATA_FOLDER,
    group: Group = GROUP,
    prefix: Prefix = "",
    partitions: Partitions = None,
    replication: Replication = 1,
    standby: Standby = 0,
) -> None:
    """Run the stages: articles to mentions, events and claims, and who holds each town.

    Without --once it goes on with what arrives, until it is interrupted. Killed at any moment, it goes on where it was:
    each record takes effect once.

    With --broker it is one worker of a Kafka cluster; start as many as there are partitions to share.
    """
    if broker:
        work(broker, data, group, prefix, partitions, replication, standby, accept_versions=accept_versions)
    store = session.to_write(log)
    if articles:
        ingest_files(store, files_under(articles), Defaults(), told=not as_json)
    taken = run_stages(store, once=once, accept_versions=accept_versions)
    if as_json:
        screen.json_line({"log": str(store.path), "read": taken, **counts(store)})
    else:
        report(store)
    store.close()


def run_stages(store: SqliteLog, *, once: bool, accept_versions: bool = False) -> int:
    """Run all stages over a log, with a progress bar where somebody watches; the number of records read."""
    from streams.shells.runner import Runner, stopped_by_signals

    limits, stages = session.limits(), session.stages()
    with screen.bar("Running", total=None) as bar:
        runner = Runner(store, stages, limits=limits, on_progress=screen.watcher(bar), accept_versions=accept_versions)
        if not once:
            screen.err().print(f"Running on {store.path}. End it with Ctrl-C.", style="dim", soft_wrap=True)
        with stopped_by_signals(runner):
            return runner.run_once() if once else runner.run()


def counts(store: View) -> dict[str, int]:
    """What a log has come to: articles, mentions, events, claims, towns and dead letters."""
    towns = list(revisions.by_key(store, CONTROL, TownControl))
    return {
        "articles": revisions.count(store, ARTICLES),
        "mentions": revisions.count(store, MENTIONS),
        "events": len(revisions.present_events(store)),
        "event_revisions": revisions.count(store, EVENTS),
        "claims": len(revisions.present_claims(store)),
        "claim_revisions": revisions.count(store, CLAIMS),
        "towns": len(towns),
        "towns_known": sum(town.status is not ControlStatus.UNKNOWN for town in towns),
        "dead_letters": revisions.count(store, DEAD_LETTERS),
    }


def report(store: View) -> None:
    """Print what a log has come to."""
    found = counts(store)
    table = screen.table("", ">", "")
    for name, note in (
        ("articles", ""),
        ("mentions", ""),
        ("events", f"in {found['event_revisions']:,} revisions"),
        ("claims", f"in {found['claim_revisions']:,} revisions"),
        ("towns", f"of {found['towns_known']:,} it is known who holds them, or fights there"),
        ("dead_letters", "see them with: frontwire dead-letters list" if found["dead_letters"] else ""),
    ):
        table.add_row(name.replace("_", " "), f"{found[name]:,}", f"[dim]{note}[/]")
    table.show_header = False
    screen.out().print(table)
