"""How fast the embedded path is, against the floor: reading the same articles and finding the same names once.

All contenders run one after the other in one process over the same articles, so that the ratios hold wherever it runs.
Prints a table and writes it to `results.md` beside this file.

    python tests/bench/bench.py [ARTICLES]
"""

from __future__ import annotations

import json
import logging
import os
import platform
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import structlog
from alert_rules import two_hundred
from merging import report as merging_report

from schemas.article import Article
from schemas.codec import decode, encode
from streams.edges.cli.back_test import history
from streams.pipeline import Pipeline, pipeline, products
from streams.shells.log import Entry, iterate
from streams.shells.runner import Limits, Progress, Runner
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.state_hash import state_hash
from streams.shells.verify import verify
from streams.stages.alert.step import AlertStage
from streams.stages.extract.equipment import equip
from streams.stages.match.step import MatchStage
from streams.theatres.theatre import Theatre, load_theatre

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
RESULTS = Path(__file__).with_name("results.md")
ARTICLES = 2_000
BATCH = 500
REPEAT = timedelta(days=97)
"""Each time round, the articles are younger by this: other events, of the same places."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One contender."""

    name: str
    records: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Records in a second of processor time."""
        return self.records / self.cpu if self.records else 0.0


def measure(name: str, work: Callable[[], int]) -> Measured:
    """Do some work, that returns how many records it was about."""
    wall, cpu = perf_counter(), processor_time()
    records = work()
    return Measured(name, records, perf_counter() - wall, processor_time() - cpu)


def processor_time() -> float:
    """Seconds that this process used, and those that it started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def texts() -> list[Article]:
    """The corpus where it is at hand, else the sample."""
    sources = [CORPUS / "seeds.jsonl", CORPUS / "fakes-dev.jsonl"]
    if not all(source.exists() for source in sources):
        sources = [Path(str(files("streams.theatres") / "syria" / "examples.jsonl"))]
    lines = (line for source in sources for line in source.read_text().splitlines())
    return [_article(json.loads(line)) for line in lines]


def _article(data: dict[str, Any]) -> Article:
    return decode(Article, json.dumps({name: data[name] for name in Article.model_fields if name in data}).encode())


def endless(read: list[Article]) -> Iterator[Entry]:
    """The articles again and again, each time under other ids and at a later date."""
    for turn in count():
        for place, one in enumerate(read):
            about = {"article_id": f"{one.article_id}-{turn}", "published_at": one.published_at + turn * REPEAT}
            article = one.model_copy(update=about)
            arrived = 1_480_000_000_000 + turn * len(read) + place
            yield Entry("articles", article.article_id, encode(article), arrived)


def append(log: SqliteLog, entries: list[Entry]) -> int:
    """Append in batches; each is durable."""
    for start in range(0, len(entries), BATCH):
        log.append(entries[start : start + BATCH])
    return len(entries)


def scan(log: SqliteLog, theatre: Theatre) -> int:
    """The floor: read every article, and find every name in it."""
    index, read = equip(theatre).index, 0
    for stored in iterate(log, "articles"):
        article = decode(Article, stored.value)
        index.scan(article.title or "")
        index.scan(article.body)
        read += 1
    return read


class Growth:
    """Processor time and memory as the log grows, from the runner's progress."""

    def __init__(self) -> None:
        self.points = [(0, process_time(), resident_mb())]

    def __call__(self, progress: Progress) -> None:
        """Note where the run is."""
        self.points.append((progress.done, process_time(), resident_mb()))

    def cost_ms(self, first: float, last: float) -> float:
        """Mean milliseconds a record between two shares of the run."""
        total = self.points[-1][0]
        inside = [point for point in self.points if first * total <= point[0] <= last * total]
        (done, began, _), (end, ended, _) = inside[0], inside[-1]
        return 1000 * (ended - began) / max(1, end - done)


def resident_mb() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(folder: Path, amount: int) -> list[str]:
    """Measure everything; the lines of the report."""
    theatre = load_theatre("syria")
    stages, read = pipeline(theatre), texts()
    entries = list(islice(endless(read), amount))
    equip(theatre)
    growth, small = Growth(), Limits(batch=max(10, amount // 40))
    every_core = Limits(readers=os.cpu_count() or 1)
    with closing(open_log(folder / "whole.log")) as whole, closing(open_log(folder / "parts.log")) as parts:
        measured = [
            measure("append to the log, durable", lambda: append(whole, entries)),
            measure("read from the log", lambda: sum(1 for _ in iterate(whole, "articles"))),
            measure("floor: read, decode, find all names", lambda: scan(whole, theatre)),
            measure(
                "the whole embedded path", lambda: Runner(whole, stages, limits=small, on_progress=growth).run_once()
            ),
        ]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        with closing(open_log(folder / "cores.log")) as cores:
            append(cores, entries)
            measured.append(measure("the whole path on every core", Runner(cores, stages, limits=every_core).run_once))
        given = [(stored.key, record, stored.known_at) for stored, record in history(whole)]
        match, alert = (stage(theatre, two_hundred(theatre)) for stage in (MatchStage, AlertStage))
        met = stepped(match, given)
        measured.append(
            measure("200 alert rules held against its records", lambda: len(given) * bool(stepped(match, given)))
        )
        measured.append(measure("alerts on what met them", lambda: len(met) * bool(stepped(alert, met))))
        append(parts, entries)
        measured += [measure(f"{stage.name} alone", lambda stage=stage: alone(parts, stage)) for stage in stages]
        measured.append(measure("hash over all state", lambda: len(entries) * bool(state_hash(whole, stages))))
        sizes = describe(whole, stages)
    measured.append(measure("verify, records of all topics", lambda: verify(folder / "whole.log").records))
    facts = [
        f"- {len(entries)} articles ({len(read)} different texts, each time round {REPEAT.days} days later), "
        f"mean body {sum(len(one.body) for one in read) // len(read)} characters",
        f"- {platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores; "
        f"load {os.getloadavg()[0]:.1f} at the end: above the number of cores, compare CPU time only",
        *sizes,
        f"- a record of the whole path costs {growth.cost_ms(0, 0.1):.2f} ms in the first tenth of the run and "
        f"{growth.cost_ms(0.9, 1):.2f} ms in the last",
        f"- memory: {growth.points[0][2]:.0f} MB before the whole path, {growth.points[-1][2]:.0f} MB after it, "
        f"{peak:.0f} MB at its peak",
        f"- log file: {(folder / 'whole.log').stat().st_size / 1e6:.1f} MB",
    ]
    return [*table(measured), "", *facts]


def alone(log: SqliteLog, stage: Any) -> int:
    """One stage over what the one before it has left, in records read."""
    return Runner(log, [stage]).run_once()


def stepped(stage: Any, given: list[tuple[str, Any, datetime]]) -> list[tuple[str, Any, datetime]]:
    """What a stage makes of records with their keys and known times, in memory."""
    states: dict[str, Any] = {}
    made = []
    for key, record, known_at in given:
        before = states[key] if key in states else stage.initial(key)
        states[key], outputs = stage.step(before, record, known_at)
        made += [(output.key, output.record, known_at) for output in outputs]
    return made


def describe(log: SqliteLog, stages: Pipeline) -> list[str]:
    """What came out, and how large the state is."""
    ends = {topic: sum(head.end for lane, head in log.heads().items() if lane.topic == topic) for topic in log.topics()}
    lines = ["- records: " + ", ".join(f"{ends[topic]:,} {topic}" for topic in products(stages))]
    for stage in stages:
        sizes = [sum(map(len, rows.values())) for _, rows in log.states(stage.name)] or [0]
        total, largest = sum(sizes) / 1e6, max(sizes)
        lines.append(f"- state of {stage.name}: {len(sizes):,} keys, {total:.2f} MB, the largest {largest:,} bytes")
    return lines


def table(measured: list[Measured]) -> list[str]:
    """The contenders, each against the floor."""
    (floor,) = (one for one in measured if one.name.startswith("floor"))
    head = ["| | records | per CPU second | per second | CPU time against the floor |", "|---|---|---|---|---|"]
    return head + [
        f"| {one.name} | {one.records:,} | {one.rate:,.0f} | {one.records / one.seconds:,.0f} | "
        f"{one.cpu / floor.cpu:.2f} |"
        for one in measured
    ]


def main() -> None:
    """Measure, print and keep."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    amount = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        lines = [*run(Path(folder), amount), *merging_report()]
    report = "\n".join(["# Speed of the embedded path", "", "By `make bench`, in one run.", "", *lines, ""])
    RESULTS.write_text(report)
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
