"""`frontwire archive` and `frontwire restore`: the whole log as files by topic and day, and back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile


class Form(StrEnum):
    """What an archive's files are."""

    JSONL = "jsonl"
    PARQUET = "parquet"


Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The archive: a file a topic and day of log time.")]


def archive(
    folder: Folder,
    log: LogFile = None,
    form: Annotated[
        Form,
        typer.Option("--format", help="jsonl: a line a record, its JSON as the last field. parquet: a row each."),
    ] = Form.JSONL,
    as_json: AsJson = False,
) -> None:
    """Write everything that the log holds into a folder, with states and progress, to be restored from.

    Written again into the same folder, it is brought up to date: only days that changed are written, and what was
    erased from the log is erased there.
    """
    from streams.shells.archive import write

    written: list[str] = []
    with screen.bar("Archiving", total=None) as bar:

        def show(name: str, rows: int) -> None:
            written.append(name)
            if bar:
                bar.update(bar.task_ids[0], note=name)

        session.to_read(log).close()
        files = write(session.log_path(log), folder, form, show)
    if as_json:
        screen.json_line({"folder": str(folder), "files": files, "written": written})
        return
    told = f"{screen.plural(sum(files.values()), 'record')} in {screen.plural(len(files), 'file')} under {folder}"
    screen.out().print(f"{told}, {len(written):,} of them new or changed.", soft_wrap=True)


def restore(folder: Folder, log: LogFile = None, as_json: AsJson = False) -> None:
    """Make a log of an archive: the same records at the same offsets, states and progress, proved by their hashes."""
    from streams.shells.archive import restore as put_back

    path = session.log_path(log)
    path.parent.mkdir(parents=True, exist_ok=True)
    count = put_back(folder, path)
    if as_json:
        screen.json_line({"log": str(path), "records": count})
    else:
        screen.out().print(f"{screen.plural(count, 'record')} and all state are back in {path}.", soft_wrap=True)
