"""A log, a clock that is set by hand, and couriers over them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from streams.edges.delivery.courier import Courier
from streams.edges.delivery.targets import Targets
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.receivers import START


@dataclass
class HandClock:
    """A clock that stands still until it is set."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    opened = SqliteLog(tmp_path / "log.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def deliver(log: SqliteLog, clock: HandClock) -> Callable[..., None]:
    """Starts a courier, lets it deliver what is due, and ends it. With `until`, time passes to each next attempt."""

    def run(targets: Targets, *, until: timedelta | None = None, **more: Any) -> None:
        asyncio.run(work_off(Courier(log, targets, clock=clock, **more), clock, until))

    return run


async def work_off(courier: Courier, clock: HandClock, until: timedelta | None = None) -> None:
    """Let a courier deliver what is due, now and as time passes."""
    try:
        await courier.begin()
        await courier.work_off()
        end = clock.now + (until or timedelta(0))
        while until and (due := courier.next_due()) and due <= end:
            clock.now = max(clock.now, due)
            await courier.look()
            await courier.work_off()
    finally:
        await courier.close()
