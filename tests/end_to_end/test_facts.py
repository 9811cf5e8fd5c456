"""Who held which town on which day of the war in Syria, by general knowledge, against what the articles amount to.

`tests/cases/facts/syria.csv` has the facts, with the reason for each: a holder, or the parties that a town was divided
or fought over between, alternatives apart by `|`. The articles belong to their publishers and are not part of the
project: the tests run where the corpus lies beside it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas.article import Article
from schemas.control import TownControl
from schemas.event import Claim
from schemas.topics import CLAIMS, CONTROL
from schemas.vocabulary import ControlStatus, RevisionKind
from streams.stages.control.asof import Answer, at
from streams.stages.control.step import ControlStage
from streams.stages.extract.extracting import extract
from streams.stages.merge.step import MergeStage
from streams.theatres.theatre import Theatre, load_theatre

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "tests" / "cases" / "facts" / "syria.csv"
CORPUS = [ROOT.parent / "shared" / "corpus" / name for name in ("seeds.jsonl", "fakes-dev.jsonl")]
RECENT = timedelta(days=60)
REBELS = {"hts": "rebels", "turkey": "rebels"}
"""The facts call them all rebels."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(path.exists() for path in CORPUS), reason="the corpus does not lie beside the project"),
]


@dataclass
class Told:
    """What the articles amount to, and when it became known."""

    claims: dict[str, dict[str, Claim]] = field(default_factory=lambda: defaultdict(dict))
    """The last revision of each claim, by town and id."""
    control: dict[str, list[tuple[datetime, TownControl]]] = field(default_factory=lambda: defaultdict(list))
    """Each town's revisions, with their known time."""

    def spoken_of(self, town: str, day: date) -> bool:
        """True if anything was said of who held a town in the weeks before a day."""
        living = (
            one for one in self.claims[town].values() if one.kind not in (RevisionKind.MERGE, RevisionKind.RETRACT)
        )
        return any(one.when is not None and day - RECENT <= one.when.last <= day for one in living)

    def known(self, town: str, day: date | None) -> TownControl | None:
        """A town's state as it was known at the end of a day; in the end, without one."""
        moment = datetime.combine(day or date.max, time.max, UTC)
        return next((record for known, record in reversed(self.control[town]) if known <= moment), None)


@dataclass(frozen=True)
class Verdict:
    """One fact, and what is said instead of it."""

    town: str
    day: date
    truth: str
    said: str
    right: bool
    confidence: float
    recent: bool


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return load_theatre("syria")


@pytest.fixture(scope="module")
def told(theatre: Theatre) -> Told:
    lines = (line for path in CORPUS for line in path.read_bytes().splitlines())
    unique = {row["article_id"]: row for row in map(orjson.loads, lines)}
    articles = sorted((_article(row) for row in unique.values()), key=lambda one: (one.published_at, one.article_id))
    merge, control, told = MergeStage(theatre), ControlStage(theatre), Told()
    merged: dict[str, Any] = {}
    held: dict[str, Any] = {}
    for article in articles:
        for mention in extract(article, theatre):
            key = mention.place.key
            merged[key], outputs = merge.step(merged.get(key) or merge.initial(key), mention, article.published_at)
            for claim in [output.record for output in outputs if output.topic is CLAIMS]:
                told.claims[claim.place.name][claim.claim_id] = claim
                held[key], written = control.step(held.get(key) or control.initial(key), claim, article.published_at)
                for output in written:
                    if output.topic is CONTROL:
                        told.control[output.record.place.name].append((article.published_at, output.record))
    return told


def _article(row: dict[str, Any]) -> Article:
    known = {name: row.get(name) for name in ("article_id", "outlet", "title", "body")}
    return Article(**known, published_at=datetime.fromisoformat(row["published_at"]))


def judged(told: Told, theatre: Theatre, *, as_known_then: bool) -> list[Verdict]:
    return list(_judged(told, theatre, as_known_then=as_known_then))


def _judged(told: Told, theatre: Theatre, *, as_known_then: bool) -> Iterator[Verdict]:
    parameters = ControlStage(theatre).parameters
    for row in csv.DictReader(FACTS.open()):
        town, day = row["town"], date.fromisoformat(row["day"])
        control = told.known(town, day if as_known_then else None)
        answer = at(control, day, parameters) if control else None
        said = _said(answer)
        right = any(_agree(answer, said, truth) for truth in row["holder"].split("|"))
        sure = answer.confidence if answer else 0.0
        yield Verdict(town, day, row["holder"], said, right, sure, told.spoken_of(town, day))


def _said(answer: Answer | None) -> str:
    if answer is None or answer.status is ControlStatus.UNKNOWN:
        return "unknown"
    parties = (answer.controller,) if answer.controller else answer.parties
    return "+".join(sorted({REBELS.get(party, party) for party in parties}))


def _agree(answer: Answer | None, said: str, truth: str) -> bool:
    """A lone holder must be named; of a divided town the parties, or the one side of it that is heard of."""
    if answer is None or "+" not in truth:
        return said == truth and answer is not None and answer.controller is not None
    divided = answer.status is ControlStatus.DIVIDED or (answer.status is ControlStatus.CONTESTED and "+" in said)
    return divided and set(said.split("+")) <= set(truth.split("+"))


def share(verdicts: Iterable[Verdict]) -> float:
    chosen = list(verdicts)
    return sum(one.right for one in chosen) / len(chosen)


def wrong(verdicts: Iterable[Verdict]) -> str:
    bad = (one for one in verdicts if not one.right)
    return "\n".join(f"{v.town} {v.day}: {v.truth}, said {v.said} ({v.confidence:.2f})" for v in bad)


def test_there_are_facts_enough_of_many_towns() -> None:
    rows = list(csv.DictReader(FACTS.open()))
    assert len(rows) >= 40
    assert len({row["town"] for row in rows}) >= 40


@pytest.mark.parametrize("then", [True, False], ids=["as known then", "as known in the end"])
def test_what_is_said_with_confidence_is_right(told: Told, theatre: Theatre, then: bool) -> None:
    sure = [one for one in judged(told, theatre, as_known_then=then) if one.confidence >= 0.8 and one.said != "unknown"]
    assert len(sure) >= 50
    assert share(sure) >= 0.95, wrong(sure)


def test_of_a_town_that_was_spoken_of_lately_the_answer_is_right(told: Told, theatre: Theatre) -> None:
    recent = [one for one in judged(told, theatre, as_known_then=False) if one.recent]
    assert len(recent) >= 50
    assert share(recent) >= 0.85, wrong(recent)
