"""Killed anywhere, as often as you like, and started again: the same bytes as if nothing had happened."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from contextlib import closing
from importlib.resources import files
from itertools import chain
from pathlib import Path

import pytest

from schemas.article import Article
from schemas.codec import decode, encode
from streams.pipeline import Pipeline, pipeline, products
from streams.shells.log import Entry
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import differences
from streams.shells.runner import Limits, Runner
from streams.shells.sqlite_log import open_log
from streams.shells.state_hash import exact_hash, state_hash
from streams.shells.verify import verify
from streams.theatres.theatre import load_theatre

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "fakes-dev.jsonl"
ROUNDS = 20 if os.environ.get("FRONTWIRE_KILLS") == "full" else 8
SMALL = Limits(batch=3, live_bytes=100_000)


def lines() -> list[str]:
    """The sample, real articles where they are at hand, and some of all these a second time."""
    sample = (files("streams.theatres") / "syria" / "examples.jsonl").read_text().splitlines()
    real = CORPUS.read_text().splitlines()[:30] if CORPUS.exists() else []
    return [*sample, *real, *sample[::7]]


@pytest.fixture(scope="module")
def stages() -> Pipeline:
    return pipeline(load_theatre("syria"))


@pytest.fixture(scope="module")
def articles() -> list[Entry]:
    known = Article.model_fields
    fields = ({name: value for name, value in json.loads(line).items() if name in known} for line in lines())
    read = [decode(Article, json.dumps(one).encode()) for one in fields]
    good = [Entry("articles", one.article_id, encode(one), 1_480_000_000_000 + at) for at, one in enumerate(read)]
    poison = [Entry("articles", f"poison-{at}", b"\xff{" * at, 1_480_000_001_000) for at in range(3)]
    return [*good[:20], *poison, *good[20:]]


@pytest.fixture(scope="module")
def undisturbed(stages: Pipeline, articles: list[Entry]) -> MemoryLog:
    log = MemoryLog()
    log.append(articles)
    Runner(log, stages).run_once()
    return log


def run(path: Path, stages: Pipeline) -> None:
    with closing(open_log(path)) as log:
        Runner(log, stages, limits=SMALL).run_once()


def killed_until_done(path: Path, stages: Pipeline, chance: random.Random, longest_s: float) -> int:
    """Run in a process of its own, kill it with SIGKILL after a random time, start again; how often it was killed."""
    fork, kills = multiprocessing.get_context("fork"), 0
    while True:
        process = fork.Process(target=run, args=(path, stages))
        process.start()
        process.join(chance.uniform(0, longest_s))
        if not process.is_alive():
            assert process.exitcode == 0
            return kills
        process.kill()
        process.join()
        kills += 1


@pytest.mark.slow
def test_runs_killed_at_random_moments_end_in_the_bytes_of_an_undisturbed_one(
    tmp_path: Path,
    stages: Pipeline,
    articles: list[Entry],
    undisturbed: MemoryLog,
) -> None:
    began = time.monotonic()
    Runner(copy_of(articles), stages, limits=SMALL).run_once()
    longest_s, kills = max(0.2, (time.monotonic() - began) / 3), 0
    for seed in range(ROUNDS):
        path = tmp_path / f"{seed}.log"
        with closing(open_log(path)) as log:
            log.append(articles)
        kills += killed_until_done(path, stages, random.Random(seed), longest_s)
        with closing(open_log(path)) as log:
            assert list(differences(log, undisturbed, ["articles", *products(stages)])) == [], f"seed {seed}"
            assert state_hash(log, stages) == state_hash(undisturbed, stages)
            assert exact_hash(log, names(stages), log.marks()) == exact_hash(
                undisturbed, names(stages), undisturbed.marks()
            )
    assert verify(path).damage == ()
    assert kills >= ROUNDS, "too few kills for the test to mean anything"


def test_a_writer_killed_while_it_appends_loses_nothing_that_it_was_told_is_there(
    tmp_path: Path, articles: list[Entry]
) -> None:
    path, chance, fork = tmp_path / "a.log", random.Random(1), multiprocessing.get_context("fork")
    for _ in range(10):
        receive, send = fork.Pipe(duplex=False)
        process = fork.Process(target=append_for_ever, args=(path, articles, send))
        process.start()
        send.close()
        process.join(chance.uniform(0.02, 0.2))
        process.kill()
        process.join()
        told = list(received(receive))
        with closing(open_log(path)) as log:
            assert log.bounds("articles", 0)[1] >= max(chain(told, [0]))
    assert verify(path).damage == ()
    with closing(open_log(path)) as log:
        assert log.bounds("articles", 0)[1] > 10


def append_for_ever(path: Path, articles: list[Entry], told: multiprocessing.connection.Connection) -> None:
    with closing(open_log(path)) as log:
        while True:
            for entry in articles:
                ((_, offset),) = log.append([entry])
                told.send(offset + 1)


def received(told: multiprocessing.connection.Connection) -> list[int]:
    found = []
    try:
        while told.poll():
            found.append(told.recv())
    except EOFError:
        pass
    return found


def copy_of(articles: list[Entry]) -> MemoryLog:
    log = MemoryLog()
    log.append(articles)
    return log


def names(stages: Pipeline) -> list[str]:
    return [stage.name for stage in stages]
