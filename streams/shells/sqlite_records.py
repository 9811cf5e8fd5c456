"""Records in the file of the embedded log: how they are put down, found, and checked on every read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from schemas.errors import LogDamaged
from streams.shells.framing import checksum, frame, link, pack_headers, unpack_headers
from streams.shells.log import Entry, Head, Lane, Stored

_COLUMNS = '"offset", key, timestamp, headers, value, checksum, sequence'
_READ = f'SELECT {_COLUMNS} FROM records WHERE lane = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?'  # noqa: S608
# The planner has no statistics, and left alone walks a whole lane for one key.
_LATEST = f"""SELECT {_COLUMNS} FROM records INDEXED BY records_by_key
    WHERE lane = ? AND key = ? AND "offset" < ? ORDER BY "offset" DESC LIMIT 1"""  # noqa: S608
_FIRST_KEY = "SELECT key FROM records INDEXED BY records_by_key WHERE lane = ? ORDER BY key LIMIT 1"
_NEXT_KEY = "SELECT key FROM records INDEXED BY records_by_key WHERE lane = ? AND key > ? ORDER BY key LIMIT 1"
_INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_END = 'UPDATE lanes SET "end" = ?, chain = ?, clock = ? WHERE lane = ?'


def append(
    db: sqlite3.Connection, numbers: Mapping[Lane, int], heads: dict[Lane, Head], entries: Sequence[tuple[Lane, Entry]]
) -> list[tuple[int, int]]:
    """Put entries at the ends of their lanes, and move `heads` on; partition and offset of each."""
    arrived = db.execute("SELECT coalesce(max(sequence), 0) FROM records").fetchone()[0]
    rows, places = [], []
    for sequence, (lane, entry) in enumerate(entries, arrived + 1):
        head, headers = heads[lane], pack_headers(entry.headers)
        framed = frame(lane, head.end, entry.key, entry.timestamp, headers)
        chain, clock = link(head.chain, framed, entry.value), max(head.clock, entry.timestamp)
        about = (sequence, numbers[lane], head.end, entry.key.encode(), entry.timestamp, clock)
        rows.append((*about, checksum(framed, entry.value), chain, headers, entry.value))
        places.append((lane.partition, head.end))
        heads[lane] = Head(head.first, head.end + 1, chain, clock)
    db.executemany(_INSERT, rows)
    touched = dict.fromkeys(lane for lane, _ in entries)
    db.executemany(_END, [(heads[lane].end, heads[lane].chain, heads[lane].clock, numbers[lane]) for lane in touched])
    return places


def put(db: sqlite3.Connection, numbers: Mapping[Lane, int], records: Iterable[tuple[Stored, int, bytes]]) -> int:
    """Put records back where they stood, with the clock and the chain after each; how many."""
    count = 0
    for one, clock, chain in records:
        lane, headers = Lane(one.topic, one.partition), pack_headers(one.headers)
        checked = checksum(frame(lane, one.offset, one.key, one.timestamp, headers), one.value)
        about = (one.sequence, numbers[lane], one.offset, one.key.encode(), one.timestamp, clock, checked, chain)
        db.execute(_INSERT, (*about, headers, one.value))
        count += 1
    return count


def read(db: sqlite3.Connection, number: int, lane: Lane, offset: int, limit: int) -> list[Stored]:
    """Up to `limit` records from an offset on. Raises LogDamaged."""
    rows = db.execute(_READ, (number, offset, limit)).fetchall()
    return [stored(lane, offset + place, row) for place, row in enumerate(rows)]


def latest(db: sqlite3.Connection, number: int, lane: Lane, key: bytes, end: int) -> Stored | None:
    """The last record of a key before an offset. Raises LogDamaged."""
    row = db.execute(_LATEST, (number, key, end)).fetchone()
    return stored(lane, row[0], row) if row else None


def keys(db: sqlite3.Connection, number: int) -> Iterator[bytes]:
    """The keys of a lane in order, each found from the one before: the cost is that of the keys, not of the records."""
    row = db.execute(_FIRST_KEY, (number,)).fetchone()
    while row:
        yield row[0]
        row = db.execute(_NEXT_KEY, (number, row[0])).fetchone()


def clock(db: sqlite3.Connection, number: int, offset: int) -> int:
    """The latest log time up to and with an offset."""
    found: tuple[int] = db.execute(
        'SELECT clock FROM records WHERE lane = ? AND "offset" = ?', (number, offset)
    ).fetchone()
    return found[0]


def chain_after(db: sqlite3.Connection, number: int, offset: int) -> bytes | None:
    """The chain after the record at an offset; null if there is none."""
    row = db.execute('SELECT chain FROM records WHERE lane = ? AND "offset" = ?', (number, offset)).fetchone()
    return row[0] if row else None


def stored(lane: Lane, expected: int, row: Sequence[Any]) -> Stored:
    """A row as the record that must stand at an offset. Raises LogDamaged if it is not that."""
    offset, key, timestamp, headers, value, noted, sequence = row
    try:
        name = key.decode()
        if offset == expected and checksum(frame(lane, offset, name, timestamp, headers), value) == noted:
            about = unpack_headers(headers)
            return Stored(lane.topic, lane.partition, offset, name, value, timestamp, about, sequence)
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        pass  # Damage may leave a value of any type in a row.
    raise damaged(lane, expected, "the record is not what was written")


def damaged(lane: Lane, offset: int, what: str) -> LogDamaged:
    """The error for a lane that is not what was written from an offset on."""
    return LogDamaged(
        f"{lane.topic}/{lane.partition}, offset {offset}: {what}. What stands before it is safe; "
        f"`frontwire verify` tells all that is wrong",
        topic=lane.topic,
        partition=lane.partition,
        offset=offset,
    )
