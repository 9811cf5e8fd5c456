"""Figures of killed and wounded, from the cases of `tests/cases/tolls` and from any text at all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stages.extract.counts import number
from streams.stages.extract.tolls import TollHit, find_tolls

CASES = Path(__file__).parents[2] / "cases" / "tolls"
FILES = {path.stem: tomllib.loads(path.read_text())["case"] for path in sorted(CASES.glob("*.toml"))}
NAMED = [pytest.param(case, id=f"{name}: {case['text']}") for name, cases in FILES.items() for case in cases]
VOCABULARY = """
killed wounded dead 18 dozens scores people children including among them were at least and , . a woman toll rose to
of the deaths more than since 2011 others leaving between 3 bodies lives claimed no casualties 12,000
"""
WORDS = st.sampled_from(VOCABULARY.split())


@pytest.mark.parametrize("case", NAMED)
def test_a_toll_is_what_the_words_count(case: dict[str, Any]) -> None:
    found = find_tolls(case["text"])
    assert [figure(hit) for hit in found] == case["expect"]
    first = found[0] if found else None
    for name in ("part", "update", "cumulative"):
        assert name not in case or getattr(first, name) is case[name]
    for name in ("children", "women"):
        assert first is None or name not in case or getattr(first.toll, name) == case[name]


def figure(hit: TollHit) -> list[object]:
    toll = hit.toll
    return [hit.harm, toll.min, "open" if toll.max is None else toll.max, toll.of.value]


@given(st.text(max_size=300))
def test_any_text_gives_figures_that_lie_inside_it(text: str) -> None:
    check(text)


@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_any_heap_of_words_of_harm_gives_figures_that_lie_inside_it(text: str) -> None:
    check(text)


def check(text: str) -> None:
    for hit in find_tolls(text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert text[hit.verb_start : hit.verb_end].strip()
        assert hit.toll.max is None or hit.toll.min <= hit.toll.max


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("1,500", 1500),
        ("sixty-two", 62),
        ("half a dozen", 6),
        ("two dozen", 24),
        ("a hundred and twelve", 112),
        ("many", None),
    ],
)
def test_numbers_are_read_in_digits_and_words(words: str, value: int | None) -> None:
    assert number(words) == value


def test_time_grows_with_length_only() -> None:
    sentence = "At least 18 people, including six children, were killed and 40 others wounded, dozens of them badly. "
    assert len(find_tolls(sentence * 3000)) >= 6000
