"""Workers of one group as processes that can be killed, and what they have come to."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

import orjson

from schemas.errors import FrontwireError
from schemas.topics import CLAIMS, CONTROL, EVENTS, MENTIONS, Topic
from streams.pipeline import Pipeline
from streams.shells.kafka_view import KafkaView
from streams.shells.log import Reader, iterate
from streams.shells.state_hash import state_hash
from streams.shells.workers import WorkerSettings

HISTORY = {"revision", "kind", "supersedes", "late"}
"""Fields that tell how a record came about; arrival decides them, and no two runs of a cluster have the same."""
ENDED = {"merge", "retract"}


@dataclass
class Cluster:
    """Workers of one group."""

    bootstrap: str
    folder: Path
    environment: Mapping[str, str] | None = None
    standby: int = 0
    name: str = field(default_factory=lambda: f"t{uuid4().hex[:10]}")
    """Group and prefix: a broker that is named by the environment may know other runs."""
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def settings(self) -> WorkerSettings:
        return WorkerSettings(f"kafka://{self.bootstrap}", self.folder, group=self.name, prefix=f"{self.name}-")

    def start(self, number: int) -> None:
        assert number not in self.workers or self.workers[number].poll() is not None
        chosen = self.settings
        command = [sys.executable, "-m", "streams.edges.cli", "run", "--broker", chosen.broker]
        command += ["--group", chosen.group, "--prefix", chosen.prefix, "--data", str(self.data(number))]
        command += ["--standby", str(self.standby)]
        with self.out(number).open("ab") as out:
            self.workers[number] = subprocess.Popen(command, stdout=out, stderr=out, env=self.environment)

    def kill(self, number: int) -> None:
        self.workers[number].kill()
        self.workers[number].wait()

    def leave(self, number: int) -> int:
        """End a worker well; its exit code."""
        worker = self.workers.pop(number)
        worker.terminate()
        return worker.wait(timeout=60)

    def wipe(self, number: int) -> None:
        """Take a dead worker's disk away."""
        rmtree(self.data(number), ignore_errors=True)

    def supervise(self) -> list[int]:
        """Start again what ended by itself, as a supervisor would; which ones."""
        ended = [number for number, worker in self.workers.items() if worker.poll() is not None]
        for number in ended:
            self.start(number)
        return ended

    def data(self, number: int) -> Path:
        return self.folder / f"{number}"

    def out(self, number: int) -> Path:
        return self.folder / f"{number}.out"

    def said(self, number: int) -> str:
        return self.out(number).read_text() if self.out(number).exists() else ""

    def view(self) -> KafkaView:
        return KafkaView(self.settings.broker, prefix=self.settings.prefix, group=self.settings.group)

    def come_to(self, stages: Pipeline, seconds: float) -> str:
        """The hash of all state once everything is read."""
        deadline, left = time.monotonic() + seconds, "nothing could be asked"
        while time.monotonic() < deadline:
            self.supervise()
            try:
                with self.view() as view:
                    waits = waiting(view, stages)
                    if not waits:
                        return state_hash(view, stages)
                    left = f"{sum(waits.values())} records wait: {waits}"
            except FrontwireError as error:  # A broker that was just killed.
                left = str(error)
            time.sleep(0.5)
        raise AssertionError(f"not done within {seconds} s; {left}")

    def end(self) -> None:
        for worker in self.workers.values():
            worker.kill()
            worker.wait()


def waiting(view: KafkaView, stages: Pipeline) -> dict[tuple[str, str, int], int]:
    """Records that wait, by stage and lane."""
    read = {(mark.stage, *mark.lane): mark.offset for mark in view.marks()}
    lanes = (
        (stage.name, topic.name, partition)
        for stage in stages
        for topic in stage.inputs
        for partition in range(view.partitions(topic.name))
    )
    left = {lane: view.bounds(*lane[1:])[1] - read.get(lane, 0) for lane in lanes}
    return {lane: count for lane, count in left.items() if count}


def folded(log: Reader) -> dict[str, dict[str, object]]:
    """What a log has come to: the mentions, and the last word on each event, claim and town."""
    return {
        "mentions": {line["mention_id"]: line for line in records(log, MENTIONS)},
        "events": _last(log, EVENTS, "event_id"),
        "claims": _last(log, CLAIMS, "claim_id"),
        "towns": {line["place"]["place_id"]: _told(line) for line in _newest(log, CONTROL, _town).values()},
    }


def records(log: Reader, topic: Topic) -> list[dict[str, Any]]:
    return [orjson.loads(stored.value) for stored in iterate(log, topic.name)]


def _last(log: Reader, topic: Topic, name: str) -> dict[str, object]:
    newest = _newest(log, topic, lambda line: str(line[name]))
    return {key: _told(line) for key, line in newest.items() if line["kind"] not in ENDED}


def _newest(log: Reader, topic: Topic, key: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in records(log, topic):
        # A record that was delivered again comes after later ones: its revision says where it belongs.
        if line["revision"] >= found.get(key(line), {"revision": 0})["revision"]:
            found[key(line)] = line
    return found


def _town(line: dict[str, Any]) -> str:
    return str(line["place"]["place_id"])


def _told(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in HISTORY}
