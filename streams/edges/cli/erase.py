"""`frontwire erase`: an article under a takedown, out of the log for good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile


def erase(
    articles: Annotated[
        list[str] | None, typer.Argument(metavar="ARTICLE_ID...", help="Articles to erase; none goes on with the last.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="WORDS", help="Who asked, or on what ground: it is written down.")
    ] = None,
    archives: Annotated[
        list[Path] | None,
        typer.Option("--archive", metavar="FOLDER", help="Bring this archive of the log up to date too; repeatable."),
    ] = None,
    log: LogFile = None,
    as_json: AsJson = False,
) -> None:
    """Erase articles from log, state and snapshots, with a record that says so.

    What followed from them is made again without them, and takes over at once; a running `frontwire run` or `serve` is
    told and has to be started again. Everything else stays as it is. An erasure that was cut off goes on when this is
    called again. Exports that left this machine are for you to erase.
    """
    from streams.shells import archive, erasing

    path = session.log_path(log)
    if articles and not reason:
        raise typer.BadParameter("say who asked for it, or on what ground", param_hint="--reason")
    stages = session.stages()
    session.to_read(log).close()
    erased = erasing.erase(path, articles, reason or "", session.now()) if articles else 0
    if erased or erasing.is_unfinished(path):
        with screen.bar("Making the rest again", total=None) as bar:
            erasing.rebuild(path, stages, limits=session.limits(), on_progress=screen.watcher(bar))
    for folder in archives or ():
        archive.refresh(path, folder)
    if as_json:
        screen.json_line({"log": str(path), "erased": erased})
    else:
        told = f"Erased {screen.plural(erased, 'record')}" if erased else "Nothing was left to erase"
        screen.out().print(f"{told} in {path}.", soft_wrap=True)
