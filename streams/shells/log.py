"""The log: topics, partitions and offsets as in Kafka; and the log in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way into the log."""

    topic: str
    key: str
    value: bytes
    timestamp: int
    """Milliseconds since 1970 in UTC: the log time of the article that caused it."""
    headers: Headers = ()
    partition: int | None = None
    """Null to let the key decide (murmur2, as Kafka's clients do)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record in the log."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    timestamp: int
    headers: Headers


class Log(Protocol):
    """What every log can do, be it in memory, in a file or on a broker."""

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises UnknownTopic."""
        ...

    def append(self, entries: Iterable[Entry]) -> Sequence[tuple[int, int]]:
        """Append in order, all or nothing; partition and offset of each, durable on return."""
        ...

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on, in order; none at the end.

        Raises:
            OffsetOutOfRange: If the offset lies before the first one held or beyond the end.
        """
        ...

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open."""
        ...

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        ...
