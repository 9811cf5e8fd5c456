"""Many alerts to a receiver that does everything wrong, from a sender that is killed again and again.

`FRONTWIRE_CAMPAIGN=10000,20` sends so many alerts and kills so often; the suite is content with fewer. Run it with `-s`
for the figures.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from schemas.alert import Alert
from streams.edges.delivery.message import delivery_id
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.receivers import (
    SECRET,
    Got,
    Handler,
    Receiver,
    alert,
    append,
    deliveries,
    receiving,
    targets_file,
)

ALERTS, KILLS = map(int, os.environ.get("FRONTWIRE_CAMPAIGN", "300,4").split(","))
SENDER = Path(__file__).with_name("watched_sender.py")
METADATA = "http://169.254.169.254/latest/meta-data/"
GIGABYTE = 10**9


class Badly:
    """Verifies each request, and then mostly misbehaves: 30 % are failed, and of the rest some end in other ways."""

    def __init__(self, trap: str) -> None:
        self._chance, self._lock, self._trap_url = random.Random(7), Lock(), trap
        self.did: Counter[str] = Counter()
        self.taken: dict[str, list[str]] = defaultdict(list)
        """Ids that were answered with 200, each once, by target: what a receiver that keeps ids has seen."""

    def __call__(self, handler: Handler, receiver: Receiver, got: Got) -> None:
        Webhook(SECRET).verify(got.body, got.headers)
        with self._lock:
            shares = [30, 1, 2, 2, 2, 1, 62]
            how = self._chance.choices(["fail", "hang", "metadata", "trap", "cut", "gigabyte", "ok"], shares)[0]
            self.did[how] += 1
        target = handler.path.strip("/")
        getattr(self, f"_{how}")(handler, got, target)

    def _take(self, got: Got, target: str) -> None:
        with self._lock:
            if got.id not in self.taken[target]:
                self.taken[target].append(got.id)

    def _ok(self, handler: Handler, got: Got, target: str) -> None:
        self._take(got, target)
        handler.answer(200)

    def _fail(self, handler: Handler, got: Got, target: str) -> None:
        handler.answer(500 if len(got.body) % 2 else 503, b"try later")

    def _hang(self, handler: Handler, got: Got, target: str) -> None:
        time.sleep(1.5)
        handler.close_connection = True

    def _metadata(self, handler: Handler, got: Got, target: str) -> None:
        handler.answer(302, location=METADATA)

    def _trap(self, handler: Handler, got: Got, target: str) -> None:
        handler.answer(307, location=self._trap_url)

    def _cut(self, handler: Handler, got: Got, target: str) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-ty")
        handler.reset()

    def _gigabyte(self, handler: Handler, got: Got, target: str) -> None:
        self._take(got, target)
        handler.send_response(200)
        handler.send_header("content-length", str(GIGABYTE))
        handler.end_headers()
        try:
            for _ in range(GIGABYTE // 100_000):
                handler.wfile.write(b"x" * 100_000)
        except OSError:
            handler.close_connection = True


@contextmanager
def trapping() -> Iterator[tuple[str, list[Any]]]:
    """A server that nobody may reach; who did all the same."""
    caught: list[Any] = []
    with socket.create_server(("127.0.0.2", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                caught.append(address)
                connection.close()

        Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.2:{server.getsockname()[1]}/", caught
        server.shutdown(socket.SHUT_RDWR)


class Sending:
    """`frontwire alerts deliver` on a log, killed and started again."""

    def __init__(self, folder: Path, chosen: Path) -> None:
        self._connects, self._out = folder / "connects.txt", folder / "sender.txt"
        arguments = ["alerts", "deliver", "--targets", str(chosen), "--log", str(folder / "log.db")]
        self._command = [sys.executable, str(SENDER), str(self._connects), *arguments]
        self._environment = {**os.environ, "HOOK_KEY": SECRET, "FRONTWIRE_LOG_LEVEL": "critical"}
        self.start()

    def start(self) -> None:
        with self._out.open("ab") as out:
            self.process = subprocess.Popen(self._command, env=self._environment, stdout=out, stderr=out)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def wait_for(self, reached: Any) -> None:
        deadline = time.monotonic() + 120 + 0.4 * ALERTS
        while not reached():
            assert self.process.poll() is None, self._out.read_text()[-2000:]
            assert time.monotonic() < deadline, "no progress"
            time.sleep(0.02)

    def reached(self) -> set[str]:
        """Every address that was connected to, as Python shows it."""
        return set(self._connects.read_text().splitlines())


@pytest.mark.slow
@pytest.mark.timeout(600 + ALERTS)
def test_every_alert_arrives_in_order_whatever_the_receiver_and_the_killer_do(tmp_path: Path) -> None:
    with trapping() as (trap, caught), receiving(badly := Badly(trap)) as receiver:
        log = SqliteLog(tmp_path / "log.db")
        append(log, *(numbered(number) for number in range(ALERTS)))
        chosen = campaign_targets(tmp_path, receiver, trap)
        began, sending = time.monotonic(), Sending(tmp_path, chosen)
        for kill in range(1, KILLS + 1):
            sending.wait_for(lambda due=kill * ALERTS // (KILLS + 1): len(badly.taken["desk"]) >= due)
            assert sending.end(signal.SIGKILL) == -signal.SIGKILL
            sending.start()
        sending.wait_for(lambda: is_done(badly) and all_recorded(log))
        assert sending.end(signal.SIGTERM) == 0
        seconds = time.monotonic() - began
    assert badly.taken["desk"] == [delivery_id("desk", f"alert-{number}", 1) for number in range(ALERTS)]
    assert sorted(badly.taken["radio"]) == sorted(delivery_id("radio", f"alert-{n}", 1) for n in range(0, ALERTS, 10))
    told = {one.delivery_id for one in deliveries(log) if one.outcome == "delivered"}
    assert told == {one for ids in badly.taken.values() for one in ids}, "delivered is what was, and nothing else"
    assert caught == []
    assert sending.reached() == {f"('127.0.0.1', {receiver.port})"}
    inside = [one for one in deliveries(log) if one.target == "inside"]
    assert {one.detail.partition(":")[0] for one in inside} == {"address refused"}
    print(f"{ALERTS} alerts, {KILLS} kills, {seconds:.0f} s, {len(receiver.got)} requests: {dict(badly.did)}")
    log.close()


def numbered(number: int) -> Alert:
    """Each tenth is critical, and a few are of a rule that the forbidden target hears of."""
    rule = "chemical-attack" if number < 5 else "siege"
    return alert(number, rule=rule, severity="critical" if number % 10 == 0 else "minor")


def campaign_targets(folder: Path, receiver: Receiver, trap: str) -> Path:
    """A desk that hears all in order, a radio that hears the gravest, and an address that may not be called."""
    here = {"allow_networks": ["127.0.0.1/32"], "timeout_seconds": 1}
    desk = {"name": "desk", "url": f"http://127.0.0.1:{receiver.port}/desk", **here}
    radio = {"name": "radio", "url": f"http://127.0.0.1:{receiver.port}/radio", **here}
    radio |= {"min_severity": "critical", "order": "alert"}
    inside = {"name": "inside", "url": "http://localhost:" + trap.split(":")[2], "allow_networks": []}
    inside |= {"order": "alert", "rules": ["chemical-attack"]}
    return targets_file(folder, desk, radio, inside, retries=[0.01] * 10 + [1.0] * 10, breaker_seconds=0.1)


def is_done(badly: Badly) -> bool:
    return len(badly.taken["desk"]) == ALERTS and len(badly.taken["radio"]) == len(range(0, ALERTS, 10))


def all_recorded(log: SqliteLog) -> bool:
    """Whether each target but the forbidden one has a record of success for each of its alerts."""
    done = Counter(one.target for one in deliveries(log) if one.outcome == "delivered")
    return done == {"desk": ALERTS, "radio": len(range(0, ALERTS, 10))}
