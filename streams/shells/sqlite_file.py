"""The file of the embedded log: its tables, the settings it is opened with, and its errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from os import urandom
from pathlib import Path

from schemas.errors import LogDamaged, LogError

APPLICATION = 0x46574C47
"""`FWLG`: marks the file as a log of Frontwire."""
FORMAT = 1
"""Version of the tables below."""
READS_UP_TO = 2
"""Latest version that is read: 2 adds a table of generations."""
PAGE_BYTES = 8_192
"""An article of usual length fits into a page, so that few records spill over."""
PATIENCE_S = 60.0
"""How long a writer waits for another one to finish its transaction."""

# `sequence` is the order of arrival over all topics: the log grows at its end only, whatever the topic.
_TABLES = """
CREATE TABLE log (id BLOB NOT NULL) STRICT;
CREATE TABLE lanes (
    lane INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    first INTEGER NOT NULL, "end" INTEGER NOT NULL, chain BLOB NOT NULL, clock INTEGER NOT NULL,
    UNIQUE (topic, partition)
) STRICT;
CREATE TABLE records (
    sequence INTEGER PRIMARY KEY, lane INTEGER NOT NULL, "offset" INTEGER NOT NULL, key BLOB NOT NULL,
    timestamp INTEGER NOT NULL, clock INTEGER NOT NULL, checksum INTEGER NOT NULL, chain BLOB NOT NULL,
    headers BLOB NOT NULL, value BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_by_offset ON records (lane, "offset");
CREATE INDEX records_by_key ON records (lane, key, "offset");
CREATE TABLE state (
    stage TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (stage, key, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE marks (
    stage TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, version TEXT NOT NULL,
    "offset" INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (stage, topic, partition)
) STRICT, WITHOUT ROWID;
"""


def connect(path: Path, *, writes: bool) -> sqlite3.Connection:
    """A connection to a log's file, new or old, with the settings that keep it safe.

    Raises:
        LogError: If the file is something else, or of a newer version.
        LogDamaged: If it is no database any more.
    """
    with in_our_words(path):
        connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        if writes:
            _make_durable(connection)
        else:
            connection.execute("PRAGMA query_only = ON")
        return connection


def _make_durable(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 2000")


def is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file holds nothing yet. Raises LogError if what it holds is not a log that this program reads."""
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application == 0 and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        return True
    if application != APPLICATION:
        raise LogError(f"{path} is a database, but no log of Frontwire; name another file")
    if version > READS_UP_TO:
        raise LogError(f"{path} has format {version}; this program reads up to {READS_UP_TO}. Update it")
    return False


def create(connection: sqlite3.Connection) -> None:
    """Write the tables, inside a transaction that the caller began."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute("INSERT INTO log VALUES (?)", (urandom(16),))
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours, with what to do."""
    try:
        yield
    except UnicodeDecodeError as error:  # Damage inside a name, which SQLite quotes in its error.
        raise LogDamaged(f"{path}: {error}; `frontwire verify` says what is safe") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise LogDamaged(f"{path}: {error}; `frontwire verify` says what is safe") from error
        raise LogError(f"{path}: {error}; {_remedy(code)}") from error


def _remedy(code: int | None) -> str:
    remedies = {
        sqlite3.SQLITE_BUSY: "another program is writing; wait for it or stop it",
        sqlite3.SQLITE_FULL: "free some space on the disk; nothing was written",
        sqlite3.SQLITE_READONLY: "the file may not be written; check its permissions",
        sqlite3.SQLITE_CANTOPEN: "check that the folder exists and may be written",
        sqlite3.SQLITE_IOERR: "the disk failed; nothing was written",
    }
    return remedies.get((code or 0) & 0xFF, "nothing was written")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing: what is done inside is durable at the end, or was never done."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A view of one moment: nothing that others commit meanwhile is seen. Writers are not held up."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")
