"""Outgrowing the embedded log: its records, states and progress carried over to a Kafka cluster.

Records keep their order within a key, their keys, times and headers; offsets are the broker's. The stages' states go
into the changelogs of the workers' tables, and their positions are set to the ends of what was carried: workers start
where the embedded runner stopped, and make nothing twice. A copy that was cut off goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from schemas.errors import LogError
from schemas.topics import TOPICS
from streams.shells.changelog import ChangelogStates, changelog_name, position_entry, row_entries
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, Lane, Log, Mark, RowChange, Store, Stored, iterate
from streams.shells.partitioner import partition_of
from streams.shells.state_hash import state_hash
from streams.shells.workers import WorkerSettings, create_topics
from streams.stages.stage import Stage

CHUNK = 500
"""Records sent together."""


def copy(
    source: Store,
    settings: WorkerSettings,
    stages: Sequence[Stage[Any]],
    *,
    partitions: int | None = None,
    on_progress: Callable[[str, int], None] = lambda topic, records: None,
) -> dict[str, int]:
    """Carry an embedded log over to a broker.

    Args:
        source: Log to carry; every stage must have read all that is there.
        settings: The cluster, and the group whose workers are to go on.
        stages: The stages whose states are carried.
        partitions: For topics that are not there yet; the registry's numbers if None.
        on_progress: Called with the topic and the number of records sent of it.

    Returns:
        Records that were sent, by topic; those that an earlier copy had sent are not counted.

    Raises:
        LogError: If stages have work left, the broker holds other records already, or what it holds at the end is not
            what was to be carried.
    """
    _require_idle(source, stages)
    create_topics(settings, stages, partitions)
    with KafkaLog(settings.broker, prefix=settings.prefix, access=settings.access) as target:
        sent = {}
        for topic in TOPICS:
            sent[topic] = 0
            for chunk in _chunks(_missing(source, target, topic)):
                target.append(chunk)
                sent[topic] += len(chunk)
                on_progress(topic, sent[topic])
        for stage in stages:
            _carry_state(source, target, settings, stage)
        _verify(source, target, settings, stages)
        return sent


def _verify(source: Store, target: KafkaLog, settings: WorkerSettings, stages: Sequence[Stage[Any]]) -> None:
    """Read what was carried and hold it against the original: counts of records, hash over all state."""
    for topic in TOPICS:
        there, here = (sum(_lengths(log, topic)) for log in (target, source))
        if there != here:
            raise LogError(f"{topic}: the cluster holds {there} records, the log {here}; copy again, to a new --prefix")
    carried = ChangelogStates(
        {stage.name: target.changelog(changelog_name(settings.group, stage.name)) for stage in stages}
    )
    if state_hash(carried, stages) != state_hash(source, stages):
        raise LogError(f"the states of group {settings.group} are not those of the log; copy to a new --group")


def _lengths(log: Log, topic: str) -> Iterator[int]:
    for partition in range(log.partitions(topic)):
        first, end = log.bounds(topic, partition)
        yield end - first


def _require_idle(source: Store, stages: Sequence[Stage[Any]]) -> None:
    read = {(mark.stage, mark.lane): mark.offset for mark in source.marks()}
    ran = {mark.stage: mark.version for mark in source.marks()}
    for stage in stages:
        if ran.get(stage.name, stage.version) != stage.version:
            raise LogError(
                f"the state of {stage.name} is of version {ran[stage.name]}, this program's is {stage.version}; "
                "`frontwire replay --take-over`, then copy"
            )
        for topic in stage.inputs:
            for partition in range(source.partitions(topic.name)):
                end = source.bounds(topic.name, partition)[1]
                if end and read.get((stage.name, Lane(topic.name, partition)), 0) < end:
                    raise LogError(f"{stage.name} has not read all of {topic.name}; `frontwire run --once`, then copy")


def _missing(source: Log, target: KafkaLog, topic: str) -> Iterator[Entry]:
    count = target.partitions(topic)
    there = {partition: target.bounds(topic, partition)[1] for partition in range(count)}
    seen = dict.fromkeys(there, 0)
    for stored in iterate(source, topic):
        partition = partition_of(stored.key, count)
        if seen[partition] == there[partition] - 1:
            _require_same(stored, target.read(topic, partition, seen[partition], 1)[0])
        seen[partition] += 1
        if seen[partition] > there[partition]:
            yield Entry(topic, stored.key, stored.value, stored.timestamp, stored.headers, partition)


def _require_same(stored: Stored, found: Stored) -> None:
    if (stored.key, stored.value, stored.timestamp) != (found.key, found.value, found.timestamp):
        raise LogError(
            f"{found.topic}/{found.partition}: the broker holds another record at offset {found.offset}; "
            "copy to topics of their own, by --prefix"
        )


def _chunks(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while chunk := list(islice(entries, CHUNK)):
        yield chunk


def _carry_state(source: Store, target: KafkaLog, settings: WorkerSettings, stage: Stage[Any]) -> None:
    name, count = changelog_name(settings.group, stage.name), target.partitions(stage.inputs[0].name)
    target.put(
        name,
        (
            (partition_of(key, count), entry, value)
            for key, rows in source.states(stage.name)
            for entry, value in row_entries(RowChange(stage.name, key, rows, ()))
        ),
    )
    # Last: a position never runs ahead of the state that it stands for.
    ends = (
        (lane.partition, *position_entry(Mark(stage.name, stage.version, lane, target.bounds(*lane)[1])))
        for topic in stage.inputs
        for lane in (Lane(topic.name, partition) for partition in range(count))
    )
    target.put(name, ends)
