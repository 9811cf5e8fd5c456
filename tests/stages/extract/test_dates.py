"""Phrases of time, from the cases of `tests/cases/dates` and from any text at all."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stages.extract.dates import find_dates

CASES = Path(__file__).parents[2] / "cases" / "dates"
FILES = {path.stem: tomllib.loads(path.read_text()) for path in sorted(CASES.glob("*.toml"))}
NAMED = [(f"{name}: {case['text']}", data["published"], case) for name, data in FILES.items() for case in data["case"]]
VOCABULARY = """
on in since last this Monday June 19 2014 2012 two three weeks days ago earlier after the year before overnight today
for late May , . 31 99 0 from to until week month recent past hours
"""
WORDS = st.sampled_from(VOCABULARY.split())


@pytest.mark.parametrize(("published", "case"), [pytest.param(day, case, id=name) for name, day, case in NAMED])
def test_a_phrase_of_time_covers_the_days_that_the_guide_says(published: date, case: dict[str, object]) -> None:
    text = str(case["text"])
    found = [
        [text[hit.start : hit.end], hit.when.first, hit.when.last, hit.when.precision.value]
        for hit in find_dates(text, published)
        if hit.when.first <= published
    ]
    assert found == case["expect"]


@given(st.text(max_size=300), st.dates())
def test_any_text_gives_hits_in_order_that_lie_inside_it(text: str, published: date) -> None:
    check(text, published)


@given(st.lists(WORDS, max_size=25).map(" ".join), st.dates())
def test_any_heap_of_words_of_time_gives_hits_in_order(text: str, published: date) -> None:
    check(text, published)


def check(text: str, published: date) -> None:
    end = 0
    for hit in find_dates(text, published):
        assert end <= hit.start < hit.end <= len(text)
        assert hit.when.first <= hit.when.last
        end = hit.end


def test_what_is_announced_lies_after_publication_and_says_so() -> None:
    hits = find_dates("On July 1 the fair opens.", date(2016, 6, 22))
    assert [hit.when.first for hit in hits] == [date(2016, 7, 1)]


def test_time_grows_with_length_only() -> None:
    sentence = "On Monday 12 June 2014 two weeks after the year before last May, for days. "
    assert len(find_dates(sentence * 4000, date(2016, 6, 22))) > 4000
