"""Frontwire on a Kafka cluster: a worker, and `frontwire copy` to get there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import GROUP, AsJson, Group, LogFile, Prefix
from streams.edges.settings import settings

DataFolder = Annotated[
    Path,
    typer.Option("--data", metavar="FOLDER", help="With --broker: this worker's tables. One worker a folder."),
]
Partitions = Annotated[
    int | None,
    typer.Option("--partitions", min=1, help="With a broker: partitions of topics that are not there yet."),
]
Replication = Annotated[
    int, typer.Option("--replication", min=1, help="With a broker: copies of topics that are not there yet.")
]
Standby = Annotated[
    int, typer.Option("--standby", min=0, help="With a broker: warm copies of each table on other workers.")
]

DATA_FOLDER = Path(".frontwire/worker")


def work(
    broker: str,
    data: Path,
    group: str,
    prefix: str,
    partitions: int | None,
    replication: int,
    standby: int,
    *,
    accept_versions: bool,
) -> None:
    """Run one worker until it is told to stop; does not return."""
    # Faust takes a second to import and changes the event loop's policy: only a worker pays for it.
    from streams.shells.workers import WorkerSettings, run_worker

    chosen = WorkerSettings(
        broker,
        data,
        group,
        prefix,
        replication,
        standby,
        batch=settings().batch,
        live_bytes=settings().state_mb * 1_000_000,
        access=settings().access(),
        accept_versions=accept_versions,
        probe=settings().probe,
    )
    run_worker(chosen, session.stages(), partitions)


def copy(
    to: Annotated[str, typer.Option("--to", metavar="kafka://HOST:PORT", help="Cluster that the log is carried to.")],
    log: LogFile = None,
    group: Group = GROUP,
    prefix: Prefix = "",
    partitions: Partitions = None,
    replication: Replication = 1,
    as_json: AsJson = False,
) -> None:
    """Carry the embedded log over to a Kafka cluster, in order, with its times, states and progress.

    Workers started there go on where `frontwire run` stopped. A copy that was cut off goes on where it ended.
    """
    from streams.shells.copying import copy as carry
    from streams.shells.workers import WorkerSettings

    store = session.to_read(log)
    chosen = WorkerSettings(to, DATA_FOLDER, group, prefix, replication, access=settings().access())
    with screen.bar("Copying", total=None) as bar:

        def show(topic: str, records: int) -> None:
            if bar:
                bar.update(bar.task_ids[0], completed=records, note=topic)

        sent = carry(store, chosen, session.stages(), partitions=partitions, on_progress=show)
    store.close()
    if as_json:
        screen.json_line(sent)
        return
    table = screen.table("Topic", ">Records sent")
    for topic, records in sent.items():
        table.add_row(topic, f"{records:,}")
    screen.out().print(table)
    screen.out().print(f"Go on there with: frontwire run --broker {to}", soft_wrap=True)
