"""Alerts on workers: stages with four inputs by place and one by rule and area end as on the embedded log."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import ALERTS, MATCHES
from streams.pipeline import Pipeline, pipeline
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry
from streams.shells.workers import create_topics
from streams.theatres.alert_rules import own_rules
from streams.theatres.theatre import load_theatre
from tests.kafka.cluster import Cluster, Reader, records
from tests.kafka.conftest import PARTITIONS, run

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

RULES = """
rules:
  - {name: deadly, watch: events, when: {min_killed: 1}, escalate: [{when: {min_killed: 10}, severity: critical}]}
  - {name: quoted, watch: events, when: {words: [killed, shell, struck, strike]}, per: governorate}
  - {name: wave, watch: events, count: {at_least: 3, days: 7}, per: all}
  - {name: taken, watch: claims, when: {relation: [captured, holds]}}
"""


@pytest.fixture
def ruled(tmp_path: Path) -> Pipeline:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES)
    theatre = load_theatre()
    return pipeline(theatre, own_rules(theatre, path, path.read_bytes(), lambda name: b""))


@pytest.fixture
def attacked(kafka: str, tmp_path: Path, ruled: Pipeline) -> Iterator[Cluster]:
    environment = {**os.environ, "FRONTWIRE_RULES": str(tmp_path / "rules.yaml")}
    made = Cluster(kafka, tmp_path, environment)
    create_topics(made.settings, ruled, PARTITIONS)
    yield made
    made.end()


def test_a_worker_that_is_killed_comes_to_the_matches_and_alerts_of_the_embedded_log(
    attacked: Cluster, articles: list[Entry], ruled: Pipeline
) -> None:
    embedded = run(articles, ruled)
    expected = matches(embedded), standing(embedded)
    with KafkaLog(attacked.settings.broker, prefix=attacked.settings.prefix) as log:
        attacked.start(0)
        log.append(articles[:40])
        come_to(attacked, lambda: bool(matches(log)))
        attacked.kill(0)
        log.append(articles[40:])
        come_to(attacked, lambda: (matches(log), standing(log)) == expected)
        assert matches(log) == expected[0]
        assert standing(log) == expected[1]
    assert {rule for rule, _ in expected[1]} == {"deadly", "quoted", "wave", "taken"}


def come_to(cluster: Cluster, reached: Callable[[], bool], seconds: float = 240) -> None:
    """Wait, as a supervisor that starts again what has ended."""
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        cluster.supervise()
        time.sleep(2)


def matches(log: Reader) -> dict[tuple[str, str], Any]:
    """What meets each rule in the end, without the history of how it came to."""
    last = newest(log, MATCHES, ("rule", "subject"))
    history = {"revision", "taken_in"}
    return {key: {n: v for n, v in one.items() if n not in history} for key, one in last.items() if one["holds"]}


def standing(log: Reader) -> dict[tuple[str, tuple[str, ...]], Any]:
    """The alerts that stand in the end, by rule and what they rest on."""
    told = ("severity", "title", "count", "mention_ids", "root_sources", "area", "evidence")
    open_ones = [one for one in newest(log, ALERTS, ("alert_id",)).values() if one["state"] != "cancelled"]
    return {(one["rule"], tuple(one["subjects"])): {name: one[name] for name in told} for one in open_ones}


def newest(log: Reader, topic: Any, names: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
    """The last revision of each; a record that was delivered again comes after later ones."""
    found: dict[Any, dict[str, Any]] = {}
    for one in records(log, topic):
        key = tuple(one[name] for name in names)
        if one["revision"] >= found.get(key, one)["revision"]:
            found[key] = one
    return found
