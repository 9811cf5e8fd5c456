"""A webhook target: answers, or does not, and notes what reached it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import orjson
from pydantic import SecretStr
from ssrfguard import Policy

from streams.edges.delivery.message import Message
from streams.edges.delivery.sending import Answer
from streams.edges.delivery.targets import Target, TargetSpec
from streams.edges.sim.faults import Faults
from streams.shells.log import iterate
from streams.shells.memory_log import MemoryLog

SECRET = "whsec_" + "c2ltdWxhdGVkIHNlY3JldCBvZiB0aGlydHktdHdv"
LONGEST_ANSWER_S = 0.3


class Receiver:
    """One target, and the sender that reaches it."""

    def __init__(self, name: str, order: str, chance: Random, faults: Faults) -> None:
        self._chance, self._faults = chance, faults
        spec = TargetSpec(name=name, url=f"https://{name}.test/", secrets=("env:S",), order=order, timeout_seconds=1)
        self.target = Target(spec, SecretStr(spec.url), (SecretStr(SECRET),), Policy(), None)
        self.received: list[tuple[str, bytes]] = []
        """Id and body of every message that arrived, as they came."""

    async def send(self, message: Message, at: datetime) -> Answer:
        """One attempt."""
        if self._faults.fire("target-silent", self.target.name):
            await asyncio.sleep(self.target.spec.timeout_seconds)
            return Answer(False, None, "no answer in time")
        await asyncio.sleep(self._chance.uniform(0, LONGEST_ANSWER_S))
        if self._faults.fire("target-refuses", self.target.name):
            return Answer(False, 500, "answered 500")
        if self._faults.fire("target-overloaded", self.target.name):
            return Answer(False, 429, "answered 429", timedelta(seconds=1))
        self.received.append((message.message_id, message.body))
        await asyncio.sleep(self._chance.uniform(0, LONGEST_ANSWER_S))
        if self._faults.fire("answer-lost", self.target.name):
            return Answer(False, None, "the connection broke before there was an answer")
        return Answer(True, 200, "delivered")

    async def close(self) -> None:
        """Nothing to close."""

    def lacks(self, log: MemoryLog) -> list[str]:
        """Alerts of the log that neither came nor are shown as exhausted: id and revision."""
        done = {about(body) for _, body in self.received}
        for stored in iterate(log, "deliveries"):
            delivery = orjson.loads(stored.value)
            if delivery["target"] == self.target.name and delivery["outcome"] == "exhausted":
                done.add(f"{delivery['alert_id']} {delivery['revision']}")
        return [alert for alert in dict.fromkeys(_owed(log)) if alert not in done]


def _owed(log: MemoryLog) -> Iterator[str]:
    """Id and revision of every alert that tells people something: all but updates in the words of the one before."""
    told: dict[str, tuple[Any, ...]] = {}
    for stored in iterate(log, "alerts"):
        alert = orjson.loads(stored.value)
        quoted = [quote["mention_id"] for quote in alert["evidence"]]
        words = (alert["severity"], alert["title"], alert["text"], alert["root_sources"], quoted)
        if alert["state"] != "updated" or told.get(alert["alert_id"]) != words:
            yield f"{alert['alert_id']} {alert['revision']}"
        told[alert["alert_id"]] = words


def about(body: bytes) -> str:
    """Id and revision of the alert that a message brings."""
    alert = orjson.loads(body)["data"]
    return f"{alert['alert_id']} {alert['revision']}"
