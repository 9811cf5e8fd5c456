"""Whether a log is what was written: every page, every record, every chain, every stored state."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from schemas.codec import decode
from schemas.erasure import Erasure
from schemas.errors import LogDamaged, LogError
from schemas.topics import ERASURES, TOPICS
from streams.shells import sqlite_file, sqlite_records
from streams.shells.framing import frame_of, link, origin_of_chain
from streams.shells.generations import of_stage
from streams.shells.log import Damage, Head, Lane, Stored, iterate
from streams.shells.sqlite_log import SqliteLog

_WALK = """SELECT "offset", key, timestamp, headers, value, checksum, sequence, chain, clock
    FROM records WHERE lane = ? AND "offset" >= ? ORDER BY "offset" """


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at everything found."""

    records: int
    """Records that were read and are what was written."""
    damage: tuple[Damage, ...]
    """All that is wrong; in a lane the first offset that is not safe."""


def verify(path: Path, on_progress: Callable[[int], None] = lambda records: None) -> Verified:
    """Read a whole log, and compare all that can be compared.

    Args:
        path: The log.
        on_progress: Called now and then with the records read so far.

    Raises:
        LogError: If there is no log, or it is of a newer version.
    """
    try:
        log = SqliteLog(path, read_only=True, checked=False)
    except LogDamaged as error:
        return Verified(0, (Damage(str(error)),))
    except sqlite3.Error as error:
        return Verified(0, (Damage(f"the tables cannot be read: {error}"),))
    with closing(log):
        looks = [_Look(log, on_progress).at_everything(), *_besides(log, on_progress)]
    damage = dict.fromkeys(one for look in looks for one in look.damage)
    return Verified(sum(look.records for look in looks), tuple(damage))


def _besides(log: SqliteLog, on_progress: Callable[[int], None]) -> Iterator[Verified]:
    try:
        others = [number for number in log.generations() if number != log.generation]
        yield from (_beside(log.path, number, on_progress) for number in others)
    except (sqlite3.Error, LogError, ValueError, TypeError) as error:
        yield Verified(0, (Damage(f"the table of generations cannot be read: {error}"),))


def _beside(path: Path, generation: int, on_progress: Callable[[int], None]) -> Verified:
    """A look at another generation than the live one, but for what the two share."""
    with closing(SqliteLog(path, read_only=True, checked=False, generation=generation)) as log:
        return _Look(log, on_progress, shared=False).at_everything()


class _Look:
    """One look at a log."""

    def __init__(self, log: SqliteLog, on_progress: Callable[[int], None], *, shared: bool = True) -> None:
        self._log, self._db, self._on_progress, self._shared = log, log.connection(), on_progress, shared
        self._records = 0

    def at_everything(self) -> Verified:
        damage = self._guarded(self._tails)
        # From here on a view of one moment: a runner may be at work meanwhile.
        damage += self._guarded(self._inside)
        return Verified(self._records, tuple(dict.fromkeys(damage)))

    def _inside(self) -> Iterator[Damage]:
        with sqlite_file.one_moment(self._db):
            for look in (self._names, self._lanes, self._states, *([self._pages] if self._shared else [])):
                yield from self._guarded(look)

    def _guarded(self, look: Callable[[], Iterator[Damage]]) -> list[Damage]:
        try:
            return list(look())
        except LogDamaged as error:
            return [Damage(str(error), error.topic, error.partition, error.offset)]
        except (sqlite3.Error, LogError, ValueError, TypeError) as error:
            return [Damage(str(error))]

    def _pages(self) -> Iterator[Damage]:
        for (line,) in self._db.execute("PRAGMA integrity_check(20)"):
            if line != "ok":
                yield Damage(f"SQLite: {' '.join(line.split())}")

    def _names(self) -> Iterator[Damage]:
        for (name,) in self._db.execute("SELECT DISTINCT topic FROM lanes"):
            if of_stage(name)[0] not in TOPICS:
                yield Damage(f"there is no topic {name!r}: its name is not what was written, or of a later program")

    def _tails(self) -> Iterator[Damage]:
        self._log.check_tails()
        yield from ()

    def _states(self) -> Iterator[Damage]:
        self._log.marks()
        for stage in self._log.stages():
            for _ in self._log.states(stage):
                pass
        yield from ()

    def _lanes(self) -> Iterator[Damage]:
        for lane, head in self._log.heads().items():
            if not self._shared and not TOPICS[lane.topic].remade:
                continue
            reached = [head.first]
            try:
                self._lane(lane, head, reached)
            except LogDamaged as error:
                yield Damage(str(error), error.topic, error.partition, error.offset)
            except (sqlite3.Error, LogError, ValueError, TypeError) as error:
                yield Damage(f"unreadable: {error}", lane.topic, lane.partition, reached[0])

    def _lane(self, lane: Lane, head: Head, reached: list[int]) -> None:
        number, erased = self._log.number(lane), self._erased(lane)
        chain, clock, before = origin_of_chain(lane) if head.first == 0 else None, 0, 0
        for row in self._db.execute(_WALK, (number, head.first)):
            stored = sqlite_records.stored(lane, reached[0], row[:7])
            chain = self._chain(chain, stored, row[7], erased)
            clock = max(clock, stored.timestamp) if head.first == 0 else row[8]
            if (chain, clock) != (row[7], row[8]) or stored.sequence <= before:
                raise sqlite_records.damaged(lane, reached[0], "it does not follow from the record before")
            before, reached[0] = stored.sequence, reached[0] + 1
            self._count()
        if (reached[0], chain or head.chain) != (head.end, head.chain):
            raise sqlite_records.damaged(
                lane, min(reached[0], head.end), f"the lane ends at {reached[0]}, not {head.end}"
            )

    def _chain(self, chain: bytes | None, stored: Stored, noted: bytes, erased: Mapping[int, Erasure]) -> bytes | None:
        """The chain after a record; null if it cannot be what it was."""
        if chain is None:
            return noted
        linked = link(chain, frame_of(stored), stored.value)
        if linked == noted or not stored.erased:
            return linked
        note = erased.get(stored.offset)
        return bytes.fromhex(note.after) if note and note.before == chain.hex() else None

    def _erased(self, lane: Lane) -> dict[int, Erasure]:
        """What was erased in a lane, by offset."""
        if ERASURES.name not in self._log.topics():
            return {}
        notes = (decode(Erasure, stored.value) for stored in iterate(self._log, ERASURES.name))
        return {note.offset: note for note in notes if (note.topic, note.partition) == lane}

    def _count(self) -> None:
        self._records += 1
        if self._records % 1_000 == 0:
            self._on_progress(self._records)
