"""The application: routes, stream, page, and what every response carries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST as METRICS_TYPE
from pydantic import BaseModel, Field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.edges.feed import problems, queries
from streams.edges.feed.api import Feed, routes
from streams.edges.feed.cursor import Position, at_offset, at_time, earliest, latest
from streams.edges.feed.filters import Filter, millis
from streams.edges.feed.guard import COOKIE, route_of
from streams.edges.feed.hub import Subscription, nothing_before
from streams.edges.feed.names import lore
from streams.edges.feed.parameters import Wanted, kinds_of, only_known
from streams.edges.feed.problems import PROBLEM_RESPONSES, Problem
from streams.edges.feed.read_model import ReadModel
from streams.edges.feed.stream import Pace, Stream
from streams.edges.feed.tail import Tail
from streams.edges.feed.telemetry import Metrics
from streams.edges.feed.towns import Towns
from streams.edges.keys import KeyRing
from streams.shells.log import Log
from streams.theatres.theatre import Theatre, load_theatre

LIVELY_S = 30
"""Seconds without a look at the log after which the feed is not alive."""

COOKIE_S = 30 * 86_400
"""Seconds for which a browser keeps its key."""

PAGE_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}


class Shown(BaseModel):
    """A key that a browser shows. Nothing else goes into a cookie."""

    key: str = Field(pattern=r"^[A-Za-z0-9_-]{1,200}$", description="As it was given out, `fw_…`.")


def make_app(
    log: Log,
    projection: Path,
    *,
    theatre: Theatre | None = None,
    keys: KeyRing | None = None,
    keep: bool = False,
    pace: Pace | None = None,
) -> FastAPI:
    """The feed over a log, as an ASGI application. Who may ask is left to `guard`, which stands before it.

    Args:
        log: Any log; only read. Any thread must be able to use it.
        projection: File of the read model; made if there is none, and made anew if it belongs to another log.
        theatre: The war whose names are shown; null for Syria.
        keys: Those that the page can be let in with; null if there are none.
        keep: Whether the read model keeps what the log gives only slowly, as `ReadModel` says.
        pace: How patient the stream is; null for the usual.
    """
    metrics = Metrics()
    model = ReadModel(projection, log, keep=keep)
    known = lore(theatre or load_theatre())
    feed = Feed(log, model, Tail(log, model, metrics, before=model.before), known, Towns(known.control))
    app = FastAPI(
        title="Frontwire",
        version="1",
        summary="Who did what where, and who holds each town, with every field traced to its sentence.",
        lifespan=_following(feed),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/v1/openapi.json",
        dependencies=[Depends(only_known)],
    )
    app.state.feed = feed
    problems.install(app)
    app.include_router(routes(feed))
    _add_stream(app, feed, pace or Pace(), metrics)
    _add_session(app, keys)
    _add_operation(app, feed, metrics)
    _add_page(app)
    app.add_middleware(Measured, metrics=metrics)
    return app


def _following(feed: Feed) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tail = asyncio.create_task(feed.tail.run())
        try:
            yield
        finally:
            feed.tail.hub.close()
            tail.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await tail
            feed.model.close()

    return lifespan


def _add_stream(app: FastAPI, feed: Feed, pace: Pace, metrics: Metrics) -> None:
    @app.get(
        "/v1/feed",
        tags=["stream"],
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {}}}, **PROBLEM_RESPONSES},
    )
    def follow(
        filter: Wanted,
        kinds: Annotated[str | None, Query(max_length=100, description="events,claims,control,changes,alerts")] = None,
        since: Annotated[
            str | None, Query(max_length=2000, description="A cursor, an offset, a time, `earliest` or `latest`.")
        ] = None,
        last_event_id: Annotated[str | None, Header(max_length=2000)] = None,
    ) -> Response:
        """What is new, as server-sent events: first what came since, then live, without a gap or a repeat.

        A revision with which a record leaves the filter comes as well, so that nobody holds on to what is void.
        """
        chosen = kinds_of(kinds)
        start = _start(feed, chosen, last_event_id or since or "latest")
        before = nothing_before if filter == Filter() else feed.model.before
        return Stream(feed.log, feed.tail.hub, Subscription(chosen, filter), start, pace, metrics, before=before)


def _start(feed: Feed, kinds: tuple[str, ...], since: str) -> Position:
    log = feed.log
    if since == "latest":
        return feed.tail.hub.position.only(kinds)
    if since == "earliest":
        return earliest(log, kinds)
    if ":" in since and since.partition(":")[0] in ("events", "claims", "control", "changes", "alerts"):
        start = Position.parse(since).only(kinds)
    elif since.isascii() and since.isdigit():
        start = at_offset(log, kinds, min(int(since), 2**62))
    else:
        start = at_time(log, kinds, millis(since, "since"))
    return _held(feed, kinds, start)


def _held(feed: Feed, kinds: tuple[str, ...], start: Position) -> Position:
    first, end, reached = earliest(feed.log, kinds), latest(feed.log, kinds), feed.tail.hub.position.lanes
    if start.lanes.keys() != end.lanes.keys():
        raise Problem(400, "the cursor is for other kinds or partitions; follow the same kinds, or begin anew")
    for lane, offset in start.lanes.items():
        # What the feed has read is there, also where a broker was last asked a moment ago.
        if not first.lanes[lane] <= offset <= max(end.lanes[lane], reached[lane]):
            raise Problem(
                410,
                f"{lane.topic}: offset {offset} is not there; the log holds {first.lanes[lane]} to {end.lanes[lane]}",
                earliest=str(first),
                latest=str(end),
            )
    return start


def _add_session(app: FastAPI, keys: KeyRing | None) -> None:
    @app.post("/v1/session", status_code=204, response_class=Response, tags=["operation"], responses=PROBLEM_RESPONSES)
    def enter(request: Request, shown: Shown) -> Response:
        """Let a browser in: its key goes into a cookie that no script and no other site can use."""
        if keys is not None and keys.of(shown.key) is None:
            raise Problem(401, "this key is not known, or no more")
        response = Response(status_code=204)
        if keys is None:
            return response
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, shown.key, httponly=True, samesite="strict", secure=secure, max_age=COOKIE_S)
        return response


def _add_operation(app: FastAPI, feed: Feed, metrics: Metrics) -> None:
    def counts() -> dict[str, int]:
        return queries.counts(feed.model.db)

    metrics.watch(
        feed.tail.lag,
        counts,
        lambda: queries.alerts_by_rule(feed.model.db),
        lambda: queries.deliveries_by_target(feed.model.db),
    )

    @app.get("/metrics", include_in_schema=False)
    def measured() -> Response:
        return Response(metrics.page(), media_type=METRICS_TYPE)

    @app.get("/healthz", include_in_schema=False)
    async def healthy() -> Response:
        silent = monotonic() - feed.tail.looked_at
        if feed.tail.failure is not None or silent > LIVELY_S:
            raise Problem(503, f"the log was last looked at {silent:.0f} s ago; see the server's log")
        return Response("ok\n", media_type="text/plain")

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> Response:
        if not feed.tail.caught_up.is_set() or feed.tail.failure is not None:
            raise Problem(503, "still reading the log; /v1/status tells how far it is")
        return Response("ok\n", media_type="text/plain")


def _add_page(app: FastAPI) -> None:
    found = {f"/{name}": (raw, media_type) for name, raw, media_type in _page_files()}
    found["/"] = found["/index.html"]

    async def page(request: Request) -> Response:
        raw, media_type = found[request.url.path]
        return Response(raw, media_type=media_type, headers={"Cache-Control": "no-cache"})

    for path in found:
        app.add_route(path, page, methods=["GET", "HEAD"], include_in_schema=False)


def _page_files() -> list[tuple[str, bytes, str]]:
    home = files("streams.edges.feed") / "map"
    folders = [("", home), ("vendor/", home / "vendor")]
    return [
        (prefix + entry.name, entry.read_bytes(), PAGE_TYPES["." + entry.name.rpartition(".")[2]])
        for prefix, folder in folders
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.is_file() and "." + entry.name.rpartition(".")[2] in PAGE_TYPES
    ]


class Measured:
    """Counts and times every answer by its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = monotonic(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.answered(scope["method"], route_of(scope), status, monotonic() - began)
