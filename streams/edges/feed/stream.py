"""One client of the stream: backfill from the log up to the hub, then the hub, without a gap or a repeat at the seam.

The backfill reads each lane exactly up to where the hub stood, and then joins the hub at that very place. If the hub
has moved on too far in the meantime, it does so again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streams.edges.feed import telemetry
from streams.edges.feed.cursor import Position
from streams.edges.feed.envelope import frame, gap, heartbeat
from streams.edges.feed.hub import Before, Hub, Item, Subscription, nothing_before
from streams.edges.feed.telemetry import Metrics
from streams.edges.feed.wire import WIRE, Wire
from streams.shells.log import Lane, Log, Stored

CHUNK = 200
"""Records read at once in the backfill."""

HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
    ],
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the stream is; seconds."""

    heartbeat_s: float = 15
    """Silence after which the cursor is told anew."""
    stall_s: float = 20
    """Time that a client may take for what it was sent before its connection is dropped."""
    retry_ms: int = 3000
    """Time that a client should wait before it comes back; milliseconds."""


class Stream(Response):
    """An ASGI response. The bytes are encoded once for all clients that want the same."""

    def __init__(
        self,
        log: Log,
        hub: Hub,
        subscription: Subscription,
        start: Position,
        pace: Pace,
        metrics: Metrics | None = None,
        *,
        before: Before = nothing_before,
    ) -> None:
        super().__init__(media_type="text/event-stream")
        self._metrics, self._before = metrics or Metrics(), before
        self._log, self._hub, self._subscription = log, hub, subscription
        self._start, self._pace = start, pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client goes, falls behind, or the server stops."""
        sender = asyncio.create_task(self._send(scope.get(WIRE), send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            with self._metrics.streams.track_inprogress():
                await asyncio.wait({sender, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not sender.done():
                sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender

    async def _send(self, wire: Wire | None, send: Send) -> None:
        await send(HEAD)
        sent = 0
        try:
            async for chunk in self.chunks(wire):
                async with asyncio.timeout(self._pace.stall_s):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                sent += len(chunk)
                self._metrics.sent.inc(len(chunk))
            async with asyncio.timeout(self._pace.stall_s):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            telemetry.client_dropped(sent, "it did not read")
            # A closed connection would still wait for its unread bytes to leave; one that never reads must be dropped.
            if wire is not None:
                wire.abort()

    async def chunks(self, wire: Wire | None = None) -> AsyncIterator[bytes]:
        """The stream's bytes: whole server-sent events, one or more at a time.

        Args:
            wire: Where the hub may write what is new, past the iterator, while the client keeps up.
        """
        yield b"retry: %d\n\n" % self._pace.retry_ms
        position, place = self._start, -1
        await self._hub_reached(position)
        while place < self._hub.start:
            target, place = self._hub.position.only(self._subscription.kinds), self._hub.end
            async for chunk in self._backfill(position, target):
                yield chunk
            position = target
            yield heartbeat(str(position))
        async for chunk in self._live(place, str(position), wire):
            yield chunk

    async def _hub_reached(self, position: Position) -> None:
        """Wait until the hub knows all that the client already has."""
        while not self._hub.closed and _behind(self._hub.position, position):
            await self._hub.wait(self._hub.end, self._pace.heartbeat_s)

    async def _live(self, place: int, cursor: str, wire: Wire | None) -> AsyncIterator[bytes]:
        while not self._hub.closed:
            if place < self._hub.start:
                telemetry.client_dropped(0, "it fell behind")
                yield gap(cursor, "you read more slowly than the news came in; come back with this cursor")
                return
            if place == self._hub.end and wire is not None and wire.idle:
                place, cursor = await self._hub.ride(wire, self._subscription, self._pace.heartbeat_s)
                continue
            if place == self._hub.end:
                await self._hub.wait(place, self._pace.heartbeat_s)
                if place == self._hub.end and not self._hub.closed:
                    yield heartbeat(cursor)
                continue
            stretch = self._hub.since(place, self._subscription)
            place, cursor = stretch.end, stretch.cursor
            if stretch.frames:
                yield stretch.frames

    async def _backfill(self, position: Position, target: Position) -> AsyncIterator[bytes]:
        items = (Item.of(stored, self._before) for stored in slice_of(self._log, position, target))
        while chunk := await asyncio.to_thread(lambda: list(islice(items, CHUNK))):
            frames = []
            for item in chunk:
                position = position.after(item.kind, item.stored.partition, item.stored.offset)
                if self._subscription.wants(item):
                    frames.append(frame(item.kind, item.stored, str(position)))
            yield b"".join(frames) or heartbeat(str(position))


def slice_of(log: Log, position: Position, target: Position) -> Iterator[Stored]:
    """Every record from one position up to another, in the order of arrival."""
    ends = target.lanes
    lanes = [_lane(log, lane, offset, ends[lane]) for lane, offset in position.lanes.items()]
    return merge(*lanes, key=lambda stored: (stored.sequence, stored.timestamp))


def _lane(log: Log, lane: Lane, offset: int, end: int) -> Iterator[Stored]:
    while offset < end and (found := log.read(*lane, offset, min(CHUNK, end - offset))):
        yield from (stored for stored in found if stored.offset < end)
        offset = found[-1].offset + 1


def _behind(hub: Position, client: Position) -> bool:
    reached = hub.lanes
    return any(reached[lane] < offset for lane, offset in client.lanes.items())


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
