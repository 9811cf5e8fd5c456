"""Nothing inside is reached from outside: how an internal address can be written, and how it can be come by."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from schemas.errors import TargetsError
from streams.edges.delivery.message import alert_message
from streams.edges.delivery.sending import Answer, Sender
from streams.edges.delivery.targets import Target, load_targets
from tests.edges.delivery.receivers import Receiver, alert, receiving, targets

FORMS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.000.000.001",
    "0",
    "0.0.0.0",
    "localhost",
    "localhost.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "①②⑦.⓪.⓪.①",
    "user@127.0.0.1",
    "example.org@127.0.0.1",
]
"""Ways to write this machine's own address, as attackers do."""
ELSEWHERE = [
    "169.254.169.254",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "2852039166",
    "[::ffff:169.254.169.254]",
]
"""Ways to write addresses of other machines that nobody outside should reach."""


def send(target: Target, resolver: Callable[..., Any] | None = None) -> Answer:
    async def attempt() -> Answer:
        sender = Sender(target, resolver=resolver)
        try:
            return await sender.send(alert_message("plain", "id", alert()), datetime.now(UTC))
        finally:
            await sender.close()

    return asyncio.run(attempt())


def pointed_at(url: str, folder: Path, **more: Any) -> Target:
    """A target that passed its checks, and whose address then became another one."""
    path = folder / "targets.yaml"
    path.write_text('targets: [{name: desk, format: plain, allow_http: true, url: "http://hooks.example:1/"}]')
    target = load_targets(path, {}).targets[0]
    policy = type(target.policy)(**{"allowed_ports": frozenset({int(url.rsplit(":", 1)[1].split("/")[0])}), **more})
    return Target(target.spec, SecretStr(url), (), policy, None)


@pytest.mark.parametrize("host", FORMS)
def test_no_way_to_write_this_machine_reaches_it(host: str, tmp_path: Path) -> None:
    with receiving() as receiver:
        answer = send(pointed_at(f"http://{host}:{receiver.port}/", tmp_path))
    assert not answer.delivered
    assert receiver.got == []


@pytest.mark.parametrize("host", [*FORMS, *ELSEWHERE])
def test_an_internal_address_is_refused_when_the_file_is_read_or_when_its_name_is_looked_up(
    host: str, tmp_path: Path
) -> None:
    path = tmp_path / "targets.yaml"
    path.write_text(f'targets: [{{name: desk, format: plain, url: "https://{host}/"}}]', encoding="utf-8")
    try:
        told = send(load_targets(path, {}).targets[0]).detail
    except TargetsError as error:
        told = str(error)
    assert re.search("allow_networks|no such address may be called|address refused|the name does not resolve", told)


class Rebinding:
    """A name that points outside when it is looked at, and inside when it is looked at again."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        address = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def test_the_connection_goes_to_the_address_that_was_checked(tmp_path: Path) -> None:
    with receiving() as receiver:
        url = f"http://hooks.example:{receiver.port}/"
        # The first answer is allowed here, and nobody listens there; the second one would be this machine.
        resolver = Rebinding("127.0.0.99", "127.0.0.1")
        answer = send(pointed_at(url, tmp_path, allowed_networks=("127.0.0.99/32",)), resolver)
    assert resolver.asked == 1
    assert not answer.delivered
    assert receiver.got == []


def test_a_name_that_turned_inside_is_refused(tmp_path: Path) -> None:
    with receiving() as receiver:
        answer = send(pointed_at(f"http://hooks.example:{receiver.port}/", tmp_path), Rebinding("127.0.0.1"))
    assert answer.detail.startswith("address refused")
    assert receiver.got == []


def test_a_name_that_points_both_outside_and_inside_is_refused(tmp_path: Path) -> None:
    def both(host: str, port: int, *_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("93.184.216.34", "127.0.0.1")]

    with receiving() as receiver:
        answer = send(pointed_at(f"http://hooks.example:{receiver.port}/", tmp_path), both)
    assert answer.detail.startswith("address refused")
    assert receiver.got == []


def test_a_private_network_is_reached_where_it_is_allowed(tmp_path: Path) -> None:
    with receiving() as receiver:
        assert send(targets(tmp_path, {"name": "desk", "url": receiver.url}).targets[0]).delivered
        assert len(receiver.got) == 1


def test_a_proxy_from_the_environment_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(targets(tmp_path, {"name": "desk", "url": receiver.url}).targets[0]).delivered
    assert proxy.got == []


def test_an_untrusted_certificate_is_refused_and_a_trusted_one_taken(tmp_path: Path) -> None:
    with encrypted(tmp_path) as (receiver, certificate):
        spec = {"name": "desk", "url": f"https://127.0.0.1:{receiver.port}/"}
        refused = send(targets(tmp_path, spec).targets[0])
        taken = send(targets(tmp_path, {**spec, "ca_file": str(certificate)}).targets[0])
    assert refused.detail.startswith("its certificate is not trusted")
    assert taken.delivered


@contextmanager
def encrypted(folder: Path) -> Iterator[tuple[Receiver, Path]]:
    """A server with a certificate that only its own file vouches for."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-keyout", str(key), "-out", str(certificate), "-days", "1", "-nodes"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", *made, *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with receiving(tls=context) as receiver:
        yield receiver, certificate


@pytest.mark.parametrize("networks", [(), ("127.0.0.0/8",)])
def test_a_failure_does_not_tell_a_secret_address(networks: tuple[str, ...], tmp_path: Path) -> None:
    target = pointed_at("http://127.0.0.1:9/canary-path?token=canary", tmp_path, allowed_networks=networks)
    answer = send(target)
    assert not answer.delivered
    assert "canary" not in answer.detail
