"""The embedded log: topics, state and progress in one SQLite file.

Records stand in the order of arrival and are found by lane and offset, or by lane and key. A commit puts records, state
and progress down together. Each record bears a checksum, looked at on every read, and the chain of its lane.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from schemas.errors import LogDamaged, LogError, OffsetOutOfRange, Superseded, UnknownTopic
from schemas.topics import ARTICLES, TOPICS
from streams.shells import generations, sqlite_file, sqlite_records, sqlite_state
from streams.shells.high_water import HighWater
from streams.shells.log import Changes, EndMoved, Entry, Head, Lane, Mark, RowChange, Stored
from streams.shells.partitioner import partition_of
from streams.shells.run_lock import run_lock
from streams.shells.sqlite_file import in_our_words, transaction
from streams.stages.stage import Rows


class SqliteLog:
    """A log in one file. Any thread may use it; each gets a connection of its own."""

    def __init__(
        self,
        path: Path,
        *,
        partitions: int | None = None,
        read_only: bool = False,
        checked: bool = True,
        generation: int | None = None,
    ) -> None:
        """Open a log, and create it if there is none.

        Args:
            path: The file.
            partitions: Partitions of each topic of a new log, one if null; an old log must have as many.
            read_only: Refuse to write, and to create.
            checked: Whether to look for a lost tail first; only `verify` opens a log unchecked.
            generation: The set of topics that is meant (`streams.shells.generations`); the live one if null.

        Raises:
            LogError: If the file cannot be opened, is no log, or has other partitions.
            LogDamaged: If its tail is not what was written last.
        """
        if read_only and not path.exists():
            raise LogError(f"there is no log at {path}; `frontwire ingest` creates one")
        self.path, self._read_only, self._follows = path, read_only, generation is None
        self._local, self._lock = threading.local(), threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        try:
            log_id = self._open(partitions or 1, generation)
            self._expect_partitions(partitions)
            self._high_water = HighWater(path.with_name(path.name + ".mark"), log_id, writes=not read_only)
            if checked:
                self.check_tails()
        except BaseException:
            self._disconnect()
            raise

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
        lane, (first, end) = Lane(topic, partition), self.bounds(topic, partition)
        if not first <= offset <= end:
            raise OffsetOutOfRange(f"{topic}/{partition}: offset {offset} is not there; the log holds {first} to {end}")
        with in_our_words(self.path):
            found = sqlite_records.read(self._db, self.number(lane), lane, offset, limit)
        if len(found) < min(limit, end - offset):
            raise sqlite_records.damaged(lane, offset + len(found), "the record is gone")
        return found

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open."""
        with in_our_words(self.path):
            self._expect_live()
            number = self.number(Lane(topic, partition))
            found = self._db.execute('SELECT first, "end" FROM lanes WHERE lane = ?', (number,)).fetchone()
        if found is None:
            raise sqlite_records.damaged(Lane(topic, partition), 0, "where it begins and ends is not noted any more")
        first, end = found
        return first, end

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        # The latest log time so far only grows, and first reaches the moment at the record that is wanted.
        number = self.number(Lane(topic, partition))
        low, high = self.bounds(topic, partition)
        with in_our_words(self.path):
            while low < high:
                middle = (low + high) // 2
                if sqlite_records.clock(self._db, number, middle) < timestamp:
                    low = middle + 1
                else:
                    high = middle
        return low

    def latest(self, topic: str, key: str | None = None, *, ends: Mapping[int, int] | None = None) -> Iterator[Stored]:
        """The last record of a key, or of each key; see `Store.latest`."""
        for partition in range(self.partitions(topic)):
            lane, number = Lane(topic, partition), self.number(Lane(topic, partition))
            end = (ends or {}).get(partition, self.bounds(topic, partition)[1])
            with in_our_words(self.path):
                wanted = sqlite_records.keys(self._db, number) if key is None else iter((key.encode(),))
                found = (sqlite_records.latest(self._db, number, lane, one, end) for one in wanted)
                yield from (stored for stored in found if stored)

    def heads(self) -> Mapping[Lane, Head]:
        """The end of every lane."""
        with in_our_words(self.path):
            self._expect_live()
            rows = self._db.execute('SELECT lane, first, "end", chain, clock FROM lanes').fetchall()
        found = {number: Head(*head) for number, *head in rows}
        return {lane: found[number] for lane, number in self._numbers.items()}

    def commit(self, changes: Changes) -> Sequence[tuple[int, int]]:
        """Make all of the changes, durable on return. Raises EndMoved."""
        entries = [(self._lane_of(entry), entry) for entry in changes.entries]
        with in_our_words(self.path), transaction(self._db) as db:
            self._follow(db, changes)
            heads = dict(self.heads()) if entries or changes.ends else {}
            if any(heads[lane].end != end for lane, end in changes.ends.items()):
                raise EndMoved
            places = sqlite_records.append(db, self._numbers, heads, entries) if entries else []
            sqlite_state.write_rows(db, changes.rows, self.generation)
            sqlite_state.write_marks(db, changes.marks, self.generation)
        self._note({lane: heads[lane] for lane, _ in entries})
        return places

    def begin_at(self, heads: Mapping[Lane, Head], rows: Iterable[RowChange], marks: Sequence[Mark]) -> None:
        """Start an empty log where another one was. Raises LogError if it is not empty."""
        with in_our_words(self.path), transaction(self._db) as db:
            if db.execute('SELECT 1 FROM lanes WHERE "end" > 0').fetchone():
                raise LogError(f"{self.path} is not empty; begin in a new file")
            self._set_heads(db, {lane: replace(head, first=head.end) for lane, head in heads.items()})
            sqlite_state.write_rows(db, rows, self.generation)
            sqlite_state.write_marks(db, marks, self.generation)
        self._note(heads)

    def restore_records(self, records: Iterable[tuple[Stored, int, bytes]]) -> int:
        """Put records where they stood, with the clock and the chain after each; how many. For an empty log alone."""
        with in_our_words(self.path), transaction(self._db) as db:
            return sqlite_records.put(db, self._numbers, records)

    def restore_ends(self, heads: Mapping[Lane, Head], rows: Iterable[RowChange], marks: Sequence[Mark]) -> None:
        """Set the ends of the lanes, the states and the progress, after the records were put back."""
        with in_our_words(self.path), transaction(self._db) as db:
            self._set_heads(db, {lane: head for lane, head in heads.items() if lane in self._numbers})
            sqlite_state.write_rows(db, rows, self.generation)
            sqlite_state.write_marks(db, marks, self.generation)
        self._note(heads)

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none. Raises LogDamaged."""
        with in_our_words(self.path):
            return sqlite_state.read_rows(self._db, stage, key, self.generation)

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, in order, with its rows. Raises LogDamaged."""
        with in_our_words(self.path):
            yield from sqlite_state.read_states(self._db, stage, self.generation)

    def stages(self) -> list[str]:
        """Names of the stages that have stored states."""
        with in_our_words(self.path):
            return sqlite_state.read_stages(self._db, self.generation)

    def marks(self) -> Sequence[Mark]:
        """How far each stage has read. Raises LogDamaged."""
        with in_our_words(self.path):
            return sqlite_state.read_marks(self._db, self.generation)

    def running(self) -> AbstractContextManager[None]:
        """Hold the right to run stages on this log, or on this generation of it. Raises LogInUse."""
        return run_lock(self.path.with_name(generations.in_file(self.path.name, self.generation)))

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, for `verify` and snapshots, which read the tables themselves."""
        return self._db

    def close(self) -> None:
        """Close every thread's connection."""
        self._disconnect()
        self._high_water.close()

    def append_within(self, db: sqlite3.Connection, entries: Sequence[Entry]) -> None:
        """Append inside a transaction that the caller began, who notes the ends (`note_ends`) when it is done."""
        sqlite_records.append(db, self._numbers, dict(self.heads()), [(self._lane_of(one), one) for one in entries])

    def note_ends(self) -> None:
        """Note beside the log where its lanes end."""
        self._note(self.heads())

    def begin_generation(self) -> int:
        """Make an empty set of topics beside those that there are; its number, by which to open the log again."""
        with in_our_words(self.path), transaction(self._db) as db:
            return generations.begin(db)

    def generations(self) -> list[int]:
        """The sets of topics that the log holds, in the order in which they were begun."""
        with in_our_words(self.path):
            return generations.there(self._db)

    def live(self) -> int:
        """The generation that the names of topics mean now."""
        with in_our_words(self.path):
            return generations.live(self._db)

    def take_over(self, entries: Sequence[Entry], ends: Mapping[Lane, int]) -> bool:
        """Have the names of topics mean this generation, at once.

        Args:
            entries: What is to be appended to it with that.
            ends: Ends of the live generation's lanes that they were made for.

        Returns:
            False, and nothing was changed, if articles are left to read or one of the ends moved.
        """
        placed = [(self._lane_of(entry), entry) for entry in entries]
        with in_our_words(self.path), transaction(self._db) as db:
            heads = dict(self.heads())
            if not self._has_read_all(heads) or self._moved(db, ends):
                return False
            sqlite_records.append(db, self._numbers, heads, placed)
            generations.switch(db, self.generation)
        self._note({lane: heads[lane] for lane, _ in placed})
        return True

    def drop_generation(self, generation: int) -> None:
        """Delete a set of topics with all that its stages know. Raises LogError if it is the live one."""
        with in_our_words(self.path), transaction(self._db) as db:
            generations.drop(db, generation)

    def check_tails(self) -> None:
        """Compare the ends of the lanes with the last record, and with what was noted beside the log.

        Raises:
            LogDamaged: With the first lane, in the order of the flow, that is not what was written last.
        """
        if not self._high_water.fits:
            raise LogDamaged(f"{self.path}.mark belongs to another log; put the right one there, or delete it")
        # Read before the log's own ends: a writer notes an end only after it was committed.
        notes = {lane: self._high_water.read(number) for lane, number in self._numbers.items()}
        with in_our_words(self.path):
            for lane, head in self.heads().items():
                self._check_tail(lane, head, notes[lane])

    @property
    def _db(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = sqlite_file.connect(self.path, writes=not self._read_only)
            with self._lock:
                self._connections.append(found)
        return found

    def _open(self, partitions: int, generation: int | None) -> bytes:
        with in_our_words(self.path):
            if sqlite_file.is_new(self._db, self.path):
                self._create(partitions)
            elif not self._read_only:
                self._add_topics()
            self.generation = generations.live(self._db) if generation is None else generation
            self._numbers = generations.numbers(self._db, self.generation)
            log_id: bytes = self._db.execute("SELECT id FROM log").fetchone()[0]
        self._topics = {
            lane.topic: 1 + lane.partition for lane in sorted(self._numbers, key=lambda lane: lane.partition)
        }
        return log_id

    def _create(self, partitions: int) -> None:
        with transaction(self._db) as db:
            if not sqlite_file.is_new(db, self.path):
                return  # Another process was faster.
            sqlite_file.create(db)
            generations.insert_lanes(db, TOPICS, partitions)

    def _add_topics(self) -> None:
        """Give a log of an earlier program the topics that came since."""
        if generations.lack_topics(self._db):
            with transaction(self._db) as db:
                generations.add_topics(db)

    def _expect_partitions(self, partitions: int | None) -> None:
        has = max(self._topics.values())
        if partitions is not None and partitions != has:
            raise LogError(f"{self.path} has {has} partitions, not {partitions}; copy it into a new log to change that")

    def number(self, lane: Lane) -> int:
        """What a lane is called in the file. Raises UnknownTopic."""
        count = self.partitions(lane.topic)
        if not 0 <= lane.partition < count:
            raise UnknownTopic(f"{lane.topic} has partitions 0 to {count - 1}, not {lane.partition}")
        return self._numbers[lane]

    def _lane_of(self, entry: Entry) -> Lane:
        count, partition = self.partitions(entry.topic), entry.partition
        lane = Lane(entry.topic, partition_of(entry.key, count) if partition is None else partition)
        self.number(lane)
        return lane

    def _note(self, heads: Mapping[Lane, Head]) -> None:
        self._high_water.write((self._numbers[lane], head.end, head.chain) for lane, head in heads.items())

    def _check_tail(self, lane: Lane, head: Head, note: tuple[int, bytes] | None) -> None:
        number = self._numbers[lane]
        if note and note[0] > head.end:
            raise sqlite_records.damaged(lane, head.end, f"records up to offset {note[0]} were written and are lost")
        expected = [(head.end, head.chain), *([note] if note else [])]
        for end, chain in expected:
            if end > head.first and sqlite_records.chain_after(self._db, number, end - 1) != chain:
                raise sqlite_records.damaged(lane, end - 1, "the record is not the one that was written")

    def _set_heads(self, db: sqlite3.Connection, heads: Mapping[Lane, Head]) -> None:
        db.executemany(
            'UPDATE lanes SET first = ?, "end" = ?, chain = ?, clock = ? WHERE lane = ?',
            [(one.first, one.end, one.chain, one.clock, self.number(lane)) for lane, one in heads.items()],
        )

    def _has_read_all(self, heads: Mapping[Lane, Head]) -> bool:
        read = {mark.lane: mark.offset for mark in self.marks()}
        waiting = (lane for lane, head in heads.items() if read.get(lane, head.first) < head.end)
        return not any(lane.topic == ARTICLES.name for lane in waiting)

    def _moved(self, db: sqlite3.Connection, ends: Mapping[Lane, int]) -> bool:
        now = generations.numbers(db, generations.live(db))
        held = dict(db.execute('SELECT lane, "end" FROM lanes').fetchall())
        return any(held[now[lane]] != end for lane, end in ends.items())

    def _expect_live(self) -> None:
        if self._follows and (live := generations.live(self._db)) != self.generation:
            raise Superseded(f"generation {live} of {self.path} has taken over; open the log again, or start again")

    def _follow(self, db: sqlite3.Connection, changes: Changes) -> None:
        """Have what intake appends go where the names point now; what stages made for another generation is refused."""
        if changes.rows or changes.marks:
            self._expect_live()
        elif self._follows and generations.live(db) != self.generation:
            self.generation = generations.live(db)
            self._numbers = generations.numbers(db, self.generation)

    def _disconnect(self) -> None:
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()


def open_log(
    path: Path | str, *, partitions: int | None = None, read_only: bool = False, generation: int | None = None
) -> SqliteLog:
    """Open the log at a path, and create it if there is none; see `SqliteLog`."""
    return SqliteLog(Path(path), partitions=partitions, read_only=read_only, generation=generation)
