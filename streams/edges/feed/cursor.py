"""Where a reader of the feed stands: the next offset of each partition of each kind that it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from schemas.topics import ALERTS, CLAIMS, CONTROL, CONTROL_CHANGES, EVENTS, Topic
from streams.shells.log import Lane, Log

KINDS: dict[str, Topic] = {
    "events": EVENTS,
    "claims": CLAIMS,
    "control": CONTROL,
    "changes": CONTROL_CHANGES,
    "alerts": ALERTS,
}
"""What the feed carries, by the name that readers use."""

KIND_OF: dict[str, str] = {topic.name: kind for kind, topic in KINDS.items()}
"""The kind of each topic that the feed carries."""


class BadCursor(ValueError):
    """A cursor that this feed did not write."""


@dataclass(frozen=True, slots=True)
class Position:
    """Next offset by kind and partition. Its text, `events:17.20;claims:5`, is the `id` of the stream."""

    offsets: tuple[tuple[str, tuple[int, ...]], ...]
    """Kinds in their fixed order, each with one offset a partition."""

    @classmethod
    def of(cls, offsets: Mapping[str, Iterable[int]]) -> Position:
        """A position from offsets by kind."""
        return cls(tuple((kind, tuple(offsets[kind])) for kind in KINDS if kind in offsets))

    @classmethod
    def parse(cls, text: str) -> Position:
        """The position that a cursor's text tells. Raises BadCursor."""
        try:
            parts = dict(part.split(":") for part in text.split(";"))
            offsets = {kind: tuple(map(int, numbers.split("."))) for kind, numbers in parts.items()}
        except ValueError:
            raise BadCursor(f"{text[:100]!r} is no cursor of this feed; give back an id that it sent") from None
        if not offsets.keys() <= KINDS.keys() or min(min(numbers) for numbers in offsets.values()) < 0:
            raise BadCursor(f"{text[:100]!r} names a kind or an offset that there cannot be")
        return cls.of(offsets)

    def __str__(self) -> str:
        return ";".join(f"{kind}:{'.'.join(map(str, offsets))}" for kind, offsets in self.offsets)

    @property
    def lanes(self) -> dict[Lane, int]:
        """Next offset by topic and partition."""
        return {
            Lane(KINDS[kind].name, partition): offset
            for kind, offsets in self.offsets
            for partition, offset in enumerate(offsets)
        }

    def only(self, kinds: Iterable[str]) -> Position:
        """The same for some kinds."""
        wanted = set(kinds)
        return Position(tuple((kind, offsets) for kind, offsets in self.offsets if kind in wanted))

    def after(self, kind: str, partition: int, offset: int) -> Position:
        """The position once a record has been read."""
        return Position(
            tuple(
                (name, (*offsets[:partition], offset + 1, *offsets[partition + 1 :]) if name == kind else offsets)
                for name, offsets in self.offsets
            )
        )


def earliest(log: Log, kinds: Iterable[str]) -> Position:
    """Where the log begins."""
    return _each(log, kinds, lambda topic, partition: log.bounds(topic, partition)[0])


def latest(log: Log, kinds: Iterable[str]) -> Position:
    """Where the log ends."""
    return _each(log, kinds, lambda topic, partition: log.bounds(topic, partition)[1])


def at_time(log: Log, kinds: Iterable[str], timestamp: int) -> Position:
    """Where records from a moment on begin; milliseconds since 1970."""
    return _each(log, kinds, lambda topic, partition: log.offset_at(topic, partition, timestamp))


def at_offset(log: Log, kinds: Iterable[str], offset: int) -> Position:
    """The same offset in every partition: what a plain number means."""
    return _each(log, kinds, lambda topic, partition: offset)


def _each(log: Log, kinds: Iterable[str], offset: Callable[[str, int], int]) -> Position:
    return Position.of(
        {
            kind: [offset(KINDS[kind].name, partition) for partition in range(log.partitions(KINDS[kind].name))]
            for kind in kinds
        }
    )
