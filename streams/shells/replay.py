"""Replay: reading again what a log holds, into another one, and comparing the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from schemas.topics import ARTICLES
from streams.pipeline import Pipeline, following, sources
from streams.shells.known_time import Arrivals, arrived_before, caused_before
from streams.shells.log import Lane, Reader, Store, Stored, iterate
from streams.shells.runner import DEFAULTS, Limits, Progress, Runner


@dataclass(frozen=True, slots=True)
class Offset:
    """A place in one lane."""

    lane: Lane
    offset: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in time."""

    timestamp: int
    """Log time in milliseconds."""


Point = Offset | Moment
"""Where a replay begins or ends. What lies before it in the order of arrival is not read, or nothing after it is."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first record of a lane that two logs do not agree on."""

    lane: Lane
    offset: int


def replay(
    source: Reader,
    target: Store,
    stages: Pipeline,
    *,
    topic: str = "articles",
    first: Point | None = None,
    end: Point | None = None,
    wanted: Callable[[Stored], bool] | None = None,
    limits: Limits = DEFAULTS,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> int:
    """Run the stages that follow a topic over what a log holds of it, into another log.

    Args:
        source: Log that is read, and left as it is.
        target: Log that takes state and records: a new one, one that starts from a snapshot of the source, or one that
            an earlier replay was interrupted in, which then goes on.
        stages: All stages, in the order of the flow.
        topic: Where to begin in the flow.
        first: From where on to read; the beginning if null. Without effect where the target has read already.
        end: Where to stop; what is there now if null.
        wanted: Which records of that topic to read (`streams.shells.event_time`); all if null.
        limits: Bounds of work and memory.
        on_progress: Called after each batch.

    Returns:
        Number of records read.

    Raises:
        OffsetOutOfRange: If the source does not hold an offset that was named.
        LogInUse: If another process runs stages on the target.
    """
    run = following(stages, topic)
    lanes = [Lane(name, partition) for name in sources(run) for partition in range(source.partitions(name))]
    begin = _offsets(source, lanes, first) if first else {}
    stop = _offsets(source, lanes, end) if end else {lane: source.bounds(*lane)[1] for lane in lanes}
    runner = Runner(
        target, run, source=source, first=begin, end=stop, wanted=wanted, limits=limits, on_progress=on_progress
    )
    return runner.run_once()


def differences(one: Store, other: Store, topics: Sequence[str]) -> Iterator[Difference]:
    """Where two logs part, by lane; nothing if these topics are equal, byte for byte.

    Where a log begins later than the other, because it started from a snapshot, it is compared from there on: the
    chains of its heads stand for what lies before.
    """
    heads, others = one.heads(), other.heads()
    for lane in (lane for lane in heads if lane.topic in topics):
        if (heads[lane].end, heads[lane].chain) != (others[lane].end, others[lane].chain):
            yield Difference(lane, _parting(one, other, lane, max(heads[lane].first, others[lane].first)))


def _parting(one: Store, other: Store, lane: Lane, first: int) -> int:
    only = {partition: 0 for partition in range(one.partitions(lane.topic)) if partition != lane.partition}
    begin = {**only, lane.partition: first}
    pairs = zip_longest(*(iterate(log, lane.topic, begin, only) for log in (one, other)))
    parted = (offset for offset, pair in enumerate(pairs, first) if not _same(*pair))
    return next(parted, first)


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return False
    fields = ("offset", "key", "value", "timestamp", "headers")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _offsets(source: Reader, lanes: Sequence[Lane], point: Point) -> Mapping[Lane, int]:
    if isinstance(point, Moment):
        return {lane: source.offset_at(*lane, point.timestamp) for lane in lanes}
    found = source.read(*point.lane, point.offset, 1)
    if not found:
        return {lane: source.bounds(*lane)[1] for lane in lanes}
    arrived = Arrivals(source).of(found[0])
    return {lane: _offset(source, lane, point, arrived) for lane in lanes}


def _offset(source: Reader, lane: Lane, point: Offset, arrived: int) -> int:
    """Where a lane is at a place in another one: before the article that caused what stands there."""
    if lane == point.lane:
        return point.offset
    return (
        arrived_before(source, lane, arrived) if lane.topic == ARTICLES.name else caused_before(source, lane, arrived)
    )
