"""A quiet topic and a stuck worker are told apart, and a stuck worker ends itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from streams.shells import probe
from streams.shells.watch import Watch


class At(tuple):  # type: ignore[type-arg]
    topic, partition = "mentions", 0


@dataclass
class Worker:
    """What a watch asks of a worker: how far the topic and the state are, whether anything moved."""

    end: int = 0
    state: int = 0
    moved: float = field(default_factory=monotonic)
    left: int = 0
    ours: bool = True

    def app(self, loop: asyncio.AbstractEventLoop) -> Any:
        async def highwaters(*lanes: Any) -> dict[Any, int]:
            return dict.fromkeys(lanes, self.end)

        recovery = SimpleNamespace(active_remaining_total=lambda: self.left, in_recovery=self.left > 0)
        consumer = SimpleNamespace(assignment=lambda: {At()} if self.ours else set(), highwaters=highwaters)
        return SimpleNamespace(loop=loop, consumer=consumer, tables=SimpleNamespace(recovery=recovery))

    def agent(self) -> Any:
        about = SimpleNamespace(inputs={"mentions": None}, stage=SimpleNamespace(name="merge"))
        about.position = lambda at: self.state
        about.moved = self.moved
        return about


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = Thread(target=made.run_forever, daemon=True)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()


def seen(worker: Worker, loop: asyncio.AbstractEventLoop) -> str:
    watch = Watch(worker.app(loop), [worker.agent()], stuck_after_s=60)
    watch.look()
    return watch.vitals.condition


def test_each_condition_is_told_by_what_waits_and_what_moves(loop: asyncio.AbstractEventLoop) -> None:
    long_ago = monotonic() - 1_000
    assert seen(Worker(end=9, state=9, moved=long_ago), loop) == "quiet"
    assert seen(Worker(end=9, state=5), loop) == "working"
    assert seen(Worker(end=9, state=5, moved=long_ago), loop) == "stuck"
    assert seen(Worker(left=300), loop) == "recovering"
    assert seen(Worker(ours=False), loop) == "starting"


def test_a_stuck_worker_ends_itself_after_its_time_and_a_quiet_one_never(loop: asyncio.AbstractEventLoop) -> None:
    for worker, ends in ((Worker(end=9, state=5, moved=0), 1), (Worker(end=9, state=9, moved=0), 0)):
        ended: list[int] = []
        watch = Watch(worker.app(loop), [worker.agent()], stuck_after_s=0, end=lambda kept=ended: kept.append(1))
        watch.look()
        watch.look()
        assert bool(ended) == bool(ends)


def test_the_probe_tells_metrics_and_whether_to_restart(loop: asyncio.AbstractEventLoop) -> None:
    watch = Watch(Worker(end=9, state=9).app(loop), [Worker(end=9, state=9).agent()], stuck_after_s=60)
    server = probe.serve("127.0.0.1:0", watch.vitals)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    with pytest.raises(HTTPError, match="503"):
        urlopen(f"{address}/readyz")
    watch.look()
    assert json.loads(urlopen(f"{address}/readyz").read())["condition"] == "quiet"
    assert b"frontwire_lag_records" in urlopen(f"{address}/metrics").read()
    watch.vitals.condition = "stuck"
    with pytest.raises(HTTPError, match="503"):
        urlopen(f"{address}/livez")
    server.shutdown()
