"""Articles, what the embedded log makes of them, and clusters of workers."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import orjson
import pytest

from schemas.article import Article
from streams.pipeline import Pipeline, pipeline
from streams.shells.log import Entry
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.shells.workers import create_topics
from streams.theatres.theatre import load_theatre
from tests.kafka.cluster import Cluster

PARTITIONS = 4
SAMPLE = Path(str(files("streams.theatres.syria").joinpath("examples.jsonl")))
CORPUS = Path(__file__).parents[3] / "shared/corpus"


@pytest.fixture(scope="session")
def stages() -> Pipeline:
    return pipeline(load_theatre())


@pytest.fixture(scope="session")
def articles() -> list[Entry]:
    """The sample, in order of publication."""
    return entries([SAMPLE])


@pytest.fixture(scope="session")
def corpus() -> list[Entry]:
    """The corpus where it is at hand, else the sample."""
    found = [CORPUS / "seeds.jsonl", CORPUS / "fakes-dev.jsonl"]
    return entries(found if all(path.exists() for path in found) else [SAMPLE])


@pytest.fixture(scope="session")
def embedded(articles: list[Entry], stages: Pipeline) -> MemoryLog:
    """The sample, run on an embedded log."""
    return run(articles, stages)


@pytest.fixture
def cluster(kafka: str, tmp_path: Path, stages: Pipeline) -> Iterator[Cluster]:
    made = Cluster(kafka, tmp_path)
    create_topics(made.settings, stages, PARTITIONS)
    yield made
    made.end()


def entries(sources: list[Path]) -> list[Entry]:
    lines = (orjson.loads(line) for source in sources for line in source.read_bytes().splitlines())
    read = [{name: line[name] for name in Article.model_fields if name in line} for line in lines]
    return [
        Entry("articles", line["article_id"], orjson.dumps(line), 1_400_000_000_000 + number)
        for number, line in enumerate(sorted(read, key=lambda line: line["published_at"]))
    ]


def run(articles: list[Entry], stages: Pipeline) -> MemoryLog:
    log = MemoryLog()
    log.append(articles)
    Runner(log, stages).run_once()
    return log
