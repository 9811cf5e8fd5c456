"""`frontwire doctor`: what state a log is in, what of it is safe, and what to do."""

from __future__ import annotations

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile
from streams.shells.diagnosis import Diagnosis, diagnose

TOLD = {
    "well": "is well: all of it is what was written, and all was worked off.",
    "in use": "is well, and in use.",
    "unfinished": "is well: all of it is what was written. Articles wait to be read.",
    "rebuild": "is damaged in what follows from its articles. The articles are sound, so nothing is lost.",
    "restore": "is damaged, and its articles cannot be trusted as a whole.",
    "no log": "cannot be looked at.",
}


def doctor(log: LogFile = None, as_json: AsJson = False) -> None:
    """Say what state a log is in, what of it is safe to read, and what to do. Changes nothing.

    Exit code 1 if something is damaged.
    """
    path = session.log_path(log)
    with screen.bar("Looking", total=None) as bar:

        def watch(records: int) -> None:
            if bar:
                bar.update(bar.task_ids[0], note=screen.plural(records, "record"))

        found = diagnose(path, watch)
    if as_json:
        screen.json_line({"log": str(path), **_as_data(found)})
    else:
        _tell(str(path), found)
    raise typer.Exit(1 if found.damage else 0)


def _as_data(found: Diagnosis) -> dict[str, object]:
    return {
        "health": found.health,
        "held_by": found.held_by,
        "damage": [{"what": one.what, "topic": one.topic, "offset": one.offset} for one in found.damage],
        "safe": [{"topic": one.lane.topic, "partition": one.lane.partition, "end": one.end} for one in found.safe],
        "to_do": found.to_do,
    }


def _tell(path: str, found: Diagnosis) -> None:
    out = screen.out()
    out.print(f"{path} {TOLD[found.health]}", style="red" if found.damage else "green", soft_wrap=True)
    for one in found.damage:
        out.print(f"  {one.what}", markup=False, soft_wrap=True)
    if found.held_by:
        out.print(f"In use: {found.held_by}", markup=False, soft_wrap=True)
    if found.damage and found.safe:
        out.print("Safe to read:")
        for stretch in found.safe:
            where = f"{stretch.lane.topic}/{stretch.lane.partition}"
            out.print(f"  {where}: offsets {stretch.first} up to {stretch.end}", soft_wrap=True)
    for number, step in enumerate(found.to_do, 1):
        out.print(f"{number}. {step}", markup=False, soft_wrap=True)
