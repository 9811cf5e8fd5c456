"""Sentences: where they begin and end, in clean text and in torn text."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from streams.stages.extract.sentences import LONGEST, page_end, split


def texts(text: str, title: str = "") -> list[str]:
    return [text[start:end] for start, end in split(text, title)]


def test_a_stop_before_a_capital_ends_a_sentence() -> None:
    assert texts("Jets struck Saraqib. Two people died.") == ["Jets struck Saraqib.", "Two people died."]


def test_an_abbreviation_or_initial_ends_none() -> None:
    assert len(texts("Lt. Col. Haddad of the U.S. army spoke. He left.")) == 2
    assert len(texts("Dr. B. Haddad said so.")) == 1


def test_sentences_glued_at_the_stop_come_apart() -> None:
    assert texts("They want to end the war.Fighters left.") == ["They want to end the war.", "Fighters left."]


def test_a_headline_run_into_the_body_stands_alone() -> None:
    title = "Car bomb kills six in Azaz"
    found = texts(f"{title} A car bomb killed six people on Friday.", title)
    assert found == [title, "A car bomb killed six people on Friday."]


def test_a_date_stamp_at_the_head_stands_alone() -> None:
    found = texts("Friday 12 Aug 2016 Shells fell on Fuah. Nobody died.")
    assert found[-2:] == ["Shells fell on Fuah.", "Nobody died."]


def test_a_date_inside_a_sentence_cuts_nothing() -> None:
    assert len(texts("The town fell on 4 May 2015 Rebels said.")) == 1


def test_a_dateline_stands_alone() -> None:
    assert texts("BEIRUT: Jets bombed Douma.")[-1] == "Jets bombed Douma."


def test_bullets_and_lines_part_sentences() -> None:
    assert len(texts("One fell • Two fell\nThree fell")) == 3


def test_quoted_sentences_keep_their_marks() -> None:
    assert texts('"They fled." Nobody stayed.') == ['"They fled."', "Nobody stayed."]


def test_the_page_behind_the_article_is_left_out() -> None:
    body = "Jets bombed Douma on Friday and many fled. " * 3
    assert page_end(body + "Related News Other story") == len(body)


def test_a_text_without_a_stop_is_cut_at_spaces() -> None:
    assert all(end - start <= LONGEST for start, end in split("word " * 5000))


@given(st.text(max_size=400), st.text(max_size=40))
def test_sentences_are_in_order_and_hold_every_letter(text: str, title: str) -> None:
    spans = split(text, title)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    whole = text[: page_end(text)]
    assert [c for c in kept if c.isalnum()] == [c for c in whole if c.isalnum()]
