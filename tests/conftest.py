"""Where a test's broker comes from: named by the environment, a container, or java on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


class Unavailable(Exception):
    """This way to a broker does not exist here; the next one may."""


@dataclass
class LocalKafka:
    """A broker of its own process, that can be killed and started again on the same data."""

    data: Path
    port: int = field(default_factory=lambda: _free_port())
    controller_port: int = field(default_factory=lambda: _free_port())
    properties: Path | None = None
    """File of further properties."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> LocalKafka:
        script = [sys.executable, str(ROOT / "deploy/kafka/broker.py"), "--data", str(self.data)]
        ports = ["--port", str(self.port), "--controller-port", str(self.controller_port)]
        if self.properties:
            ports += ["--properties", str(self.properties)]
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "out.txt").open("ab") as out:
            self.process = subprocess.Popen([*script, *ports], stdout=out, stderr=out)
        while not answers(self.bootstrap, seconds=1):
            if self.process.poll() is not None:
                raise Unavailable((self.data / "out.txt").read_text()[-2000:])
        return self

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)


class DockerKafka:
    """A broker in a container."""

    def __init__(self) -> None:
        import docker
        from testcontainers.community.kafka import KafkaContainer

        try:
            docker.from_env(timeout=3).ping()
            self.container = KafkaContainer("confluentinc/cp-kafka:7.6.0").with_kraft()
        except docker.errors.DockerException as error:
            raise Unavailable(str(error)) from error

    def start(self) -> DockerKafka:
        import docker

        try:
            self.container.start(timeout=60)
        except docker.errors.DockerException as error:
            raise Unavailable(str(error)) from error
        self.bootstrap = self.container.get_bootstrap_server()
        return self

    def stop(self) -> None:
        self.container.stop()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap servers of a real broker, shared by the session: each test brings topics and groups of its own."""
    if named := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        if not answers(named, seconds=10):
            pytest.fail(f"KAFKA_BOOTSTRAP_SERVERS={named} does not answer")
        yield named
        return
    reasons = []
    for way, make in (("docker", DockerKafka), ("java", lambda: LocalKafka(tmp_path_factory.mktemp("kafka")))):
        try:
            broker = make().start()
        except Unavailable as error:
            reasons.append(f"{way}: {error}")
            continue
        try:
            yield broker.bootstrap
        finally:
            broker.stop()
        return
    pytest.fail("no Kafka broker: " + "; ".join(reasons))


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker of the test's own, to be killed and started again."""
    broker = LocalKafka(tmp_path / "kafka").start()
    try:
        yield broker
    finally:
        broker.kill()


def answers(bootstrap: str, seconds: float) -> bool:
    """Whether a broker answers an ApiVersions request in time; a port that is merely open is no broker yet."""
    host, port = bootstrap.split(",")[0].rsplit(":", 1)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((host, int(port)), timeout=1) as link:
                link.sendall(bytes.fromhex("0000000e 0012 0000 00000007 0004 74657374".replace(" ", "")))
                if len(link.recv(8)) == 8:
                    return True
        except OSError:
            time.sleep(0.1)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
