"""Any order of arrival, and any repetition, ends in the same knowledge: through all stages, by the state hash."""

from __future__ import annotations

import random
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.codec import decode, encode
from streams.pipeline import Pipeline, pipeline
from streams.shells.log import Entry, Lane
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.shells.state_hash import state_hash
from streams.stages.stage import Stage
from streams.theatres.theatre import load_theatre

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "seeds.jsonl"
FIELDS = ("article_id", "outlet", "title", "published_at", "body")
WINDOW_S = 25 * 86_400
"""How late an article may be here: less than the lateness window, counted in publication time."""


class Recalled:
    """A stage that remembers what it said of a record: reading a text takes long, and never depends on the others."""

    def __init__(self, stage: Stage[Any]) -> None:
        self._stage, self._said = stage, dict[Any, Any]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)

    def step(self, state: Any, record: Any, known_at: datetime) -> Any:
        if (about := (state, record.article_id)) not in self._said:
            self._said[about] = self._stage.step(state, record, known_at)
        return self._said[about]


@pytest.fixture(scope="module")
def stages() -> Pipeline:
    extract, *others = pipeline(load_theatre("syria"))
    return [cast("Stage[Any]", Recalled(extract)), *others]


@pytest.fixture(scope="module")
def articles() -> list[Entry]:
    """The sample; and real articles, where they lie beside the project."""
    text = (files("streams.theatres") / "syria" / "examples.jsonl").read_bytes()
    read = [decode(Article, line) for line in text.splitlines()]
    if CORPUS.exists():
        lines = map(orjson.loads, CORPUS.read_bytes().splitlines())
        read += [decode(Article, orjson.dumps({name: line[name] for name in FIELDS})) for line in lines]
    return [Entry("articles", one.article_id, encode(one), 1_480_000_000_000 + at) for at, one in enumerate(read)]


def after(stages: Pipeline, articles: list[Entry]) -> tuple[str, MemoryLog]:
    log = MemoryLog()
    log.append(articles)
    Runner(log, stages).run_once()
    return state_hash(log, stages), log


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_order_within_the_lateness_window_ends_in_the_same_state(
    stages: Pipeline, articles: list[Entry], seed: int
) -> None:
    chance, (expected, _) = random.Random(seed), after(stages, articles)
    late_s = {entry.key: chance.uniform(0, WINDOW_S) for entry in articles}
    shuffled = sorted(articles, key=lambda entry: published_s(entry) + late_s[entry.key])
    assert after(stages, shuffled)[0] == expected


def published_s(entry: Entry) -> float:
    return decode(Article, entry.value).published_at.timestamp()


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_an_article_again_changes_nothing(stages: Pipeline, articles: list[Entry], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(articles), min_size=1, max_size=20))
    hashed, log = after(stages, articles)
    ends = {lane: head.end for lane, head in log.heads().items() if lane != Lane("articles", 0)}
    log.append(again)
    Runner(log, stages).run_once()
    assert state_hash(log, stages) == hashed
    assert {lane: head.end for lane, head in log.heads().items() if lane != Lane("articles", 0)} == ends
