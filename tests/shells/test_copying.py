"""What an embedded log must be like to be carried over to a broker; the copying itself is tested on one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.errors import LogError
from streams.shells.copying import copy
from streams.shells.log import Entry, Store
from streams.shells.runner import Runner
from streams.shells.workers import WorkerSettings

NOWHERE = "kafka://127.0.0.1:1"


def test_states_of_another_version_of_a_stage_are_not_carried(
    log: Store, stages: tuple[Any, ...], articles: list[Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(articles)
    Runner(log, stages).run_once()
    monkeypatch.setattr(type(stages[1]), "version", "2")
    with pytest.raises(LogError, match="the state of count is of version 1, this program's is 2"):
        copy(log, WorkerSettings(NOWHERE, tmp_path), stages)


def test_a_log_that_is_not_read_to_its_end_is_not_carried(
    log: Store, stages: tuple[Any, ...], articles: list[Entry], tmp_path: Path
) -> None:
    Runner(log, stages).run_once()
    log.append(articles)
    with pytest.raises(LogError, match="split has not read all of articles"):
        copy(log, WorkerSettings(NOWHERE, tmp_path), stages)
