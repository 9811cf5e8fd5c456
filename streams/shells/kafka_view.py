"""A cluster as those see it who only look: its topics, and the states that its workers' changelogs hold.

What the commands ask of an embedded log they ask of this. It writes nothing and joins no group. A broker has no index
by key, so the last record of a key is found by reading the key's partition, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import orjson

from schemas.topics import TOPICS
from streams.shells.access import OPEN, Access
from streams.shells.changelog import ChangelogStates, changelog_name
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Lane, Mark, Stored, stretch
from streams.shells.partitioner import partition_of
from streams.stages.stage import Rows


class KafkaView:
    """A cluster to look at. One thread at a time; close it, or use it in a `with`."""

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "",
        group: str = "frontwire",
        access: Access = OPEN,
    ) -> None:
        """Connect.

        Args:
            url: `kafka://host:port`, several separated by commas.
            prefix: Put before each topic's name on the broker.
            group: The group whose workers keep the states.
            access: What the client shows the broker.

        Raises:
            LogError: If no broker answers there.
        """
        self._log, self._group = KafkaLog(url, prefix=prefix, access=access), group
        self._last: dict[Lane, tuple[int, dict[str, Stored]]] = {}

    def __enter__(self) -> KafkaView:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the broker."""
        self._log.close()

    def topics(self) -> Mapping[str, int]:
        """Number of partitions by topic."""
        return {name: self._log.partitions(name) for name in TOPICS}

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic. Raises UnknownTopic."""
        return self._log.partitions(topic)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Sequence[Stored]:
        """Up to `limit` records from an offset on, in order; none at the end. Raises OffsetOutOfRange."""
        return self._log.read(topic, partition, offset, limit)

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held and the end, half-open."""
        return self._log.bounds(topic, partition)

    def offset_at(self, topic: str, partition: int, timestamp: int) -> int:
        """First offset whose log time is at or after a moment (milliseconds); the end if there is none."""
        return self._log.offset_at(topic, partition, timestamp)

    def latest(self, topic: str, key: str | None = None, *, ends: Mapping[int, int] | None = None) -> Iterator[Stored]:
        """The last record of a key, or of each key in the order of keys within each partition, as of `ends`.

        A worker that was thought dead may deliver an old record again: of two revisions the higher one is the last.
        """
        count = self.partitions(topic)
        for partition in range(count) if key is None else (partition_of(key, count),):
            last = self._latest(Lane(topic, partition), (ends or {}).get(partition))
            yield from (last[one] for one in (sorted(last) if key is None else [key]) if one in last)

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        return self._states.rows(stage, key)

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, in order, with its rows."""
        return self._states.states(stage)

    def marks(self) -> Sequence[Mark]:
        """How far each stage's state is."""
        return self._states.marks

    @cached_property
    def _states(self) -> ChangelogStates:
        head, tail = changelog_name(self._group, "\0").split("\0")
        names = [name for name in self._log.names() if name.startswith(head) and name.endswith(tail)]
        return ChangelogStates({name[len(head) : -len(tail)]: self._log.changelog(name) for name in names})

    def _latest(self, lane: Lane, end: int | None) -> dict[str, Stored]:
        first, present = self.bounds(*lane)
        stop = present if end is None else min(end, present)
        held, last = self._last.get(lane, (first, {}))
        if held > stop:
            held, last = first, {}
        for stored in stretch(self, lane, max(first, held), stop, chunk=5_000):
            before = last.get(stored.key)
            if before is None or _revision(stored) >= _revision(before):
                last[stored.key] = stored
        self._last[lane] = stop, last
        return last


def _revision(stored: Stored) -> int:
    try:
        return int(orjson.loads(stored.value).get("revision", 0))
    except (ValueError, AttributeError):  # Not ours, or broken: whoever decodes it will tell.
        return 0
