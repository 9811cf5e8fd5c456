"""Every kind of log, empty, with three partitions a topic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.shells.log import Store
from streams.shells.memory_log import MemoryLog
from streams.shells.sqlite_log import open_log


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store = (
        MemoryLog(partitions=3) if request.param == "memory" else open_log(tmp_path / "port.log", partitions=3)
    )
    yield opened
    opened.close()
