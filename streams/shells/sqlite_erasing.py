"""Erasing in the file of the embedded log: rows overwritten, chains noted, free pages cleared."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from schemas.codec import encode
from schemas.erasure import Erasure
from schemas.topics import ERASURES
from streams.shells import sqlite_records
from streams.shells.framing import checksum, frame, origin_of_chain, pack_headers
from streams.shells.log import ERASED, Entry, Lane, Stored
from streams.shells.sqlite_file import in_our_words, transaction
from streams.shells.sqlite_log import SqliteLog

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OVERWRITE = 'UPDATE records SET value = ?, headers = ?, checksum = ? WHERE lane = ? AND "offset" = ?'
_PENDING = "CREATE TABLE IF NOT EXISTS erasing (since INTEGER NOT NULL) STRICT"


def overwrite(log: SqliteLog, found: Sequence[tuple[Stored, bytes]], reason: str, at: datetime) -> int:
    """Put other bytes in the place of records, and a note of each on `erasures`, all or nothing; how many.

    Args:
        log: The log.
        found: Records, each with what takes its place.
        reason: On what ground.
        at: Log time.
    """
    if not found:
        return 0
    with in_our_words(log.path):
        log.connection().execute("PRAGMA secure_delete = ON")
        entries = []
        with transaction(log.connection()) as db:
            db.execute(_PENDING)
            db.execute("INSERT INTO erasing VALUES (?)", (_milliseconds(at),))
            for stored, instead in found:
                entries.append(_noted(log, stored, reason, at))
                _put(log, stored, instead)
            log.append_within(db, entries)
    log.note_ends()
    return len(found)


def is_pending(db: sqlite3.Connection) -> bool:
    """Whether something was overwritten and what followed from it is not known to be gone."""
    return bool(
        db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'erasing'").fetchone()
        and db.execute("SELECT 1 FROM erasing").fetchone()
    )


def finish(log: SqliteLog) -> None:
    """Write the file anew without what was deleted, and note that nothing is left to do."""
    with in_our_words(log.path):
        db = log.connection()
        db.execute("PRAGMA secure_delete = ON")
        db.execute("VACUUM")
        if is_pending(db):
            db.execute("DELETE FROM erasing")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _put(log: SqliteLog, stored: Stored, instead: bytes) -> None:
    lane = Lane(stored.topic, stored.partition)
    headers = pack_headers((*stored.headers, (ERASED, b"")))
    checked = checksum(frame(lane, stored.offset, stored.key, stored.timestamp, headers), instead)
    log.connection().execute(_OVERWRITE, (instead, headers, checked, log.number(lane), stored.offset))


def _noted(log: SqliteLog, stored: Stored, reason: str, at: datetime) -> Entry:
    db, lane = log.connection(), Lane(stored.topic, stored.partition)
    before = sqlite_records.chain_after(db, log.number(lane), stored.offset - 1)
    after = sqlite_records.chain_after(db, log.number(lane), stored.offset)
    note = Erasure(
        topic=lane.topic,
        partition=lane.partition,
        offset=stored.offset,
        key=stored.key,
        reason=reason,
        erased_at=at,
        before=(before or origin_of_chain(lane)).hex(),
        after=(after or b"").hex(),
    )
    return Entry(ERASURES.name, stored.key, encode(note), _milliseconds(at))


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
