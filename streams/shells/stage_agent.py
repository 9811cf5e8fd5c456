"""One stage on the partitions of one worker, as a Faust agent.

It takes raw records in batches, hands them to the same code as the embedded shell, awaits that the outputs are
delivered, and only then writes the state with its position. A record may so be processed again after a crash, and then
gives the same records with the same ids; it is never skipped.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import faust
from faust.types import TP, EventT

from schemas.errors import LogError
from schemas.topics import DEAD_LETTERS
from streams.shells import lease
from streams.shells import worker_telemetry as telemetry
from streams.shells.batch import Batch, Reading
from streams.shells.changelog import ChangelogWriter, TooMuch, TooOld, position_entry, row_entries
from streams.shells.cloudevents import with_attributes, without_attributes
from streams.shells.live_states import Dumped, LiveStates
from streams.shells.log import Lane, Mark, Stored
from streams.shells.table_store import StateTable, TableStore, Written
from streams.stages.stage import Stage

Events = Sequence[EventT[bytes]]

HEARTBEAT_S = 1.0
"""How long a worker whose change came too late waits to hear from its group again."""


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """How an agent works."""

    prefix: str
    """Put before each topic's name on the broker."""
    batch: int
    """Records processed together at most."""
    live_bytes: int
    """Stored bytes of the states that are held ready."""
    accept_versions: bool = False
    """Whether to go on from the state that another version of a stage left."""


class StageAgent:
    """One stage on this worker's partitions."""

    def __init__(
        self,
        app: faust.App,
        settings: AgentSettings,
        stage: Stage[Any],
        partitions: Mapping[str, int],
        writer: ChangelogWriter,
    ) -> None:
        """Add an agent and a table to an app that has not started.

        Args:
            app: The worker's app.
            settings: How the agent works.
            stage: What it runs.
            partitions: Number of partitions by topic.
            writer: Writes its changelog.
        """
        self.app, self.settings, self.stage, self.partitions = app, settings, stage, partitions
        self.inputs = {settings.prefix + topic.name: topic for topic in stage.inputs}
        # Where an output will stand is the broker's to say; nothing here depends on it.
        self._ends = {
            Lane(topic.name, partition): 0
            for topic in (*stage.outputs, DEAD_LETTERS)
            for partition in range(partitions[topic.name])
        }
        self._readers = {topic.name: [stage] for topic in stage.inputs}
        count = partitions[stage.inputs[0].name]
        table: Any = app.Table(
            f"{stage.name}-state",
            key_type=bytes,
            value_type=bytes,
            partitions=count,
            # Faust's defaults are for one table of a machine; here are as many databases as stages times partitions.
            options={"write_buffer_size": 4 << 20, "block_cache_size": 16 << 20},
        )
        self.table: StateTable = table
        self.store, self._writer = TableStore(self.table), writer
        self._live = LiveStates(self.store, [stage], limit_bytes=settings.live_bytes)
        self._expected: dict[TP, int] = {}
        self._sought: dict[TP, int] = {}
        self._held = asyncio.Lock()
        self._assignments = 0
        self.moved = monotonic()
        topic = app.topic(*self.inputs, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=stage.name)(self._run)

    def position(self, at: TP) -> int | None:
        """First offset that this stage's state does not yet contain; null if it contains nothing of the partition."""
        stored = self.store.position(self.inputs[at.topic].name, at.partition)
        return None if stored is None else stored[0]

    def begin(self, at: TP, held: int) -> int:
        """Where to read a partition from, now that it is this worker's.

        Args:
            at: The partition.
            held: First offset that the broker holds of it.

        Raises:
            LogError: If another version of the stage left the state, and that was not accepted.
        """
        stored = self.store.position(self.inputs[at.topic].name, at.partition)
        offset, version = stored or (held, self.stage.version)
        if version != self.stage.version:
            self._accept(at, version)
        if offset < held:
            telemetry.offsets_missing(self.stage.name, at.topic, at.partition, offset, held)
        self._expected[at] = max(offset, held)
        return self._expected[at]

    def _accept(self, at: TP, version: str) -> None:
        if not self.settings.accept_versions:
            raise LogError(
                f"{self.stage.name} is {self.stage.version}, and the state of {at.topic}/{at.partition} was left by "
                f"{version}; run with --accept-versions, or replay into a group of its own"
            )
        telemetry.version_changed(self.stage.name, version, self.stage.version)

    async def let_go(self) -> None:
        """Finish the change that is being written, write no other of these partitions, and forget their states."""
        self._assignments += 1
        self._expected.clear()
        async with self._held:
            self._live.forget()

    async def _run(self, stream: Any) -> None:
        async for events in stream.take_events(self.settings.batch, within=0.05):
            try:
                await self._process(await self._in_order(events))
            except Exception as error:
                # An exception that leaves an agent counts as success: the record would be acked and lost.
                telemetry.worker_failed(self.stage.name, error)
                await self.app.crash(error)
                return

    async def _in_order(self, events: Events) -> list[EventT[bytes]]:
        due = []
        for event in events:
            at, offset = event.message.tp, event.message.offset
            if not self._is_ours(event):
                continue  # Left over from before a rebalance; it is read again by whoever has the partition now.
            expected = self._expected[at]
            if offset < expected:
                continue
            if offset > expected and self._sought.get(at) != expected:
                telemetry.offsets_skipped(self.stage.name, at.topic, at.partition, expected, offset)
                self._sought[at] = expected
                await self.app.consumer.seek(at, expected)
                continue
            if offset > expected:
                # Read again, and still not there: retention or compaction took it before it was read.
                telemetry.offsets_missing(self.stage.name, at.topic, at.partition, expected, offset)
            due.append(event)
            self._expected[at] = offset + 1
        return due

    async def _process(self, events: Events) -> None:
        by_partition: dict[int, list[EventT[bytes]]] = defaultdict(list)
        for event in events:
            by_partition[event.message.partition].append(event)
        for partition, together in by_partition.items():
            with self.store.at(partition):
                await self._process_partition(partition, together)
            self.moved = monotonic()

    async def _process_partition(self, partition: int, events: Events) -> None:
        assignment = self._assignments
        with telemetry.batch_timed(self.stage.name, "steps"):
            batch = self._taken([self._stored(event) for event in events])
        with telemetry.batch_timed(self.stage.name, "outputs"):
            await self._deliver(batch)
        dumped = self._live.dump(batch.states)
        try:
            with telemetry.batch_timed(self.stage.name, "state"):
                kept = await self._save(partition, events, assignment, [*self._entries(batch, dumped)])
        except TooMuch:
            if len(events) == 1:
                raise
            await self._process_partition(partition, events[: len(events) // 2])
            await self._process_partition(partition, events[len(events) // 2 :])
            return
        if kept:
            self._live.keep(dumped)
            telemetry.dead_letters_written(
                self.stage.name, sum(one.topic == DEAD_LETTERS.name for one in batch.entries)
            )
            telemetry.batch_done(self.stage.name, len(events), events[-1].message.timestamp)
        else:
            # The partitions may be another worker's by now: it works the batch out again.
            telemetry.batch_dropped(self.stage.name, len(events))
            self._live.forget()

    def _taken(self, records: Sequence[Stored]) -> Batch:
        offsets: dict[Reading, int] = {}
        for record in records:
            offsets.setdefault(Reading(self.stage.name, Lane(record.topic, record.partition)), record.offset)
        batch = Batch(self._readers, self.partitions, self._live, offsets, self._ends)
        for record in records:
            batch.take(record)
        return batch

    async def _deliver(self, batch: Batch) -> None:
        sent = [
            await self.app.producer.send(
                self.settings.prefix + entry.topic,
                entry.key.encode(),
                entry.value,
                entry.partition,
                # Faust counts seconds and rounds down; the half keeps the millisecond.
                (entry.timestamp + 0.5) / 1000,
                with_attributes(entry),
            )
            for entry in batch.entries
        ]
        await asyncio.gather(*sent)

    def _entries(self, batch: Batch, dumped: Sequence[Dumped]) -> Iterator[tuple[bytes, bytes | None]]:
        for one in dumped:
            yield from row_entries(one.change)
        for reading, offset in batch.offsets.items():
            yield position_entry(Mark(self.stage.name, self.stage.version, reading.lane, offset))

    async def _save(
        self, partition: int, events: Events, assignment: int, entries: Sequence[tuple[bytes, bytes | None]]
    ) -> bool:
        """Write a change to the changelog, then to this worker's disk; false if the partition may be another's."""
        topic: str = self.table.changelog_topic_name
        async with self._held:
            while self._owns(events, assignment):
                heard_at = lease.heard_at(self.app)
                try:
                    first = await self._writer.write(topic, partition, entries, int(heard_at * 1000))
                except TooOld:
                    telemetry.change_refused(self.stage.name, partition)
                    await asyncio.sleep(HEARTBEAT_S)
                    continue
                at = TP(topic, partition)
                self.table.apply_changelog_batch(
                    [Written(at, first + n, key, value, heard_at) for n, (key, value) in enumerate(entries)]
                )
                telemetry.change_written(self.stage.name, sum(len(key) + len(value or b"") for key, value in entries))
                return True
        return False

    def _owns(self, events: Events, assignment: int) -> bool:
        """Whether the partitions are still this worker's, as far as it knows; where it does not, the lease holds."""
        return assignment == self._assignments and all(map(self._is_ours, events))

    def _is_ours(self, event: EventT[bytes]) -> bool:
        message = event.message
        return message.tp in self._expected and message.generation_id == self.app.consumer_generation_id

    def _stored(self, event: EventT[bytes]) -> Stored:
        message = event.message
        headers: Any = message.headers or ()
        return Stored(
            self.inputs[message.topic].name,
            message.partition,
            message.offset,
            (message.key or b"").decode(errors="replace"),
            message.value or b"",
            round(message.timestamp * 1000),
            without_attributes(tuple((name, value) for name, value in headers)),
        )
