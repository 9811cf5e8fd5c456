"""The sample of articles, read by the pack as it ships and by copies of it in which one thing was changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from schemas.article import Article
from schemas.codec import decode, encode
from streams.pipeline import Pipeline, pipeline
from streams.shells.log import Entry
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import replay
from streams.theatres.theatre import load_theatre

SHIPPED = Path(str(files("streams.theatres"))) / "syria"

Changed = Callable[[str, str, str], tuple[Pipeline, MemoryLog]]


@pytest.fixture(scope="session")
def sample() -> list[Article]:
    return [decode(Article, line) for line in (SHIPPED / "examples.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="session")
def articles(sample: list[Article]) -> MemoryLog:
    """A log with the sample and nothing that follows from it."""
    log = MemoryLog()
    log.append(Entry("articles", one.article_id, encode(one), 1_480_000_000_000 + at) for at, one in enumerate(sample))
    return log


@pytest.fixture(scope="session")
def present(articles: MemoryLog) -> MemoryLog:
    """What the pack says as it ships."""
    return said(articles, pipeline(load_theatre("syria")))


@pytest.fixture(scope="session")
def changed(articles: MemoryLog, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """What a copy of the pack says in which some words of a file, that stand there once, are others; and its stages."""

    @cache
    def change(path: str, words: str, others: str) -> tuple[Pipeline, MemoryLog]:
        folder = tmp_path_factory.mktemp("pack")
        shutil.copytree(SHIPPED, folder / "syria")
        text = (folder / "syria" / path).read_text()
        assert text.count(words) == 1
        (folder / "syria" / path).write_text(text.replace(words, others))
        stages = pipeline(load_theatre("syria", folder))
        return stages, said(articles, stages)

    return change


def said(articles: MemoryLog, stages: Pipeline) -> MemoryLog:
    """What stages say of the articles."""
    target = MemoryLog()
    replay(articles, target, stages)
    return target
