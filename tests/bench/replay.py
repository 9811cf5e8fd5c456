"""How fast a log is replayed on one core and on several, against the floor of reading it; and what memory that takes.

The articles are the corpus (or the sample) multiplied: other dates, towns, tolls and wording. Prints a table and writes
it to `replay.md` beside this file.

    python tests/bench/replay.py [ARTICLES]
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from contextlib import closing
from itertools import islice
from pathlib import Path
from time import process_time

import structlog
from bench import Measured, append, measure, resident_mb, texts
from multiply import multiplied

from streams.pipeline import Pipeline, pipeline
from streams.shells.log import iterate
from streams.shells.replay import replay
from streams.shells.runner import Limits, Progress
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.state_hash import state_hash
from streams.theatres.theatre import load_theatre

RESULTS = Path(__file__).with_name("replay.md")
ARTICLES = 1_000
MARK = 10_000
"""Articles after which memory is noted first; a tenth of the run where it is shorter than twice that."""


class Watch:
    """Memory on the way, and the processor time of this process alone."""

    def __init__(self, mark: int) -> None:
        self._mark, self._began = mark, process_time()
        self.marked: float | None = None
        self.last = 0.0
        self.own = 0.0

    def __call__(self, progress: Progress) -> None:
        """Note where the run is."""
        self.last, self.own = resident_mb(), process_time() - self._began
        if self.marked is None and progress.done >= self._mark:
            self.marked = self.last


def run(folder: Path, amount: int) -> list[str]:
    """Measure everything; the lines of the report."""
    theatre = load_theatre("syria")
    stages, read = pipeline(theatre), texts()
    mark = MARK if amount >= 2 * MARK else amount // 10
    with closing(open_log(folder / "articles.log")) as source:
        left = islice(multiplied(read, theatre), amount)
        while some := list(islice(left, 500)):
            append(source, some)
        floor = measure("floor: read the log", lambda: sum(1 for _ in iterate(source, "articles")))
        alone, one, first = again(folder / "one.log", source, stages, 0, mark)
        together, several, second = again(folder / "several.log", source, stages, os.cpu_count() or 1, mark)
    table = ["| | articles | seconds | articles a second | CPU seconds |", "|---|---|---|---|---|"]
    for x in (floor, alone, together):
        table.append(f"| {x.name} | {x.records:,} | {x.seconds:.1f} | {x.records / x.seconds:,.0f} | {x.cpu:.1f} |")
    cores = os.cpu_count() or 1
    # What idle cores would take at least: the part that cannot be shared, or an equal share of all work.
    idle = alone.cpu / max(several.own, together.cpu / cores)
    return [
        *table,
        "",
        f"- {amount:,} articles of {len(read)} texts; {cores} cores, load {os.getloadavg()[0]:.1f} at the end",
        f"- every core against one: {alone.seconds / together.seconds:.2f} times by the clock; {idle:.2f} by CPU time, "
        "as on cores that have nothing else to do",
        f"- CPU time that cannot be shared: {several.own:.1f} s of {together.cpu:.1f} s",
        f"- memory on one core: {one.marked or 0:.0f} MB after {mark:,} articles, {one.last:.0f} MB at the end, "
        f"{one.last / (one.marked or one.last):.2f} times that",
        f"- both end in the same hash: {first == second}",
    ]


def again(path: Path, source: SqliteLog, stages: Pipeline, readers: int, mark: int) -> tuple[Measured, Watch, str]:
    """One replay, how much memory it took on the way, and the hash of its state."""
    name, watch = f"replay, {readers or 'no'} readers", Watch(mark)
    with closing(open_log(path)) as target:
        limits = Limits(readers=readers)
        done = measure(name, lambda: replay(source, target, stages, limits=limits, on_progress=watch))
        return done, watch, state_hash(target, stages)


def main() -> None:
    """Measure, print and keep."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    amount = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        lines = run(Path(folder), amount)
    report = "\n".join(["# Speed of a replay", "", "By `make bench`, in one run.", "", *lines, ""])
    RESULTS.write_text(report)
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
