"""What the API tells of one thing: its record, its history, and the reports behind it, read from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import orjson

from schemas.topics import ARTICLES, DEAD_LETTERS, MENTIONS
from streams.edges.feed import queries
from streams.edges.feed.envelope import instant
from streams.edges.feed.facets import facets
from streams.edges.feed.filters import Filter
from streams.edges.feed.queries import Known, Row
from streams.edges.feed.towns import town_at
from streams.shells.log import Log, Stored
from streams.stages.control.parameters import Parameters

REPORTS = 200
"""Most reports shown of one event or claim."""

DECIDING = 8
"""Most claims shown with their reports behind a town's state."""

REPORTS_OF_A_CLAIM = 6

RECENT_EVENTS = 100
"""Events shown with a town."""


class Library:
    """Answers about single things. Cheap: one for each request."""

    def __init__(self, db: sqlite3.Connection, log: Log, *, parameters: Parameters) -> None:
        self._db, self._log, self._parameters = db, log, parameters

    def towns(
        self, wanted: Filter, day: date | None, known: Known, limit: int, after: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Towns as of a day that pass a filter, by their key, and the next cursor."""
        where = wanted.of_places()
        all_of_them = where == wanted
        found: list[dict[str, Any]] = []
        cursor = after
        while True:
            page = queries.listing(self._db, "control", where, known=known, limit=max(limit, 100), cursor=cursor)
            for row in page.rows:
                state = self._state(row, day)
                if state is None or not (all_of_them or wanted(_facets_of(state, row))):
                    continue
                if len(found) == limit:
                    return found, queries.cursor_after(found[-1]["place"])
                found.append(state)
            if page.next is None:
                return found, None
            cursor = page.next

    def town(self, place_id: str, day: date | None, known: Known) -> dict[str, Any] | None:
        """A `TownHistory`; null if nothing is known of the town."""
        row = queries.latest(self._db, "control", place_id, known)
        if row is None:
            return None
        control = row.record()
        events = queries.listing(self._db, "events", Filter(place=place_id, last=day), known=known, limit=RECENT_EVENTS)
        return {
            "state": self._state(row, day) or self._state(row, None),
            "control": control,
            "changes": [change.record() for change in queries.changes_of(self._db, place_id, known)],
            "revisions": self._revisions("control", place_id),
            "evidence": [self._witnessed(weighed) for weighed in control["evidence"][:DECIDING]],
            "events": [event.record() for event in events.rows],
        }

    def merged(self, kind: str, id_: str, known: Known) -> dict[str, Any] | None:
        """An `EventHistory` or `ClaimHistory`; null if there is no such id."""
        row = queries.latest(self._db, kind, id_, known)
        if row is None:
            return None
        record = row.record()
        return {
            kind.removesuffix("s"): record,
            "reports": list(self.reports(record["mention_ids"][:REPORTS])),
            "revisions": self._revisions(kind, id_),
            "superseded_by": queries.successors(self._db, id_),
        }

    def article(self, article_id: str) -> dict[str, Any] | None:
        """A `ReadArticle`; null if there is no such article."""
        place = queries.place_of_article(self._db, article_id)
        if place is None:
            return None
        stored = self._read(ARTICLES.name, *place)
        mentions = (self._mention(where) for where in queries.mentions_in(self._db, article_id))
        return {
            "article": orjson.loads(stored.value),
            "known_at": instant(stored.timestamp),
            "mentions": list(mentions),
        }

    def dead_letters(
        self, reason: str | None, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """`KeptLetter`s, oldest first, and the next cursor."""
        places, following = queries.dead_letters(self._db, reason, limit, cursor)
        stored = [self._read(DEAD_LETTERS.name, *place) for place in places]
        letters = [
            {
                "partition": one.partition,
                "offset": one.offset,
                "known_at": instant(one.timestamp),
                "letter": orjson.loads(one.value),
            }
            for one in stored
        ]
        return letters, following

    def reports(self, mention_ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """A `Report` for each mention that the log has."""
        for place in queries.places_of_mentions(self._db, mention_ids):
            mention = self._mention(place)
            yield {"mention": mention, "article": self._head(mention)}

    # -- inside

    def _state(self, row: Row, day: date | None) -> dict[str, Any] | None:
        return town_at(row.value, day, instant(row.known), self._parameters)

    def _witnessed(self, weighed: dict[str, Any]) -> dict[str, Any]:
        row = queries.latest(self._db, "claims", weighed["claim_id"])
        claim = row.record() if row else None
        ids: Sequence[str] = claim["mention_ids"][:REPORTS_OF_A_CLAIM] if claim else ()
        return {"claim": claim, "weight": weighed, "reports": list(self.reports(ids))}

    def _revisions(self, kind: str, id_: str) -> list[dict[str, Any]]:
        rows = queries.revisions(self._db, kind, id_)
        return [_revision(row, row.record()) for row in rows]

    def _mention(self, place: tuple[int, int]) -> dict[str, Any]:
        mention: dict[str, Any] = orjson.loads(self._read(MENTIONS.name, *place).value)
        # The sketch is how copies are found, of no use to a reader and longer than all the rest.
        return {**mention, "wording": {**mention["wording"], "sketch": []}}

    def _head(self, mention: dict[str, Any]) -> dict[str, Any]:
        place = queries.place_of_article(self._db, mention["article_id"])
        article = orjson.loads(self._read(ARTICLES.name, *place).value) if place else mention
        return {name: article.get(name) for name in ("article_id", "outlet", "title", "published_at", "url")}

    def _read(self, topic: str, partition: int, offset: int) -> Stored:
        return self._log.read(topic, partition, offset, 1)[0]


def _revision(row: Row, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "revision": record["revision"],
        "kind": record.get("kind"),
        "known_at": instant(row.known),
        "offset": row.offset,
        "confidence": record["confidence"],
    }


def _facets_of(state: dict[str, Any], row: Row) -> Any:
    return facets("control", {**state, "evidence": row.record()["evidence"]}, row.known)
