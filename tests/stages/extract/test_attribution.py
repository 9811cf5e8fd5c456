"""Who is quoted: the cases of `tests/cases/attribution`, any text at all, and what it makes of a report."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.vocabulary import Modality
from streams.stages.extract.attribution import Attribution, attribute, modality
from streams.stages.extract.equipment import equip
from streams.stages.extract.reading import read
from streams.theatres.theatre import Theatre, load_theatre

CASES = Path(__file__).parents[2] / "cases" / "attribution"
FILES = {path.stem: tomllib.loads(path.read_text())["case"] for path in sorted(CASES.glob("*.toml"))}
NAMED = [pytest.param(case, id=f"{name}: {case['text']}") for name, cases in FILES.items() for case in cases]
VOCABULARY = """
the Observatory said told according to activists it added SANA a military source Damascus Russian army " , . denied that
residents Karim Haddad spokesman for and reported by in the town monitor he
"""
WORDS = st.sampled_from(VOCABULARY.split())


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return load_theatre()


def voices(text: str, theatre: Theatre) -> tuple[Attribution, ...]:
    fields = {"article_id": "a", "outlet": "ahram", "title": None, "body": text, "published_at": "2016-08-10T12:00:00Z"}
    document = read(Article.model_validate_json(orjson.dumps(fields)), theatre)
    return attribute(document, equip(theatre).speech)


@pytest.mark.parametrize("case", NAMED)
def test_the_source_of_a_sentence_is_whoever_it_quotes(case: dict[str, Any], theatre: Theatre) -> None:
    found = voices(case["text"], theatre)
    pairs = zip(found, case["expect"], strict=True)
    assert [[voice.label or "", root(voice, said), voice.party or "none"] for voice, said in pairs] == case["expect"]
    assert any(voice.denies for voice in found) is case.get("denies", False)


def root(voice: Attribution, said: list[str]) -> str:
    """The root source; of persons and unnamed people only the kind, where the case asks for no more."""
    return voice.root_source if ":" in said[1] else voice.root_source.split(":")[0]


def voice(party: str | None) -> Attribution:
    return Attribution("X", "x", party, 0, 0)


@pytest.mark.parametrize(
    ("parties", "actors", "expected"),
    [
        ((None,), ("russia",), Modality.REPORTED),
        (("russia",), ("russia",), Modality.CLAIMED),
        (("russia",), ("rebels",), Modality.CLAIMED),
        (("syrian-government",), (), Modality.CLAIMED),
        (("rebels",), ("hts",), Modality.REPORTED),
        (("russia", None), ("russia",), Modality.REPORTED),
    ],
)
def test_a_party_alone_on_its_own_or_its_enemys_act_claims(
    theatre: Theatre, parties: tuple[str | None, ...], actors: tuple[str, ...], expected: Modality
) -> None:
    assert modality([voice(party) for party in parties], actors, theatre) is expected


def test_a_denial_by_the_alleged_actor_makes_it_denied(theatre: Theatre) -> None:
    assert modality([voice(None)], ("saaf",), theatre, denied_by=("syrian-government",)) is Modality.DENIED
    assert modality([voice(None)], ("russia",), theatre, denied_by=("syrian-government",)) is Modality.REPORTED


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=40).map(" ".join))
def test_any_heap_of_words_of_speech_gives_each_sentence_one_voice(text: str) -> None:
    theatre = load_theatre()
    for one in voices(text, theatre):
        assert 0 <= one.start <= one.end <= len(text)
        assert one.root_source


def test_a_quotation_that_runs_on_keeps_its_speaker(theatre: Theatre) -> None:
    found = voices('"They came at night," said Karim Haddad. "We ran to the river."', theatre)
    assert [one.label for one in found] == ["Karim Haddad", "Karim Haddad"]
