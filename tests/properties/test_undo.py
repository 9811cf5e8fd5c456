"""A correction or a retraction leaves all stages as if only the last word had been said, in whatever order it came."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import orjson
import pytest

from schemas.article import Article, Retraction
from schemas.codec import decode, encode
from schemas.event import Claim, Event
from schemas.topics import ARTICLES, CLAIMS, EVENTS, MENTIONS
from schemas.vocabulary import RevisionKind
from streams.pipeline import Pipeline, pipeline
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.shells.state_hash import state_hash
from streams.theatres.theatre import load_theatre

HISTORY = {"revision", "kind", "supersedes", "late"}
SEEDS = range(3)


@pytest.fixture(scope="module")
def stages() -> Pipeline:
    return pipeline(load_theatre("syria"))


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    """Some of the sample, as if all had been printed within three weeks: within the lateness."""
    lines = (files("streams.theatres") / "syria" / "examples.jsonl").read_bytes().splitlines()[:40]
    printed = (datetime(2016, 12, 1, tzinfo=UTC) + timedelta(hours=12 * number) for number in range(len(lines)))
    read = (decode(Article, line) for line in lines)
    return [one.model_copy(update={"published_at": at}) for one, at in zip(read, printed, strict=True)]


def fates(articles: list[Article], chance: random.Random) -> tuple[list[Article | Retraction], list[Article]]:
    """All that outlets say of these articles, some of it corrected or taken back; and the last words that stand."""
    said: list[Article | Retraction] = []
    last = []
    for article in articles:
        fate = chance.choice(("stands", "stands", "corrected", "retracted", "both"))
        if fate in ("corrected", "both"):
            said.append(article.model_copy(update={"body": chance.choice(articles).body}))
            article = article.model_copy(update={"revision": 2})
        said.append(article)
        if fate in ("retracted", "both"):
            said.append(Retraction(retracts=article.article_id, reason="", published_at=article.published_at))
        else:
            last.append(article)
    return said, last


def after(records: list[Any], stages: Pipeline) -> MemoryLog:
    log = MemoryLog()
    keys = [record.article_id if isinstance(record, Article) else record.retracts for record in records]
    pairs = enumerate(zip(keys, records, strict=True))
    log.append([Entry(ARTICLES.name, key, encode(record), 1_480_000_000_000 + at) for at, (key, record) in pairs])
    Runner(log, stages).run_once()
    return log


def living(log: MemoryLog) -> list[dict[str, Any]]:
    """What a reader who keeps the last record of each id believes."""
    last: dict[str, Event | Claim] = {}
    for topic, kind, name in ((EVENTS, Event, "event_id"), (CLAIMS, Claim, "claim_id")):
        for stored in iterate(log, topic.name):
            record: Any = decode(kind, stored.value)
            last[getattr(record, name)] = record
    ended = (RevisionKind.MERGE, RevisionKind.RETRACT)
    return [record.model_dump(exclude=HISTORY) for _, record in sorted(last.items()) if record.kind not in ended]


@pytest.mark.parametrize("seed", SEEDS)
def test_only_last_words_count_in_events_claims_and_control(
    stages: Pipeline, articles: list[Article], seed: int
) -> None:
    chance = random.Random(seed)
    said, last = fates(articles, chance)
    expected = after(last, stages)
    for _ in range(2):
        found = after(said, stages)
        assert living(found) == living(expected)
        assert state_hash(found, stages[1:]) == state_hash(expected, stages[1:])
        chance.shuffle(said)


def test_the_order_of_corrections_and_retractions_does_not_matter(stages: Pipeline, articles: list[Article]) -> None:
    chance = random.Random(7)
    said, _ = fates(articles, chance)
    hashes = {state_hash(after(chance.sample(said, len(said)), stages), stages) for _ in range(3)}
    assert len(hashes) == 1


def test_what_was_taken_back_and_comes_again_changes_nothing(stages: Pipeline, articles: list[Article]) -> None:
    said, _ = fates(articles, random.Random(8))
    once, twice = after(said, stages), after([*said, *said], stages)
    for topic in (MENTIONS.name, EVENTS.name, CLAIMS.name, "control", "control-changes", "alerts", "dead-letters"):
        assert [one.value for one in iterate(twice, topic)] == [one.value for one in iterate(once, topic)]


def test_a_retracted_capture_corrects_who_holds_the_town_and_cancels_the_alert(stages: Pipeline) -> None:
    printed = datetime(2016, 3, 28, 9, tzinfo=UTC)
    body = "Rebels captured the town of Manbij on Sunday, the Syrian Observatory for Human Rights said."
    article = Article(article_id="a1", outlet="reuters", title=None, body=body, published_at=printed)
    taken_back = Retraction(retracts="a1", reason="another town was meant", published_at=printed)
    log = after([article, taken_back], stages)
    assert [kinds(log, topic, "kind") for topic in ("events", "claims")] == [["new", "retract"]] * 2
    assert kinds(log, "control-changes", "change") == ["captured", "corrected"]
    assert kinds(log, "control", "status") == ["held", "unknown"]
    assert kinds(log, "alerts", "state") == ["raised", "cancelled"]


def kinds(log: MemoryLog, topic: str, field: str) -> list[str]:
    return [orjson.loads(stored.value)[field] for stored in iterate(log, topic)]
