"""Generations: sets of topics beside each other in one log.

What stages make can be made again. A new version of the rules does so in a generation of its own, beside the one that
is live and while that one goes on; when it has caught up, it takes over at once. Articles and deliveries stand in the
log once, for all generations.

The name of a topic means the live generation: whoever opens the log follows it, as by an alias. Whoever holds the log
open while another one takes over is told, as offsets of one generation mean nothing in another. In the file, a later
generation's topics and stages bear its number: `events@2`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from schemas.errors import LogDamaged, LogError
from schemas.topics import TOPICS
from streams.shells.framing import origin_of_chain
from streams.shells.log import Lane

FORMAT = 2
"""Format of a file that has generations: earlier programs refuse it, as they would take `events@2` for a topic."""

_TABLE = """CREATE TABLE generations (
    generation INTEGER PRIMARY KEY, live INTEGER NOT NULL, dropped INTEGER NOT NULL
) STRICT"""


def in_file(name: str, generation: int) -> str:
    """What a topic or a stage of a generation is called in the file."""
    shared = name in TOPICS and not TOPICS[name].remade
    return name if generation == 0 or shared else f"{name}@{generation}"


def live(db: sqlite3.Connection) -> int:
    """The generation that the names of topics mean."""
    if not _has_table(db):
        return 0
    found: int = db.execute("SELECT generation FROM generations WHERE live").fetchone()[0]
    return found


def there(db: sqlite3.Connection) -> list[int]:
    """The generations that the log holds, in the order in which they were begun."""
    if not _has_table(db):
        return [0]
    return [row[0] for row in db.execute("SELECT generation FROM generations WHERE NOT dropped ORDER BY generation")]


def numbers(db: sqlite3.Connection, generation: int) -> dict[Lane, int]:
    """The file's number of each lane that a generation has or shares, in the order of the file.

    Raises:
        LogError: If there is no such generation.
    """
    if generation not in there(db):
        raise LogError(f"the log has no generation {generation}; it has {', '.join(map(str, there(db)))}")
    names = {in_file(topic, generation): topic for topic in TOPICS}
    rows = db.execute("SELECT topic, partition, lane FROM lanes ORDER BY lane").fetchall()
    return {Lane(names[topic], partition): number for topic, partition, number in rows if topic in names}


def begin(db: sqlite3.Connection) -> int:
    """Make an empty generation, inside a transaction that the caller began; its number."""
    if not _has_table(db):
        db.execute(_TABLE)
        db.execute("INSERT INTO generations VALUES (0, 1, 0)")
        db.execute(f"PRAGMA user_version = {FORMAT}")
    number: int = db.execute("SELECT max(generation) + 1 FROM generations").fetchone()[0]
    db.execute("INSERT INTO generations VALUES (?, 0, 0)", (number,))
    partitions: int = db.execute("SELECT 1 + max(partition) FROM lanes").fetchone()[0]
    insert_lanes(db, (topic.name for topic in TOPICS.values() if topic.remade), partitions, number)
    return number


def switch(db: sqlite3.Connection, generation: int) -> None:
    """Have the names of topics mean a generation, inside a transaction that the caller began."""
    db.execute("UPDATE generations SET live = (generation = ?)", (generation,))


def drop(db: sqlite3.Connection, generation: int) -> None:
    """Delete the records, states and progress of a generation, inside a transaction that the caller began.

    Its lanes stay, empty and at their ends: numbers of lanes are never given twice, as the notes beside the log are
    kept under them.

    Raises:
        LogError: If it is the live one.
    """
    if generation == live(db):
        raise LogError(f"generation {generation} is live; another one has to take over first")
    lanes = [number for lane, number in numbers(db, generation).items() if TOPICS[lane.topic].remade]
    db.executemany("DELETE FROM records WHERE lane = ?", [(number,) for number in lanes])
    db.executemany('UPDATE lanes SET first = "end" WHERE lane = ?', [(number,) for number in lanes])
    for table in ("state", "marks"):
        named = db.execute(f"SELECT DISTINCT stage FROM {table}").fetchall()  # noqa: S608 - one of two names
        own = [(stage,) for (stage,) in named if of_stage(stage)[1] == generation]
        db.executemany(f"DELETE FROM {table} WHERE stage = ?", own)  # noqa: S608
    db.execute("UPDATE generations SET dropped = 1 WHERE generation = ?", (generation,))


def of_stage(named: str) -> tuple[str, int]:
    """Name and generation of a stage, of what it is called in the file. Raises LogDamaged if that is no name."""
    match = _STAGE.fullmatch(named) if isinstance(named, str) else None
    if match is None:
        raise LogDamaged(f"the file names a stage {named!r}, which is no stage's name")
    return match[1], int(match[2] or 0)


_STAGE = re.compile(r"([^@]*)(?:@(\d{1,9}))?")


def add_topics(db: sqlite3.Connection) -> None:
    """Give a log of an earlier program the topics that came since, inside a transaction that the caller began."""
    held = {row[0]: row[1] for row in db.execute("SELECT topic, 1 + max(partition) FROM lanes GROUP BY topic")}
    for generation in there(db):
        missing = [topic for topic in TOPICS if in_file(topic, generation) not in held]
        insert_lanes(db, missing, max(held.values()), generation)
        held |= {in_file(topic, generation): 0 for topic in missing}


def lack_topics(db: sqlite3.Connection) -> bool:
    """Whether topics came since the log was made."""
    held = {row[0] for row in db.execute("SELECT DISTINCT topic FROM lanes")}
    return any(in_file(topic, generation) not in held for generation in there(db) for topic in TOPICS)


def insert_lanes(db: sqlite3.Connection, topics: Iterable[str], partitions: int, generation: int = 0) -> None:
    """Make the lanes of topics, empty."""
    lanes = [Lane(topic, partition) for topic in topics for partition in range(partitions)]
    db.executemany(
        "INSERT INTO lanes VALUES (NULL, ?, ?, 0, 0, ?, 0)",
        [(in_file(lane.topic, generation), lane.partition, origin_of_chain(lane)) for lane in lanes],
    )


def _has_table(db: sqlite3.Connection) -> bool:
    return bool(db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'generations'").fetchone())
