"""Questions to the read model: what is listed, as of which event time, as known when."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from schemas.topics import ARTICLES, DEAD_LETTERS, MENTIONS
from streams.edges.feed.cursor import BadCursor
from streams.edges.feed.facets import place_key
from streams.edges.feed.filters import Filter

COLUMNS = 'id, known, "offset", partition, sort, value'
KEPT = 'partition, "offset", known, value'


MERGED = 20_000
"""Rows up to which the newest of each place are found one place after the other and put in order here."""

BY_PLACE = "revisions INDEXED BY by_place"
"""Without the hint SQLite walks the whole war in order rather than sort a few places' part of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """The state of knowledge that is asked about. Both null: the present."""

    at: int | None = None
    """Log time, milliseconds since 1970: what was known then."""
    before: int | None = None
    """Offset of an article: what was known before it arrived."""

    def sql(self) -> tuple[list[str], dict[str, Any]]:
        """Conditions for the revision of each id that was the last one then."""
        if self.before is not None:
            superseded = "(until IS NULL OR coalesce(until_cause, -1) >= :before)"
            return [f"coalesce(cause, -1) < :before AND {superseded}"], {"before": self.before}
        if self.at is not None:
            return ["known <= :known_at AND (until IS NULL OR until > :known_at)"], {"known_at": self.at}
        return ["until IS NULL"], {}


PRESENT = Known()


@dataclass(frozen=True, slots=True)
class Row:
    """One revision, as found. Two are equal if they stand at one place in the log."""

    id: str
    known: int = field(compare=False)
    """Log time, milliseconds since 1970."""
    offset: int
    partition: int
    sort: str = field(compare=False)
    value: bytes = field(compare=False, repr=False)
    """The record's own bytes."""

    def record(self) -> dict[str, Any]:
        """The record as parsed JSON."""
        found: dict[str, Any] = orjson.loads(self.value)
        return found


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a record of another topic is found."""

    topic: str
    partition: int
    offset: int
    known: int
    """Log time, milliseconds since 1970."""
    value: bytes | None
    """Its bytes, where the read model keeps them; else they are in the log."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursor to go on with; null at the end."""

    rows: Sequence[Row]
    next: str | None


def listing(
    db: sqlite3.Connection,
    kind: str,
    wanted: Filter,
    *,
    known: Known = PRESENT,
    as_of: date | None = None,
    limit: int,
    cursor: str | None = None,
) -> Page:
    """Revisions of a kind, newest event time first, towns by their key.

    Args:
        db: Connection to the read model.
        kind: Kind of record.
        wanted: Filter.
        known: State of knowledge.
        as_of: Leave out what began after this day; null for all. Towns are worked out by `library`.
        limit: Most rows of one page.
        cursor: What the page before gave as its next; null for the first page.

    Raises:
        BadCursor: If the cursor is not one of these.
    """
    conditions, values = _conditions(kind, wanted.anywhere(), known)
    if as_of is not None:
        conditions.append("first <= :as_of")
        values["as_of"] = as_of.isoformat()
    if kind != "control" and (bound := min(filter(None, (as_of, wanted.last)), default=None)):
        # Says nothing new, but lets the list begin at the day instead of at the end of the war.
        conditions.append("sort <= :bound")
        values["bound"] = bound.isoformat()
    if cursor is not None:
        conditions.append("(sort < :sort OR (sort = :sort AND id > :after))")
        values["sort"], values["after"] = _unpack(cursor)
    if where := wanted.places_sql():
        places = wanted.sql()[1]
        keys = [key for (key,) in db.execute(where, places)]
        if len(keys) * limit <= MERGED:
            found = _select_of(db, keys, conditions, values, limit + 1)
        else:
            inside = [f"place_key IN ({where})", *conditions]
            found = _select(db, inside, {**places, **values}, "sort DESC, id", limit + 1, table=BY_PLACE)
    else:
        found = _select(db, conditions, values, "sort DESC, id", limit + 1)
    more = len(found) > limit
    return Page(found[:limit], _pack(found[limit - 1]) if more else None)


def latest(db: sqlite3.Connection, kind: str, id_: str, known: Known = PRESENT) -> Row | None:
    """The last revision of an id, also if it says that the id ended."""
    conditions, values = known.sql()
    conditions += ["kind = :kind", "id = :id"]
    found = _select(db, conditions, {**values, "kind": kind, "id": id_}, '"offset" DESC', 1)
    return found[0] if found else None


def revisions(db: sqlite3.Connection, kind: str, id_: str) -> Sequence[Row]:
    """Every revision of an id, oldest first."""
    return _select(db, ["kind = :kind", "id = :id"], {"kind": kind, "id": id_}, '"offset"', -1)


def successors(db: sqlite3.Connection, id_: str) -> list[str]:
    """Ids that took over from one that ended."""
    return [new for (new,) in db.execute("SELECT new FROM successors WHERE old = ? ORDER BY new", (id_,))]


def changes_of(db: sqlite3.Connection, place: str, known: Known = PRESENT) -> Sequence[Row]:
    """Every change of a place's control, in the order of event time."""
    conditions, values = _known_changes(known)
    conditions += ["kind = 'changes'", "place_key = :place"]
    return _select(db, conditions, {**values, "place": place}, 'first, known, "offset"', -1, table=BY_PLACE)


def all_changes(db: sqlite3.Connection, known: Known = PRESENT) -> Sequence[Row]:
    """Every change of control, in the order of event time."""
    conditions, values = _known_changes(known)
    return _select(db, [*conditions, "kind = 'changes'"], values, 'first, known, "offset"', -1)


def article(db: sqlite3.Connection, article_id: str) -> Kept | None:
    """Where an article is, null if there is none."""
    found = db.execute(f"SELECT {KEPT} FROM articles WHERE id = ?", (article_id,)).fetchone()  # noqa: S608
    return Kept(ARTICLES.name, *found) if found else None


def retraction(db: sqlite3.Connection, article_id: str) -> bytes | None:
    """What takes an article's last revision back; null if it stands."""
    found = db.execute(
        "SELECT retractions.value FROM retractions JOIN articles USING (id)"
        " WHERE id = ? AND retractions.revision >= articles.revision ORDER BY retractions.revision",
        (article_id,),
    ).fetchone()
    return found[0] if found else None


def mentions(db: sqlite3.Connection, ids: Iterable[str]) -> list[Kept]:
    """Where each mention is that there is, in the order asked."""
    query = f"SELECT {KEPT} FROM mentions WHERE id = ?"  # noqa: S608
    found = (db.execute(query, (id_,)).fetchone() for id_ in ids)
    return [Kept(MENTIONS.name, *row) for row in found if row]


def mentions_in(db: sqlite3.Connection, article_id: str) -> list[Kept]:
    """Where every mention is that an article gives, in its last word."""
    rows = db.execute(f"SELECT {KEPT} FROM mentions WHERE article = ? AND NOT void ORDER BY id", (article_id,))  # noqa: S608
    return [Kept(MENTIONS.name, *row) for row in rows]


def outlets(db: sqlite3.Connection) -> list[tuple[str, int, int, str, str]]:
    """By outlet: articles, mentions, first and last publication."""
    return db.execute("SELECT id, articles, mentions, first, last FROM outlets ORDER BY articles DESC, id").fetchall()


def deliveries(
    db: sqlite3.Connection,
    *,
    alert: str | None,
    target: str | None,
    outcome: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[bytes], str | None]:
    """The last record of each delivery, the latest attempt first, and the next cursor."""
    before, after = _unpack(cursor) if cursor else ("~", "")
    found = db.execute(
        "SELECT at, id, value FROM deliveries WHERE (at < :before OR at = :before AND id > :after)"
        " AND (:alert IS NULL OR alert = :alert) AND (:target IS NULL OR target = :target)"
        " AND (:outcome IS NULL OR outcome = :outcome) ORDER BY at DESC, id LIMIT :limit",
        {
            "before": before,
            "after": after,
            "alert": alert,
            "target": target,
            "outcome": outcome,
            "limit": limit + 1,
        },
    ).fetchall()
    shown = found[:limit]
    return [value for _, _, value in shown], _text_cursor(*shown[-1][:2]) if len(found) > limit else None


def dead_letters(
    db: sqlite3.Connection, reason: str | None, limit: int, cursor: str | None
) -> tuple[list[Kept], str | None]:
    """Where dead letters are, oldest first, and the next cursor."""
    after = _unpack(cursor) if cursor else ("-1", "-1")
    if not all(part.lstrip("-").isdigit() and len(part) < 19 for part in after):
        raise BadCursor("the cursor is not one that this list gave")
    found = db.execute(
        f'SELECT {KEPT} FROM dead_letters WHERE (partition, "offset") > (?, ?)'  # noqa: S608
        ' AND (? IS NULL OR reason = ?) ORDER BY partition, "offset" LIMIT ?',
        (int(after[0]), int(after[1]), reason, reason, limit + 1),
    ).fetchall()
    shown = [Kept(DEAD_LETTERS.name, *row) for row in found[:limit]]
    more = len(found) > limit
    return shown, _text_cursor(str(shown[-1].partition), str(shown[-1].offset)) if more else None


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many there are at present, by kind; of articles, mentions, deliveries and dead letters all."""
    found = dict(
        db.execute("SELECT kind, count(*) FROM revisions WHERE until IS NULL AND NOT ended GROUP BY kind").fetchall()
    )
    for table in ("articles", "mentions", "deliveries", "dead_letters"):
        found[table] = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    return found


def alerts_by_rule(db: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """How many alerts stand, by rule and severity."""
    rows = db.execute(
        "SELECT value ->> '$.rule' AS rule, value ->> '$.severity' AS severity, count(*) FROM revisions"
        " WHERE kind = 'alerts' AND until IS NULL AND NOT ended GROUP BY rule, severity"
    )
    return {(rule, severity): count for rule, severity, count in rows}


def deliveries_by_target(db: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """How many deliveries there are, by target and last outcome."""
    rows = db.execute("SELECT target, outcome, count(*) FROM deliveries GROUP BY target, outcome")
    return {(target, outcome): count for target, outcome, count in rows}


def activity(db: sqlite3.Connection, wanted: Filter, known: Known = PRESENT) -> list[tuple[str, int, int]]:
    """By first day: the day, how many events began, and the least number killed; a shared toll counts once."""
    conditions, values = _conditions("events", wanted, known)
    where = " AND ".join([*conditions, "first IS NOT NULL"])
    tolls = f"SELECT first, count(*) AS events, max(killed) AS killed FROM revisions WHERE {where} GROUP BY first, toll"  # noqa: S608
    query = f"SELECT first, sum(events), coalesce(sum(killed), 0) FROM ({tolls}) GROUP BY first ORDER BY first"  # noqa: S608
    return db.execute(query, values).fetchall()


def tallies(
    db: sqlite3.Connection, wanted: Filter, known: Known, length: int
) -> Iterator[tuple[str | None, str, str | None, int, int]]:
    """Events by place and period, those that share a toll apart from the rest.

    Args:
        db: Connection to the read model.
        wanted: Filter.
        known: State of knowledge.
        length: Characters of the first day that make the period: 4 a year, 7 a month, 10 a day.

    Returns:
        Place, period, shared toll or null, events, and the least number killed.
    """
    conditions, values = _conditions("events", wanted, known)
    where = " AND ".join([*conditions, "first IS NOT NULL"])
    period = f"substr(first, 1, {length})"
    for toll, test in (("NULL", "toll = id"), ("toll", "toll <> id")):
        dead = "coalesce(sum(killed), 0)" if toll == "NULL" else "coalesce(max(killed), 0)"
        query = (
            f"SELECT place_key, {period} AS period, {toll} AS shared, count(*), {dead} FROM revisions"  # noqa: S608
            f" WHERE {where} AND {test} GROUP BY place_key, period, shared ORDER BY period, place_key, shared"
        )
        yield from db.execute(query, values)


def span(db: sqlite3.Connection) -> tuple[str | None, str | None]:
    """First and last day of any event, change or claim known at present."""
    first, last = db.execute(
        "SELECT min(nullif(sort, '')), max(last) FROM revisions INDEXED BY present_by_day"
        " WHERE kind IN ('events', 'changes') AND until IS NULL AND NOT ended"
    ).fetchone()
    return first, last


def _conditions(kind: str, wanted: Filter, known: Known) -> tuple[list[str], dict[str, Any]]:
    filtered, values = wanted.sql()
    then, known_values = _known_changes(known) if kind == "changes" else known.sql()
    return ["kind = :kind", "NOT ended", *then, *filtered], {**values, **known_values, "kind": kind}


def _known_changes(known: Known) -> tuple[list[str], dict[str, Any]]:
    """A change is never superseded: it is a fact about what was said."""
    if known.before is not None:
        return ["coalesce(cause, -1) < :before"], {"before": known.before}
    if known.at is not None:
        return ["known <= :known_at"], {"known_at": known.at}
    return ["until IS NULL"], {}


def _select(
    db: sqlite3.Connection,
    conditions: Sequence[str],
    values: dict[str, Any],
    order: str,
    limit: int,
    *,
    table: str = "revisions",
) -> list[Row]:
    where = " AND ".join(conditions)
    query = f"SELECT {COLUMNS} FROM {table} WHERE {where} ORDER BY {order} LIMIT :limit"  # noqa: S608
    return [Row(*found) for found in db.execute(query, {**values, "limit": limit})]


def _select_of(
    db: sqlite3.Connection, places: Sequence[str], conditions: Sequence[str], values: dict[str, Any], limit: int
) -> list[Row]:
    """The newest revisions of some places, each place's own found in order, so that it ends with the page."""
    rows: list[Row] = []
    for place in places:
        about = {**values, "place_key": place}
        rows += _select(db, ["place_key = :place_key", *conditions], about, "sort DESC, id", limit, table=BY_PLACE)
    # Two sorts, as one of them is from the last to the first.
    rows.sort(key=lambda row: row.id)
    rows.sort(key=lambda row: row.sort, reverse=True)
    return rows[:limit]


def cursor_after(place: dict[str, Any]) -> str:
    """The cursor of a list of towns that goes on after this one."""
    return _text_cursor("", place_key(place))


def _pack(row: Row) -> str:
    return _text_cursor(row.sort, row.id)


def _text_cursor(sort: str, id_: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([sort, id_])).decode().rstrip("=")


def _unpack(cursor: str) -> tuple[str, str]:
    try:
        sort, after = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise BadCursor(f"{cursor[:60]!r} is no cursor of this list; give back `next` as it came") from None
    if not (isinstance(sort, str) and isinstance(after, str)):
        raise BadCursor(f"{cursor[:60]!r} is no cursor of this list; give back `next` as it came")
    return sort, after
