"""The same over real articles: the sample that the project carries, and those that lie beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.article import Article
from schemas.event import Event
from schemas.mention import Mention
from streams.stages.extract.extracting import extract
from streams.stages.merge.step import MergeStage
from streams.theatres.theatre import load_theatre

THEATRE = load_theatre("syria")
STAGE = MergeStage(THEATRE)
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "fakes-dev.jsonl"
SHUFFLES = int(os.environ.get("FRONTWIRE_TEST_SHUFFLES", "6"))
"""Orders of arrival that are tried; 200 where there is an hour."""
SAMPLE = 400
"""Mentions of the sample, roughly: more are taken of the articles beside the project."""
MOST = int(os.environ.get("FRONTWIRE_TEST_MENTIONS", SAMPLE))
"""Mentions that are shuffled, at most."""
HISTORY = {"revision", "kind", "supersedes", "late"}


@pytest.fixture(scope="module")
def mentions() -> list[Mention]:
    lines = files("streams.theatres").joinpath("syria/examples.jsonl").read_bytes().splitlines()
    lines += CORPUS.read_bytes().splitlines() if CORPUS.exists() and MOST > SAMPLE else []
    read = (mention for line in lines for mention in extract(_article(orjson.loads(line)), THEATRE))
    found = list(islice(read, MOST))
    return sorted(found, key=lambda mention: (mention.published_at, mention.mention_id))


def _article(row: dict[str, Any]) -> Article:
    known = {name: row[name] for name in ("article_id", "outlet", "title", "body")}
    return Article(**known, published_at=datetime.fromisoformat(row["published_at"]))


def run(mentions: Iterable[Mention]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The digests of all places, and what a reader of the records believes in the end."""
    states: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for mention in mentions:
        key = mention.place.key
        states[key], outputs = STAGE.step(states.get(key) or STAGE.initial(key), mention, mention.published_at)
        for output in outputs:
            record: Any = output.record
            last[record.event_id if isinstance(record, Event) else record.claim_id] = record
    living = {id_: r.model_dump(exclude=HISTORY) for id_, r in last.items() if r.kind not in ("merge", "retract")}
    return {key: STAGE.digest(state) for key, state in states.items()}, living


def _arrival(mention: Mention, number: int) -> datetime:
    """When an article arrives: up to the lateness after it was printed, by a hash of its id and the trial's number."""
    byte = blake2b(f"{number} {mention.mention_id}".encode(), digest_size=2).digest()
    return mention.published_at + timedelta(days=int.from_bytes(byte) * 29 / 65_536)


@pytest.fixture(scope="module")
def in_order(mentions: list[Mention]) -> tuple[dict[str, Any], dict[str, Any]]:
    return run(mentions)


@pytest.mark.parametrize("number", range(SHUFFLES))
def test_real_mentions_in_any_order_in_time_end_in_the_same_events(
    mentions: list[Mention], in_order: tuple[dict[str, Any], dict[str, Any]], number: int
) -> None:
    assert len(mentions) > 100
    assert in_order == run(sorted(mentions, key=lambda mention: _arrival(mention, number)))


def test_reports_of_several_outlets_come_together_in_the_sample(mentions: list[Mention]) -> None:
    _, living = run(mentions)
    assert sum(len(record["outlets"]) > 1 for record in living.values()) >= 10
    assert any(record["copies"] for record in living.values())
