"""Time by length, and memory that stays: texts far longer than any article, and very many articles."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import pytest

from streams.stages.extract.extracting import extract
from streams.theatres.theatre import load_theatre

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from long_texts import article, diary, listing, seconds

THEATRE = load_theatre("syria")


@pytest.mark.slow
def test_five_megabytes_take_time_by_their_length() -> None:
    """Ten times the text in at most twenty times the time: were it quadratic, it would be a hundred."""
    part, whole = (seconds(diary(THEATRE, size), THEATRE) for size in (500_000, 5_000_000))
    assert whole <= 20 * part


@pytest.mark.slow
def test_a_hundred_thousand_place_names_take_time_by_their_number() -> None:
    part, whole = (seconds(listing(THEATRE, count), THEATRE) for count in (10_000, 100_000))
    assert whole <= 20 * part


def test_articles_leave_nothing_behind() -> None:
    body = diary(THEATRE, 24_000)
    texts = [body[at : at + 2_000] for at in range(0, 22_000, 2_200)]
    for text in texts:
        extract(article(text), THEATRE)
    tracemalloc.start()
    try:
        for text in texts:
            extract(article(text), THEATRE)
        first = tracemalloc.get_traced_memory()[0]
        for text in texts:
            extract(article(text), THEATRE)
        assert tracemalloc.get_traced_memory()[0] <= first + 100_000
    finally:
        tracemalloc.stop()
