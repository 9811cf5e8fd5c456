"""State and progress in the file of the embedded log. Each row bears a checksum of all that it says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from zlib import crc32

from schemas.errors import LogDamaged
from streams.shells.generations import in_file, of_stage
from streams.shells.log import Lane, Mark, RowChange
from streams.stages.stage import Rows

_ROWS = "SELECT row, value, checksum FROM state WHERE stage = ? AND key = ?"
_STATES = "SELECT key, row, value, checksum FROM state WHERE stage = ? ORDER BY key, row"
_MARKS = 'SELECT stage, version, topic, partition, "offset", checksum FROM marks'


def read_rows(db: sqlite3.Connection, stage: str, key: str, generation: int = 0) -> Rows:
    """The stored state of one key; empty if there is none. Raises LogDamaged."""
    stage = in_file(stage, generation)
    return {row: _sound(stage, key, row, value, noted) for row, value, noted in db.execute(_ROWS, (stage, key))}


def read_states(db: sqlite3.Connection, stage: str, generation: int = 0) -> Iterator[tuple[str, Rows]]:
    """Every key that has a stored state, in order, with its rows. Raises LogDamaged."""
    stage = in_file(stage, generation)
    for key, found in groupby(db.execute(_STATES, (stage,)), key=lambda row: row[0]):
        yield key, {row: _sound(stage, key, row, value, noted) for _, row, value, noted in found}


def read_stages(db: sqlite3.Connection, generation: int = 0) -> list[str]:
    """Names of the stages that have stored states."""
    named = (of_stage(row[0]) for row in db.execute("SELECT DISTINCT stage FROM state ORDER BY stage"))
    return [stage for stage, number in named if number == generation]


def read_marks(db: sqlite3.Connection, generation: int = 0) -> Sequence[Mark]:
    """How far each stage has read. Raises LogDamaged."""
    found = [_mark(*row) for row in db.execute(_MARKS)]
    named = ((mark, *of_stage(mark.stage)) for mark in found)
    return [replace(mark, stage=stage) for mark, stage, number in named if number == generation]


def write_rows(db: sqlite3.Connection, changes: Iterable[RowChange], generation: int = 0) -> None:
    """Put down what changed in states."""
    for some in _chunks(changes):
        named = [(in_file(change.stage, generation), change) for change in some]
        written = [
            (stage, change.key, row, _row_checksum(stage, change.key, row, value), value)
            for stage, change in named
            for row, value in change.written.items()
        ]
        gone = [(stage, change.key, row) for stage, change in named for row in change.gone]
        db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?)", written)
        db.executemany("DELETE FROM state WHERE stage = ? AND key = ? AND row = ?", gone)


def write_marks(db: sqlite3.Connection, marks: Iterable[Mark], generation: int = 0) -> None:
    """Put down how far stages have read."""
    marks = [replace(mark, stage=in_file(mark.stage, generation)) for mark in marks]
    rows = [(mark.stage, *mark.lane, mark.version, mark.offset, _mark_checksum(mark)) for mark in marks]
    db.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?)", rows)


def _chunks(changes: Iterable[RowChange], size: int = 500) -> Iterator[list[RowChange]]:
    """A few at a time: a snapshot hands over every state that there is."""
    left = iter(changes)
    while some := list(islice(left, size)):
        yield some


def _sound(stage: str, key: str, row: str, value: bytes, noted: int) -> bytes:
    if _row_checksum(stage, key, row, value) != noted:
        raise LogDamaged(
            f"the state of {stage} for {key!r} is not what was written; replay the articles into a new log"
        )
    return value


def _mark(stage: str, version: str, topic: str, partition: int, offset: int, noted: int) -> Mark:
    mark = Mark(stage, version, Lane(topic, partition), offset)
    if _mark_checksum(mark) != noted:
        raise LogDamaged(f"the progress of {stage} is not what was written; replay the articles into a new log")
    return mark


def _row_checksum(stage: str, key: str, row: str, value: bytes) -> int:
    return crc32(value, crc32("\0".join((stage, key, row)).encode()))


def _mark_checksum(mark: Mark) -> int:
    return crc32("\0".join(map(str, (mark.stage, mark.version, *mark.lane, mark.offset))).encode())
