"""The Kafka shell: one Faust agent and one table a stage, on as many workers as there are partitions.

An agent is thin. It takes raw records in batches, hands them to the same code as the embedded shell, awaits that the
outputs are delivered, and only then writes the state. A record may so be processed again after a crash, and then gives
the same records with the same ids; it is never skipped. On assignment an agent reads on from where its *state* is, not
from where the consumer group's commit is, and it takes records in unbroken order only: a gap in the offsets is an
alarm, and is read again.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import faust
from faust.types import TP, EventT

from schemas.errors import LogError
from schemas.topics import DEAD_LETTERS, TOPICS
from streams.shells import faust_remedy, telemetry
from streams.shells.batch import Batch, Reading
from streams.shells.kafka_log import MAX_RECORD_BYTES, KafkaLog
from streams.shells.live_states import LiveStates
from streams.shells.log import Lane, Stored
from streams.shells.table_store import TableStore
from streams.stages.stage import Stage


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker meets its cluster."""

    broker: str
    """`kafka://host:port`, several separated by commas."""
    data_dir: Path
    """Folder of this worker's tables. Kept over restarts it saves reading the changelog again; one worker a folder."""
    group: str = "frontwire"
    """Consumer group and prefix of the tables' changelogs."""
    prefix: str = ""
    """Put before each topic's name on the broker."""
    replication: int = 1
    """Copies of each topic on the cluster; 3 where there are that many brokers."""
    standby_replicas: int = 0
    """Warm copies of each table on other workers."""
    batch: int = 200
    """Records processed together."""
    live_bytes: int = 256_000_000
    """Stored bytes of the states that are held ready."""
    stuck_after_s: float = 120.0
    """Seconds without progress, while records wait, after which a worker ends itself for its supervisor to restart."""


def changelog(settings: WorkerSettings, stage: str) -> str:
    """Name of the topic that a stage's table writes its changes to."""
    return f"{settings.group}-{stage}-state-changelog"


def create_topics(settings: WorkerSettings, stages: Sequence[Stage[Any]], partitions: int | None = None) -> None:
    """Create every topic that workers need and that is not there, with its partitions, retention and clean-up.

    A stage's table is partitioned as its inputs are, so its inputs must have one number of partitions.

    Raises:
        LogError: If topics are there whose partitions do not fit each other.
    """
    with KafkaLog(settings.broker, prefix=settings.prefix) as log:
        log.create(partitions, settings.replication)
        for stage in stages:
            counts = {log.partitions(topic.name) for topic in stage.inputs}
            if len(counts) > 1:
                raise LogError(f"the inputs of {stage.name} differ in partitions {counts}; create them anew alike")
            log.create_compacted(changelog(settings, stage.name), counts.pop(), settings.replication)


def make_app(settings: WorkerSettings, stages: Sequence[Stage[Any]], partitions: Mapping[str, int]) -> faust.App:
    """The Faust app of one worker.

    Args:
        settings: How it meets its cluster.
        stages: In the order of the flow.
        partitions: Number of partitions by topic.
    """
    faust_remedy.apply()
    app = faust.App(
        settings.group,
        broker=settings.broker,
        store="rocksdb://",
        datadir=str(settings.data_dir),
        # The feed is a process of its own; Faust's server would show table data to anyone.
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        # A worker that was killed is missed after ten seconds, not sixty.
        broker_session_timeout=10.0,
        broker_heartbeat_interval=2.5,
        broker_rebalance_timeout=15,
        broker_max_poll_records=500,
        consumer_max_fetch_size=MAX_RECORD_BYTES,
        producer_max_request_size=MAX_RECORD_BYTES,
        producer_linger=0.005,
        producer_acks=-1,
        table_standby_replicas=settings.standby_replicas,
        stream_wait_empty=False,
    )
    agents = [_StageAgent(app, settings, stage, partitions) for stage in stages]
    _read_on_from_state(app, agents)
    _watch(app, agents, settings.stuck_after_s)
    return app


def run_worker(settings: WorkerSettings, stages: Sequence[Stage[Any]], partitions: int | None = None) -> None:
    """Run one worker until it gets SIGTERM or SIGINT; does not return.

    Args:
        settings: How it meets its cluster.
        stages: In the order of the flow.
        partitions: For topics that are not there yet; the registry's numbers if None.
    """
    create_topics(settings, stages, partitions)
    with KafkaLog(settings.broker, prefix=settings.prefix) as log:
        counts = {name: log.partitions(name) for name in TOPICS}
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    # Levels above info start a spinner that turns every debug record on, and costs a quarter of the speed.
    faust.Worker(make_app(settings, stages, counts), loglevel="INFO", redirect_stdouts=False).execute_from_commandline()


class _StageAgent:
    """One stage on this worker's partitions."""

    def __init__(
        self, app: faust.App, settings: WorkerSettings, stage: Stage[Any], partitions: Mapping[str, int]
    ) -> None:
        self.app, self.settings, self.stage, self.partitions = app, settings, stage, partitions
        self.inputs = {settings.prefix + topic.name: topic for topic in stage.inputs}
        # Where an output will stand is the broker's to say; nothing here depends on it.
        self.ends = {
            Lane(topic.name, partition): 0
            for topic in (*stage.outputs, DEAD_LETTERS)
            for partition in range(partitions[topic.name])
        }
        count = partitions[stage.inputs[0].name]
        table = app.Table(f"{stage.name}-state", key_type=bytes, value_type=bytes, partitions=count)
        self.store = TableStore(table)
        self.live = LiveStates(self.store, [stage], limit_bytes=settings.live_bytes)
        self.expected: dict[TP, int] = {}
        self.moved = monotonic()
        topic = app.topic(*self.inputs, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=stage.name)(self._run)

    async def _run(self, stream: Any) -> None:
        async for events in stream.take_events(self.settings.batch, within=0.05):
            try:
                await self._process(await self._in_order(events))
            except Exception as error:
                # An exception that leaves an agent counts as success: the record would be acked and lost.
                telemetry.worker_failed(self.stage.name, error)
                await self.app.crash(error)
                return

    async def _in_order(self, events: Sequence[EventT[bytes]]) -> list[EventT[bytes]]:
        due = []
        for event in events:
            at, offset = event.message.tp, event.message.offset
            expected = self.expected.get(at)
            if expected is None:
                expected = self.position(at) or (await self.app.consumer.earliest_offsets(at))[at]
            if offset == expected:
                due.append(event)
                expected += 1
            elif offset > expected:
                telemetry.offsets_skipped(self.stage.name, at.topic, at.partition, expected, offset)
                await self.app.consumer.seek(at, expected)
            self.expected[at] = expected
        return due

    def position(self, at: TP) -> int | None:
        """First offset that this stage's state does not yet contain; null if it contains nothing of the partition."""
        return self.store.position(self.inputs[at.topic].name, at.partition)

    async def _process(self, events: Sequence[EventT[bytes]]) -> None:
        by_partition: dict[int, list[EventT[bytes]]] = defaultdict(list)
        for event in events:
            by_partition[event.message.partition].append(event)
        for together in by_partition.values():
            with self.store.at(together[-1]):
                await self._process_partition(together)
            self.moved = monotonic()

    async def _process_partition(self, events: Sequence[EventT[bytes]]) -> None:
        records = [self._stored(event) for event in events]
        offsets: dict[Reading, int] = {}
        for record in records:
            offsets.setdefault(Reading(self.stage.name, Lane(record.topic, record.partition)), record.offset)
        readers = {topic.name: [self.stage] for topic in self.stage.inputs}
        batch = Batch(readers, self.partitions, self.live, offsets, self.ends)
        for record in records:
            batch.take(record)
        await self._deliver(batch)
        if any(event.message.generation_id != self.app.consumer_generation_id for event in events):
            # The partitions may be another worker's by now: its state must not be overwritten by ours.
            telemetry.batch_dropped(self.stage.name, len(events))
            self.forget()
            return
        self._save(batch)

    async def _deliver(self, batch: Batch) -> None:
        sent = [
            await self.app.producer.send(
                self.settings.prefix + entry.topic,
                entry.key.encode(),
                entry.value,
                entry.partition,
                # Faust counts seconds and rounds down; the half keeps the millisecond.
                (entry.timestamp + 0.5) / 1000,
                list(entry.headers),
            )
            for entry in batch.entries
        ]
        await asyncio.gather(*sent)

    def _save(self, batch: Batch) -> None:
        dumped = self.live.dump(batch.states)
        for one in dumped:
            if one.change.written or one.change.gone:
                self.store.save(one.change, one.rows)
        for reading, offset in batch.offsets.items():
            self.store.move(reading.lane.topic, reading.lane.partition, offset)
        self.live.keep(dumped)

    def _stored(self, event: EventT[bytes]) -> Stored:
        message = event.message
        headers: Any = message.headers or ()
        return Stored(
            self.inputs[message.topic].name,
            message.partition,
            message.offset,
            (message.key or b"").decode(),
            message.value or b"",
            round(message.timestamp * 1000),
            tuple((name, value) for name, value in headers),
        )

    def forget(self) -> None:
        """Let go of what was held of partitions that may be another worker's now."""
        self.live.forget()
        self.expected.clear()

    def lag(self) -> int:
        """Records known to wait on this worker's partitions."""
        return sum(max(0, (self.app.consumer.highwater(at) or 0) - offset) for at, offset in self.expected.items())


def _read_on_from_state(app: faust.App, agents: Sequence[_StageAgent]) -> None:
    """Make Faust seek to where the state is, where it would seek to the group's commit; forget on rebalance."""
    by_topic = {topic: agent for agent in agents for topic in agent.inputs}
    make_consumer: Any = app._new_consumer

    def new_consumer() -> Any:
        consumer = make_consumer()
        seek_to_committed = consumer.seek_to_committed

        async def seek_to_state() -> Mapping[TP, int]:
            offsets = dict(await seek_to_committed())
            for at in consumer.assignment():
                position = by_topic[at.topic].position(at) if at.topic in by_topic else None
                if position is not None and position != offsets.get(at):
                    telemetry.position_taken(at.topic, at.partition, offsets.get(at), position)
                    await consumer._seek(at, position)
                    offsets[at] = position
            return offsets

        consumer.seek_to_committed = seek_to_state
        return consumer

    async def revoked(sender: Any, *_: Any, **__: Any) -> None:
        for agent in agents:
            agent.forget()

    app._new_consumer = new_consumer  # type: ignore[method-assign]
    app.on_partitions_revoked.connect(revoked)  # type: ignore[arg-type]


def _watch(app: faust.App, agents: Sequence[_StageAgent], stuck_after_s: float) -> None:
    """Tell a quiet topic from a stuck worker, and end a stuck one: Faust can idle for ever after a lost rebalance."""

    @app.timer(10.0)  # type: ignore[untyped-decorator]
    async def _look() -> None:
        lags = {agent.stage.name: agent.lag() for agent in agents}
        telemetry.worker_alive(lags)
        for agent in agents:
            if not lags[agent.stage.name]:
                agent.moved = monotonic()
            elif monotonic() - agent.moved > stuck_after_s:
                telemetry.worker_stuck(agent.stage.name, lags[agent.stage.name], stuck_after_s)
                os._exit(1)
