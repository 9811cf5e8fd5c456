"""Follows the log: first into the read model, then to the hub, so that what the stream tells the API already knows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from heapq import merge
from time import monotonic

from streams.edges.feed.cursor import KIND_OF, KINDS, Position
from streams.edges.feed.hub import Hub, Item
from streams.edges.feed.read_model import ReadModel
from streams.shells.log import Lane, Log, Stored

BATCH = 500
"""Records taken from each lane at once."""

PAUSE_S = 0.03
"""Wait between two looks at a log that had nothing new."""


class Tail:
    """One reader for everybody."""

    def __init__(self, log: Log, model: ReadModel) -> None:
        self._log, self._model = log, model
        self.hub = Hub(feed_position(model))
        self.caught_up = asyncio.Event()
        self.looked_at = monotonic()
        """When the log was last looked at, by the monotonic clock: what a health check asks."""
        self.failure: BaseException | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                records = await asyncio.to_thread(self._advance)
                self.looked_at = monotonic()
                if records:
                    self._publish(records)
                else:
                    self.caught_up.set()
                    await asyncio.sleep(PAUSE_S)
        except Exception as error:
            self.failure = error
            self.hub.close()
            raise

    def ends(self) -> dict[Lane, int]:
        """Where each lane that is followed ends."""
        return {lane: self._log.bounds(*lane)[1] for lane in self._model.positions()}

    def _advance(self) -> list[Stored]:
        positions = self._model.positions()
        lanes = [self._log.read(*lane, offset, BATCH) for lane, offset in positions.items()]
        records = list(in_order(lanes))
        if records:
            self._model.apply(records)
            self._model.note_origin(self._log)
        return records

    def _publish(self, records: Sequence[Stored]) -> None:
        items = [Item.of(stored) for stored in records if stored.topic in KIND_OF]
        if items:
            position = self.hub.position
            for item in items:
                position = position.after(item.kind, item.stored.partition, item.stored.offset)
            self.hub.publish(items, position)


def in_order(lanes: Sequence[Sequence[Stored]]) -> Sequence[Stored]:
    """Records of several lanes in the order of arrival where the log knows it, else by log time."""
    return list(merge(*lanes, key=lambda stored: (stored.sequence, stored.timestamp)))


def feed_position(model: ReadModel) -> Position:
    """How far the read model is, for the kinds of the feed."""
    positions = model.positions()
    return Position.of(
        {
            kind: [offset for lane, offset in sorted(positions.items()) if lane.topic == topic.name]
            for kind, topic in KINDS.items()
        }
    )
