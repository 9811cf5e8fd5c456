"""The feed under load and at size: a thousand clients at once, and questions over logs of 10,000 to 1 million events.

Questions go over real HTTP, one after the other, each another one, so that no answer is there already. Prints a table
and writes it to `feed.md` beside this file.

    python tests/bench/feed.py [EVENTS]
"""

from __future__ import annotations

import logging
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import orjson
import structlog

from schemas.codec import encode
from schemas.topics import CLAIMS, CONTROL, EVENTS
from schemas.vocabulary import EventType
from streams.edges.feed.read_model import ReadModel
from streams.edges.feed.tail import Tail
from streams.shells.log import Entry
from streams.shells.sqlite_log import SqliteLog
from streams.theatres.theatre import load_theatre
from tests.edges.feed.load import Load, measure, serving
from tests.edges.feed.records import claim, event, town

RESULTS = Path(__file__).with_name("feed.md")
SIZES = (10_000, 100_000, 1_000_000)
TOWNS = 500
"""Towns of the theatre that something happens in; three times as many as the whole corpus has."""
SEGMENTS = 24
"""Stretches of each town's timeline: it changes hands every four months."""
REVISIONS = 10
"""Records of control of each town."""
FIRST, DAYS = date(2011, 3, 15), 3_600
BATCH = 5_000
ASKED = 200
"""Times that each question is asked."""
LOAD = Load(clients=1_000, slow=50, records=2_000, rate=200)


def places() -> list[dict[str, Any]]:
    """Towns as records have them."""
    gazetteer = load_theatre("syria").gazetteer
    found = [site for site in gazetteer if site.parent is None and site.place_id.startswith("ocha:")]
    found.sort(key=lambda site: (-site.population, site.place_id))
    return [gazetteer.as_place(site, site.name).model_dump(mode="json") for site in found[:TOWNS]]


class Generator:
    """Records of a long war, the same on every run."""

    def __init__(self) -> None:
        self._chance, self._places = random.Random(7), places()
        self._event = orjson.loads(encode(event(1)))
        self._claim = orjson.loads(encode(claim(1)))
        self._types = [kind.value for kind in EventType]
        self._number = 0

    def events(self, count: int) -> Iterator[Entry]:
        """So many events, one in twenty of them a revision of the one before."""
        for _ in range(count):
            self._number += 1
            place = self._chance.choice(self._places)
            day = (FIRST + timedelta(days=int(DAYS * self._chance.random()))).isoformat()
            again = self._number % 20 == 0
            yield self._entry(
                EVENTS.name,
                place,
                self._event
                | {
                    "event_id": f"event-{self._number - again}",
                    "revision": 1 + again,
                    "kind": "revise" if again else "new",
                    "place": place,
                    "when": {"first": day, "last": day, "precision": "day"},
                    "event_type": self._chance.choice(self._types),
                    "killed": {**self._event["killed"], "min": self._chance.randrange(40)},
                },
            )

    def control(self) -> Iterator[Entry]:
        """Every town's claims and states, some revisions each."""
        for revision in range(1, REVISIONS + 1):
            for place in self._places:
                about = {"claim_id": f"claim-{place['place_id']}", "place": place}
                yield self._entry(CLAIMS.name, place, self._claim | about)
                yield self._entry(CONTROL.name, place, self._state(place, revision))

    def _state(self, place: dict[str, Any], revision: int) -> dict[str, Any]:
        record: dict[str, Any] = orjson.loads(encode(town(revision=revision)))
        held = record["timeline"][-1]
        starts = sorted(self._chance.sample(range(DAYS), SEGMENTS))
        days = [(FIRST + timedelta(days=start)).isoformat() for start in starts]
        segments = [
            {**held, "first": first, "last": last, "controller": party, "parties": [party]}
            for first, last in zip(days, [*days[1:], None], strict=True)
            for party in [self._chance.choice(["syrian-government", "rebels", "islamic-state", "sdf"])]
        ]
        evidence = [{**record["evidence"][0], "claim_id": f"claim-{place['place_id']}"}] * 8
        last = {"since": days[-1], "last_confirmed": days[-1], "timeline": segments, "evidence": evidence}
        return record | last | {"place": place, "controller": segments[-1]["controller"]}

    def _entry(self, topic: str, place: dict[str, Any], record: dict[str, Any]) -> Entry:
        return Entry(topic, place["place_id"], orjson.dumps(record), 1_480_000_000_000 + self._number)


def grow(log: SqliteLog, tail: Tail, entries: Iterator[Entry]) -> float:
    """Append, and take in; records a second that the feed takes in."""
    took, records = 0.0, 0
    while batch := [entry for _, entry in zip(range(BATCH), entries, strict=False)]:
        log.append(batch)
        began = perf_counter()
        while tail._advance() is not None:
            pass
        took, records = took + perf_counter() - began, records + len(batch)
    return records / took


QUESTIONS: dict[str, Callable[[random.Random, list[str]], str]] = {
    "a town with all about it": lambda chance, ids: f"/v1/towns/{chance.choice(ids)}?as_of={_day(chance)}",
    "a town's events up to a day": lambda chance, ids: f"/v1/events?place={chance.choice(ids)}&as_of={_day(chance)}",
    "all events of a kind up to a day": lambda chance, ids: f"/v1/events?type=siege&as_of={_day(chance)}",
    "the whole map as of a day": lambda chance, ids: f"/v1/towns?limit=5000&as_of={_day(chance)}",
    "the map of a day as known before": lambda chance, ids: (
        f"/v1/towns?limit=5000&as_of={_day(chance)}&known_at={1_480_000_000 + chance.randrange(10)}"
    ),
}


def _day(chance: random.Random) -> str:
    return (FIRST + timedelta(days=chance.randrange(DAYS))).isoformat()


def ask(url: str, make: Callable[[random.Random, list[str]], str], ids: list[str]) -> tuple[float, float]:
    """Median and 99th percentile of an answer's time, milliseconds."""
    chance, times = random.Random(3), []
    with httpx.Client(base_url=url) as client:
        for number in range(ASKED + 5):
            address = make(chance, ids)
            began = perf_counter()
            client.get(address).raise_for_status()
            if number >= 5:
                times.append(1000 * (perf_counter() - began))
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def sizes(folder: Path, largest: int) -> list[str]:
    """The questions at each size; rows of a table."""
    chosen = [size for size in SIZES if size <= largest]
    answers: dict[str, list[str]] = {name: [] for name in QUESTIONS}
    rates, megabytes, before = [], [], 0
    made = Generator()
    with closing(SqliteLog(folder / "large.db")) as log:
        log.append([])
        for size in chosen:
            model = ReadModel(folder / "large.db.feed", log)
            tail = Tail(log, model)
            if not before:
                grow(log, tail, made.control())
            rates.append(f"{grow(log, tail, made.events(size - before)):,.0f}")
            model.close()
            before = size
            megabytes.append(f"{(folder / 'large.db.feed').stat().st_size / 1e6:,.0f}")
            with serving(folder / "large.db") as (_, host, port):
                url = f"http://{host}:{port}"
                ids = [place["place_id"] for place in places()]
                for name, make in QUESTIONS.items():
                    median, worst = ask(url, make, ids)
                    answers[name].append(f"{median:.1f} / {worst:.1f}")
    head = ["| ms: median / 99th of 100 | " + " | ".join(f"{size:,} events" for size in chosen) + " |"]
    rows = [*answers.items(), ("records a second that the feed takes in", rates), ("projection, MB", megabytes)]
    return [*head, "|---" * (len(chosen) + 1) + "|", *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)]


def crowd(folder: Path) -> list[str]:
    """A thousand clients."""
    found = measure(folder, LOAD)
    in_order = found.complete == LOAD.clients - LOAD.slow and not found.faults and found.different == 1
    every = "every" if in_order and found.is_the_log else "NOT every"
    return [
        f"{LOAD.clients:,} clients of the stream, {LOAD.slow} of them slow, {LOAD.records:,} records at {LOAD.rate} a "
        f"second: {every} healthy client got every record once and in order; from commit to client {found.p50_ms:.0f} "
        f"ms in the middle, {found.p99_ms:.0f} at the 99th percentile; the server grew by {found.grown_mb:.0f} MB and "
        f"used {found.server_cpu_s:.1f} s of processor time.",
    ]


def main() -> None:
    """Measure, print and keep."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    with tempfile.TemporaryDirectory() as folder:
        lines = crowd(Path(folder))
        table = sizes(Path(folder), largest)
    facts = [
        f"{TOWNS} towns of {SEGMENTS} stretches each, {REVISIONS} revisions; each question {ASKED} times, over HTTP; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end: above the number of cores, the 99th tells "
        "of other work on the machine as well.",
    ]
    report = "\n".join(["# The feed", "", "By `make bench`, in one run.", "", *lines, "", *table, "", *facts, ""])
    RESULTS.write_text(report)
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
