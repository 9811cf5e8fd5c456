"""What is new, for every client of the stream at once.

The newest records stand in one ring. A client is a place in the ring, so a thousand of them cost no more memory than
one, and one that does not keep up falls off its end instead of holding anybody back.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import orjson

from streams.edges.feed.cursor import KIND_OF, Position
from streams.edges.feed.envelope import frame
from streams.edges.feed.facets import Facets, facets
from streams.edges.feed.filters import Filter
from streams.shells.log import Stored

STRETCH = 128
"""Records, about, that are handed to a client at once."""

RING = 8192
"""Records that a live client may be behind. About half a minute at 200 records a second."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a client of the stream wants. Equal ones share their bytes."""

    kinds: tuple[str, ...]
    filter: Filter


@dataclass(frozen=True, slots=True)
class Item:
    """A record on its way to the clients."""

    kind: str
    stored: Stored
    facets: Facets

    @classmethod
    def of(cls, stored: Stored) -> Item:
        """The item for a record of one of the feed's topics."""
        kind = KIND_OF[stored.topic]
        return cls(kind, stored, facets(kind, orjson.loads(stored.value), stored.timestamp))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of what is new."""

    frames: bytes
    """Server-sent events, none or more."""
    end: int
    """Place in the ring that follows it."""
    cursor: str
    """Where a client stands that has read it."""


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
        self.closed = False

    @property
    def start(self) -> int:
        """Place of the oldest item still there."""
        return self.end - len(self._items)

    def publish(self, items: Sequence[Item], position: Position) -> None:
        """Add items, and wake every client."""
        self._items.extend(items)
        self.end += len(items)
        self.position = position
        self._boundaries.append((self.end, position))
        while len(self._boundaries) > 1 and self._boundaries[0][0] < self.start:
            self._boundaries.popleft()
        self._shared.clear()
        self._ring_bell()

    def close(self) -> None:
        """Tell every client that it is over."""
        self.closed = True
        self._ring_bell()

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
                if subscription.filter(item.facets):
                    frames.append(frame(item.kind, item.stored, str(position)))
        end, reached = self._boundaries[finish]
        return Stretch(b"".join(frames), end, str(reached.only(subscription.kinds)))

    def _ring_bell(self) -> None:
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()


def _end(boundary: tuple[int, Position]) -> int:
    return boundary[0]
