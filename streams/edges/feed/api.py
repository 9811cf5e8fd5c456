"""The HTTP API: what is asked under which address. What the answers are is left to `library` and `queries`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from schemas.alert import Alert, Delivery
from schemas.control import ControlChange
from schemas.event import Claim, Event
from schemas.vocabulary import Reason
from streams.edges.feed import answers, queries, rollups
from streams.edges.feed.formats import MEDIA_TYPES, WholeFormat, negotiate, whole, write
from streams.edges.feed.library import Library
from streams.edges.feed.names import Lore
from streams.edges.feed.parameters import Asked, AsKnown, Cursor, Day, Limit, Listed, Wanted
from streams.edges.feed.problems import PROBLEM_RESPONSES, Problem
from streams.edges.feed.read_model import ReadModel
from streams.edges.feed.tail import Tail
from streams.edges.feed.towns import Towns
from streams.shells.log import Log

Found = tuple[Sequence[bytes], str | None]
"""Rows of a page, and the next cursor."""

LISTS: dict[str, tuple[type[BaseModel], str]] = {
    "towns": (
        answers.TownState,
        "Who holds what: every town of which anything is known, as of a day and as known then.",
    ),
    "events": (Event, "Events, newest first. As of a day: those that had begun by then."),
    "claims": (Claim, "Claims about who holds what, newest first."),
    "changes": (ControlChange, "Changes of control, newest first."),
    "alerts": (Alert, "Alerts that stand; one that was cancelled stands no more. They name no parties."),
}
"""What can be listed, page by page, and exported as a whole: what the rows are, and what they tell."""

By = Annotated[rollups.Area, Query(description="Whether to count by governorate or by district.")]
Kind = StrEnum("Kind", {kind.upper(): kind for kind in LISTS})  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Feed:
    """What the routes work with."""

    log: Log
    model: ReadModel
    tail: Tail
    lore: Lore
    towns: Towns

    def library(self, db: Any) -> Library:
        """Answers of one moment."""
        return Library(db, self.log, self.towns)

    def answer(
        self, request: Request, make: Callable[[Library], bytes | None], media_type: str = "application/json"
    ) -> Response:
        """A response with its ETag; the answer is only worked out if the client does not have it."""
        with self.model.snapshot() as db:
            tag = _tag(self.model, request, media_type)
            headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept"}
            if tag in [part.strip() for part in request.headers.get("if-none-match", "").split(",")]:
                return Response(status_code=304, headers=headers)
            body = make(self.library(db))
        if body is None:
            raise Problem(404, "nothing is known under that id; it may be another one by now, see the list")
        return Response(body, media_type=media_type, headers=headers)

    def page(self, request: Request, kind: str, asked: Asked) -> Response:
        """Some of a list, in the format asked for, with the address of what follows."""
        form = asked.form or negotiate(request.headers.get("accept", ""))
        following: list[str | None] = [None]

        def body(library: Library) -> bytes:
            rows, following[0] = _rows(library, kind, asked)
            return write(form, LISTS[kind][0], rows, following[0])

        response = self.answer(request, body, MEDIA_TYPES[form])
        if following[0]:
            response.headers["Link"] = f'<{request.url.include_query_params(cursor=following[0])}>; rel="next"'
        return response

    def export(self, kind: str, form: WholeFormat, rows: Callable[[Library], Iterator[bytes]]) -> Response:
        """All of a list, as it is found, all of one moment."""

        def body() -> Iterator[bytes]:
            with self.model.moment() as db:
                yield from whole(form, LISTS[kind][0], rows(self.library(db)))

        name = f'attachment; filename="frontwire-{kind}.{form}"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return StreamingResponse(body(), media_type=MEDIA_TYPES[form], headers=headers)


def routes(feed: Feed) -> APIRouter:
    """Every address of the API but the stream."""
    api = APIRouter(prefix="/v1", responses=PROBLEM_RESPONSES)
    for kind in LISTS:
        _add_list(api, feed, kind)
    _add_single(api, feed)
    _add_sums(api, feed)
    _add_operation(api, feed)

    @api.get("/exports/{kind}", tags=["exports"], response_class=Response, responses=_forms(MEDIA_TYPES.values()))
    def export(
        kind: Kind, wanted: Wanted, known: AsKnown, as_of: Day = None, format: WholeFormat = "jsonl"
    ) -> Response:
        """Everything of a kind that passes the filter, in one answer of any length."""
        return feed.export(
            kind.value, format, lambda library: _all_rows(library, kind.value, Asked(wanted, known, as_of))
        )

    return api


def _add_list(api: APIRouter, feed: Feed, kind: str) -> None:
    model, about = LISTS[kind]

    def listed(request: Request, asked: Listed) -> Response:
        return feed.page(request, kind, asked)

    api.add_api_route(
        f"/{kind}",
        listed,
        name=kind,
        description=about,
        response_model=answers.Page[model],  # type: ignore[valid-type]
        tags=["alerts" if kind == "alerts" else "towns" if kind in ("towns", "changes") else kind],
        responses=_forms(MEDIA_TYPES[form] for form in ("geojson", "csv", "jsonl")),
    )


def _add_single(api: APIRouter, feed: Feed) -> None:
    @api.get("/towns/{place_id:path}", response_model=answers.TownHistory, tags=["towns"])
    def town(request: Request, place_id: str, known: AsKnown, as_of: Day = None) -> Response:
        """One town: its state, its timeline, each change, and the evidence with the reports behind it."""
        return feed.answer(request, lambda library: _json(library.town(place_id, as_of, known)))

    @api.get("/events/{event_id}", response_model=answers.EventHistory, tags=["events"])
    def event(request: Request, event_id: str, known: AsKnown) -> Response:
        """One event with all its reports: each with its sentence, outlet and offsets."""
        return feed.answer(request, lambda library: _json(library.merged("events", event_id, known)))

    @api.get("/claims/{claim_id}", response_model=answers.ClaimHistory, tags=["claims"])
    def claim(request: Request, claim_id: str, known: AsKnown) -> Response:
        """One claim with everybody who makes it."""
        return feed.answer(request, lambda library: _json(library.merged("claims", claim_id, known)))

    @api.get("/alerts/{alert_id:path}", response_model=answers.AlertHistory, tags=["alerts"])
    def alert(request: Request, alert_id: str, known: AsKnown) -> Response:
        """One alert with the reports that it rests on and all that became of it."""
        return feed.answer(request, lambda library: _json(library.alert(alert_id, known)))

    @api.get("/articles/{article_id:path}", response_model=answers.ReadArticle, tags=["articles"])
    def article(request: Request, article_id: str) -> Response:
        """One article with the sentences that were read in it."""
        return feed.answer(request, lambda library: _json(library.article(article_id)))


def _add_sums(api: APIRouter, feed: Feed) -> None:
    @api.get("/activity", response_model=answers.Activity, tags=["roll-ups"])
    def activity(request: Request, wanted: Wanted, known: AsKnown) -> Response:
        """How many events began on each day, and how many people they killed at least."""

        def body(library: Library) -> bytes:
            days = queries.activity(feed.model.db, wanted, known)
            return orjson.dumps(
                {"data": [{"day": day, "events": events, "killed": dead} for day, events, dead in days]}
            )

        return feed.answer(request, body)

    @api.get("/rollups/control", response_model=answers.ControlRollUp, tags=["roll-ups"])
    def control_by_area(
        request: Request, wanted: Wanted, known: AsKnown, as_of: Day = None, by: By = "governorate"
    ) -> Response:
        """How many towns each party holds in each area on a day; what is stale or unknown counts for nobody."""

        def body(library: Library) -> bytes:
            day = as_of or _last_day(feed)
            towns = library.answers(wanted, day, known)
            return orjson.dumps({"as_of": day, "data": rollups.control(towns, feed.lore.gazetteer, by)})

        return feed.answer(request, body)

    @api.get("/rollups/events", response_model=answers.EventRollUp, tags=["roll-ups"])
    def events_by_area(
        request: Request,
        wanted: Wanted,
        known: AsKnown,
        by: By = "governorate",
        period: rollups.Period = "month",
    ) -> Response:
        """How many events began in each area and period, and how many people they killed at least."""

        def body(library: Library) -> bytes:
            found = queries.tallies(feed.model.db, wanted, known, rollups.LENGTHS[period])
            return orjson.dumps({"data": rollups.events(found, feed.lore.gazetteer, by)})

        return feed.answer(request, body)

    @api.get("/outlets", response_model=answers.Outlets, tags=["roll-ups"])
    def outlets(request: Request) -> Response:
        """Who printed what is in the log: articles, what was read in them, over which time."""
        return feed.answer(request, lambda library: orjson.dumps({"data": _outlets(feed)}))


def _add_operation(api: APIRouter, feed: Feed) -> None:
    @api.get("/deliveries", response_model=answers.Page[Delivery], tags=["operation"])
    def deliveries(
        request: Request,
        alert: Annotated[str | None, Query(max_length=500, description="Only of this alert.")] = None,
        target: Annotated[str | None, Query(max_length=200, description="Only to this target.")] = None,
        outcome: Annotated[str | None, Query(max_length=20, description="Only those that ended so.")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        """What became of each delivery of an alert, the latest attempt first. For the operator."""

        def body(library: Library) -> bytes:
            rows, following = queries.deliveries(
                feed.model.db, alert=alert, target=target, outcome=outcome, limit=limit, cursor=cursor
            )
            return write("json", Delivery, rows, following)

        return feed.answer(request, body)

    @api.get("/dead-letters", response_model=answers.Page[answers.KeptLetter], tags=["operation"])
    def dead_letters(
        request: Request, reason: Reason | None = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        """What could not be read, with its bytes and the reason. For the operator."""

        def body(library: Library) -> bytes:
            letters, following = library.dead_letters(reason and reason.value, limit, cursor)
            return orjson.dumps({"data": letters, "next": following})

        return feed.answer(request, body)

    @api.get("/theatre", response_model=answers.TheatreNames, tags=["operation"])
    def theatre(request: Request) -> Response:
        """Names of the actors and outlets, for those who show records to people."""
        return feed.answer(request, lambda library: feed.lore.names.model_dump_json().encode())

    @api.get("/status", response_model=answers.Status, tags=["operation"])
    def status() -> Response:
        """How far the feed has read, how much there is, and over which days."""
        return Response(
            orjson.dumps(_status(feed)), media_type="application/json", headers={"Cache-Control": "no-store"}
        )


def _rows(library: Library, kind: str, asked: Asked) -> Found:
    if kind == "towns":
        states, following = library.towns(asked.wanted, asked.as_of, asked.known, asked.limit, asked.cursor)
        return [orjson.dumps(state) for state in states], following
    return library.listed(kind, asked.wanted, asked.as_of, asked.known, asked.limit, asked.cursor)


def _all_rows(library: Library, kind: str, asked: Asked) -> Iterator[bytes]:
    if kind == "towns":
        return map(orjson.dumps, library.every_town(asked.wanted, asked.as_of, asked.known))
    return library.every(kind, asked.wanted, asked.as_of, asked.known)


def _last_day(feed: Feed) -> date:
    _, last = queries.span(feed.model.db)
    return date.fromisoformat(last) if last else date.min


def _outlets(feed: Feed) -> list[dict[str, Any]]:
    named = {outlet.id: outlet for outlet in feed.lore.names.outlets}
    return [
        {
            "id": id_,
            "name": named[id_].name if id_ in named else None,
            "lean": named[id_].lean if id_ in named else None,
            "articles": articles,
            "mentions": mentions,
            "first_published": first,
            "last_published": last,
        }
        for id_, articles, mentions, first, last in queries.outlets(feed.model.db)
    ]


def _status(feed: Feed) -> dict[str, Any]:
    ends = feed.tail.ends()
    positions = feed.model.positions()
    lanes = [
        {"topic": lane.topic, "partition": lane.partition, "offset": offset, "end": ends[lane]}
        for lane, offset in positions.items()
    ]
    first, last = queries.span(feed.model.db)
    return {
        "caught_up": feed.tail.caught_up.is_set(),
        "lag": sum(ends[lane] - offset for lane, offset in positions.items()),
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


def _forms(media_types: Any) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document says of answers in other formats than JSON."""
    return {200: {"content": {kind.partition(";")[0]: {} for kind in media_types}}}
