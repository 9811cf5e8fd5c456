"""Real HTTP servers on this machine, each behaving in its way, and alerts in a real log."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from schemas.alert import Alert, Delivery
from schemas.codec import decode, encode
from schemas.topics import ALERTS, DELIVERIES
from schemas.vocabulary import AlertState
from streams.edges.delivery.targets import Targets, load_targets
from streams.shells.log import Entry, Log, iterate

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD_SECRET = "whsec_" + base64.b64encode(bytes(range(40, 72))).decode()
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Got:
    """One request, as it came in."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What came in; `accepted` are those that were answered with 200."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    accepted: list[Got] = field(default_factory=list)
    written: int = 0
    """Bytes of body that an endless answer got rid of."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self) -> list[str]:
        return [got.id for got in self.got]

    def revisions(self) -> list[tuple[str, int]]:
        """Alert and revision of what was accepted, each id once, in order."""
        first = {
            got.id: (got.json["data"]["alert_id"], got.json["data"]["revision"]) for got in reversed(self.accepted)
        }
        return [first[one] for one in dict.fromkeys(got.id for got in self.accepted)]


Behaviour = Callable[["Handler", Receiver, Got], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver
    behaviour: Behaviour

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        got = Got({name.lower(): value for name, value in self.headers.items()}, body, time.monotonic())
        self.receiver.got.append(got)
        type(self).behaviour(self, self.receiver, got)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """Close the connection with a reset, in the middle of everything."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_: object) -> None:
        pass


def ok(handler: Handler, receiver: Receiver, got: Got) -> None:
    # Noted first: who is answered may be killed at once.
    receiver.accepted.append(got)
    handler.answer(200)


def status(code: int, **headers: str) -> Behaviour:
    return lambda handler, receiver, got: handler.answer(code, b"no", **headers)


def first(count: int, before: Behaviour, then: Behaviour = ok) -> Behaviour:
    """One behaviour for the first requests, another one after."""

    def behave(handler: Handler, receiver: Receiver, got: Got) -> None:
        (before if len(receiver.got) <= count else then)(handler, receiver, got)

    return behave


def slow(seconds: float, then: Behaviour = ok) -> Behaviour:
    def behave(handler: Handler, receiver: Receiver, got: Got) -> None:
        time.sleep(seconds)
        then(handler, receiver, got)

    return behave


def endless(handler: Handler, receiver: Receiver, got: Got) -> None:
    """200, and a body that never ends."""
    receiver.accepted.append(got)
    handler.send_response(200)
    handler.send_header("content-length", str(10**12))
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65_536)
            receiver.written += 65_536
    except OSError:
        handler.close_connection = True


def dripping(handler: Handler, receiver: Receiver, got: Got) -> None:
    """200, and a body of which a byte comes now and then."""
    receiver.accepted.append(got)
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x")
            time.sleep(0.1)
    except OSError:
        handler.close_connection = True


def reset(handler: Handler, receiver: Receiver, got: Got) -> None:
    handler.reset()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def receiving(behaviour: Behaviour = ok, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server in a thread, behaving in one way for as long as the body runs."""
    receiver = Receiver()
    handler = type("Of", (Handler,), {"receiver": receiver, "behaviour": staticmethod(behaviour)})
    server = _Server(("127.0.0.1", port), handler)
    receiver.port = server.server_address[1]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def targets(folder: Path, *specs: dict[str, Any], **more: Any) -> Targets:
    """Targets on this machine, through a file as an operator writes it."""
    return load_targets(targets_file(folder, *specs, **more), {"HOOK_KEY": SECRET, "OLD_KEY": OLD_SECRET})


def targets_file(folder: Path, *specs: dict[str, Any], retries: Sequence[float] | None = None, **more: Any) -> Path:
    """The file of these targets."""
    defaults = {"allow_http": True, "allow_networks": ["127.0.0.0/8"], "secrets": ["env:HOOK_KEY"]}
    data: dict[str, Any] = {"targets": [{**defaults, **spec} for spec in specs], **more}
    if retries is not None:
        data["retries_seconds"] = list(retries)
    path = folder / "targets.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")  # JSON is YAML.
    return path


def alert(number: int = 1, revision: int = 1, **more: Any) -> Alert:
    return Alert(
        **{
            "alert_id": f"alert-{number}",
            "revision": revision,
            "rule": "siege",
            "state": AlertState.RAISED if revision == 1 else AlertState.UPDATED,
            "severity": "major",
            "title": f"A town besieged, {number}",
            "text": f"Roads were cut, by {revision} reports.",
            "place": None,
            "subjects": (f"event-{number}",),
            "mention_ids": (),
            "root_sources": ("sohr",),
            "known_at": START,
            **more,
        }
    )


def append(log: Log, *alerts: Alert) -> None:
    log.append(Entry(ALERTS.name, one.alert_id, encode(one), int(one.known_at.timestamp() * 1000)) for one in alerts)


def deliveries(log: Log) -> list[Delivery]:
    return [decode(Delivery, stored.value) for stored in iterate(log, DELIVERIES.name)]


def outcomes(log: Log) -> list[str]:
    return [delivery.outcome for delivery in deliveries(log)]
