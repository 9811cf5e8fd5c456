"""Every kind of log, empty, with three partitions a topic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Log, Store
from streams.shells.memory_log import MemoryLog
from streams.shells.sqlite_log import open_log

EMBEDDED = ["memory", "sqlite"]
ON_A_BROKER = [pytest.param("kafka", marks=pytest.mark.kafka)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "log" in metafunc.fixturenames:
        # What a test asks of the log says which logs can: state and progress are kept by the embedded ones alone.
        kinds = EMBEDDED + ON_A_BROKER if metafunc.function.__annotations__["log"] == "Log" else EMBEDDED
        metafunc.parametrize("log", kinds, indirect=True)


@pytest.fixture
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    kind: str = request.param
    opened: Any = _on_a_broker(request, tmp_path) if kind == "kafka" else _embedded(kind, tmp_path)
    yield opened
    opened.close()


def _embedded(kind: str, folder: Path) -> Store:
    return MemoryLog(partitions=3) if kind == "memory" else open_log(folder / "port.log", partitions=3)


def _on_a_broker(request: pytest.FixtureRequest, folder: Path) -> KafkaLog:
    log = KafkaLog(request.getfixturevalue("kafka"), prefix=f"{folder.name}-")
    log.create(partitions=3)
    return log
