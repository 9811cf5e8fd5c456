"""One attempt over HTTP: to the very address that was checked, in a limited time, with nothing followed.

The transport is used without a client around it, so there are no redirects to follow, no cookies, no proxies and no
passwords from the environment.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx
from ssrfguard import BlockedAddressError, Resolver, SSRFGuardError
from ssrfguard.httpx import AsyncSafeTransport

from streams.edges.delivery.lookup import look_up
from streams.edges.delivery.message import Message
from streams.edges.delivery.schedule import retry_after
from streams.edges.delivery.signing import headers
from streams.edges.delivery.targets import Target

BODY_BYTES = 65_536
"""As much of an answer's body is read, so that the connection can be used again."""
BODY_S = 1.0
"""As long as that may take."""
EXCERPT_BYTES, EXCERPT_CHARACTERS = 2_000, 200
"""As much of a refusal's body is looked at, and shown."""
CLOSE_S = 5.0
"""As long as closing connections may take."""
GONE = 410
_PAUSES = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt."""

    delivered: bool
    status_code: int | None
    detail: str
    """For people. Holds nothing of the address or the secrets; of the body of a refusal a little, escaped."""
    retry_after: timedelta | None = None
    """Pause that the receiver asks for; null if it asks for none."""

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more."""
        return self.status_code == GONE


class Sending(Protocol):
    """What reaches one target."""

    async def send(self, message: Message, at: datetime) -> Answer:
        """Make one attempt at a moment; never raises for what the target does."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Sender:
    """Sends to one target. Has connections and look-ups of its own, so that no target waits for another's."""

    def __init__(self, target: Target, *, resolver: Resolver | None = None) -> None:
        """Nothing is connected before the first attempt.

        Args:
            target: Whom to send to.
            resolver: A stand-in for `look_up`; what it answers is checked all the same.
        """
        self._target = target
        split = urlsplit(target.url.get_secret_value())
        parts = [target.url.get_secret_value(), split.path, split.query, *split.path.split("/")]
        parts += [value for _, value in parse_qsl(split.query)]
        parts += [part for one in target.secrets for part in (one.get_secret_value(), one.get_secret_value()[6:])]
        # Longest first, so that no part of a secret is left where a shorter one stood in it.
        self._hidden = sorted({part for part in parts if len(part) >= 6}, key=len, reverse=True)
        limits = httpx.Limits(max_connections=target.abreast, max_keepalive_connections=target.abreast)
        self._transport = AsyncSafeTransport(
            policy=target.policy,
            resolver=resolver or look_up,
            limits=limits,
            # A look-up cannot be broken off: a stalled one must leave room for the next attempt's.
            resolver_slots=target.abreast + 3,
            verify=target.tls or True,
            trust_env=False,
        )

    async def send(self, message: Message, at: datetime) -> Answer:
        """Make one attempt; never raises for what the target does.

        Args:
            message: What to send.
            at: The moment, UTC, for the signature.
        """
        limit = self._target.spec.timeout_seconds
        try:
            async with asyncio.timeout(limit):
                response = await self._transport.handle_async_request(self._request(message, at))
        except TimeoutError:
            return Answer(False, None, f"no answer within {limit:g} s")
        except SSRFGuardError as error:
            return Answer(False, None, _refusal(error))
        except (httpx.HTTPError, OSError, ssl.SSLError, httpx.InvalidURL) as error:
            return Answer(False, None, _failure(error))
        return _answer(response, at, self._shown(await _beginning(response)))

    async def close(self) -> None:
        """Close the connections, or let go of those that will not be closed."""
        with suppress(TimeoutError, httpx.HTTPError, OSError):
            async with asyncio.timeout(CLOSE_S):
                await self._transport.aclose()

    def _shown(self, body: bytes) -> str:
        """As much of an answer's body as a person should see: cut, escaped, and without what is secret."""
        text = body.decode("utf-8", errors="replace")
        for secret in self._hidden:
            text = text.replace(secret, "…")
        shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in " ".join(text.split()))
        return shown if len(shown) <= EXCERPT_CHARACTERS else shown[: EXCERPT_CHARACTERS - 1] + "…"

    def _request(self, message: Message, at: datetime) -> httpx.Request:
        signed = headers(message, at, self._target.secrets)
        return httpx.Request("POST", self._target.url.get_secret_value(), headers=signed, content=message.body)


async def _beginning(response: httpx.Response) -> bytes:
    """The first bytes of the body, undecoded; a little more is read and dropped, so an endless one costs nothing."""
    read = bytearray()
    # The status has been read, and it is the answer: whatever goes wrong from here on changes nothing.
    with suppress(TimeoutError, httpx.HTTPError, OSError):
        async with asyncio.timeout(BODY_S):
            async for chunk in response.aiter_raw():
                read += chunk[: BODY_BYTES - len(read)]
                if len(read) >= BODY_BYTES:
                    break
    with suppress(TimeoutError, httpx.HTTPError, OSError):
        async with asyncio.timeout(BODY_S):
            await response.aclose()
    return bytes(read[:EXCERPT_BYTES])


def _answer(response: httpx.Response, at: datetime, excerpt: str) -> Answer:
    status = response.status_code
    if 200 <= status < 300:
        return Answer(True, status, "delivered")
    if 300 <= status < 400:
        return Answer(False, status, "redirects are not followed; correct the target's address")
    if status == GONE:
        return Answer(False, status, "the receiver wants no more of this")
    pause = retry_after(response.headers.get("retry-after"), at) if status in _PAUSES else None
    return Answer(False, status, f"answered {status}{excerpt and ': ' + excerpt}", pause)


def _refusal(error: SSRFGuardError) -> str:
    if isinstance(error, BlockedAddressError):
        return f"address refused: {error.reason}"[:300]
    return "address refused"


def _failure(error: BaseException) -> str:
    """A failure in words that hold nothing of the request."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "no encrypted connection could be made"
        if isinstance(cause, socket.gaierror):
            return "the name does not resolve"
    if isinstance(error, httpx.ConnectError):
        return "no connection could be made"
    return f"the connection broke before there was an answer ({type(error).__name__})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1
