"""An archive gives the same log again, follows it, and is found out if it was changed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import LogDamaged, LogError
from streams.shells import archive
from streams.shells.log import Entry, Store, iterate
from streams.shells.runner import Runner
from streams.shells.snapshots import hash_of
from streams.shells.sqlite_log import open_log
from streams.shells.verify import verify

DAY_MS = 86_400_000


@pytest.fixture
def path(tmp_path: Path, stages: Any, articles: list[Entry]) -> Path:
    """A log of three days and two partitions, with bytes that are no record."""
    poison = Entry("articles", 'quo"te,"record":', b'{"a":\r\n1}', 1_700_000_000_000)
    spread = [Entry(*_plain(one), one.timestamp + place % 3 * DAY_MS) for place, one in enumerate(articles)]
    with closing(open_log(tmp_path / "a.log", partitions=2)) as log:
        log.append([*spread, Entry("articles", "bad", b"\xff\x00", 1_700_000_000_000), poison])
        Runner(log, stages).run_once()
    return tmp_path / "a.log"


def _plain(one: Entry) -> tuple[str, str, bytes]:
    return one.topic, one.key, one.value


def everything(log: Store) -> list[Any]:
    return [list(iterate(log, topic)) for topic in log.topics()]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_what_comes_back_is_the_log(path: Path, tmp_path: Path, stages: Any, form: str) -> None:
    files = archive.write(path, tmp_path / "out", form)
    assert sum(name.startswith("articles/") for name in files) == 3
    again = tmp_path / "again.log"
    count = archive.restore(tmp_path / "out", again)
    with closing(open_log(path, read_only=True)) as log, closing(open_log(again)) as other:
        assert count == sum(map(len, everything(log)))
        assert everything(other) == everything(log)
        assert (other.heads(), hash_of(other)) == (log.heads(), hash_of(log))
        assert Runner(other, stages).run_once() == 0
    assert verify(again).damage == ()


def test_only_days_that_changed_are_written_again(
    path: Path, tmp_path: Path, stages: Any, articles: list[Entry]
) -> None:
    archive.write(path, tmp_path / "out", "jsonl")
    written: list[str] = []
    archive.write(path, tmp_path / "out", "jsonl", lambda name, rows: written.append(name))
    assert written == []
    with closing(open_log(path)) as log:
        log.append([Entry("articles", "new", articles[0].value, 1_700_000_000_000 + 9 * DAY_MS)])
    archive.write(path, tmp_path / "out", "jsonl", lambda name, rows: written.append(name))
    assert written == ["articles/2023-11-23.jsonl"]
    assert archive.restore(tmp_path / "out", tmp_path / "again.log") > 0


def test_another_form_takes_the_place_of_the_first(path: Path, tmp_path: Path) -> None:
    archive.write(path, tmp_path / "out", "jsonl")
    archive.write(path, tmp_path / "out", "parquet")
    assert {one.suffix for one in (tmp_path / "out").rglob("*/*")} == {".parquet"}


@pytest.mark.parametrize("name", ["articles/2023-11-15.jsonl", "state.jsonl", "deliveries/2023-11-14.jsonl"])
def test_a_changed_archive_is_found_out(path: Path, tmp_path: Path, name: str) -> None:
    archive.write(path, tmp_path / "out", "jsonl")
    changed = tmp_path / "out" / name
    lines = changed.read_bytes().splitlines(keepends=True)
    changed.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(LogDamaged):
        archive.restore(tmp_path / "out", tmp_path / "again.log")
    changed.write_bytes(b"".join(lines).replace(b"river", b"rider").replace(b"NQ==", b"Ng=="))
    with pytest.raises(LogDamaged):
        archive.restore(tmp_path / "out", tmp_path / "again.log")
    assert not list(tmp_path.glob("again.log*"))


def test_a_folder_without_an_archive_and_a_log_that_is_there_are_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no archive"):
        archive.restore(tmp_path, tmp_path / "again.log")
    archive.write(path, tmp_path / "out", "jsonl")
    with pytest.raises(LogError, match="there already"):
        archive.restore(tmp_path / "out", path)
