"""Whether a system is what its articles come to: worked out again beside it, and held against what it stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from schemas.topics import DEAD_LETTERS
from streams.pipeline import Pipeline
from streams.shells.log import Damage, Store, View
from streams.shells.replay import differences, replay
from streams.shells.runner import DEFAULTS, Limits, Progress
from streams.shells.sqlite_log import SqliteLog
from streams.stages.stage import Stage


def recompute(
    source: View,
    scratch: Store,
    stages: Pipeline,
    *,
    limits: Limits = DEFAULTS,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> list[Damage]:
    """Run the stages over the articles of a log into an empty one, and tell where the two part.

    An embedded log has to hold the same records at the same offsets, byte for byte. Workers of a cluster may deliver a
    record twice and take articles in another order, and a topic may be compacted: there, and in both, what every stage
    knows of every key has to be the same, whatever the order.

    Args:
        source: What is verified: an embedded log, or a cluster.
        scratch: Takes what is worked out.
        stages: The stages in the versions that `source` was run with.
        limits: Bounds of work and memory.
        on_progress: Called after each batch.

    Returns:
        The first offset of each lane that differs; and each key of which a stage knows something else, with the last
        record that it made of it.
    """
    replay(source, scratch, stages, limits=limits, on_progress=on_progress)
    # Dead letters of intake stand in the log and follow from no article.
    made = [topic.name for stage in stages for topic in stage.outputs if topic is not DEAD_LETTERS]
    parted = differences(source, scratch, made) if isinstance(source, SqliteLog) else ()
    places = [(*one.lane, one.offset) for one in parted]
    found = [Damage(f"{_place(*place)} does not follow from the articles", *place) for place in places]
    return [*found, *(_of_key(source, stage, key) for stage, key in parted_states(source, scratch, stages))]


def parted_states(one: View, other: View, stages: Sequence[Stage[Any]]) -> Iterator[tuple[Stage[Any], str]]:
    """Keys of which a stage knows something else in one log than in the other, by digest: in order, by stage."""
    for stage in stages:
        known, others = _digests(one, stage), _digests(other, stage)
        yield from ((stage, key) for key in sorted({*known, *others}) if known.get(key) != others.get(key))


def _digests(log: View, stage: Stage[Any]) -> dict[str, Any]:
    return {key: stage.digest(stage.load(key, rows)) for key, rows in log.states(stage.name)}


def _of_key(source: View, stage: Stage[Any], key: str) -> Damage:
    what = f"what {stage.name} knows of {key!r} does not follow from the articles"
    last = next((found for topic in stage.outputs for found in source.latest(topic.name, key)), None)
    if last is None:
        return Damage(what)
    place = last.topic, last.partition, last.offset
    return Damage(f"{what}; the last record of it is {_place(*place)}", *place)


def _place(topic: str, partition: int, offset: int) -> str:
    return f"{topic}/{partition}, offset {offset}"
