"""`frontwire eval`: what extraction reads, against what people read in the same articles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson


def evaluate(
    gold: Annotated[
        Path, typer.Option("--gold", metavar="FILE", exists=True, dir_okay=False, help="Events and claims by reading.")
    ],
    articles: Annotated[
        list[Path] | None,
        typer.Option("--articles", metavar="FILE", exists=True, dir_okay=False, help="Their articles; repeatable."),
    ] = None,
    crowd: Annotated[
        list[Path] | None,
        typer.Option(
            "--crowd", metavar="FILE", exists=True, dir_okay=False, help="Articles with crowd slots to ask; repeatable."
        ),
    ] = None,
    clusters: Annotated[
        Path | None,
        typer.Option(
            "--clusters",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Which events of the gold are one: scores merging on the gold's own mentions and on extracted ones.",
        ),
    ] = None,
    show: Annotated[int, typer.Option(metavar="N", min=0, help="Faults to show of each kind.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Score extraction against gold files: events and claims found, missed and made up, by kind and cause.

    With clusters also merging: which reports are one event.
    """
    from streams.edges.evaluate import command, report
    from streams.edges.evaluate.clusters import evaluate_merging

    theatre = session.theatre()
    result, asked = command.evaluate(gold, articles or (), crowd or (), theatre)
    merging = evaluate_merging(gold, articles or (), clusters, theatre) if clusters else None
    if as_json:
        screen.lines([command.as_json(result, asked, merging).encode()])
    else:
        told = [*report.lines(result, show), *(report.crowd_lines(asked) if asked else ())]
        told += report.merging_lines(merging, show) if merging else ()
        screen.lines(line.encode() for line in told)
