"""The control stage over the claims of the sample that the project carries: order and repetition change nothing."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import Any

import orjson
import pytest

from schemas.article import Article
from schemas.codec import canonical
from schemas.event import Claim
from schemas.topics import CLAIMS
from streams.stages.control.step import ControlStage
from streams.stages.extract.extracting import extract
from streams.stages.merge.step import MergeStage
from streams.theatres.theatre import load_theatre

THEATRE = load_theatre("syria")
STAGE = ControlStage(THEATRE)


@pytest.fixture(scope="module")
def claims() -> list[Claim]:
    """Every revision of every claim, as merging wrote them."""
    rows = map(orjson.loads, files("streams.theatres").joinpath("syria/examples.jsonl").read_bytes().splitlines())
    merge, states, found = MergeStage(THEATRE), dict[str, Any](), list[Claim]()
    for article in sorted(map(_article, rows), key=lambda one: one.published_at):
        for mention in extract(article, THEATRE):
            key = mention.place.key
            states[key], outputs = merge.step(states.get(key) or merge.initial(key), mention, article.published_at)
            found += [output.record for output in outputs if output.topic is CLAIMS]
    return found


def _article(row: dict[str, Any]) -> Article:
    known = {name: row[name] for name in ("article_id", "outlet", "title", "body")}
    return Article(**known, published_at=datetime.fromisoformat(row["published_at"]))


def folded(claims: Iterable[Claim]) -> dict[str, bytes]:
    """The digest of each place."""
    states: dict[str, Any] = {}
    for claim in claims:
        key = claim.place.key
        states[key], _ = STAGE.step(states.get(key) or STAGE.initial(key), claim, claim.last_seen)
    return {key: canonical(STAGE.digest(state)) for key, state in states.items()}


def shuffled(claims: list[Claim], seed: int) -> list[Claim]:
    """Another order of arrival, in which each claim's revisions come as they were written."""
    queues: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        queues[claim.claim_id].append(claim)
    order = [claim.claim_id for claim in claims]
    random.Random(seed).shuffle(order)
    waiting = {key: iter(queue) for key, queue in queues.items()}
    return [next(waiting[key]) for key in order]


@pytest.mark.parametrize("seed", range(5))
def test_real_claims_in_any_order_end_in_the_same_control(claims: list[Claim], seed: int) -> None:
    assert len(claims) > 30
    assert folded(shuffled(claims, seed)) == folded(claims)


def test_real_claims_delivered_twice_end_in_the_same_control(claims: list[Claim]) -> None:
    assert folded([*claims, *claims]) == folded(claims)
