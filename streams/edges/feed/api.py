"""The HTTP API: what is asked under which address. What the answers are is left to `library` and `queries`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from schemas.alert import Alert
from schemas.control import ControlChange
from schemas.event import Claim, Event
from schemas.vocabulary import Reason
from streams.edges.feed import answers, queries
from streams.edges.feed.filters import Filter
from streams.edges.feed.formats import MEDIA_TYPES, Format, negotiate, write
from streams.edges.feed.library import Library
from streams.edges.feed.names import Lore
from streams.edges.feed.parameters import known, wanted
from streams.edges.feed.problems import PROBLEM_RESPONSES, Problem
from streams.edges.feed.queries import Known
from streams.edges.feed.read_model import ReadModel
from streams.edges.feed.tail import Tail
from streams.shells.log import Log

MOST = 5000
"""Most records of one page."""

Wanted = Annotated[Filter, Depends(wanted)]
AsKnown = Annotated[Known, Depends(known)]
Day = Annotated[date | None, Query(description="Event time: the state of this day.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before.")]
Form = Annotated[Format | None, Query(description="Else the Accept header decides, else JSON.")]


@dataclass(frozen=True, slots=True)
class Feed:
    """What the routes work with."""

    log: Log
    model: ReadModel
    tail: Tail
    lore: Lore


def routes(feed: Feed) -> APIRouter:
    """Every address of the API but the stream."""
    api = APIRouter(prefix="/v1", responses=PROBLEM_RESPONSES)

    def answer(
        request: Request, make: Callable[[Library], bytes | None], media_type: str = "application/json"
    ) -> Response:
        """A response with its ETag; the answer is only worked out if the client does not have it."""
        with feed.model.snapshot() as db:
            tag = _tag(feed.model, request, media_type)
            headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept"}
            if tag in [part.strip() for part in request.headers.get("if-none-match", "").split(",")]:
                return Response(status_code=304, headers=headers)
            body = make(Library(db, feed.log, parameters=feed.lore.control))
        if body is None:
            raise Problem(404, "nothing is known under that id; it may be another one by now, see the list")
        return Response(body, media_type=media_type, headers=headers)

    def page(
        request: Request, form: Format | None, rows: Callable[[Library], tuple[Sequence[bytes], str | None]]
    ) -> Response:
        chosen = form or negotiate(request.headers.get("accept", ""))
        following: list[str | None] = [None]

        def body(library: Library) -> bytes:
            found, following[0] = rows(library)
            return write(chosen, found, following[0])

        response = answer(request, body, MEDIA_TYPES[chosen])
        if following[0]:
            response.headers["Link"] = f'<{request.url.include_query_params(cursor=following[0])}>; rel="next"'
        return response

    def listed(request: Request, kind: str, form: Format | None, **asked: Any) -> Response:
        def rows(library: Library) -> tuple[Sequence[bytes], str | None]:
            found = queries.listing(feed.model.db, kind, asked.pop("wanted"), **asked)
            return [row.value for row in found.rows], found.next

        return page(request, form, rows)

    @api.get("/towns", response_model=answers.Page[answers.TownState], tags=["towns"], responses=_forms())
    def towns(
        request: Request,
        wanted: Wanted,
        known: AsKnown,
        as_of: Day = None,
        limit: Limit = 100,
        cursor: Cursor = None,
        format: Form = None,
    ) -> Response:
        """Who holds what: every town of which anything is known, as of a day and as known at a time."""

        def rows(library: Library) -> tuple[Sequence[bytes], str | None]:
            states, following = library.towns(wanted, as_of, known, limit, cursor)
            return [orjson.dumps(state) for state in states], following

        return page(request, format, rows)

    @api.get("/towns/{place_id:path}", response_model=answers.TownHistory, tags=["towns"])
    def town(request: Request, place_id: str, known: AsKnown, as_of: Day = None) -> Response:
        """One town: its state, its timeline, each change, and the evidence with the reports behind it."""
        return answer(request, lambda library: _json(library.town(place_id, as_of, known)))

    @api.get("/events", response_model=answers.Page[Event], tags=["events"], responses=_forms())
    def events(
        request: Request,
        wanted: Wanted,
        known: AsKnown,
        as_of: Day = None,
        limit: Limit = 100,
        cursor: Cursor = None,
        format: Form = None,
    ) -> Response:
        """Events, newest first. As of a day: those that had begun by then."""
        return listed(request, "events", format, wanted=wanted, known=known, as_of=as_of, limit=limit, cursor=cursor)

    @api.get("/events/{event_id}", response_model=answers.EventHistory, tags=["events"])
    def event(request: Request, event_id: str, known: AsKnown) -> Response:
        """One event with all its reports: each with its sentence, outlet and offsets."""
        return answer(request, lambda library: _json(library.merged("events", event_id, known)))

    @api.get("/claims", response_model=answers.Page[Claim], tags=["claims"], responses=_forms())
    def claims(
        request: Request,
        wanted: Wanted,
        known: AsKnown,
        as_of: Day = None,
        limit: Limit = 100,
        cursor: Cursor = None,
        format: Form = None,
    ) -> Response:
        """Claims about who holds what, newest first."""
        return listed(request, "claims", format, wanted=wanted, known=known, as_of=as_of, limit=limit, cursor=cursor)

    @api.get("/claims/{claim_id}", response_model=answers.ClaimHistory, tags=["claims"])
    def claim(request: Request, claim_id: str, known: AsKnown) -> Response:
        """One claim with everybody who makes it."""
        return answer(request, lambda library: _json(library.merged("claims", claim_id, known)))

    @api.get("/changes", response_model=answers.Page[ControlChange], tags=["towns"], responses=_forms())
    def changes(
        request: Request,
        wanted: Wanted,
        known: AsKnown,
        as_of: Day = None,
        limit: Limit = 100,
        cursor: Cursor = None,
        format: Form = None,
    ) -> Response:
        """Changes of control, newest first."""
        return listed(request, "changes", format, wanted=wanted, known=known, as_of=as_of, limit=limit, cursor=cursor)

    @api.get("/alerts", response_model=answers.Page[Alert], tags=["alerts"], responses=_forms())
    def alerts(
        request: Request,
        wanted: Wanted,
        known: AsKnown,
        limit: Limit = 100,
        cursor: Cursor = None,
        format: Form = None,
    ) -> Response:
        """Alerts that stand; one that was cancelled stands no more."""
        return listed(request, "alerts", format, wanted=wanted, known=known, limit=limit, cursor=cursor)

    @api.get("/activity", response_model=answers.Activity, tags=["events"])
    def activity(request: Request, wanted: Wanted, known: AsKnown) -> Response:
        """How many events began on each day, and how many people they killed at least."""

        def body(library: Library) -> bytes:
            days = queries.activity(feed.model.db, wanted, known)
            return orjson.dumps(
                {"data": [{"day": day, "events": events, "killed": dead} for day, events, dead in days]}
            )

        return answer(request, body)

    @api.get("/articles/{article_id:path}", response_model=answers.ReadArticle, tags=["articles"])
    def article(request: Request, article_id: str) -> Response:
        """One article with the sentences that were read in it."""
        return answer(request, lambda library: _json(library.article(article_id)))

    @api.get("/dead-letters", response_model=answers.Page[answers.KeptLetter], tags=["operation"])
    def dead_letters(
        request: Request, reason: Reason | None = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        """What could not be read, with its bytes and the reason. For the operator."""

        def body(library: Library) -> bytes:
            letters, following = library.dead_letters(reason and reason.value, limit, cursor)
            return orjson.dumps({"data": letters, "next": following})

        return answer(request, body)

    @api.get("/theatre", response_model=answers.TheatreNames, tags=["operation"])
    def theatre(request: Request) -> Response:
        """Names of the actors and outlets, for those who show records to people."""
        return answer(request, lambda library: feed.lore.names.model_dump_json().encode())

    @api.get("/status", response_model=answers.Status, tags=["operation"])
    def status() -> Response:
        """How far the feed has read, how much there is, and over which days."""
        return Response(
            orjson.dumps(_status(feed)), media_type="application/json", headers={"Cache-Control": "no-store"}
        )

    return api


def _status(feed: Feed) -> dict[str, Any]:
    positions = feed.model.positions()
    lanes = [
        {"topic": lane.topic, "partition": lane.partition, "offset": offset, "end": feed.log.bounds(*lane)[1]}
        for lane, offset in positions.items()
    ]
    first, last = queries.span(feed.model.db)
    return {
        "caught_up": feed.tail.caught_up.is_set(),
        "lag": sum(feed.tail.lag().values()),
        "lanes": lanes,
        "counts": queries.counts(feed.model.db),
        "first_day": first,
        "last_day": last,
        "cursor": str(feed.tail.hub.position),
    }


def _tag(model: ReadModel, request: Request, media_type: str) -> str:
    """Same read position, same question, same answer."""
    asked = f"{request.url.path}?{request.url.query} {media_type} {sorted(model.positions().items())}"
    return f'"{hashlib.blake2b(asked.encode(), digest_size=12).hexdigest()}"'


def _json(found: dict[str, Any] | None) -> bytes | None:
    return None if found is None else orjson.dumps(found)


def _forms() -> dict[int | str, dict[str, Any]]:
    content: dict[str, Any] = {
        kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values() if kind != "application/json"
    }
    return {200: {"content": content}}
