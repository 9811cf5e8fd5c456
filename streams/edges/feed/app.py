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
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.edges.feed import problems
from streams.edges.feed.api import Feed, routes
from streams.edges.feed.cursor import Position, at_offset, at_time, earliest, latest
from streams.edges.feed.filters import Filter, millis
from streams.edges.feed.hub import Subscription
from streams.edges.feed.names import lore
from streams.edges.feed.parameters import kinds_of, wanted
from streams.edges.feed.problems import PROBLEM_RESPONSES, Problem
from streams.edges.feed.read_model import ReadModel
from streams.edges.feed.stream import Pace, Stream
from streams.edges.feed.tail import Tail
from streams.shells.log import Log

LIVELY_S = 30
"""Seconds without a look at the log after which the feed is not alive."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""On every response. No inline script or style, and nothing from anywhere else."""

PAGE_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}


def make_app(
    log: Log,
    projection: Path,
    *,
    theatre: str = "syria",
    hosts: frozenset[str] | None = None,
    pace: Pace | None = None,
) -> FastAPI:
    """The feed over a log, as an ASGI application.

    Args:
        log: Any log; only read. Any thread must be able to use it.
        projection: File of the read model; made if there is none, and made anew if it belongs to another log.
        theatre: Pack whose names are shown.
        hosts: Host names that requests may be for; null for any. Keeps other sites from reading a server on loopback.
        pace: How patient the stream is; null for the usual.
    """
    model = ReadModel(projection, log)
    feed = Feed(log, model, Tail(log, model), lore(theatre))
    app = FastAPI(
        title="Frontwire",
        version="1",
        summary="Who did what where, and who holds each town, with every field traced to its sentence.",
        lifespan=_following(feed),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/v1/openapi.json",
    )
    app.state.feed = feed
    problems.install(app)
    app.include_router(routes(feed))
    _add_stream(app, feed, pace or Pace())
    _add_health(app, feed)
    _add_page(app)
    app.add_middleware(Guard, hosts=hosts)
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


def _add_stream(app: FastAPI, feed: Feed, pace: Pace) -> None:
    @app.get(
        "/v1/feed",
        tags=["stream"],
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {}}}, **PROBLEM_RESPONSES},
    )
    def follow(
        filter: Annotated[Filter, Depends(wanted)],
        kinds: Annotated[str | None, Query(max_length=100, description="events,claims,control,changes,alerts")] = None,
        since: Annotated[
            str | None, Query(max_length=2000, description="A cursor, an offset, a time, `earliest` or `latest`.")
        ] = None,
        last_event_id: Annotated[str | None, Header(max_length=2000)] = None,
    ) -> Response:
        """What is new, as server-sent events: first what came since, then live, without a gap or a repeat."""
        chosen = kinds_of(kinds)
        start = _start(feed, chosen, last_event_id or since or "latest")
        return Stream(feed.log, feed.tail.hub, Subscription(chosen, filter), start, pace)


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
    return _held(log, kinds, start)


def _held(log: Log, kinds: tuple[str, ...], start: Position) -> Position:
    first, end = earliest(log, kinds), latest(log, kinds)
    if start.lanes.keys() != end.lanes.keys():
        raise Problem(400, "the cursor is for other kinds or partitions; follow the same kinds, or begin anew")
    for lane, offset in start.lanes.items():
        if not first.lanes[lane] <= offset <= end.lanes[lane]:
            raise Problem(
                410,
                f"{lane.topic}: offset {offset} is not there; the log holds {first.lanes[lane]} to {end.lanes[lane]}",
                earliest=str(first),
                latest=str(end),
            )
    return start


def _add_health(app: FastAPI, feed: Feed) -> None:
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


class Guard:
    """Headers on every response, and none for requests that are for another host."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, if it is for this server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        if self._hosts is not None and _host(scope) not in self._hosts:
            refusal = problems.problem(421, f"this server answers to {', '.join(sorted(self._hosts))}")
            await refusal(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)


def _host(scope: Scope) -> str:
    named = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return named.rpartition(":")[0] if named.rpartition(":")[2].isdigit() else named
