"""A plain Faust app with a table, started again and again with a backlog waiting: what Faust itself does at a start.

    python -m tests.kafka.counting BROKER NAME REMEDY(yes|no) RESTARTS

Prints, for each start, the offsets in the order in which the agent was given them; ends after a start at which that is
not each of them once.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import faust
from faust.transport.consumer import Consumer
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from streams.shells import faust_remedy

BACKLOG = 12
SEEK_S = 2.5
"""The seek takes so long here: with a broker that is far away, or busy, it does so by itself."""
IDLE_S = 5.0


async def start_once(broker: str, name: str, due: int) -> list[int]:
    app = faust.App(
        name,
        broker=f"kafka://{broker}",
        store="memory://",  # Read from the changelog at each start, as on a worker that lost its disk.
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        broker_session_timeout=6.0,
        broker_heartbeat_interval=1.0,
    )
    table = app.Table(f"{name}-table", key_type=str, value_type=int, partitions=1, default=int)
    seen: list[int] = []

    async def count(stream: Any) -> None:
        async for event in stream.events():
            seen.append(event.message.offset)
            table["all"] += 1

    app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))(count)
    await app.start()
    for _ in range(int(IDLE_S / 0.1)):
        await asyncio.sleep(0.1)
        if len(set(seen)) == due:
            break
    await asyncio.sleep(0.3)
    await app.stop()
    return seen


async def main() -> None:
    broker, name, remedy, restarts = sys.argv[1:]
    if remedy == "yes":
        faust_remedy.apply()
    seek = Consumer.perform_seek

    async def slow_seek(self: Any) -> None:
        await asyncio.sleep(SEEK_S)
        await seek(self)

    Consumer.perform_seek = slow_seek
    admin = KafkaAdminClient(bootstrap_servers=broker)
    changelog = NewTopic(f"{name}-{name}-table-changelog", 1, 1, topic_configs={"cleanup.policy": "compact"})
    admin.create_topics([NewTopic(name, 1, 1), changelog])
    producer = KafkaProducer(bootstrap_servers=broker, acks="all")
    for start in range(int(restarts)):
        for _ in range(BACKLOG):
            producer.send(name, b"x")
        producer.flush()
        seen = await start_once(broker, name, BACKLOG)
        print(json.dumps(seen), flush=True)
        if seen != list(range(start * BACKLOG, (start + 1) * BACKLOG)):
            return


if __name__ == "__main__":
    asyncio.run(main())
