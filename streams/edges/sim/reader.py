"""A client of the feed that loses its connection, comes back, and notes what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from random import Random
from typing import Any, cast

import orjson

from streams.edges.feed.cursor import KINDS, Position, earliest
from streams.edges.feed.filters import Filter
from streams.edges.feed.hub import Hub, Subscription
from streams.edges.feed.stream import Pace, Stream
from streams.edges.feed.wire import Wire
from streams.edges.sim.disk import Disk
from streams.edges.sim.faults import Faults
from streams.shells.memory_log import MemoryLog

PACE = Pace(heartbeat_s=0.5, stall_s=5)


class SimulatedWire(Wire):
    """A connection that the hub writes to; it takes everything, unless its client is slow."""

    def __init__(self, take: Callable[[bytes], None], idle: Callable[[], bool]) -> None:
        self._take, self._idle = take, idle

    @property
    def idle(self) -> bool:
        """Whether all that was written has left."""
        return self._idle()

    def write(self, chunk: bytes) -> None:
        """A chunk of HTTP, as `chunked` makes it."""
        size, _, rest = chunk.partition(b"\r\n")
        self._take(rest[: int(size, 16)])

    def abort(self) -> None:
        """Drop the connection."""


class FeedClient:
    """Follows some kinds from the beginning on, and comes back with the last id that it was sent."""

    def __init__(self, name: str, chance: Random, faults: Faults) -> None:
        self._chance, self._faults, self.name = chance, faults, name
        chosen = {kind for kind in KINDS if chance.random() < 0.6} or {"events"}
        self.kinds = tuple(kind for kind in KINDS if kind in chosen)
        self.received: list[tuple[str, int, int, bytes]] = []
        """Topic, partition, offset and data of every event, as they came."""
        self._last_id: str | None = None
        self._rest, self._slow, self._broken = b"", False, asyncio.Event()
        self._wired = chance.random() < 0.5

    async def listen(self, log: Disk, hub: Hub) -> None:
        """One connection, until it breaks."""
        self._rest, self._broken = b"", asyncio.Event()
        reading = asyncio.ensure_future(self._read(log, hub))
        breaking = asyncio.ensure_future(self._broken.wait())
        try:
            await asyncio.wait((reading, breaking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            breaking.cancel()
            reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading

    async def _read(self, log: Disk, hub: Hub) -> None:
        start = earliest(log, self.kinds) if self._last_id is None else Position.parse(self._last_id)
        stream = Stream(log, hub, Subscription(self.kinds, Filter()), start, PACE)
        wire = SimulatedWire(self._take, lambda: not self._slow) if self._wired else None
        async with aclosing(cast("AsyncGenerator[bytes, None]", stream.chunks(wire))) as chunks:
            async for chunk in chunks:
                self._take(chunk)
                if self._faults.fire("client-slow", self.name):
                    self._slow = True
                    await asyncio.sleep(self._chance.uniform(0.1, 1.5))
                    self._slow = False

    def _take(self, chunk: bytes) -> None:
        if self._broken.is_set():
            return
        if self._faults.fire("client-drops", self.name):
            chunk = chunk[: self._chance.randrange(len(chunk) + 1)]
            self._broken.set()
        *events, self._rest = (self._rest + chunk).split(b"\n\n")
        for event in events:
            self._note(dict(line.split(b": ", 1) for line in event.split(b"\n") if not line.startswith(b":")))

    def _note(self, fields: dict[bytes, Any]) -> None:
        if b"id" in fields:
            self._last_id = fields[b"id"].decode()
        if b"data" in fields and fields[b"event"] != b"gap":
            data = orjson.loads(fields[b"data"])
            topic, partition, offset = data["id"].split("/")
            self.received.append((topic, int(partition), int(offset), orjson.dumps(data["data"])))

    def lacks(self, log: MemoryLog) -> bool:
        """Whether the log holds more than it was sent."""
        topics = {KINDS[kind].name for kind in self.kinds}
        there = sum(head.end for lane, head in log.heads().items() if lane.topic in topics)
        return len(self.received) < there
