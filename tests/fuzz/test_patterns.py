"""No text is read in more time than goes with its length, also if it is made of what a pattern of ours likes least."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from schemas.article import Article
from streams.edges.intake.text import repair
from streams.pipeline import pipeline
from streams.theatres.theatre import load_theatre
from tests.fuzz.patterns import worst

EVERY = 1 if os.environ.get("FRONTWIRE_PATTERNS") == "all" else 40
"""One in so many strings is made an article of; `FRONTWIRE_PATTERNS=all` takes each."""
AT = datetime(2016, 3, 1, tzinfo=UTC)
LEAD = "Jets struck Palmyra on Monday. "


@pytest.fixture(scope="module")
def patterns() -> list[tuple[str, int]]:
    command = [sys.executable, "-m", "tests.fuzz.patterns"]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [(pattern, flags) for pattern, flags in map(json.loads, told.splitlines())]


@pytest.mark.slow
def test_an_article_of_a_worst_string_is_read_in_time_by_its_length(patterns: list[tuple[str, int]]) -> None:
    assert len(patterns) > 300
    strings = sorted({one for text, flags in patterns for one in worst(text, flags) if one[1].isprintable()})
    extract, worse = pipeline(load_theatre("syria"))[0], []

    def read(lead: str, pump: str, size: int) -> float:
        body = LEAD + lead + pump * (size // len(pump))
        began = time.process_time()
        article = Article(article_id="a", outlet="afp", title=None, body=repair(body), published_at=AT)
        extract.step(extract.initial("a"), article, AT)
        return time.process_time() - began

    for lead, pump in strings[::EVERY]:
        if read(lead, pump, 20_000) > 0.1:
            part, whole = (min(read(lead, pump, size) for _ in range(2)) for size in (5_000, 20_000))
            if whole > 8 * part:
                worse.append((lead, pump, part, whole))
    assert worse == []
