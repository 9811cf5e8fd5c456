"""Follows the log: first into the read model, then to the hub, so that what the stream tells the API already knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import merge
from itertools import chain
from time import monotonic
from typing import Protocol

from schemas.codec import decode
from schemas.errors import DecodeError
from schemas.topics import TOPICS
from streams.edges.feed import telemetry
from streams.edges.feed.cursor import KIND_OF, KINDS, Position
from streams.edges.feed.hub import Before, Hub, Item, nothing_before
from streams.edges.feed.telemetry import Metrics
from streams.shells.kafka_reader import KafkaReader
from streams.shells.log import Lane, Log, Stored

BATCH = 500
"""Records taken from each lane at once."""

PAUSE_S = 0.03
"""Wait between two looks at a log that had nothing new."""

AT_REST = 2.0
"""Times as long as publishing took is waited before the next look: many clients get more at a time, at a small share
of the processor, rather than each record by itself."""

LONGEST_REST_S = 0.05
"""Beside other work each round takes longer by the clock; to rest longer as well would only make the news older."""


class Projection(Protocol):
    """What the tail needs of a read model."""

    def positions(self) -> dict[Lane, int]:
        """First offset not yet taken in, of each lane that is followed."""
        ...

    def apply(self, records: Iterable[Stored], ends: Mapping[Lane, int] | None = None) -> None:
        """Take records in, all or none, up to these ends."""
        ...

    def note_origin(self, log: Log) -> None:
        """Note which log it is of."""
        ...


class Tail:
    """One reader for everybody."""

    def __init__(
        self,
        log: Log,
        model: Projection,
        metrics: Metrics | None = None,
        *,
        before: Before = nothing_before,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._log, self._model, self._metrics = log, model, metrics or Metrics()
        self._before, self._clock = before, clock
        self.hub = Hub(feed_position(model))
        self.caught_up = asyncio.Event()
        self.looked_at = self._clock()
        """When the log was last looked at, by the monotonic clock: what a health check asks."""
        self.failure: BaseException | None = None

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                found = await asyncio.to_thread(self._advance)
                self.looked_at = self._clock()
                if found is None:
                    # A broker may have nothing to give yet, which is not the end.
                    if not self.caught_up.is_set() and not any((await asyncio.to_thread(self.lag)).values()):
                        self.caught_up.set()
                    await asyncio.sleep(PAUSE_S)
                elif found:
                    self._publish(found)
                    await asyncio.sleep(min(LONGEST_REST_S, AT_REST * (self._clock() - self.looked_at)))
        except Exception as error:
            self.failure = error
            telemetry.tail_failed(error)
            self.hub.close()
            raise

    def lag(self) -> dict[Lane, int]:
        """Records of each lane that were not taken in yet."""
        positions = self._model.positions()
        return {lane: end - positions[lane] for lane, end in self.ends().items()}

    def ends(self) -> dict[Lane, int]:
        """Where each lane that is followed ends."""
        lanes = self._model.positions()
        if isinstance(self._log, KafkaReader):
            return {lane: end for lane, (_, end) in self._log.all_bounds(lanes).items()}
        return {lane: self._log.bounds(*lane)[1] for lane in lanes}

    def _advance(self) -> list[Item] | None:
        """Take in what is new; what the streams are to be told of it, null if there was nothing."""
        records = self._new(self._model.positions())
        if not records:
            return None
        readable = [stored for stored in records if self._readable(stored)]
        self._model.apply(readable, {Lane(one.topic, one.partition): one.offset + 1 for one in records})
        self._model.note_origin(self._log)
        return [Item.of(stored, self._before) for stored in readable if stored.topic in KIND_OF]

    def _new(self, positions: Mapping[Lane, int]) -> Sequence[Stored]:
        if isinstance(self._log, KafkaReader):
            return in_order([self._log.new(positions, BATCH * len(KIND_OF))])
        return in_order([self._log.read(*lane, offset, BATCH) for lane, offset in positions.items()])

    def _readable(self, stored: Stored) -> bool:
        """On a broker anybody may write anything; an embedded log takes records only."""
        if not isinstance(self._log, KafkaReader):
            return True
        try:
            decode(TOPICS[stored.topic].record, stored.value)
        except DecodeError as error:
            telemetry.record_unreadable(stored, error.detail)
            return False
        return True

    def _publish(self, items: Sequence[Item]) -> None:
        position = self.hub.position
        for item in items:
            position = position.after(item.kind, item.stored.partition, item.stored.offset)
        before = self.hub.sent
        self.hub.publish(items, position)
        self._metrics.published(Counter(item.kind for item in items), self.hub.sent - before)


def in_order(lanes: Sequence[Sequence[Stored]]) -> Sequence[Stored]:
    """Records in the order of arrival where the log knows it, else by log time; those of one lane as they stand."""
    by_lane: dict[Lane, list[Stored]] = {}
    for stored in chain.from_iterable(lanes):
        by_lane.setdefault(Lane(stored.topic, stored.partition), []).append(stored)
    return list(merge(*by_lane.values(), key=lambda stored: (stored.sequence, stored.timestamp)))


def feed_position(model: Projection) -> Position:
    """How far the read model is, for the kinds of the feed."""
    positions = model.positions()
    return Position.of(
        {
            kind: [offset for lane, offset in sorted(positions.items()) if lane.topic == topic.name]
            for kind, topic in KINDS.items()
        }
    )
