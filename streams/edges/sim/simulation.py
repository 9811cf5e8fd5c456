"""One simulation: processes that are killed and started again, until everything broke; then until all is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from schemas.errors import LogError
from streams.edges.delivery.courier import Courier
from streams.edges.delivery.targets import Targets
from streams.edges.feed.hub import Hub
from streams.edges.feed.read_model import FOLLOWED
from streams.edges.feed.tail import Tail, feed_position
from streams.edges.intake.articles import ArticleReader
from streams.edges.intake.ingest import Ingest
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import Form, pieces_of_bytes
from streams.edges.sim.disk import Disk
from streams.edges.sim.faults import Faults, Killed
from streams.edges.sim.loop import Deadlock, SimulatedLoop
from streams.edges.sim.news import Given, news
from streams.edges.sim.reader import FeedClient
from streams.edges.sim.receiver import Receiver
from streams.pipeline import Pipeline
from streams.shells.log import Entry, Lane, Log, Stored
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Limits, Progress, Runner

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
"""The clock's first moment."""
HEAL_S = 120.0
"""Time in which everything has to come right once nothing breaks any more, seconds of the simulation."""
RING = 24
"""Records that a feed client may be behind: few, so that some fall off."""
RETRIES_S = (0.2, 0.5, 1.0, 2.0, 2.0, 4.0)


class Paused(Exception):
    """The runner has committed a batch, and others get their turn."""


@dataclass(slots=True)
class Projection:
    """How far the feed's read model is: all of it that the stream depends on."""

    log: MemoryLog
    offsets: dict[Lane, int] = field(default_factory=dict)

    def positions(self) -> dict[Lane, int]:
        """First offset not yet taken in, of each lane that is followed."""
        lanes = (Lane(topic.name, number) for topic in FOLLOWED for number in range(self.log.partitions(topic.name)))
        return {lane: self.offsets.get(lane, 0) for lane in lanes}

    def apply(self, records: Iterable[Stored], ends: Mapping[Lane, int] | None = None) -> None:
        """Take records in."""
        self.offsets.update(ends or {Lane(one.topic, one.partition): one.offset + 1 for one in records})

    def note_origin(self, log: Log) -> None:
        """There is no other log that it could be of."""


class Simulation:
    """Everything that runs, and what the checker may look at afterwards."""

    def __init__(self, seed: int, stages: Pipeline, only: Collection[str] = ()) -> None:
        self.seed, self.stages, self.faults = seed, stages, Faults(seed, only)
        self._chance = Random(f"{seed} machines")
        self.log = MemoryLog(partitions=self._chance.choice((1, 1, 2, 3)))
        self.given = news(seed, self.faults)
        self.clients = [FeedClient(f"client-{n}", Random(f"{seed} client {n}"), self.faults) for n in range(3)]
        orders = ("target", "alert")
        self.receivers = [Receiver(f"desk-{o}", o, Random(f"{seed} desk {o}"), self.faults) for o in orders]
        self.healed_after_s: float | None = None
        """Time from the last fault until nothing was left to do; null if that never came."""
        self._loop = SimulatedLoop(self.faults)
        self._disk = Disk(self.log, self.faults)
        self._projection = Projection(self.log)
        self._hub: Hub | None = None
        self._clock_off = timedelta(0)

    def run(self) -> None:
        """From the first article until all is quiet."""
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._run())
        except Deadlock:
            self.healed_after_s = None
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    async def _run(self) -> None:
        intake = asyncio.ensure_future(self._take_in())
        machines = [self._run_stages, self._serve, self._deliver, *(self._client(one) for one in self.clients)]
        tasks = [asyncio.ensure_future(self._kept_alive(machine)) for machine in machines]
        await intake
        await asyncio.sleep(self._chance.uniform(0, 3))
        self.faults.heal()
        healed = self._loop.time()
        while self._loop.time() < healed + HEAL_S and not any(task.done() for task in tasks):
            if self.is_quiet():
                self.healed_after_s = self._loop.time() - healed
                break
            await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def is_quiet(self) -> bool:
        """Whether all was read, told and delivered: by the log's ends, and by what clients and targets have."""
        if not self._is_read() or any(client.lacks(self.log) for client in self.clients):
            return False
        return not any(receiver.lacks(self.log) for receiver in self.receivers)

    def _is_read(self) -> bool:
        read = {(mark.stage, mark.lane): mark.offset for mark in self.log.marks()}
        ends = {lane: head.end for lane, head in self.log.heads().items()}
        inputs = [(stage.name, topic.name) for stage in self.stages for topic in stage.inputs]
        return all(
            read.get((stage, lane), 0) == end
            for stage, topic in inputs
            for lane, end in ends.items()
            if lane.topic == topic
        )

    async def _kept_alive(self, machine: Callable[[], Awaitable[None]]) -> None:
        """A process, started again whenever it dies."""
        while True:
            try:
                await machine()
            except BaseException as error:
                if not _died(error):
                    raise
            await asyncio.sleep(self._chance.uniform(0.01, 0.5))

    async def _take_in(self) -> None:
        """Intake: what is not known to be kept is sent again, and nothing overtakes it."""
        reader, at = ArticleReader(lambda name: None, PageReader()), 0
        while at < len(self.given):
            some = self.given[at : at + self._chance.randrange(1, 5)]
            try:
                self._append(reader, some)
            except (Killed, LogError):
                await asyncio.sleep(self._chance.uniform(0.01, 0.3))
                continue
            for one in some:
                one.acked += 1
            at += len(some)
            await asyncio.sleep(self._chance.expovariate(8))

    def _append(self, reader: ArticleReader, some: list[Given]) -> None:
        if self.faults.fire("clock-jumps"):
            self._clock_off = timedelta(hours=self._chance.uniform(-24, 24))
        records = [one for one in some if one.kind == "record"]
        ingest = Ingest(self._disk, reader, self._now)
        for one in some:
            if one.kind != "record":
                ingest.take(pieces_of_bytes(one.raw, one.key, form=Form.JSONL))
        ingest.flush()
        if records:
            at = int(self._now().timestamp() * 1000)
            self._disk.append([Entry("articles", one.key, one.raw, at) for one in records])

    def _now(self) -> datetime:
        return BEGINS + timedelta(seconds=self._loop.time()) + self._clock_off

    async def _run_stages(self) -> None:
        limits = Limits(batch=self._chance.randrange(1, 9), live_bytes=self._chance.choice((2_000, 10**6)))
        runner = Runner(self._disk, self.stages, limits=limits, on_progress=self._after_batch)
        while True:
            with suppress(Paused):
                runner.run_once()
            await asyncio.sleep(self._chance.expovariate(20))

    def _after_batch(self, progress: Progress) -> None:
        if self.faults.fire("killed-between-batches"):
            raise Killed
        # Not each time: a runner that is called again looks at the log first, and one that goes on trusts its memory.
        if self._chance.random() < 0.4:
            raise Paused

    async def _serve(self) -> None:
        tail = Tail(self._disk, self._projection, clock=self._loop.time)
        tail.hub = self._hub = Hub(feed_position(self._projection), ring=RING)
        following = asyncio.ensure_future(tail.run())
        try:
            while not following.done():
                await asyncio.sleep(0.2)
                if self.faults.fire("feed-killed"):
                    raise Killed
            await following
        finally:
            following.cancel()
            self._hub = None
            tail.hub.close()

    def _client(self, client: FeedClient) -> Callable[[], Awaitable[None]]:
        async def follow() -> None:
            if self._hub is not None:
                await client.listen(self._disk, self._hub)

        return follow

    async def _deliver(self) -> None:
        senders = {receiver.target.name: receiver for receiver in self.receivers}
        targets = Targets(tuple(one.target for one in self.receivers), RETRIES_S, timedelta(seconds=1))
        courier = Courier(self._disk, targets, clock=self._true_time, sender=lambda target: senders[target.name])
        try:
            await courier.begin()
            await courier.run(asyncio.Event())
        finally:
            await courier.close()

    def _true_time(self) -> datetime:
        return BEGINS + timedelta(seconds=self._loop.time())


def _died(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_died(one) for one in error.exceptions)
    return isinstance(error, Killed | LogError)
