"""What a worker tells over HTTP: `/metrics` for Prometheus, `/livez` and `/readyz` for whoever restarts it."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.shells.watch import ANSWER_WITHIN_S, LOOK_EVERY_S, Vitals

SILENT_AFTER_S = 2 * (ANSWER_WITHIN_S + LOOK_EVERY_S)
"""Age of the last look from which on the worker does not count as alive."""


def serve(address: str, vitals: Vitals) -> ThreadingHTTPServer:
    """Answer on `host:port`, in threads of its own, until it is shut down.

    Raises:
        OSError: If the address is taken.
    """
    host, _, port = address.rpartition(":")
    server = ThreadingHTTPServer((host or "127.0.0.1", int(port)), _handler(vitals))
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="probe", daemon=True).start()
    return server


def is_live(vitals: Vitals) -> bool:
    """Whether the worker should be left alone: it is well, or busy with getting well."""
    return vitals.condition not in ("stuck", "silent") and (
        not vitals.looked_at or time() - vitals.looked_at < SILENT_AFTER_S
    )


def is_ready(vitals: Vitals) -> bool:
    """Whether the worker has its partitions and their state."""
    return vitals.condition in ("quiet", "working") and is_live(vitals)


def _handler(vitals: Vitals) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
            elif self.path in ("/livez", "/readyz"):
                well = (is_live if self.path == "/livez" else is_ready)(vitals)
                self._answer(200 if well else 503, "application/json", orjson.dumps(vitals))
            else:
                self._answer(404, "text/plain", b"/metrics, /livez, /readyz\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: probes come every few seconds."""

    return Handler
