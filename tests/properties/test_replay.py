"""Replay is the run: the same articles give the same bytes, however they are read."""

from __future__ import annotations

from contextlib import closing
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.codec import decode, encode
from schemas.topics import TOPICS
from streams.pipeline import Pipeline, pipeline, products
from streams.shells import snapshots
from streams.shells.log import Entry, Lane, Store, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import Offset, differences, replay
from streams.shells.runner import Limits, Runner
from streams.shells.sqlite_log import open_log
from streams.shells.state_hash import exact_hash, state_hash
from streams.theatres.theatre import load_theatre

ARTICLES = Lane("articles", 0)


@pytest.fixture(scope="module")
def stages() -> Pipeline:
    return pipeline(load_theatre("syria"))


@pytest.fixture(scope="module")
def articles() -> list[Entry]:
    text = (files("streams.theatres") / "syria" / "examples.jsonl").read_bytes()
    read = [decode(Article, line) for line in text.splitlines()]
    return [Entry("articles", one.article_id, encode(one), 1_480_000_000_000 + at) for at, one in enumerate(read)]


@pytest.fixture(scope="module")
def ran(stages: Pipeline, articles: list[Entry]) -> Store:
    return run(MemoryLog(), stages, articles, Limits())


def run(log: Any, stages: Pipeline, articles: list[Entry], limits: Limits) -> Any:
    log.append(articles)
    Runner(log, stages, limits=limits).run_once()
    return log


def by_key(log: Store, topic: str) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for stored in iterate(log, topic):
        found.setdefault(stored.key, []).append(stored.value)
    return found


@settings(max_examples=12, deadline=None)
@given(batch=st.integers(1, 90), live_bytes=st.sampled_from([1, 20_000, 10**9]))
def test_batches_and_memory_change_no_byte(
    ran: Store, stages: Pipeline, articles: list[Entry], batch: int, live_bytes: int
) -> None:
    log = run(MemoryLog(), stages, articles, Limits(batch=batch, live_bytes=live_bytes))
    assert list(differences(log, ran, list(TOPICS))) == []
    assert exact_hash(log, names(stages), log.marks()) == exact_hash(ran, names(stages), ran.marks())


@pytest.mark.parametrize("partitions", [2, 7])
def test_partitions_change_no_record_and_no_state(
    ran: Store, stages: Pipeline, articles: list[Entry], partitions: int
) -> None:
    log = run(MemoryLog(partitions=partitions), stages, articles, Limits())
    for topic in products(stages):
        assert by_key(log, topic) == by_key(ran, topic)
    assert state_hash(log, stages) == state_hash(ran, stages)


def test_stages_that_run_one_after_the_other_say_the_same(ran: Store, stages: Pipeline, articles: list[Entry]) -> None:
    log = MemoryLog()
    log.append(articles)
    for stage in stages:
        Runner(log, [stage], limits=Limits(batch=13)).run_once()
    assert list(differences(log, ran, list(TOPICS))) == []


def test_the_file_says_what_the_log_in_memory_says(
    tmp_path: Path, ran: Store, stages: Pipeline, articles: list[Entry]
) -> None:
    with closing(run(open_log(tmp_path / "a.log"), stages, articles, Limits(batch=11))) as log:
        assert log.heads() == ran.heads()
        assert state_hash(log, stages) == state_hash(ran, stages)


def test_a_replay_from_fifty_random_offsets_with_the_nearest_snapshot_is_the_run(
    tmp_path: Path, ran: Store, stages: Pipeline, articles: list[Entry]
) -> None:
    path, versions = tmp_path / "a.log", {stage.name: stage.version for stage in stages}
    with closing(open_log(path)) as log:
        for start in range(0, len(articles), 11):
            run(log, stages, articles[start : start + 11], Limits())
            snapshots.take(path)
    taken = {snapshots.nearest(path, versions, ARTICLES, cut) for cut in Random(9).choices(range(77), k=50)}
    assert None in taken
    assert len(taken) > 5
    for snapshot in taken:  # Offsets with one nearest snapshot are one replay.
        target = MemoryLog()
        if snapshot:
            snapshots.start_from(snapshot, target)
        replay(ran, target, stages, limits=Limits(batch=5))
        assert list(differences(target, ran, products(stages))) == []
        assert state_hash(target, stages) == state_hash(ran, stages)


@settings(max_examples=8, deadline=None)
@given(cut=st.integers(0, 71))
def test_a_replay_cut_anywhere_goes_on_to_the_same_end(ran: Store, stages: Pipeline, cut: int) -> None:
    target = MemoryLog()
    replay(ran, target, stages, end=Offset(ARTICLES, min(cut, ran.bounds(*ARTICLES)[1])))
    replay(ran, target, stages)
    assert list(differences(target, ran, products(stages))) == []


def test_what_stages_hand_on_is_what_stands_on_the_log(ran: Store, stages: Pipeline) -> None:
    for topic in products(stages):
        for stored in iterate(ran, topic):
            assert encode(decode(TOPICS[topic].record, stored.value)) == stored.value


def names(stages: Pipeline) -> list[str]:
    return [stage.name for stage in stages]
