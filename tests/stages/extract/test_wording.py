"""Wording: credits, and a sketch that knows a reprint again."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from streams.stages.extract.reading import read
from streams.stages.extract.wording import MOST, credited, sketch
from streams.theatres.theatre import load_theatre

TEXT = " ".join(
    f"Report {n}: that day jets flew over the river and people in village {n} heard {n + 3} loud blasts by the mill."
    for n in range(20)
)
OTHER = " ".join(
    f"Prices of bread rose by {n} pounds as bakers in street {n} waited for flour and fuel." for n in range(20)
)


def credits_of(body: str, outlet: str = "ahram") -> tuple[str, ...]:
    article = Article(
        article_id="a1", outlet=outlet, title=None, body=body, published_at=datetime(2016, 8, 12, tzinfo=UTC)
    )
    return credited(read(article, load_theatre("syria")))


def test_an_agency_in_brackets_is_credited() -> None:
    assert credits_of("Jets bombed Douma on Friday. (With AFP)") == ("afp",)


def test_an_agency_in_the_byline_is_credited() -> None:
    assert "reuters" in credits_of("Reuters\nJets bombed Douma on Friday, a monitor said.")


def test_an_agency_that_is_only_told_something_is_not_credited() -> None:
    body = "Jets bombed Douma on Friday. " + "It was a clear day over the town and its fields. " * 12
    assert (
        credits_of(body + "He told Reuters that many fled. " + "The night was quiet in the villages around. " * 8) == ()
    )


def test_an_outlet_does_not_credit_itself() -> None:
    assert credits_of("Jets bombed Douma on Friday. (Reuters)", outlet="reuters") == ()


def test_a_part_shares_most_of_its_sketch_with_the_whole() -> None:
    part = set(sketch(TEXT[len(TEXT) // 2 :]))
    assert len(part & set(sketch(TEXT, most=10_000))) >= 0.9 * len(part) > 0


def test_another_text_shares_nothing() -> None:
    assert not set(sketch(TEXT)) & set(sketch(OTHER))


def test_case_and_marks_do_not_matter() -> None:
    assert sketch(TEXT) == sketch(TEXT.upper().replace(".", " !"))


def test_the_sketch_of_a_text_is_known() -> None:
    """Stored sketches must mean the same after an update; if this changes, every article has to be read again."""
    assert sketch("jets jets jets flew over the river and people heard loud blasts near the old mill at noon") == (
        522234137,
        1156782857,
        3097233179,
        3896441397,
        3994704830,
    )


@given(st.text(max_size=2000))
def test_a_sketch_is_sorted_and_bounded(text: str) -> None:
    made = sketch(text)
    assert list(made) == sorted(set(made))
    assert len(made) <= MOST
    assert all(0 <= value < 2**32 for value in made)
