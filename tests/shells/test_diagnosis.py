"""A doctor says what is safe and what to do: for a whole, an unfinished, a locked, a torn and a tampered log."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from streams.shells.diagnosis import Diagnosis, diagnose
from streams.shells.log import Entry
from streams.shells.runner import Runner
from streams.shells.sqlite_log import open_log


@pytest.fixture
def path(tmp_path: Path, stages: Any, articles: list[Entry]) -> Path:
    with closing(open_log(tmp_path / "whole.log")) as log:
        log.append(articles)
        Runner(log, stages).run_once()
    return tmp_path / "whole.log"


def edit(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute(statement).rowcount > 0
        db.commit()


def end_of(found: Diagnosis, topic: str) -> int:
    (end,) = (one.end for one in found.safe if one.lane.topic == topic)
    return end


def test_a_whole_log_needs_nothing(path: Path) -> None:
    found = diagnose(path)
    assert (found.health, found.damage, found.to_do, end_of(found, "articles")) == ("well", (), (), 40)


def test_articles_that_wait_are_worked_off_by_a_run(path: Path, articles: list[Entry]) -> None:
    with closing(open_log(path)) as log:
        log.append(articles[:2])
    found = diagnose(path)
    assert found.health == "unfinished"
    assert "frontwire run" in found.to_do[0]


def test_who_holds_a_log_is_named(path: Path) -> None:
    with closing(open_log(path)) as log, log.running():
        found = diagnose(path)
    assert found.health == "in use"
    assert "process" in str(found.held_by)


def test_damage_in_what_follows_from_articles_is_mended_by_a_replay(path: Path) -> None:
    edit(path, "UPDATE records SET value = X'00' WHERE offset = 7 AND lane IN "
         "(SELECT lane FROM lanes WHERE topic = 'control-changes')")  # fmt: skip
    found = diagnose(path)
    assert found.health == "rebuild"
    assert (end_of(found, "articles"), end_of(found, "control-changes")) == (40, 7)
    assert any("frontwire replay" in step for step in found.to_do)


def test_a_tampered_article_asks_for_a_copy_and_names_what_is_safe(path: Path) -> None:
    edit(path, "UPDATE records SET value = X'00' WHERE lane = 1 AND offset = 7")
    found = diagnose(path)
    assert (found.health, end_of(found, "articles")) == ("restore", 7)
    assert "copy" in found.to_do[0]
    assert any("articles/0 up to offset 7" in step for step in found.to_do)


def test_a_lost_tail_asks_for_a_copy(path: Path, articles: list[Entry]) -> None:
    older = path.with_name("older.log")
    shutil.copyfile(path, older)
    with closing(open_log(path)) as log:
        log.append(articles[:3])
    shutil.copyfile(older, path)
    found = diagnose(path)
    assert (found.health, end_of(found, "articles")) == ("restore", 40)
    assert any("up to offset 43" in one.what for one in found.damage)


@pytest.mark.parametrize("size", [10, 5_000, 20_000, 60_000])
def test_a_torn_file_is_never_called_well(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])
    found = diagnose(path)
    assert found.health in ("rebuild", "restore", "no log")
    assert found.to_do


def test_a_missing_log_is_said_to_be_missing(tmp_path: Path) -> None:
    assert diagnose(tmp_path / "none.log").health == "no log"
