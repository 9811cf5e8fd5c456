"""The sample with every fourth article retracted, rules of all kinds, and which of their alerts stand in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from schemas.alert import Alert
from schemas.article import Article, Retraction
from schemas.codec import encode
from schemas.vocabulary import AlertState
from streams.pipeline import pipeline
from streams.shells.log import Entry
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.theatres.alert_rules import Rule, own_rules
from tests.stages.alert.watching import THEATRE

SAMPLE = Path(str(files("streams.theatres.syria").joinpath("examples.jsonl")))
RULES = """
rules:
  - {name: deadly, watch: events, when: {min_killed: 1}, escalate: [{when: {min_killed: 10}, severity: critical}]}
  - {name: quoted, watch: events, when: {words: [killed, shell, struck, strike]}, per: governorate, group_hours: 2}
  - {name: cooled, watch: events, when: {min_root_sources: 1}, per: governorate, cooldown_hours: 3}
  - {name: wave, watch: events, count: {at_least: 3, days: 7}, per: all, cooldown_hours: 2}
  - {name: held, watch: claims, when: {relation: [captured, holds]}, group_hours: 2}
  - {name: changed, watch: changes}
  - {name: witnessed, watch: changes, when: {min_root_sources: 2}, per: governorate, group_hours: 3}
"""
BEGAN, PACE = 1_483_228_800_000, 1_200_000
"""Log time of the first record, and from one to the next, in milliseconds."""


def rules() -> tuple[Rule, ...]:
    return own_rules(THEATRE, Path("mine.yaml"), RULES.encode(), lambda name: b"")


def run_embedded() -> MemoryLog:
    """A log over which the whole pipeline ran."""
    log = MemoryLog()
    log.append(_entries())
    Runner(log, pipeline(THEATRE, rules())).run_once()
    return log


def standing(alerts: Iterable[Alert]) -> dict[str, dict[str, Any]]:
    """The alerts that stand in the end and all that they say and rest on, not when and in how many steps it came."""
    last: dict[str, Alert] = {}
    for one in alerts:
        # What is delivered again comes after later ones.
        last[one.alert_id] = max(one, last.get(one.alert_id, one), key=lambda alert: alert.revision)
    history = {"revision", "known_at", "state"}
    found = {name: one for name, one in last.items() if one.state is not AlertState.CANCELLED}
    return {name: one.model_dump(mode="json", exclude=history) for name, one in found.items()}


def _entries() -> Iterator[Entry]:
    lines = (orjson.loads(line) for line in SAMPLE.read_bytes().splitlines())
    read = ({name: line[name] for name in Article.model_fields if name in line} for line in lines)
    articles = sorted((Article.model_validate_json(orjson.dumps(line)) for line in read), key=_printed)
    said: list[tuple[str, Article | Retraction]] = [(one.article_id, one) for one in articles]
    for number, one in enumerate(articles[::4]):
        taken = Retraction(
            retracts=one.article_id, reason="It was made up.", outlet=None, published_at=one.published_at
        )
        said.insert(min(len(said), 8 * number + 3), (one.article_id, taken))
    for number, (key, record) in enumerate(said):
        yield Entry("articles", key, encode(record), BEGAN + PACE * number)


def _printed(article: Article) -> Any:
    return article.published_at
