"""The embedded log: topics, state and progress in one SQLite file.

Records stand in the order of arrival and are found by lane and offset, or by lane and key. A commit puts records, state
and progress down together. Each record bears a checksum, looked at on every read, and the chain of its lane.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from itertools import groupby
from pathlib import Path
from typing import Any
from zlib import crc32

from schemas.errors import LogDamaged, LogError, OffsetOutOfRange, UnknownTopic
from schemas.topics import TOPICS
from streams.shells import sqlite_file
from streams.shells.framing import checksum, frame, link, origin_of_chain, pack_headers, unpack_headers
from streams.shells.high_water import HighWater
from streams.shells.log import Changes, EndMoved, Entry, Head, Lane, Mark, RowChange, Stored
from streams.shells.partitioner import partition_of
from streams.shells.run_lock import run_lock
from streams.shells.sqlite_file import in_our_words, transaction
from streams.stages.stage import Rows

_COLUMNS = '"offset", key, timestamp, headers, value, checksum, sequence'
_READ = f'SELECT {_COLUMNS} FROM records WHERE lane = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?'  # noqa: S608
_INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SqliteLog:
    """A log in one file. Any thread may use it; each gets a connection of its own."""

    def __init__(
        self, path: Path, *, partitions: int | None = None, read_only: bool = False, checked: bool = True
    ) -> None:
        """Open a log, and create it if there is none.

        Args:
            path: The file.
            partitions: Partitions of each topic of a new log, one if null; an old log must have as many.
            read_only: Refuse to write, and to create.
            checked: Whether to look for a lost tail first; only `verify` opens a log unchecked.

        Raises:
            LogError: If the file cannot be opened, is no log, or has other partitions.
            LogDamaged: If its tail is not what was written last.
        """
        if read_only and not path.exists():
            raise LogError(f"there is no log at {path}; `frontwire ingest` creates one")
        self.path, self._read_only = path, read_only
        self._local, self._connections, self._lock = threading.local(), list[sqlite3.Connection](), threading.Lock()
        with in_our_words(path):
            if sqlite_file.is_new(self._db, path):
                self._create(partitions or 1)
            self._lanes = {
                Lane(topic, partition): number
                for number, topic, partition in self._db.execute(
                    "SELECT lane, topic, partition FROM lanes ORDER BY lane"
                )
            }
            log_id = self._db.execute("SELECT id FROM log").fetchone()[0]
        self._numbers = {number: lane for lane, number in self._lanes.items()}
        self._topics: dict[str, int] = {}
        for lane in self._lanes:
            self._topics[lane.topic] = max(self._topics.get(lane.topic, 0), lane.partition + 1)
        self._expect_partitions(partitions)
        self.high_water = HighWater(path.with_name(path.name + ".mark"), log_id)
        if checked:
            self._check_tails()

    # -- the log

    def topics(self) -> Mapping[str, int]:
        """Number of partitions by topic."""
        return self._topics

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises UnknownTopic."""
        try:
            return self._topics[topic]
        except KeyError:
            raise UnknownTopic(f"there is no topic {topic!r}; there are {', '.join(self._topics)}") from None

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Append in order, all or nothing; partition and offset of each, durable on return."""
        return self.commit(Changes(entries=tuple(entries)))

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on. Raises OffsetOutOfRange, LogDamaged."""
        lane = Lane(topic, partition)
        with in_our_words(self.path):
            rows = self._db.execute(_READ, (self._number(lane), offset, limit)).fetchall()
        if not rows or rows[0][0] != offset:
            self._expect_within(lane, offset, bool(rows) or limit > 0)
        return [self._stored(lane, offset + place, row) for place, row in enumerate(rows)]

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open."""
        with in_our_words(self.path):
            number = self._number(Lane(topic, partition))
            first, end = self._db.execute('SELECT first, "end" FROM lanes WHERE lane = ?', (number,)).fetchone()
        return first, end

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        # The latest log time so far only grows, and first reaches the moment at the record that is wanted.
        number = self._number(Lane(topic, partition))
        low, high = self.bounds(topic, partition)
        with in_our_words(self.path):
            while low < high:
                middle = (low + high) // 2
                if self._clock(number, middle) < timestamp:
                    low = middle + 1
                else:
                    high = middle
        return low

    def latest(self, topic: str, key: str | None = None, *, ends: Mapping[int, int] | None = None) -> Iterator[Stored]:
        """The last record of a key, or of each key; see `Store.latest`."""
        where, wanted = ("", ()) if key is None else ("AND key = ?", (key.encode(),))
        for partition in range(self.partitions(topic)):
            lane = Lane(topic, partition)
            end = (ends or {}).get(partition, self.bounds(topic, partition)[1])
            with in_our_words(self.path):
                yield from (
                    self._stored(lane, row[0], row)
                    for row in self._db.execute(
                        f'SELECT {_COLUMNS} FROM records WHERE lane = ? AND "offset" IN (SELECT max("offset") '  # noqa: S608
                        f'FROM records WHERE lane = ? AND "offset" < ? {where} GROUP BY key) ORDER BY key',
                        (self._lanes[lane], self._lanes[lane], end, *wanted),
                    ).fetchall()
                )

    def heads(self) -> Mapping[Lane, Head]:
        """The end of every lane."""
        with in_our_words(self.path):
            rows = self._db.execute('SELECT lane, first, "end", chain, clock FROM lanes').fetchall()
        return {self._numbers[number]: Head(*head) for number, *head in rows}

    # -- state and progress

    def commit(self, changes: Changes) -> Sequence[tuple[int, int]]:
        """Make all of the changes, durable on return. Raises EndMoved."""
        with in_our_words(self.path), transaction(self._db) as db:
            heads = dict(self.heads()) if changes.entries or changes.ends else {}
            if any(heads[lane].end != end for lane, end in changes.ends.items()):
                raise EndMoved
            places = self._append(db, heads, changes.entries)
            self._write_rows(db, changes.rows)
            self._write_marks(db, changes.marks)
        self.high_water.write(
            (self._lanes[lane], heads[lane].end, heads[lane].chain) for lane, _ in dict(places).items()
        )
        return [(lane.partition, offset) for lane, offset in places]

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        with in_our_words(self.path):
            found = self._db.execute(
                "SELECT row, value, checksum FROM state WHERE stage = ? AND key = ?", (stage, key)
            ).fetchall()
        return {row: self._sound(stage, key, row, value, expected) for row, value, expected in found}

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, in order, with its rows."""
        with in_our_words(self.path), closing(self._db.cursor()) as cursor:
            found = cursor.execute(
                "SELECT key, row, value, checksum FROM state WHERE stage = ? ORDER BY key, row", (stage,)
            )
            for key, group in groupby(found, key=lambda row: row[0]):
                yield key, {row: self._sound(stage, key, row, value, expected) for _, row, value, expected in group}

    def marks(self) -> Sequence[Mark]:
        """How far each stage has read."""
        with in_our_words(self.path):
            rows = self._db.execute('SELECT stage, version, topic, partition, "offset", checksum FROM marks').fetchall()
        marks = [Mark(stage, version, Lane(topic, part), offset) for stage, version, topic, part, offset, _ in rows]
        for mark, row in zip(marks, rows, strict=True):
            if _mark_checksum(mark) != row[-1]:
                raise LogDamaged(f"{self.path}: the progress of {mark.stage} is not what was written; replay the log")
        return marks

    def version(self) -> int:
        """A number that is another one whenever something was committed through another connection."""
        with in_our_words(self.path):
            number: int = self._db.execute("PRAGMA data_version").fetchone()[0]
        return number

    def begin_at(self, heads: Mapping[Lane, Head], rows: Iterable[RowChange], marks: Sequence[Mark]) -> None:
        """Start an empty log where another one was. Raises LogError if it is not empty."""
        with in_our_words(self.path), transaction(self._db) as db:
            if db.execute('SELECT 1 FROM lanes WHERE "end" > 0').fetchone():
                raise LogError(f"{self.path} is not empty; begin in a new file")
            db.executemany(
                'UPDATE lanes SET first = ?, "end" = ?, chain = ?, clock = ? WHERE lane = ?',
                [(head.end, head.end, head.chain, head.clock, self._number(lane)) for lane, head in heads.items()],
            )
            self._write_rows(db, rows)
            self._write_marks(db, marks)
        self.high_water.write((self._lanes[lane], head.end, head.chain) for lane, head in heads.items())

    def running(self) -> AbstractContextManager[None]:
        """Hold the right to run stages on this log. Raises LogInUse."""
        return run_lock(self.path.with_name(self.path.name + ".lock"))

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()
        self.high_water.close()

    # -- inside

    @property
    def _db(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = sqlite_file.connect(self.path, writes=not self._read_only)
            with self._lock:
                self._connections.append(found)
        return found

    def _create(self, partitions: int) -> None:
        with transaction(self._db) as db:
            sqlite_file.create(db)
            lanes = [Lane(topic, partition) for topic in TOPICS for partition in range(partitions)]
            db.executemany(
                "INSERT INTO lanes VALUES (NULL, ?, ?, 0, 0, ?, 0)", [(*lane, origin_of_chain(lane)) for lane in lanes]
            )

    def _expect_partitions(self, partitions: int | None) -> None:
        if partitions is not None and set(self._topics.values()) != {partitions}:
            has = max(self._topics.values())
            raise LogError(f"{self.path} has {has} partitions, not {partitions}; copy it into a new log to change that")

    def _number(self, lane: Lane) -> int:
        count = self.partitions(lane.topic)
        if not 0 <= lane.partition < count:
            raise UnknownTopic(f"{lane.topic} has partitions 0 to {count - 1}, not {lane.partition}")
        number: int = self._lanes[lane]
        return number

    def _clock(self, number: int, offset: int) -> int:
        found: tuple[int] = self._db.execute(
            'SELECT clock FROM records WHERE lane = ? AND "offset" = ?', (number, offset)
        ).fetchone()
        return found[0]

    def _expect_within(self, lane: Lane, offset: int, wanted: bool) -> None:
        first, end = self.bounds(*lane)
        if not first <= offset <= end:
            raise OffsetOutOfRange(
                f"{lane.topic}/{lane.partition}: offset {offset} is not there; the log holds {first} up to {end}"
            )
        if wanted and offset < end:
            raise self._damaged(lane, offset, "the record is gone")

    def _stored(self, lane: Lane, expected: int, row: Sequence[Any]) -> Stored:
        offset, key, timestamp, headers, value, noted, sequence = row
        try:
            name = key.decode()
            sound = offset == expected and checksum(frame(lane, offset, name, timestamp, headers), value) == noted
            if sound:
                return Stored(
                    lane.topic, lane.partition, expected, name, value, timestamp, unpack_headers(headers), sequence
                )
        except (ValueError, TypeError, AttributeError):
            pass
        raise self._damaged(lane, expected, "the record is not what was written")

    def _damaged(self, lane: Lane, offset: int, what: str) -> LogDamaged:
        return LogDamaged(
            f"{self.path}: {lane.topic}/{lane.partition}, offset {offset}: {what}; what stands before it is safe. "
            f"`frontwire verify` tells all that is wrong",
            topic=lane.topic,
            partition=lane.partition,
            offset=offset,
        )

    def _sound(self, stage: str, key: str, row: str, value: bytes, expected: int) -> bytes:
        if _row_checksum(stage, key, row, value) != expected:
            raise LogDamaged(f"{self.path}: the state of {stage} for {key!r} is not what was written; replay the log")
        return value

    def _append(
        self, db: sqlite3.Connection, heads: dict[Lane, Head], entries: Sequence[Entry]
    ) -> list[tuple[Lane, int]]:
        arrived = db.execute("SELECT coalesce(max(sequence), 0) FROM records").fetchone()[0]
        rows, places = [], []
        for sequence, entry in enumerate(entries, arrived + 1):
            lane = self._lane_of(entry)
            head = heads[lane]
            key, headers = entry.key.encode(), pack_headers(entry.headers)
            framed = frame(lane, head.end, entry.key, entry.timestamp, headers)
            chain, clock = link(head.chain, framed, entry.value), max(head.clock, entry.timestamp)
            rows.append(
                (
                    sequence,
                    self._lanes[lane],
                    head.end,
                    key,
                    entry.timestamp,
                    clock,
                    checksum(framed, entry.value),
                    chain,
                    headers,
                    entry.value,
                )
            )
            places.append((lane, head.end))
            heads[lane] = Head(head.first, head.end + 1, chain, clock)
        db.executemany(_INSERT, rows)
        db.executemany(
            'UPDATE lanes SET "end" = ?, chain = ?, clock = ? WHERE lane = ?',
            [(heads[lane].end, heads[lane].chain, heads[lane].clock, self._lanes[lane]) for lane in dict(places)],
        )
        return places

    def _lane_of(self, entry: Entry) -> Lane:
        if entry.partition is None:
            return Lane(entry.topic, partition_of(entry.key, self.partitions(entry.topic)))
        lane = Lane(entry.topic, entry.partition)
        self._number(lane)
        return lane

    def _write_rows(self, db: sqlite3.Connection, changes: Iterable[RowChange]) -> None:
        for change in changes:
            about = (change.stage, change.key)
            db.executemany(
                "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?)",
                [(*about, row, _row_checksum(*about, row, value), value) for row, value in change.written.items()],
            )
            if change.gone:
                db.executemany(
                    "DELETE FROM state WHERE stage = ? AND key = ? AND row = ?", [(*about, row) for row in change.gone]
                )

    def _write_marks(self, db: sqlite3.Connection, marks: Iterable[Mark]) -> None:
        db.executemany(
            "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?)",
            [(mark.stage, *mark.lane, mark.version, mark.offset, _mark_checksum(mark)) for mark in marks],
        )

    def _check_tails(self) -> None:
        if not self.high_water.fits:
            raise LogDamaged(f"{self.path}.mark belongs to another log; put the right one there, or delete it")
        # Read before the log's own ends: a writer notes an end only after it was committed.
        notes = {lane: self.high_water.read(number) for lane, number in self._lanes.items()}
        for lane, head in self.heads().items():
            self._check_tail(lane, head, notes[lane])

    def _check_tail(self, lane: Lane, head: Head, note: tuple[int, bytes] | None) -> None:
        if note and note[0] > head.end:
            raise self._damaged(lane, head.end, f"offsets up to {note[0]} were written and are lost")
        if head.end > head.first and self._chain_after(lane, head.end - 1) != head.chain:
            raise self._damaged(lane, head.end - 1, "the last record is not what was written")
        if note and note[0] > head.first and self._chain_after(lane, note[0] - 1) != note[1]:
            raise self._damaged(lane, note[0] - 1, "the record is not the one that was written")

    def _chain_after(self, lane: Lane, offset: int) -> bytes | None:
        with in_our_words(self.path):
            row = self._db.execute(
                'SELECT chain FROM records WHERE lane = ? AND "offset" = ?', (self._lanes[lane], offset)
            ).fetchone()
        return row[0] if row else None


def _row_checksum(stage: str, key: str, row: str, value: bytes) -> int:
    return crc32(value, crc32("\0".join((stage, key, row)).encode()))


def _mark_checksum(mark: Mark) -> int:
    return crc32("\0".join(map(str, (mark.stage, mark.version, *mark.lane, mark.offset))).encode())


def open_log(path: Path | str, *, partitions: int | None = None, read_only: bool = False) -> SqliteLog:
    """Open the log at a path, and create it if there is none; see `SqliteLog`."""
    return SqliteLog(Path(path), partitions=partitions, read_only=read_only)
