"""A log that is not what was written is found, with the place, and never read in silence."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import FrontwireError, LogDamaged, LogError
from streams.shells.log import Entry, Lane, Store, Stored, iterate
from streams.shells.runner import Runner
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.verify import verify

BESIDE = ("", ".mark", "-wal")


_made: dict[str, bytes] = {}
"""The files of a log that was run and closed: made once, as many tests begin with them."""


@pytest.fixture
def path(tmp_path: Path, stages: Any, articles: list[Entry]) -> Path:
    """A log that was run and closed."""
    path = tmp_path / "whole.log"
    if not _made:
        with closing(open_log(path)) as log:
            log.append(articles)
            Runner(log, stages).run_once()
        _made.update({suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("", ".mark")})
    for suffix, content in _made.items():
        Path(f"{path}{suffix}").write_bytes(content)
    return path


def contents(log: Store) -> dict[Lane, list[Stored]]:
    lanes: dict[Lane, list[Stored]] = {lane: [] for lane in log.heads()}
    for topic in log.topics():
        for stored in iterate(log, topic):
            lanes[Lane(topic, stored.partition)].append(stored)
    return lanes


def edit(path: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute(statement, values).rowcount > 0
        db.commit()


def test_a_whole_log_is_found_whole(path: Path) -> None:
    verified = verify(path)
    with closing(open_log(path)) as log:
        assert verified.records == sum(map(len, contents(log).values()))
    assert verified.damage == ()


def test_a_log_is_found_whole_while_it_is_written(path: Path, articles: list[Entry]) -> None:
    with closing(open_log(path)) as log, ThreadPoolExecutor() as pool:
        writing = pool.submit(lambda: [log.append(articles) for _ in range(60)])
        looks = 0
        while not writing.done():
            assert verify(path).damage == ()
            looks += 1
    assert looks > 1


CHANGES: dict[str, Callable[[Path], None]] = {
    "a value": lambda path: edit(path, "UPDATE records SET value = X'00' WHERE lane = 1 AND offset = 7"),
    "a key": lambda path: edit(path, "UPDATE records SET key = X'ff' WHERE lane = 1 AND offset = 7"),
    "a time": lambda path: edit(path, "UPDATE records SET timestamp = 1 WHERE lane = 1 AND offset = 7"),
    "the running time": lambda path: edit(path, "UPDATE records SET clock = clock + 1 WHERE lane = 1 AND offset = 7"),
    "headers": lambda path: edit(path, "UPDATE records SET headers = X'00' WHERE lane = 1 AND offset = 7"),
    "a chain": lambda path: edit(path, "UPDATE records SET chain = X'00' WHERE lane = 1 AND offset = 7"),
    "a record gone": lambda path: edit(path, "DELETE FROM records WHERE lane = 1 AND offset = 7"),
    "records swapped": lambda path: edit(
        path, "UPDATE records SET (key, value, checksum) = (SELECT key, value, checksum FROM records r "
        "WHERE r.lane = 1 AND r.offset = 8) WHERE lane = 1 AND offset = 7"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_in_a_record_is_found_with_its_offset(path: Path, name: str) -> None:
    CHANGES[name](path)
    assert ("articles", 0, 7) in {(one.topic, one.partition, one.offset) for one in verify(path).damage}


def test_a_changed_record_is_not_read(path: Path) -> None:
    CHANGES["a value"](path)
    with closing(open_log(path)) as log:
        assert len(log.read("articles", 0, 0, 7)) == 7
        with pytest.raises(LogDamaged, match="articles/0, offset 7") as raised:
            log.read("articles", 0, 5, 10)
    assert (raised.value.topic, raised.value.partition, raised.value.offset) == ("articles", 0, 7)


def test_a_forged_record_with_a_right_checksum_breaks_the_chain(path: Path) -> None:
    from streams.shells.framing import checksum, frame, pack_headers

    with closing(open_log(path)) as log:
        (old,) = log.read("articles", 0, 7, 1)
    forged = checksum(frame(Lane("articles", 0), 7, old.key, old.timestamp, pack_headers(old.headers)), b"forged")
    edit(path, "UPDATE records SET value = ?, checksum = ? WHERE lane = 1 AND offset = 7", b"forged", forged)
    assert [one.offset for one in verify(path).damage] == [7]


def test_changed_state_and_progress_are_found(path: Path) -> None:
    edit(path, "UPDATE state SET value = X'00' WHERE stage = 'count' AND row = 'seen'")
    with closing(open_log(path)) as log, pytest.raises(LogDamaged, match="state of count"):
        list(log.states("count"))
    edit(path, "UPDATE marks SET offset = offset - 1 WHERE stage = 'split'")
    assert any("progress of split" in one.what for one in verify(path).damage)


def test_a_lost_tail_is_found_when_the_log_is_opened(path: Path, articles: list[Entry]) -> None:
    older = path.with_name("older.log")
    shutil.copyfile(path, older)
    with closing(open_log(path)) as log:
        log.append(articles[:3])
    shutil.copyfile(older, path)
    with pytest.raises(LogDamaged, match="articles/0, offset 40: records up to offset 43"):
        open_log(path)
    assert ("articles", 0, 40) in {(one.topic, one.partition, one.offset) for one in verify(path).damage}


def test_a_cut_write_ahead_log_is_found(path: Path, articles: list[Entry]) -> None:
    log = open_log(path)
    for entry in articles[:5]:
        log.append([entry])
    copy = path.with_name("copy.log")
    for suffix in BESIDE:
        shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    log.close()
    wal = Path(f"{copy}-wal")
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 2])
    with pytest.raises(LogDamaged, match=r"articles/0, offset 4[0-4]: records up to offset 45"):
        open_log(copy)


def test_notes_of_another_log_are_refused(path: Path, tmp_path: Path) -> None:
    open_log(tmp_path / "other.log").close()
    shutil.copyfile(tmp_path / "other.log.mark", f"{path}.mark")
    with pytest.raises(LogDamaged, match="belongs to another log"):
        open_log(path)


@pytest.mark.parametrize("size", [0, 10, 5_000, 20_000, 60_000])
def test_a_file_cut_short_is_found(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])
    if size == 0:
        with pytest.raises(LogDamaged, match="belongs to another log"):
            open_log(path)
    else:
        assert verify(path).damage


@pytest.mark.parametrize("seed", range(int(os.environ.get("FRONTWIRE_CORRUPTIONS", "200"))))
def test_any_changed_byte_is_harmless_or_found_with_the_right_offset(path: Path, seed: int) -> None:
    with closing(open_log(path)) as log:
        before = contents(log)
    raw, chance = bytearray(path.read_bytes()), random.Random(seed)
    place = chance.randrange(len(raw))
    raw[place] ^= 1 << chance.randrange(8)
    path.write_bytes(raw)
    expect_no_silent_change(path, before, f"byte {place}")


def expect_no_silent_change(path: Path, before: dict[Lane, list[Stored]], where: str) -> None:
    try:
        damage = verify(path).damage
    except LogError:
        return  # Refused: not a log any more, or of another version.
    named = {Lane(one.topic, one.partition or 0): one.offset or 0 for one in reversed(damage) if one.topic}
    elsewhere = any(one.topic is None for one in damage)
    for lane, records in before.items():
        found = readable(path, lane)
        assert found == records[: len(found)], f"{where}: {lane} was read wrong in silence"
        assert elsewhere or len(found) >= min(named.get(lane, len(records)), len(records)), f"{where}: {damage}"
        assert elsewhere or len(found) == len(records) or named[lane] <= len(found), f"{where}: {damage}"


def readable(path: Path, lane: Lane) -> list[Stored]:
    """The records of a lane that can be read before the first error."""
    read: list[Stored] = []
    try:
        with closing(SqliteLog(path, read_only=True, checked=False)) as log:
            while found := log.read(*lane, len(read), 1):
                read += found
    except FrontwireError:
        pass
    return read


def test_a_file_that_is_no_log_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.log").write_text("this is no database " * 100)
    edit_new(tmp_path / "other.db")
    with pytest.raises(LogDamaged, match="not a database"):
        open_log(tmp_path / "text.log")
    with pytest.raises(LogError, match="no log of Frontwire"):
        open_log(tmp_path / "other.db")
    with pytest.raises(LogError, match="there is no log at"):
        verify(tmp_path / "missing.log")


def edit_new(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (x)")
        db.commit()


def test_a_newer_format_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LogError, match="format 99; this program reads up to 2"):
        open_log(path)
