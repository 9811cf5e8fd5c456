"""The event cases: own sentences, one file a phenomenon, near-misses beside what must be read."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.article import Article
from schemas.mention import Mention
from schemas.vocabulary import MentionKind
from streams.stages.extract.extracting import extract
from streams.theatres.names import fold
from streams.theatres.theatre import load_theatre

CASES = Path(__file__).parents[2] / "cases" / "extract"
FILES = sorted(CASES.glob("events_*.toml"))


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}-{number}")
        for path in FILES
        for number, case in enumerate(tomllib.loads(path.read_text())["case"], 1)
    ]


def events_of(case: dict[str, Any]) -> list[Mention]:
    article = Article(
        article_id="a1",
        outlet=case.get("outlet", "reuters"),
        title=case.get("title"),
        body=case["text"],
        published_at=datetime.fromisoformat(case.get("published", "2016-08-12")).replace(hour=12, tzinfo=UTC),
    )
    return [m for m in extract(article, load_theatre("syria")) if m.kind is MentionKind.EVENT]


def fits(want: dict[str, Any], got: Mention) -> bool:
    parties = load_theatre("syria").actors.party
    checks = {
        "type": lambda value: got.event_type == value,
        "town": lambda value: fold(got.place.name) == fold(value),
        "district": lambda value: fold(got.place.district or "") == fold(value),
        "precision": lambda value: got.place.precision == value,
        "first": lambda value: got.when is not None and str(got.when.first) == value,
        "last": lambda value: got.when is not None and str(got.when.last) == value,
        "actors": lambda value: {parties(a) for a in got.actors} == {parties(a) for a in value},
        "targets": lambda value: {parties(a) for a in got.targets} == {parties(a) for a in value},
        "killed": lambda value: got.killed is not None and bounds(value) == (got.killed.min, got.killed.max),
        "wounded": lambda value: got.wounded is not None and bounds(value) == (got.wounded.min, got.wounded.max),
        "source": lambda value: got.source == value,
        "modality": lambda value: got.modality == value,
        "main": lambda value: got.main == value,
        "shared": lambda value: got.shared == value,
    }
    return all(checks[key](value) for key, value in want.items())


def bounds(value: list[Any]) -> tuple[int, int | None]:
    return value[0], None if value[1] == "open" else value[1]


@pytest.mark.parametrize("case", cases())
def test_the_events_of_a_case_are_read_and_no_others(case: dict[str, Any]) -> None:
    got = events_of(case)
    left = list(got)
    for want in case["expect"]:
        match = next((mention for mention in left if fits(want, mention)), None)
        assert match is not None, f"missing {want}; got {[describe(m) for m in got]}"
        left.remove(match)
    assert not left, f"false: {[describe(m) for m in left]}"


def describe(mention: Mention) -> str:
    killed = mention.killed and (mention.killed.min, mention.killed.max)
    when = mention.when and (str(mention.when.first), str(mention.when.last))
    place = (mention.place.name, mention.place.precision.value, mention.place.district)
    who = (mention.actors, mention.targets)
    return f"{mention.event_type} {place} {when} {who} {killed} {mention.source} {mention.rule}"


def test_every_file_says_what_it_is_about() -> None:
    assert all(tomllib.loads(path.read_text())["why"] for path in FILES)
