"""Secrets are planted wherever one can be set, and all that comes out is looked through: none is told to anybody."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.conftest import _free_port
from tests.edges.delivery.receivers import Got, Handler, Receiver, receiving, targets_file
from tests.end_to_end.test_cli import SAMPLE

pytestmark = pytest.mark.slow

CANARY, TOKEN = "kanarie7hemlig", "papegoja9tyst"
SIGNING = "whsec_" + b64encode(f"{CANARY}-signs-what-is-sent".encode()).decode()
RULE = """
rules:
  - {name: taken, watch: changes, when: {change: [captured]}, title: "$place taken"}
"""


def telltale(handler: Handler, receiver: Receiver, got: Got) -> None:
    """Refuses, and says all that it was told: the token by itself, address and head."""
    token = handler.path.partition("token=")[2]
    handler.answer(500, f"no {token} here: {handler.path} {dict(handler.headers)}".encode())


@dataclass
class Install:
    """A folder with a log, keys, rules and targets, in each of which there is a secret."""

    folder: Path
    key: str = ""
    said: dict[str, bytes] = field(default_factory=dict)
    """What each command wrote, on both channels."""

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FRONTWIRE_")}
        own = {
            "LOG": str(self.folder / "log.db"),
            "RULES": str(self.folder / "rules.yaml"),
            "LOG_LEVEL": "debug",
            "KEY": f"fw_1_{CANARY}",
            "KAFKA_PASSWORD": CANARY,
            "KAFKA_USERNAME": "desk",
            "KAFKA_SASL": "PLAIN",
        }
        named = {"HOOK_KEY": SIGNING, "HOOK_ADDRESS": (self.folder / "address").read_text()}
        return {**clean, **named, **{f"FRONTWIRE_{name}": value for name, value in own.items()}}

    def run(self, *words: str | Path) -> bytes:
        """A command, whose output is kept; its exit code is its own affair."""
        command = [sys.executable, "-m", "streams.edges.cli", *map(str, words)]
        done = subprocess.run(command, capture_output=True, env=self.environment(), timeout=120, check=False)
        self.said[" ".join(map(str, words))] = done.stdout + b"\n" + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Install:
    folder = tmp_path_factory.mktemp("secrets")
    found = Install(folder)
    (folder / "rules.yaml").write_text(RULE)
    (folder / "some.jsonl").write_bytes(
        b"".join(SAMPLE.read_bytes().splitlines(keepends=True)[:25]) + b'{"title": "no text"}\n'
    )
    with receiving(telltale) as receiver:
        (folder / "address").write_text(f"{receiver.url}/hooks/{CANARY}?token={TOKEN}")
        spec = {"name": "desk", "url": "env:HOOK_ADDRESS"}
        asked = targets_file(folder, spec, {**spec, "name": "chat", "format": "slack", "secrets": []}, retries=[0.01])
        _use(found, asked)
    return found


def _use(install: Install, targets: Path) -> None:
    """Everything that somebody who runs it would do, and what goes wrong on the way."""
    folder = install.folder
    made = install.run("keys", "new", "desk", "--scope", "operate", "--keys", folder / "keys.yaml")
    install.key = next(word for word in made.decode().split() if word.startswith("fw_"))
    # It is shown once, to whoever makes it: nowhere else.
    install.said.clear()
    for words in (
        ("ingest", "--log-time", "published", folder / "some.jsonl"),
        ("run", "--once"),
        ("alerts", "deliver", "--once", "--targets", targets),
        ("alerts", "deliveries", "--json"),
        ("alerts", "fire", "taken", "--targets", targets),
        ("doctor",),
        ("keys", "list", "--keys", folder / "keys.yaml"),
        ("archive", folder / "archive"),
        ("towns", "--broker", "kafka://127.0.0.1:9"),
        ("feed", "http://127.0.0.1:9"),
        *(("export", topic) for topic in ("deliveries", "dead-letters")),
    ):
        install.run(*words)
    _serve(install)


def _serve(install: Install) -> None:
    port = _free_port()
    words = ["serve", "--keys", str(install.folder / "keys.yaml"), "--port", str(port)]
    command = [sys.executable, "-m", "streams.edges.cli", *words]
    with (install.folder / "serve.out").open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env=install.environment())
        try:
            for address in ("readyz", "metrics", "v1/deliveries", "v1/dead-letters", "v1/alerts", "v1/status"):
                install.said[address] = _answer(f"http://127.0.0.1:{port}/{address}", install.key)
            install.said["wrong key"] = _answer(f"http://127.0.0.1:{port}/v1/events", f"fw_1_{CANARY}")
        finally:
            server.terminate()
            server.wait(20)
    install.said["serve"] = (install.folder / "serve.out").read_bytes()


def _answer(url: str, key: str) -> bytes:
    """What is answered in the end, with its head: a server takes a while to begin, and to be ready."""
    for _ in range(300):
        try:
            with urlopen(Request(url, headers={"Authorization": f"Bearer {key}"})) as answer:
                return bytes(answer.headers) + answer.read()
        except OSError as error:
            if getattr(error, "code", 503) != 503:
                return bytes(error.headers) + error.read()  # type: ignore[attr-defined]
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def forms(secret: str) -> list[bytes]:
    """A secret, as it stands or as it might be written."""
    raw = secret.encode()
    return [raw, raw.hex().encode(), *(b64encode(b" " * lead + raw)[4:-4] for lead in range(3))]


def _secrets(install: Install) -> list[bytes]:
    return [*forms(CANARY), *forms(TOKEN), SIGNING[6:].encode(), *forms(install.key)]


def test_all_was_tried_and_went_the_way_it_goes_with_secrets_in_place(install: Install) -> None:
    assert b"500" in install.said[next(words for words in install.said if words.startswith("alerts deliveries"))]
    assert b'"retry"' in install.said["export deliveries"]
    assert b"frontwire_" in install.said["metrics"]
    assert b'"reason"' in install.said["export dead-letters"]
    assert b"not known" in install.said["wrong key"]


def test_no_secret_is_in_any_output_log_line_metric_or_answer(install: Install) -> None:
    found = [(words, secret) for words, said in install.said.items() for secret in _secrets(install) if secret in said]
    assert found == []


def test_no_secret_is_in_any_file_that_is_written(install: Install) -> None:
    # The one that holds the address was written by its owner.
    written = [path for path in install.folder.rglob("*") if path.is_file() and path.name != "address"]
    assert {"log.db", "keys.yaml", "log.db.feed"} <= {path.name for path in written}
    found = [(path.name, secret) for path in written for secret in _secrets(install) if secret in path.read_bytes()]
    assert found == []


def test_the_search_would_find_a_secret_in_any_of_its_forms() -> None:
    raw = CANARY.encode()
    for told in (raw, raw.hex().encode(), *(b64encode(b"x" * before + raw + b"xyz") for before in range(3))):
        assert any(form in told for form in forms(CANARY)), told
