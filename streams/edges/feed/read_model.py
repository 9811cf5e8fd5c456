"""The projection that the API reads: every revision with its facets, in an SQLite file that the log can rebuild.

Revisions keep when they were superseded, and by which article, so that what was known then is one range condition.
Articles and mentions stay in the log; here stands only where to find them. On a broker, from which single records come
slowly, their bytes are kept here as well.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from schemas.article import Retraction
from schemas.codec import mark_of
from schemas.mention import Withdrawal
from schemas.topics import ARTICLES, DEAD_LETTERS, DELIVERIES, MENTIONS
from streams.edges.feed.cursor import KIND_OF, KINDS
from streams.edges.feed.facets import Facets, ended, facets, identity
from streams.edges.feed.filters import km
from streams.shells.batch import ORIGIN
from streams.shells.log import Lane, Log, Stored

LAYOUT = 5
"""Version of the tables. A file of another one is rebuilt from the log."""

FOLLOWED = (ARTICLES, MENTIONS, *KINDS.values(), DELIVERIES, DEAD_LETTERS)
"""Topics that the read model follows."""

_TABLES = """
CREATE TABLE revisions (
    kind TEXT NOT NULL, id TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    known INTEGER NOT NULL, until INTEGER, cause INTEGER, until_cause INTEGER, ended INTEGER NOT NULL,
    place_key TEXT, parties TEXT NOT NULL, type TEXT NOT NULL, killed INTEGER, confidence REAL, roots INTEGER,
    first TEXT, last TEXT, toll TEXT, sort TEXT NOT NULL, value BLOB NOT NULL, revision INTEGER,
    PRIMARY KEY (kind, partition, "offset"));
CREATE INDEX revisions_of_an_id ON revisions (kind, id, "offset");
CREATE INDEX all_by_day ON revisions (kind, sort DESC, id, known, until, ended);
CREATE INDEX present_by_day ON revisions (kind, sort DESC, id, last) WHERE until IS NULL AND NOT ended;
CREATE INDEX by_place ON revisions (place_key, kind, sort DESC, id, until, ended);
CREATE INDEX present_by_toll ON revisions (kind, first, toll, killed) WHERE until IS NULL AND NOT ended;
CREATE TABLE places (key TEXT PRIMARY KEY, parent TEXT, admin1 TEXT, lat REAL, lon REAL) WITHOUT ROWID;
CREATE TABLE successors (old TEXT NOT NULL, new TEXT NOT NULL, PRIMARY KEY (old, new)) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, known INTEGER NOT NULL, value BLOB,
    revision INTEGER NOT NULL);
CREATE TABLE retractions (id TEXT NOT NULL, revision INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (id, revision)) WITHOUT ROWID;
CREATE TABLE outlets (id TEXT PRIMARY KEY, articles INTEGER NOT NULL, mentions INTEGER NOT NULL, first TEXT, last TEXT)
    WITHOUT ROWID;
CREATE TABLE mentions (
    id TEXT PRIMARY KEY, article TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    known INTEGER NOT NULL, value BLOB, revision INTEGER NOT NULL, void INTEGER NOT NULL DEFAULT 0);
CREATE INDEX mentions_of_an_article ON mentions (article);
CREATE TABLE deliveries (id TEXT PRIMARY KEY, alert TEXT NOT NULL, target TEXT NOT NULL, outcome TEXT NOT NULL,
    at TEXT NOT NULL, value BLOB NOT NULL);
CREATE INDEX deliveries_of_an_alert ON deliveries (alert, at);
CREATE INDEX deliveries_by_time ON deliveries (at DESC, id);
CREATE TABLE dead_letters (partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, reason TEXT NOT NULL,
    known INTEGER NOT NULL, value BLOB, PRIMARY KEY (partition, "offset"));
CREATE TABLE positions (topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE origin (fingerprint TEXT NOT NULL);
"""

# Without the hint SQLite walks through everything of the kind.
_SUPERSEDE = (
    "UPDATE revisions INDEXED BY revisions_of_an_id SET until = :known, until_cause = :cause"
    " WHERE kind = :kind AND id = :id AND until IS NULL"
)
_NEWEST = (
    "SELECT revision, value FROM revisions INDEXED BY revisions_of_an_id"
    ' WHERE kind = :kind AND id = :id ORDER BY "offset" DESC LIMIT 1'
)
_SAME_CHANGE = (
    "SELECT 1 FROM revisions INDEXED BY by_place"
    " WHERE place_key = :place_key AND kind = :kind AND sort = :sort AND value = :value"
)
_BEFORE = (
    "SELECT value FROM revisions INDEXED BY revisions_of_an_id"
    ' WHERE kind = ? AND id = ? AND "offset" < ? ORDER BY "offset" DESC LIMIT 1'
)
_INSERT = (
    "INSERT INTO revisions VALUES (:kind, :id, :partition, :offset, :known, NULL, :cause, NULL, :ended, :place_key,"
    " :parties, :type, :killed, :confidence, :roots, :first, :last, :toll, :sort, :value, :revision)"
)
_ANEW = (
    ' ON CONFLICT (id) DO UPDATE SET partition = excluded.partition, "offset" = excluded."offset",'
    " known = excluded.known, value = excluded.value, revision = excluded.revision"
)
_ARTICLE = f"INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?){_ANEW} WHERE excluded.revision > revision"  # noqa: S608
_MENTION = f"INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?, ?, 0){_ANEW}, void = 0 WHERE excluded.revision > revision"  # noqa: S608
_VOID = "UPDATE mentions SET void = 1 WHERE id = ? AND revision <= ?"
"""What an article no longer says is kept for the pages of what was made of it, and is no longer told of the article."""
FOR_EVER = 2**31
"""Stands for the last revision that a retraction takes back where it takes back all."""
_PLACE = "INSERT OR IGNORE INTO places VALUES (:place_key, :parent, :admin1, :lat, :lon)"


_OUTLET = (
    "INSERT INTO outlets VALUES (:outlet, :articles, :mentions, :printed, :printed) ON CONFLICT (id) DO UPDATE SET"
    " articles = articles + :articles, mentions = mentions + :mentions,"
    " first = min(first, :printed), last = max(last, :printed)"
)
_DELIVERY = (
    "INSERT OR REPLACE INTO deliveries VALUES (:delivery_id, :alert_id, :target, :outcome, :attempted_at, :value)"
)


class ReadModel:
    """One SQLite file. One thread writes, any number read; each thread has its own connection."""

    def __init__(self, path: Path, log: Log, *, keep: bool = False) -> None:
        """Open the projection of a log, and begin it anew if it is another log's or of another layout.

        Args:
            path: Its file.
            log: The log.
            keep: Whether to keep the bytes of articles, mentions and dead letters as well, for a log that gives single
                records slowly.
        """
        self._path, self._local, self._keep = path, threading.local(), keep
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        if not self._fits(log):
            self._begin(log)

    @property
    def db(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "db", None)
        if found is None:
            found = self._local.db = self._connect()
        return found

    def positions(self) -> dict[Lane, int]:
        """Next offset of each lane that is followed."""
        rows = self.db.execute('SELECT topic, partition, "offset" FROM positions')
        return {Lane(topic, partition): offset for topic, partition, offset in rows}

    def apply(self, records: Iterable[Stored], ends: Mapping[Lane, int] | None = None) -> None:
        """Take records in, all or nothing. One that it has seen changes nothing.

        Args:
            records: Records in order.
            ends: How far each lane was read, where that is further than the records go: past ones that are none.
        """
        with self._transaction() as db:
            positions = self.positions()
            for stored in records:
                lane = Lane(stored.topic, stored.partition)
                if stored.offset >= positions[lane]:
                    self._take(db, stored)
                    positions[lane] = stored.offset + 1
            positions |= {lane: max(end, positions[lane]) for lane, end in (ends or {}).items()}
            db.executemany(
                'UPDATE positions SET "offset" = ? WHERE topic = ? AND partition = ?',
                [(offset, *lane) for lane, offset in positions.items()],
            )

    def before(self, kind: str, record: dict[str, Any], stored: Stored) -> Facets | None:
        """What was said under the id of a record before it, as known when it is; null if nothing was."""
        if record.get("revision", 1) == 1:
            return None
        id_ = identity(kind, record, stored.partition, stored.offset)
        row = self.db.execute(_BEFORE, (kind, id_, stored.offset)).fetchone()
        return row and facets(kind, orjson.loads(row[0]), stored.timestamp)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection on which every read sees the same moment."""
        self.db.execute("BEGIN")
        try:
            yield self.db
        finally:
            self.db.execute("COMMIT")

    @contextmanager
    def moment(self) -> Iterator[sqlite3.Connection]:
        """The same for long answers, that one thread begins and another may go on with."""
        db = self._connect()
        try:
            db.execute("BEGIN")
            yield db
        finally:
            with self._lock:
                if db in self._connections:
                    self._connections.remove(db)
            db.close()

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    # -- inside

    def _take(self, db: sqlite3.Connection, stored: Stored) -> None:
        record = orjson.loads(stored.value)
        where = (stored.partition, stored.offset)
        kept = (stored.timestamp, stored.value if self._keep else None)
        if stored.topic in KIND_OF:
            self._revise(db, KIND_OF[stored.topic], record, stored)
        elif mark_of(Retraction) in record:
            said = (record["retracts"], record["revision"] or FOR_EVER, stored.value)
            db.execute("INSERT OR IGNORE INTO retractions VALUES (?, ?, ?)", said)
        elif mark_of(Withdrawal) in record:
            db.execute(_VOID, (record["withdraws"], record["revision"]))
        elif stored.topic == ARTICLES.name:
            known = _known(db, "articles", record["article_id"])
            db.execute(_ARTICLE, (record["article_id"], *where, *kept, record.get("revision", 1)))
            _count(db, record, articles=not known)
        elif stored.topic == MENTIONS.name:
            about = (record["mention_id"], record["article_id"])
            known = _known(db, "mentions", record["mention_id"])
            db.execute(_MENTION, (*about, *where, *kept, record.get("revision", 1)))
            _count(db, record, mentions=not known)
        elif stored.topic == DELIVERIES.name:
            db.execute(_DELIVERY, {**record, "value": stored.value})
        else:
            letter = (*where, record["reason"], *kept)
            db.execute("INSERT OR IGNORE INTO dead_letters VALUES (?, ?, ?, ?, ?)", letter)

    def _revise(self, db: sqlite3.Connection, kind: str, record: dict[str, Any], stored: Stored) -> None:
        row = row_of(kind, record, stored)
        if _told_already(db, row):
            return
        if kind != "changes":
            db.execute(_SUPERSEDE, row)
        db.execute(_INSERT, row)
        if row["place_key"] is not None:
            db.execute(_PLACE, row)
        db.executemany(
            "INSERT OR IGNORE INTO successors VALUES (?, ?)",
            [(old, row["id"]) for old in record.get("supersedes", ())],
        )

    def _fits(self, log: Log) -> bool:
        if not self._path.exists():
            return False
        try:
            (layout,) = self.db.execute("PRAGMA user_version").fetchone()
            known = self.positions() if layout == LAYOUT else {}
            noted = self.db.execute("SELECT fingerprint FROM origin").fetchone() if known else None
        except sqlite3.DatabaseError:
            return False
        within = all(log.bounds(*lane)[0] <= offset <= log.bounds(*lane)[1] for lane, offset in known.items())
        return bool(known) and known.keys() == _lanes(log) and within and self._same_origin(log, noted)

    def _same_origin(self, log: Log, noted: Sequence[str] | None) -> bool:
        read_nothing = not any(self.positions().values())
        return noted is not None and (read_nothing or noted[0] == fingerprint(log, self.positions()))

    def _begin(self, log: Log) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self.db.executescript(_TABLES + f"PRAGMA user_version = {LAYOUT};")
        first = {lane: log.bounds(*lane)[0] for lane in _lanes(log)}
        self.db.executemany("INSERT INTO positions VALUES (?, ?, ?)", [(*lane, at) for lane, at in first.items()])
        self.db.execute("INSERT INTO origin VALUES ('')")

    def note_origin(self, log: Log) -> None:
        """Write down which log this is the projection of, once there is something to know it by."""
        if self.db.execute("SELECT fingerprint FROM origin").fetchone()[0] == "":
            self.db.execute("UPDATE origin SET fingerprint = ?", (fingerprint(log, self.positions()),))

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        db.execute("PRAGMA journal_mode = WAL")
        # Nothing is lost with the file: the log has it all.
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -32000")
        db.create_function("km", 4, km, deterministic=True)
        with self._lock:
            self._connections.append(db)
        return db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")


def _known(db: sqlite3.Connection, table: str, id_: str) -> bool:
    return db.execute(f"SELECT 1 FROM {table} WHERE id = ?", (id_,)).fetchone() is not None  # noqa: S608


def _count(db: sqlite3.Connection, record: dict[str, Any], *, articles: int = 0, mentions: int = 0) -> None:
    """Count a record for its outlet, if it was new."""
    if articles or mentions:
        about = {"outlet": record["outlet"], "printed": record["published_at"]}
        db.execute(_OUTLET, {**about, "articles": articles, "mentions": mentions})


def _told_already(db: sqlite3.Connection, row: dict[str, Any]) -> bool:
    """Whether a worker that was thought dead delivers an old record again: revisions of an id only ever rise."""
    if row["revision"] is None:
        return db.execute(_SAME_CHANGE, row).fetchone() is not None
    newest = db.execute(_NEWEST, row).fetchone()
    return newest is not None and (row["revision"] < newest[0] or newest == (row["revision"], row["value"]))


def row_of(kind: str, record: dict[str, Any], stored: Stored) -> dict[str, Any]:
    """A revision as a row of the read model."""
    found = facets(kind, record, stored.timestamp)
    return {
        **{name: getattr(found, name) for name in found.__slots__},
        "id": identity(kind, record, stored.partition, stored.offset),
        "partition": stored.partition,
        "offset": stored.offset,
        "cause": cause_of(stored),
        "ended": ended(record),
        "parties": "," + "".join(f"{party}," for party in found.parties),
        "toll": record.get("group") if record.get("shared") else record.get("event_id"),
        "sort": "" if kind == "control" else found.first or "",
        "value": stored.value,
        "revision": record.get("revision"),
    }


def cause_of(stored: Stored) -> int | None:
    """Offset of the article that a record follows from; null if it does not say."""
    for name, value in stored.headers:
        if name == ORIGIN:
            topic, _, offset = value.decode().split(":")
            return int(offset) if topic == ARTICLES.name else None
    return None


def fingerprint(log: Log, positions: Mapping[Lane, int]) -> str:
    """What a log is known by: its first records that have been read."""
    digest = hashlib.blake2b(b"%d" % getattr(log, "generation", 0), digest_size=16)
    for lane in sorted(_lanes(log)):
        if positions[lane] > log.bounds(*lane)[0]:
            first = log.read(*lane, log.bounds(*lane)[0], 1)[0]
            digest.update(b"%s/%d" % (lane.topic.encode(), lane.partition) + first.value)
            break
    return digest.hexdigest()


def _lanes(log: Log) -> set[Lane]:
    return {Lane(topic.name, number) for topic in FOLLOWED for number in range(log.partitions(topic.name))}
