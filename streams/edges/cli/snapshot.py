"""`frontwire snapshot`: the log's states as they stand, to replay from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile

if TYPE_CHECKING:
    from streams.shells.snapshots import Snapshot


def snapshot(
    log: LogFile = None,
    keep: Annotated[int, typer.Option(metavar="N", min=1, help="Delete all but so many of the newest.")] = 3,
    only_list: Annotated[bool, typer.Option("--list", help="List what there is, and take none.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a snapshot beside the log, which may be running meanwhile.

    `frontwire replay --from-snapshot` starts from the last one.
    """
    from streams.shells.snapshots import prune, snapshots, take

    path = session.log_path(log)
    session.log_events_to_stderr()
    session.to_read(log).close()
    if not only_list:
        take(path)
        prune(path, keep)
    found = snapshots(path)
    if as_json:
        for one in found:
            screen.json_line(_as_json(one))
        return
    table = screen.table("snapshot", ">records", ">bytes")
    for one in found:
        table.add_row(one.path.name, f"{one.sequence:,}", f"{one.path.stat().st_size:,}")
    screen.out().print(table if found else "There are no snapshots.")


def _as_json(one: Snapshot) -> dict[str, object]:
    return {"path": str(one.path), "records": one.sequence, "hash": one.hash, "bytes": one.path.stat().st_size}
