"""A cluster's log as a server reads it: from any thread, and new records of every topic as they arrive.

Asking a broker where each partition ends, again and again, would be most of what the server does. So one consumer
follows all of them and is told what is new; another one reads single stretches, for one thread after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from schemas.errors import LogError
from streams.shells.access import OPEN, Access
from streams.shells.kafka_log import MAX_RECORD_BYTES, KafkaLog
from streams.shells.log import Entry, Lane, Stored

WAIT_MS = 50
"""Longest wait for something new."""
FRESH_S = 0.5
"""Time for which it is taken for true where the lanes begin and end."""


class KafkaReader:
    """A log on a broker, for reading. Any number of threads; `new` is for one of them alone."""

    def __init__(self, url: str, *, prefix: str = "", access: Access = OPEN) -> None:
        """Connect. Raises LogError if no broker answers there."""
        self._log, self._prefix, self._lock = KafkaLog(url, prefix=prefix, access=access), prefix, threading.Lock()
        shown = {name: value for name, value in access.client().items() if value is not None}
        self._follower = KafkaConsumer(
            bootstrap_servers=self._log.bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=MAX_RECORD_BYTES,
            allow_auto_create_topics=False,
            **shown,
        )
        self._followed: dict[TopicPartition, int] = {}
        self._partitions: dict[str, int] = {}
        self._bounds: dict[Lane, tuple[int, int]] = {}
        self._looked = 0.0

    def close(self) -> None:
        """Let go of the broker."""
        self._follower.close()
        with self._lock:
            self._log.close()

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic, as it was when first asked for. Raises UnknownTopic."""
        if topic not in self._partitions:
            with self._lock:
                self._partitions[topic] = self._log.partitions(topic)
        return self._partitions[topic]

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Not for readers. Raises LogError."""
        raise LogError("this log is only read; append through a KafkaLog")

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on, in order; none at the end. Raises OffsetOutOfRange."""
        with self._lock:
            return self._log.read(topic, partition, offset, limit)

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        with self._lock:
            return self._log.offset_at(topic, partition, timestamp)

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open, as they were half a second ago at the most."""
        return self.all_bounds([Lane(topic, partition)])[Lane(topic, partition)]

    def all_bounds(self, lanes: Iterable[Lane]) -> Mapping[Lane, tuple[int, int]]:
        """The same for many lanes, asked for at once."""
        with self._lock:
            wanted = {*self._bounds, *lanes}
            if wanted != self._bounds.keys() or monotonic() - self._looked > FRESH_S:
                self._bounds = self._log.bounds_of(wanted)
                self._looked = monotonic()
            return self._bounds

    def new(self, positions: Mapping[Lane, int], limit: int) -> Sequence[Stored]:
        """What has arrived in some lanes since a position in each; waits a moment if nothing has.

        Args:
            positions: Next offset by lane. Asked on from where the records given before end, nothing is fetched twice.
            limit: Most records.

        Raises:
            LogError: If the broker does not answer, or no longer holds what follows a position.
        """
        wanted = {TopicPartition(self._prefix + lane.topic, lane.partition): at for lane, at in positions.items()}
        try:
            if wanted != self._followed:
                self._follow(wanted)
            batches = self._follower.poll(timeout_ms=WAIT_MS, max_records=limit)
        except KafkaError as error:
            raise LogError(f"the broker gives nothing more: {error}") from error
        found = []
        for where, records in batches.items():
            topic = where.topic.removeprefix(self._prefix)
            found += [self._log.stored(topic, record) for record in records]
            self._followed[where] = records[-1].offset + 1
        return found

    def _follow(self, wanted: Mapping[TopicPartition, int]) -> None:
        if wanted.keys() != self._followed.keys():
            self._follower.assign(list(wanted))
        for where, offset in wanted.items():
            self._follower.seek(where, offset)
        self._followed = dict(wanted)
