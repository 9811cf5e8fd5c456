"""Alerts on Faust workers: a stage with four inputs by place, and one by rule and area, end as on the embedded log."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from schemas.topics import ALERTS, MATCHES
from streams.pipeline import pipeline
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, iterate
from streams.stages.match.step import MatchStage
from streams.theatres.alert_rules import own_rules
from streams.theatres.theatre import load_theatre
from tests.kafka.conftest import run

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

WORKER = Path(__file__).with_name("alerting_worker.py")
RULES = """
rules:
  - {name: deadly, watch: events, when: {min_killed: 1}, escalate: [{when: {min_killed: 10}, severity: critical}]}
  - {name: quoted, watch: events, when: {words: [killed, shell, struck, strike]}, per: governorate}
  - {name: wave, watch: events, count: {at_least: 3, days: 7}, per: all}
  - {name: held, watch: claims, when: {relation: [captured, holds]}}
  - {name: changed, watch: changes}
"""


def test_a_worker_that_is_killed_comes_to_the_matches_and_alerts_of_the_embedded_log(
    kafka: str, tmp_path: Path, articles: list[Entry]
) -> None:
    path, theatre, group = tmp_path / "rules.yaml", load_theatre(), f"t{uuid4().hex[:10]}"
    path.write_text(RULES)
    embedded = run(articles, pipeline(theatre, own_rules(theatre, path, path.read_bytes(), lambda name: b"")))
    expected = matches(embedded), standing(embedded)
    assert {rule for rule, _ in expected[1]} == {"deadly", "quoted", "wave", "held", "changed"}
    command = [sys.executable, str(WORKER), kafka, group, str(tmp_path / "data"), str(path)]
    with KafkaLog(f"kafka://{kafka}", prefix=f"{group}-") as log, (tmp_path / "out.txt").open("ab") as out:
        log.create(2)
        given = [stored for topic in MatchStage.inputs for stored in iterate(embedded, topic.name)]
        append(log, given[: len(given) // 2])
        worker = subprocess.Popen(command, stdout=out, stderr=out)
        wait_for(lambda: bool(matches(log)))
        worker.kill()
        worker.wait()
        append(log, given[len(given) // 2 :])
        worker = subprocess.Popen(command, stdout=out, stderr=out)
        wait_for(lambda: (matches(log), standing(log)) == expected)
        worker.kill()
        worker.wait()
        assert matches(log) == expected[0]
        assert standing(log) == expected[1]


def append(log: KafkaLog, given: list[Any]) -> None:
    log.append(Entry(one.topic, one.key, one.value, one.timestamp, one.headers) for one in given)


def wait_for(reached: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(2)


def matches(log: Any) -> dict[tuple[str, ...], Any]:
    """What meets each rule in the end, without the history of how it came to."""
    last = newest(log, MATCHES, ("rule", "subject"))
    history = {"revision", "taken_in"}
    return {key: {n: v for n, v in one.items() if n not in history} for key, one in last.items() if one["holds"]}


def standing(log: Any) -> dict[tuple[str, tuple[str, ...]], Any]:
    """The alerts that stand in the end, by rule and what they rest on."""
    told = ("severity", "title", "count", "mention_ids", "root_sources", "area")
    open_ones = [one for one in newest(log, ALERTS, ("alert_id",)).values() if one["state"] != "cancelled"]
    return {(one["rule"], tuple(one["subjects"])): {name: one[name] for name in told} for one in open_ones}


def newest(log: Any, topic: Any, names: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, Any]]:
    """The last revision of each; a record that was delivered again comes after later ones."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for stored in iterate(log, topic.name):
        one = orjson.loads(stored.value)
        key = tuple(one[name] for name in names)
        if one["revision"] >= found.get(key, one)["revision"]:
            found[key] = one
    return found
