"""What stands before the application: for whom the server is, how long a request may be, who may ask how often."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.edges.feed import telemetry
from streams.edges.feed.limits import OWN_MACHINE, Limits, Meter, TooMany
from streams.edges.feed.problems import failure, problem
from streams.edges.feed.wire import WIRE, Wire
from streams.edges.keys import Key, KeyRing
from streams.edges.keys import Scope as KeyScope

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

COOKIE = "frontwire_key"
"""Where a browser keeps its key: scripts cannot read it, other sites cannot have it sent."""

LONGEST_HEAD = 16_000
"""Bytes of a request before its body."""
LONGEST_ADDRESS = 8_000
"""Bytes of path and query."""
LONGEST_BODY = 4_000
"""Bytes of a request's body; only a key is ever sent in one."""

OPERATOR = ("/v1/dead-letters", "/v1/deliveries", "/metrics")
"""What only an operator may see."""
OPEN = ("/v1/session", "/v1/openapi.json")
"""What anybody may ask for: how to ask, and to be let in."""
LOOK_S = 5.0
"""Seconds after which the key of an open stream is looked at again."""
LONG = ("/v1/feed", "/v1/exports/")
"""Answers that stay open."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may ask for how much."""

    hosts: frozenset[str] | None = None
    """Host names that requests may be for; null for any. Keeps other sites from reading a server on loopback."""
    keys: KeyRing | None = None
    """Null if everybody may ask for everything."""
    limits: Limits = OWN_MACHINE
    origins: tuple[str, ...] = ()
    """Other sites whose pages may ask: `https://desk.example.org`."""


class Guard:
    """The outermost of all: it lets in every request, and puts its headers on every answer."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules, self._meter = app, rules, Meter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[WIRE] = Wire.under(scope, send)
        headers = Headers(scope=scope)
        sending = Sending(self._dressed(headers, send))
        try:
            await self._pass(scope, headers, receive, sending)
        except Refused as refusal:
            telemetry.request_refused(refusal.status, scope["path"])
            answer = problem(refusal.status, str(refusal))
            answer.headers.update(refusal.headers)
            await answer(scope, receive, sending)
        except Exception as error:
            telemetry.request_failed(route_of(scope), error)
            if not sending.begun:
                await failure()(scope, receive, sending)

    async def _pass(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        self._admit(scope, headers)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await self._preflight(headers)(scope, receive, send)
            return
        key = self._known(scope["path"], headers)
        client, limits = self._allowed(scope, key)
        try:
            self._meter.take(client, limits)
            if not scope["path"].startswith(LONG):
                await self._app(scope, receive, send)
                return
            with self._meter.streaming(client, limits):
                answer = self._app(scope, receive, send)
                await (answer if key is None else self._while_known(key, headers, answer))
        except TooMany as error:
            raise Refused(429, str(error), {"Retry-After": str(math.ceil(error.wait_s))}) from None

    def _admit(self, scope: Scope, headers: Headers) -> None:
        if self._rules.hosts is not None and _host(headers) not in self._rules.hosts:
            raise Refused(421, f"this server answers to {', '.join(sorted(self._rules.hosts))}")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise Refused(414, f"an address has at most {LONGEST_ADDRESS} bytes")
        if sum(len(name) + len(value) for name, value in headers.raw) > LONGEST_HEAD:
            raise Refused(431, f"a request's head has at most {LONGEST_HEAD} bytes")
        if "transfer-encoding" in headers:
            raise Refused(411, "say how long the body is; nothing here takes one of unknown length")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= LONGEST_BODY):
            raise Refused(413, f"a body has at most {LONGEST_BODY} bytes")

    def _preflight(self, headers: Headers) -> Response:
        """What a browser is told that asks whether another site's page may ask.

        Source:
            Fetch Standard, 3.2.2, CORS preflight request.
        """
        if headers.get("origin") not in self._rules.origins:
            raise Refused(403, "pages of this origin may not ask; the operator can allow it with --allow-origin")
        told = {
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": "Authorization, If-None-Match, Last-Event-ID",
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers=told)

    def _known(self, path: str, headers: Headers) -> Key | None:
        """Whose request it is. Raises Refused if what it asks for takes a key that it has not."""
        if self._rules.keys is None:
            return None
        secret = shown(headers)
        key = self._rules.keys.of(secret) if secret else None
        needed = needed_for(path)
        if needed is not None and key is None:
            detail = "this key is not known, or no more" if secret else "show a key: Authorization: Bearer fw_…"
            raise Refused(401, detail, {"WWW-Authenticate": 'Bearer realm="frontwire"'})
        if needed is not None and key is not None and not key.may(needed):
            raise Refused(403, f"the key {key.name!r} is not good for this; it takes the scope {needed.value}")
        return key

    async def _while_known(self, key: Key, headers: Headers, answer: Awaitable[None]) -> None:
        """Go on with a long answer for as long as the key is good that it was given for."""
        answering = asyncio.ensure_future(answer)
        try:
            while not answering.done():
                await asyncio.wait({answering}, timeout=LOOK_S)
                if self._known_still(headers) != key:
                    return
            await answering
        finally:
            answering.cancel()

    def _known_still(self, headers: Headers) -> Key | None:
        secret = shown(headers)
        return self._rules.keys.of(secret) if self._rules.keys and secret else None

    def _allowed(self, scope: Scope, key: Key | None) -> tuple[str, Limits]:
        """Under which name a client's requests are counted, and how many it may make."""
        usual = self._rules.limits
        if key is None:
            return str((scope.get("client") or ("unknown",))[0]), usual
        streams = usual.streams if key.streams is None else key.streams
        return f"key {key.name}", Limits(key.rate or usual.rate, usual.burst, streams)

    def _dressed(self, asked: Headers, send: Send) -> Send:
        allowed = origin if (origin := asked.get("origin")) in self._rules.origins else None

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if self._rules.origins:
                    headers.add_vary_header("Origin")
                if allowed:
                    headers["Access-Control-Allow-Origin"] = allowed
                    headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
            await send(message)

        return dressed


class Sending:
    """Passes an answer on, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer."""
        self.begun = True
        await self._send(message)


class Refused(Exception):
    """A request that goes no further. The message says what to do."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.headers = status, headers or {}


def needed_for(path: str) -> KeyScope | None:
    """The scope that an address takes; null for what anybody may ask for."""
    if path.startswith(OPERATOR):
        return KeyScope.OPERATE
    return KeyScope.READ if path.startswith("/v1/") and path not in OPEN else None


def shown(headers: Headers) -> str | None:
    """The key that a request shows: as a bearer token, else as a cookie; null if it shows none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def route_of(scope: Scope) -> str:
    """The address of a request without its ids, so that there are few of them."""
    found = getattr(scope.get("route"), "path", None)
    return found or ("/" if scope["path"] == "/" else "other")


def _host(headers: Headers) -> str:
    named = headers.get("host", "")
    return named.rpartition(":")[0] if named.rpartition(":")[2].isdigit() else named
