"""What the API tells of one thing: its record, its history, and the reports behind it, read from the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

import orjson

from streams.edges.feed import queries
from streams.edges.feed.envelope import instant
from streams.edges.feed.facets import facets, place_key
from streams.edges.feed.filters import Filter
from streams.edges.feed.queries import Kept, Known, Row
from streams.edges.feed.towns import Towns, answer_of
from streams.shells.log import Log
from streams.stages.control.asof import Answer

REPORTS = 200
"""Most reports shown of one event or claim."""

DECIDING = 8
"""Most claims shown with their reports behind a town's state."""

REPORTS_OF_A_CLAIM = 6

RECENT_EVENTS = 100
"""Events shown with a town."""

CHUNK = 500
"""Revisions that are read at once where all are wanted."""


class Library:
    """Answers about single things. Cheap: one for each request."""

    def __init__(self, db: sqlite3.Connection, log: Log, towns: Towns) -> None:
        self._db, self._log, self._towns = db, log, towns

    def towns(
        self, wanted: Filter, day: date | None, known: Known, limit: int, after: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Towns as of a day that pass a filter, by their key, and the next cursor."""
        found = list(islice(self.every_town(wanted, day, known, after=after), limit + 1))
        return found[:limit], queries.cursor_after(found[limit - 1]["place"]) if len(found) > limit else None

    def every_town(
        self, wanted: Filter, day: date | None, known: Known, *, after: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """All of them, as they are found."""
        where = wanted.of_places()
        cursor = after
        while True:
            page = queries.listing(self._db, "control", where, known=known, limit=CHUNK, cursor=cursor)
            for row in page.rows:
                state = self._towns.at(row, day)
                if state is not None and (where == wanted or wanted(_facets_of(state, row))):
                    yield state
            if page.next is None:
                return
            cursor = page.next

    def answers(self, wanted: Filter, day: date, known: Known) -> Iterator[Answer]:
        """The standing of every town on a day."""
        for state in self.every_town(wanted, day, known):
            yield answer_of(state)

    def listed(
        self, kind: str, wanted: Filter, day: date | None, known: Known, limit: int, cursor: str | None
    ) -> tuple[list[bytes], str | None]:
        """Records of a kind that pass a filter, newest first, and the next cursor."""
        page = queries.listing(self._db, kind, wanted, known=known, as_of=day, limit=limit, cursor=cursor)
        return [row.value for row in page.rows], page.next

    def every(self, kind: str, wanted: Filter, day: date | None, known: Known) -> Iterator[bytes]:
        """Every record of a kind that passes a filter, newest first."""
        cursor = None
        while True:
            page = queries.listing(self._db, kind, wanted, known=known, as_of=day, limit=CHUNK, cursor=cursor)
            yield from (row.value for row in page.rows)
            if page.next is None:
                return
            cursor = page.next

    def town(self, place_id: str, day: date | None, known: Known) -> dict[str, Any] | None:
        """A `TownHistory`; null if nothing is known of the town."""
        row = queries.latest(self._db, "control", place_id, known)
        if row is None:
            return None
        control = row.record()
        events = queries.listing(self._db, "events", Filter(place=place_id, last=day), known=known, limit=RECENT_EVENTS)
        return {
            "state": self._towns.at(row, day) or self._towns.at(row, None),
            "control": control,
            "changes": [orjson.Fragment(change.value) for change in queries.changes_of(self._db, place_id, known)],
            "revisions": self._revisions("control", place_id),
            "evidence": list(self._evidence(control, day, known)),
            "events": [orjson.Fragment(event.value) for event in events.rows],
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

    def alert(self, alert_id: str, known: Known) -> dict[str, Any] | None:
        """An `AlertHistory`; null if there is no such alert."""
        row = queries.latest(self._db, "alerts", alert_id, known)
        if row is None:
            return None
        alert = row.record()
        return {
            "alert": alert,
            "reports": list(self.reports(alert["mention_ids"][:REPORTS])),
            "revisions": [orjson.Fragment(one.value) for one in queries.revisions(self._db, "alerts", alert_id)],
        }

    def article(self, article_id: str) -> dict[str, Any] | None:
        """A `ReadArticle`; null if there is no such article."""
        kept = queries.article(self._db, article_id)
        if kept is None:
            return None
        mentions = (self._mention(one) for one in queries.mentions_in(self._db, article_id))
        taken_back = queries.retraction(self._db, article_id)
        return {
            "article": self._record(kept),
            "known_at": instant(kept.known),
            "retraction": orjson.loads(taken_back) if taken_back else None,
            "mentions": list(mentions),
        }

    def dead_letters(
        self, reason: str | None, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """`KeptLetter`s, oldest first, and the next cursor."""
        found, following = queries.dead_letters(self._db, reason, limit, cursor)
        letters = [
            {
                "partition": one.partition,
                "offset": one.offset,
                "known_at": instant(one.known),
                "letter": self._record(one),
            }
            for one in found
        ]
        return letters, following

    def reports(self, mention_ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """A `Report` for each mention that there is."""
        for kept in queries.mentions(self._db, mention_ids):
            mention = self._mention(kept)
            yield {"mention": mention, "article": self._head(mention)}

    # -- inside

    def _evidence(self, control: dict[str, Any], day: date | None, known: Known) -> Iterator[dict[str, Any]]:
        """`Witnessed` claims: those that decide the present state, or the latest by a day before it."""
        if day is None or not control["timeline"] or day.isoformat() >= control["timeline"][-1]["first"]:
            for weighed in control["evidence"][:DECIDING]:
                row = queries.latest(self._db, "claims", weighed["claim_id"])
                yield self._witnessed(row.record() if row else None, weighed)
            return
        here = Filter(place=place_key(control["place"]), last=day)
        for row in queries.listing(self._db, "claims", here, known=known, limit=DECIDING).rows:
            yield self._witnessed(row.record(), None)

    def _witnessed(self, claim: dict[str, Any] | None, weighed: dict[str, Any] | None) -> dict[str, Any]:
        ids: Sequence[str] = claim["mention_ids"][:REPORTS_OF_A_CLAIM] if claim else ()
        return {"claim": claim, "weight": weighed, "reports": list(self.reports(ids))}

    def _revisions(self, kind: str, id_: str) -> list[dict[str, Any]]:
        rows = queries.revisions(self._db, kind, id_)
        return [_revision(row, row.record()) for row in rows]

    def _mention(self, kept: Kept) -> dict[str, Any]:
        mention = self._record(kept)
        # The sketch is how copies are found, of no use to a reader and longer than all the rest.
        return {**mention, "wording": {**mention["wording"], "sketch": []}}

    def _head(self, mention: dict[str, Any]) -> dict[str, Any]:
        kept = queries.article(self._db, mention["article_id"])
        article = self._record(kept) if kept else mention
        return {name: article.get(name) for name in ("article_id", "outlet", "title", "published_at", "url")}

    def _record(self, kept: Kept) -> dict[str, Any]:
        value = kept.value or self._log.read(kept.topic, kept.partition, kept.offset, 1)[0].value
        record: dict[str, Any] = orjson.loads(value)
        return record


def _revision(row: Row, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "revision": record["revision"],
        "kind": record.get("kind"),
        "known_at": instant(row.known),
        "offset": row.offset,
        "confidence": record["confidence"],
    }


def _facets_of(state: dict[str, Any], row: Row) -> Any:
    parts = [{"party": party} for party in state["parties"]]
    return facets("control", {**state, "shares": parts, "evidence": row.record()["evidence"]}, row.known)
