"""The command, as a process of its own: what it delivers, what it prints, and what is left when it is killed."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from schemas.alert import Delivery
from streams.edges.cli.delivery import Outcome
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.receivers import (
    SECRET,
    Got,
    Handler,
    Receiver,
    alert,
    append,
    deliveries,
    ok,
    outcomes,
    receiving,
    reset,
    slow,
    status,
    targets,
)

CANARY = "whsec_" + base64.b64encode(b"canary-canary-canary-canary").decode()


def command(folder: Path, *arguments: str, out: int = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    known = {**os.environ, "FRONTWIRE_LOG": str(folder / "log.db"), "HOOK_KEY": SECRET, **environment}
    line = [sys.executable, "-m", "streams.edges.cli", "alerts", *arguments]
    return subprocess.Popen(line, env=known, stdout=out, stderr=subprocess.STDOUT, text=True)


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    process = command(folder, *arguments, **environment)
    told, _ = process.communicate(timeout=60)
    return process.returncode, told


def test_what_is_due_is_delivered_and_listed(log: SqliteLog, tmp_path: Path) -> None:
    append(log, alert(1), alert(2))
    with receiving() as receiver:
        targets(tmp_path, {"name": "desk", "url": receiver.url})
        assert run(tmp_path, "deliver", "--targets", str(tmp_path / "targets.yaml"), "--once")[0] == 0
    Webhook(SECRET).verify(receiver.got[0].body, receiver.got[0].headers)
    _, listed = run(tmp_path, "deliveries", "--json")
    assert [json.loads(line)["outcome"] for line in listed.splitlines()] == ["delivered"] * 2


def test_alerts_that_come_while_it_runs_are_delivered_and_it_ends_when_told(log: SqliteLog, tmp_path: Path) -> None:
    with receiving() as receiver:
        targets(tmp_path, {"name": "desk", "url": receiver.url})
        process = command(tmp_path, "deliver", "--targets", str(tmp_path / "targets.yaml"))
        assert process.stdout
        assert "desk (0 waiting)" in process.stdout.readline()
        append(log, alert(1))
        until(lambda: bool(outcomes(log)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert receiver.revisions() == [("alert-1", 1)]


def test_what_was_given_up_is_sent_again_by_a_running_process(log: SqliteLog, tmp_path: Path) -> None:
    append(log, alert(1))
    with receiving(status(410)) as receiver:
        targets(tmp_path, {"name": "desk", "url": receiver.url})
        run(tmp_path, "deliver", "--targets", str(tmp_path / "targets.yaml"), "--once")
    assert outcomes(log) == ["refused"]
    with receiving(port=receiver.port) as receiver:
        process = command(tmp_path, "deliver", "--targets", str(tmp_path / "targets.yaml"))
        assert "Asked for 1 delivery once more." in run(tmp_path, "resend")[1]
        until(lambda: outcomes(log)[-1] == "delivered")
        process.terminate()
        process.wait(timeout=10)
    assert receiver.ids() == [deliveries(log)[0].delivery_id]


def test_a_test_is_marked_and_recorded_nowhere(log: SqliteLog, tmp_path: Path) -> None:
    with receiving() as receiver:
        targets(tmp_path, {"name": "desk", "url": receiver.url})
        code, _ = run(tmp_path, "fire", "siege", "--targets", str(tmp_path / "targets.yaml"))
    assert code == 0
    assert receiver.got[0].json["type"] == "frontwire.alert.test"
    assert receiver.got[0].json["data"]["title"].startswith("TEST")
    assert outcomes(log) == []


def test_a_test_that_is_not_taken_ends_with_one(log: SqliteLog, tmp_path: Path) -> None:
    with receiving(status(500)) as receiver:
        targets(tmp_path, {"name": "desk", "url": receiver.url})
        assert run(tmp_path, "fire", "siege", "--targets", str(tmp_path / "targets.yaml"))[0] == 1


def test_no_secret_is_printed_logged_or_recorded(log: SqliteLog, tmp_path: Path) -> None:
    append(log, alert(1), alert(2))
    told = ""
    with receiving(status(500)) as receiver:
        spec = {"name": "desk", "url": "env:HOOK_URL", "allow_http": True, "allow_networks": ["127.0.0.0/8"]}
        path = tmp_path / "targets.yaml"
        secret = {"HOOK_KEY": CANARY, "HOOK_URL": f"{receiver.url}/canary?token=canary", "FRONTWIRE_LOG_LEVEL": "debug"}
        path.write_text(json.dumps({"targets": [{**spec, "secrets": ["env:HOOK_KEY"]}]}))
        told += run(tmp_path, "deliver", "--targets", str(path), "--once", **secret)[1]
        told += run(tmp_path, "fire", "siege", "--targets", str(path), **secret)[1]
        told += run(tmp_path, "deliver", "--targets", str(path), "--once", **{**secret, "HOOK_URL": "canary"})[1]
    assert "delivery_failed" in told
    assert receiver.got, "the secret address was used"
    held = b"".join(file.read_bytes() for file in tmp_path.glob("log.db*"))
    for secret_part in ("canary", CANARY.removeprefix("whsec_")):
        assert secret_part not in told
        assert secret_part.encode() not in held


def test_no_log_is_made_where_there_is_none(tmp_path: Path) -> None:
    targets(tmp_path, {"name": "desk", "url": "https://hooks.example.org/"})
    code, told = run(tmp_path, "deliver", "--targets", str(tmp_path / "targets.yaml"), "--once")
    assert code == 3
    assert "there is no log" in told
    assert not (tmp_path / "log.db").exists()


def test_the_command_knows_every_outcome_of_the_contract() -> None:
    known = re.findall(r"'(\w+)'", str(Delivery.model_fields["outcome"].annotation))
    assert known == [outcome.value for outcome in Outcome]


class Fickle:
    """A receiver that verifies signatures, and fails or misbehaves in three of ten requests, always in the same way."""

    def __init__(self) -> None:
        self._counted = count()
        self.forged = 0

    def __call__(self, handler: Handler, receiver: Receiver, got: Got) -> None:
        try:
            Webhook(SECRET).verify(got.body, got.headers)
        except WebhookVerificationError:
            self.forged += 1
        faults = (status(500), reset, status(302, location="http://169.254.169.254/latest"))
        number = next(self._counted) * 7 % 40
        if number < 9:
            faults[number % 3](handler, receiver, got)
        elif number == 9:
            slow(1.0, ok)(handler, receiver, got)
        elif number == 10:
            handler.wfile.write(b"HTTP/1.1 20")
            handler.reset()
        elif number == 11:
            status(503, retry_after="0")(handler, receiver, got)
        else:
            ok(handler, receiver, got)


@pytest.mark.slow
def test_killed_again_and_again_over_a_fickle_receiver_every_alert_arrives_in_order(
    log: SqliteLog, tmp_path: Path
) -> None:
    fickle = Fickle()
    expected = [(f"alert-{number}", 1) for number in range(200)]
    append(log, *(alert(number) for number in range(200)))
    with receiving(fickle) as receiver:
        spec = {"name": "desk", "url": receiver.url, "timeout_seconds": 0.5}
        targets(tmp_path, spec, retries=[0.02] * 20)
        arguments = ("deliver", "--targets", str(tmp_path / "targets.yaml"))
        for kill in range(6):
            kill_after(command(tmp_path, *arguments, out=subprocess.DEVNULL), receiver, 5 + 6 * kill)
        last = command(tmp_path, *arguments, out=subprocess.DEVNULL)
        until(lambda: outcomes(log).count("delivered") == len(expected), seconds=120)
        last.terminate()
        last.wait(timeout=20)
    assert fickle.forged == 0
    assert receiver.revisions() == expected
    assert_none_is_recorded_that_did_not_arrive(log, receiver)


def kill_after(process: subprocess.Popen[str], receiver: Receiver, requests: int) -> None:
    """Kill a process once so many requests came in from it."""
    before = len(receiver.got)
    until(lambda: len(receiver.got) >= before + requests or process.poll() is not None, seconds=60)
    process.kill()
    process.wait()


def assert_none_is_recorded_that_did_not_arrive(log: SqliteLog, receiver: Receiver) -> None:
    arrived = {got.id for got in receiver.accepted}
    assert {one.delivery_id for one in deliveries(log) if one.outcome == "delivered"} <= arrived


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
