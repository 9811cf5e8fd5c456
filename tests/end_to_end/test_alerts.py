"""Alerts of a whole run: the same list live, replayed and back-tested, and no news of what was taken back.

The articles belong to their publishers and are not part of the project: the tests run where the corpus lies beside it.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.alert import Alert
from schemas.article import Article, Retraction
from schemas.codec import decode, encode
from schemas.topics import ALERTS, MATCHES
from streams.edges.cli.back_test import back_test, history
from streams.edges.delivery.courier import Courier
from streams.edges.delivery.targets import Targets
from streams.pipeline import pipeline
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import differences, replay
from streams.shells.runner import Limits, Runner
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.theatres.alert_rules import Rule, own_rules
from streams.theatres.theatre import Theatre, load_theatre
from tests.edges.delivery.receivers import receiving, targets

ROOT = Path(__file__).parents[2]
CORPUS = [ROOT.parent / "shared" / "corpus" / name for name in ("seeds.jsonl", "fakes-dev.jsonl")]
RULES = ROOT / "deploy" / "alerts" / "deir-ez-zor.yaml"


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return load_theatre()


@pytest.fixture(scope="module")
def rules(theatre: Theatre) -> tuple[Rule, ...]:
    return own_rules(theatre, RULES, RULES.read_bytes(), lambda name: (RULES.parent / name).read_bytes())


@pytest.fixture(scope="module")
def articles() -> list[Entry]:
    """What the corpus has of the region, in the order and at the time of publication."""
    if not all(path.exists() for path in CORPUS):
        pytest.skip("the corpus is not at hand")
    lines = [json.loads(line) for path in CORPUS for line in path.read_text().splitlines()]
    told = [line for line in lines if any(name in line["body"] for name in ("Deir", "Palmyra", "Mayad"))]
    return sorted({_entry(line).key: _entry(line) for line in told}.values(), key=lambda one: (one.timestamp, one.key))


def _entry(line: dict[str, object]) -> Entry:
    raw = json.dumps({name: line[name] for name in Article.model_fields if name in line}).encode()
    article = decode(Article, raw)
    return Entry("articles", article.article_id, encode(article), int(article.published_at.timestamp() * 1000))


def test_the_ten_example_rules_are_ten_and_sound(rules: tuple[Rule, ...]) -> None:
    assert len(rules) == 10
    assert all(rule.about for rule in rules)


@pytest.mark.slow
def test_the_same_list_comes_live_replayed_and_back_tested(
    theatre: Theatre, rules: tuple[Rule, ...], articles: list[Entry]
) -> None:
    stages, live, again = pipeline(theatre, rules), MemoryLog(), MemoryLog(partitions=1)
    for start in range(0, len(articles), 9):
        live.append(articles[start : start + 9])
        Runner(live, stages, limits=Limits(batch=4)).run_once()
    replay(live, again, stages)
    assert list(differences(live, again, [MATCHES.name, ALERTS.name])) == []
    written = [stored.value for stored in iterate(live, ALERTS.name)]
    assert [encode(alert) for alert in back_test(history(live), theatre, rules)] == written
    fired = Counter(decode(Alert, value).rule for value in written)
    assert {"front-near-office", "town-changes-hands", "attacks-rising", "mass-casualties"} <= fired.keys()


@pytest.mark.slow
def test_other_rules_back_tested_say_what_a_run_under_them_says(
    theatre: Theatre, rules: tuple[Rule, ...], articles: list[Entry]
) -> None:
    ran, other = MemoryLog(), MemoryLog()
    for log, chosen in ((ran, rules), (other, rules[3:7])):
        log.append(articles[:60])
        Runner(log, pipeline(theatre, chosen)).run_once()
    written = [stored.value for stored in iterate(other, ALERTS.name)]
    assert [encode(alert) for alert in back_test(history(ran), theatre, rules[3:7])] == written


STRIKE = (
    "Warplanes bombed the market of {town} on Tuesday and killed {killed} civilians, the Syrian Observatory for Human "
    "Rights said. Rescue workers searched the rubble in {town} for survivors until the evening."
)
OTHER = (
    "Jets struck the market in {town} on Tuesday, killing {killed} civilians, the Syrian Network for Human Rights "
    "said. The dead were buried the same night, it added."
)
FATAL = """
rules:
  - {name: fatal, watch: events, when: {type: [air_strike], min_killed: 10}, text: "$killed, $sources"}
"""


def test_the_retraction_of_an_article_takes_back_what_rested_on_it_alone_and_the_receiver_is_told(
    tmp_path: Path, theatre: Theatre
) -> None:
    chosen = own_rules(theatre, tmp_path / "r.yaml", FATAL.encode(), lambda name: b"")
    log, stages = open_log(tmp_path / "log.db"), pipeline(theatre, chosen)
    with receiving() as receiver, closing(log):
        desk = targets(tmp_path, {"name": "desk", "url": receiver.url})
        log.append([said("a1", "reuters", STRIKE, "Saraqib"), said("b1", "afp", STRIKE, "Daraa")])
        log.append([said("b2", "enabbaladi", OTHER, "Daraa")])
        Runner(log, stages).run_once()
        asyncio.run(deliver(log, desk))
        raised = {got.json["data"]["place"]["name"]: got.json["data"] for got in receiver.accepted}
        assert set(raised) == {"Saraqib", "Daraa"}
        for article_id in ("a1", "b1"):
            log.append([Entry("articles", article_id, encode(retraction(article_id)), 1_491_500_000_000)])
        Runner(log, stages).run_once()
        already = len(receiver.accepted)
        asyncio.run(deliver(log, desk))
    told = {got.json["data"]["place"]["name"]: got.json for got in receiver.accepted[already:]}
    assert told["Saraqib"]["type"] == "frontwire.alert.cancelled"
    assert told["Saraqib"]["subject"] == raised["Saraqib"]["alert_id"]
    assert told["Daraa"]["type"] == "frontwire.alert.updated"
    assert told["Daraa"]["data"]["root_sources"] == ["snhr"]


def said(article_id: str, outlet: str, text: str, town: str) -> Entry:
    printed = datetime(2017, 4, 5, 12, tzinfo=UTC)
    body = text.format(town=town, killed=14)
    article = Article(article_id=article_id, outlet=outlet, title=None, body=body, published_at=printed)
    return Entry("articles", article_id, encode(article), int(printed.timestamp() * 1000))


def retraction(article_id: str) -> Retraction:
    printed = datetime(2017, 4, 6, 12, tzinfo=UTC)
    return Retraction(retracts=article_id, reason="It was made up.", outlet=None, published_at=printed)


async def deliver(log: SqliteLog, chosen: Targets) -> None:
    courier = Courier(log, chosen)
    try:
        await courier.begin()
        await courier.work_off()
    finally:
        await courier.close()
