"""The contenders of `kafka_bench.py`, each a process of its own: the same stages over the same broker.

    python tests/bench/kafka_loops.py CONTENDER BROKER PREFIX extract|all

Contenders: `faust` (our worker), `aiokafka` and `confluent` (plain loops: poll, step, send, flush, commit; states in
memory alone) and `quix` (the first stage only). Each reads what is there and prints how long that took, from the first
record taken to the last one done, starting up not counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, process_time, sleep
from typing import Any

from schemas.topics import DEAD_LETTERS, TOPICS
from streams.pipeline import Pipeline, pipeline
from streams.shells.batch import Batch, Reading
from streams.shells.cloudevents import with_attributes, without_attributes
from streams.shells.kafka_log import MAX_RECORD_BYTES, KafkaLog
from streams.shells.live_states import LiveStates
from streams.shells.log import Entry, Lane, RowChange, Stored
from streams.stages.extract.equipment import equip
from streams.stages.stage import Rows, Stage
from streams.theatres.theatre import load_theatre

BATCH = 200
IDLE_S = 12.0
"""Seconds without a record after which everything is done."""


class Clock:
    """From the first record taken to the last one done."""

    def __init__(self) -> None:
        self.first = self.last = (0.0, 0.0)
        self.records: dict[str, int] = defaultdict(int)
        self.spent: dict[str, float] = defaultdict(float)

    def begin(self) -> None:
        if not self.records:
            self.first = monotonic(), process_time()

    def done(self, stage: str, records: int) -> None:
        self.records[stage] += records
        self.last = monotonic(), process_time()

    @property
    def idle(self) -> bool:
        return bool(self.records) and monotonic() - self.last[0] > IDLE_S

    def tell(self) -> None:
        seconds, cpu = (last - first for first, last in zip(self.first, self.last, strict=True))
        told = {"seconds": seconds, "cpu": cpu, "records": dict(self.records), "spent": dict(self.spent)}
        print(json.dumps(told), flush=True)


class Memory:
    """States in memory: what a plain loop would begin with."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, bytes]] = defaultdict(dict)

    def rows(self, stage: str, key: str) -> Rows:
        return self._rows.get((stage, key), {})

    def save(self, change: RowChange) -> None:
        rows = self._rows[change.stage, change.key]
        rows.update(change.written)
        for name in change.gone:
            rows.pop(name, None)


class Loop:
    """The stages, as a plain loop calls them."""

    def __init__(self, stages: Sequence[Stage[Any]], partitions: dict[str, int], clock: Clock) -> None:
        self.stages, self.partitions, self.clock = stages, partitions, clock
        self.store = Memory()
        self.live = LiveStates(self.store, stages, limit_bytes=256_000_000)

    @property
    def topics(self) -> list[str]:
        return sorted({topic.name for stage in self.stages for topic in stage.inputs})

    def take(self, records: Sequence[Stored]) -> list[Entry]:
        """What follows from some records of one lane; the states after them are kept."""
        self.clock.begin()
        made: list[Entry] = []
        for stage in self.stages:
            if records[0].topic in {topic.name for topic in stage.inputs}:
                made += self._step(stage, records)
                self.clock.done(stage.name, len(records))
        return made

    def _step(self, stage: Stage[Any], records: Sequence[Stored]) -> list[Entry]:
        lane = Lane(records[0].topic, records[0].partition)
        ends = {
            Lane(topic.name, at): 0
            for topic in (*stage.outputs, DEAD_LETTERS)
            for at in range(self.partitions[topic.name])
        }
        readers = {topic.name: [stage] for topic in stage.inputs}
        batch = Batch(readers, self.partitions, self.live, {Reading(stage.name, lane): records[0].offset}, ends)
        for record in records:
            batch.take(record)
        dumped = self.live.dump(batch.states)
        for one in dumped:
            self.store.save(one.change)
        self.live.keep(dumped)
        return batch.entries


def stored(topic: str, partition: int, offset: int, key: Any, value: Any, timestamp: int, headers: Any) -> Stored:
    own = without_attributes(tuple((name, bytes(data)) for name, data in headers or ()))
    return Stored(topic, partition, offset, (key or b"").decode(), value or b"", timestamp, own)


async def run_aiokafka(loop: Loop, broker: str, prefix: str) -> None:
    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", linger_ms=5, max_request_size=MAX_RECORD_BYTES)
    consumer = AIOKafkaConsumer(
        *(prefix + topic for topic in loop.topics),
        bootstrap_servers=broker,
        group_id=f"{prefix}aiokafka",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=MAX_RECORD_BYTES,
    )
    await producer.start()
    await consumer.start()
    while not loop.clock.idle:
        polled = await consumer.getmany(timeout_ms=50, max_records=BATCH)
        for at, found in polled.items():
            topic = at.topic.removeprefix(prefix)
            records = [
                stored(topic, one.partition, one.offset, one.key, one.value, one.timestamp, one.headers)
                for one in found
            ]
            sent = [
                await producer.send(
                    prefix + entry.topic,
                    entry.value,
                    entry.key.encode(),
                    entry.partition,
                    entry.timestamp,
                    with_attributes(entry),
                )
                for entry in loop.take(records)
            ]
            await asyncio.gather(*sent)
        if polled:
            await consumer.commit()
    await consumer.stop()
    await producer.stop()


def run_confluent(loop: Loop, broker: str, prefix: str) -> None:
    from confluent_kafka import Consumer, Producer

    producer = Producer({"bootstrap.servers": broker, "acks": "all", "linger.ms": 5, "message.max.bytes": 32 << 20})
    settings = {"auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer({"bootstrap.servers": broker, "group.id": f"{prefix}confluent", **settings})
    consumer.subscribe([prefix + topic for topic in loop.topics])
    while not loop.clock.idle:
        lanes: dict[tuple[str, int], list[Stored]] = defaultdict(list)
        for one in consumer.consume(BATCH, 0.05):
            topic = one.topic().removeprefix(prefix)
            about = (one.partition(), one.offset(), one.key(), one.value(), one.timestamp()[1], one.headers())
            lanes[topic, one.partition()].append(stored(topic, *about))
        for records in lanes.values():
            for entry in loop.take(records):
                producer.produce(
                    prefix + entry.topic,
                    entry.value,
                    entry.key.encode(),
                    entry.partition if entry.partition is not None else -1,
                    timestamp=entry.timestamp,
                    headers=with_attributes(entry),
                )
        if lanes:
            producer.flush()
            consumer.commit(asynchronous=False)
    consumer.close()


def run_quix(loop: Loop, broker: str, prefix: str) -> None:
    from quixstreams import Application

    app = Application(broker, consumer_group=f"{prefix}quix", auto_offset_reset="earliest", loglevel="ERROR")
    source = app.topic(prefix + "articles", key_deserializer="bytes", value_deserializer="bytes")
    target = app.topic(prefix + "mentions", key_serializer="bytes", value_serializer="bytes")

    def mentions(value: bytes, key: bytes, timestamp: int, headers: Any) -> list[tuple[Any, ...]]:
        made = loop.take([stored("articles", 0, 0, key, value, timestamp, headers)])
        return [(entry.value, entry.key.encode(), entry.timestamp, with_attributes(entry)) for entry in made]

    frame = app.dataframe(source)
    frame = frame.apply(mentions, metadata=True, expand=True)
    frame = frame.apply(lambda made, *_: made[0], metadata=True)
    frame.to_topic(target)
    threading.Thread(target=lambda: (_wait(loop.clock), app.stop()), daemon=True).start()
    app.run()


def run_faust(stages: Sequence[Stage[Any]], clock: Clock, broker: str, prefix: str) -> None:
    import faust

    from streams.shells import stage_agent
    from streams.shells.workers import WorkerSettings, create_topics, make_app

    process = stage_agent.StageAgent._process

    async def timed(agent: Any, events: Any) -> None:
        clock.begin()
        await process(agent, events)
        clock.done(agent.stage.name, len(events))

    stage_agent.StageAgent._process = timed  # type: ignore[method-assign]
    settings = WorkerSettings(f"kafka://{broker}", Path(mkdtemp()), group=f"{prefix}faust", prefix=prefix, batch=BATCH)
    create_topics(settings, stages)
    with KafkaLog(settings.broker, prefix=prefix) as log:
        counts = {name: log.partitions(name) for name in TOPICS}
    app, _ = make_app(settings, stages, counts)

    def end() -> None:
        _wait(clock)
        clock.spent.update(_spent())
        clock.tell()
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()
    faust.Worker(app, loglevel="INFO", redirect_stdouts=False).execute_from_commandline()


def _spent() -> Iterable[tuple[str, float]]:
    from streams.shells.worker_telemetry import BATCH_SECONDS

    found: dict[str, float] = defaultdict(float)
    for metric in BATCH_SECONDS.collect():
        for sample in metric.samples:
            if sample.name.endswith("_sum"):
                found[sample.labels["part"]] += sample.value
    return found.items()


def _wait(clock: Clock) -> None:
    while not clock.idle:
        sleep(0.2)


def chosen(which: str) -> Pipeline:
    theatre = load_theatre()
    equip(theatre)
    stages = pipeline(theatre)
    return stages if which == "all" else stages[:1]


def main() -> None:
    contender, broker, prefix, which = sys.argv[1:]
    clock, stages = Clock(), chosen(which)
    if contender == "faust":
        run_faust(stages, clock, broker, prefix)
        return
    with KafkaLog(f"kafka://{broker}", prefix=prefix) as log:
        loop = Loop(stages, {name: log.partitions(name) for name in TOPICS}, clock)
    if contender == "aiokafka":
        asyncio.run(run_aiokafka(loop, broker, prefix))
    else:
        {"confluent": run_confluent, "quix": run_quix}[contender](loop, broker, prefix)
    clock.tell()


if __name__ == "__main__":
    main()
