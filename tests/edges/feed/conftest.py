"""A log to write to, and servers over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from streams.edges.feed.server import server_of
from streams.shells.sqlite_log import SqliteLog
from tests.edges.feed.records import Writer, fill, running


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db")
    yield opened
    opened.close()


@pytest.fixture
def writer(log: SqliteLog) -> Writer:
    return Writer(log)


@pytest.fixture
def serve(log: SqliteLog, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts a server over the log, and gives its address."""
    with ExitStack() as stack:

        def start(name: str = "feed", **more: Any) -> str:
            return stack.enter_context(running(server_of(log, tmp_path / name, **more)))

        yield start


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over a small war, for tests that only read."""
    folder = tmp_path_factory.mktemp("filled")
    opened = SqliteLog(folder / "log.db")
    fill(Writer(opened))
    with running(server_of(opened, folder / "feed")) as url:
        yield url
    opened.close()
