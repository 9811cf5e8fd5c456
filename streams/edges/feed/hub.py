"""What is new, for every client of the stream at once.

The newest records stand in one ring. A client is a place in the ring, so a thousand of them cost no more memory than
one, and one that does not keep up falls off its end instead of holding anybody back. Those who keep up ride: what is
new is written straight to their connections, the same bytes for all who want the same.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from streams.edges.feed.cursor import KIND_OF, Position
from streams.edges.feed.envelope import frame, heartbeat
from streams.edges.feed.facets import Facets, facets
from streams.edges.feed.filters import Filter
from streams.edges.feed.wire import Wire, chunked
from streams.shells.log import Stored

STRETCH = 128
"""Records, about, that are handed to a client at once."""

RING = 8192
"""Records that a live client may be behind. About half a minute at 200 records a second."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record on its way to the clients."""

    kind: str
    stored: Stored
    facets: Facets
    before: Facets | None
    """What was said under the same id before, known when this one is; null if nothing was."""

    @classmethod
    def of(cls, stored: Stored, before: Before) -> Item:
        """The item for a record of one of the feed's topics."""
        kind, record = KIND_OF[stored.topic], orjson.loads(stored.value)
        return cls(kind, stored, facets(kind, record, stored.timestamp), before(kind, record, stored))


Before = Callable[[str, dict[str, Any], Stored], Facets | None]
"""Looks up what was said under the id of a record before: kind, record, and where it stands."""


def nothing_before(kind: str, record: dict[str, Any], stored: Stored) -> None:
    """For those who ask for no filter, and need not know what leaves it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a client of the stream wants. Equal ones share their bytes."""

    kinds: tuple[str, ...]
    filter: Filter

    def wants(self, item: Item) -> bool:
        """Whether a record passes, or the one before it under its id did: who heard of that hears what became of it."""
        return self.filter(item.facets) or (item.before is not None and self.filter(item.before))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of what is new."""

    frames: bytes
    """Server-sent events, none or more."""
    end: int
    """Place in the ring that follows it."""
    cursor: str
    """Where a client stands that has read it."""


@dataclass(slots=True, eq=False)
class Rider:
    """A client that keeps up: it stands where the ring ends."""

    wire: Wire
    left: asyncio.Future[tuple[int, str]]
    """Where it stood when it kept up no longer: place in the ring, and cursor."""
    wrote: bool = False
    """Whether anything was written since its last heartbeat was due."""


class Hub:
    """The ring and its bell. Lives in the event loop; only `publish` moves it."""

    def __init__(self, position: Position, *, ring: int = RING) -> None:
        self._items: deque[Item] = deque(maxlen=ring)
        self.end = 0
        """Number of items so far: where the next one will stand."""
        self.position = position
        """Offsets up to which everything was published."""
        self._boundaries: deque[tuple[int, Position]] = deque([(0, position)])
        self._bell = asyncio.Event()
        self._shared: dict[tuple[int, Subscription], Stretch] = {}
        self._riders: dict[Subscription, dict[Rider, None]] = {}
        """In the order in which they came."""
        self.closed = False
        self.sent = 0
        """Bytes written to riders so far."""

    @property
    def start(self) -> int:
        """Place of the oldest item still there."""
        return self.end - len(self._items)

    @property
    def riders(self) -> int:
        """Number of clients that keep up."""
        return sum(map(len, self._riders.values()))

    def publish(self, items: Sequence[Item], position: Position) -> None:
        """Add items, write them to all who keep up, and wake everybody else."""
        before, stood = self.end, self.position
        self._items.extend(items)
        self.end += len(items)
        self.position = position
        self._boundaries.append((self.end, position))
        while len(self._boundaries) > 1 and self._boundaries[0][0] < self.start:
            self._boundaries.popleft()
        self._shared.clear()
        for subscription, riders in self._riders.items():
            self._carry(subscription, riders, before, stood)
        self._ring_bell()

    def close(self) -> None:
        """Tell every client that it is over."""
        self.closed = True
        for subscription, riders in self._riders.items():
            for rider in riders:
                self._put_down(rider, self.end, self.position, subscription)
            riders.clear()
        self._ring_bell()

    async def ride(self, wire: Wire, subscription: Subscription, heartbeat_s: float) -> tuple[int, str]:
        """Write all that is new straight to a client that stands at the end of the ring, for as long as it keeps up.

        Returns:
            Where it stands then: place in the ring, and cursor.
        """
        rider = Rider(wire, asyncio.get_running_loop().create_future())
        riders = self._riders.setdefault(subscription, {})
        riders[rider] = None
        try:
            while not rider.left.done():
                await asyncio.wait({rider.left}, timeout=heartbeat_s)
                if not rider.left.done() and not rider.wrote and wire.idle:
                    wire.write(chunked(heartbeat(str(self.position.only(subscription.kinds)))))
                rider.wrote = False
            return rider.left.result()
        finally:
            riders.pop(rider, None)
            if not riders and self._riders.get(subscription) is riders:
                del self._riders[subscription]

    def _carry(self, subscription: Subscription, riders: dict[Rider, None], before: int, stood: Position) -> None:
        frames, place = [], before
        while place < self.end and place >= self.start:
            stretch = self.since(place, subscription)
            frames.append(stretch.frames)
            place = stretch.end
        chunk = chunked(body) if (body := b"".join(frames)) else b""
        behind = place < self.end
        for rider in [rider for rider in riders if behind or (chunk and not rider.wire.idle)]:
            self._put_down(rider, before, stood, subscription)
            riders.pop(rider, None)
        if chunk:
            for rider in riders:
                rider.wire.write(chunk)
                rider.wrote = True
            self.sent += len(chunk) * len(riders)

    def _put_down(self, rider: Rider, place: int, position: Position, subscription: Subscription) -> None:
        if not rider.left.done():
            rider.left.set_result((place, str(position.only(subscription.kinds))))

    async def wait(self, seen: int, seconds: float) -> None:
        """Until there is more than was seen, or the time is up."""
        if seen < self.end or self.closed:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            return

    def since(self, place: int, subscription: Subscription) -> Stretch:
        """What is new since a place that a stretch ended at. Equal subscriptions get the very same bytes."""
        key = (place, subscription)
        found = self._shared.get(key)
        if found is None:
            found = self._shared[key] = self._stretch(place, subscription)
        return found

    def _stretch(self, place: int, subscription: Subscription) -> Stretch:
        begin = bisect_left(self._boundaries, place, key=_end)
        finish = min(bisect_left(self._boundaries, place + STRETCH, key=_end), len(self._boundaries) - 1)
        position = self._boundaries[begin][1].only(subscription.kinds)
        frames = []
        for item in islice(self._items, place - self.start, self._boundaries[finish][0] - self.start):
            if item.kind in subscription.kinds:
                position = position.after(item.kind, item.stored.partition, item.stored.offset)
                if subscription.wants(item):
                    frames.append(frame(item.kind, item.stored, str(position)))
        end, reached = self._boundaries[finish]
        return Stretch(b"".join(frames), end, str(reached.only(subscription.kinds)))

    def _ring_bell(self) -> None:
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()


def _end(boundary: tuple[int, Position]) -> int:
    return boundary[0]
