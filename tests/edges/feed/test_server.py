"""The server: for this machine alone, and it stops when told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from schemas.errors import LogError
from streams.edges.feed.server import NotLoopback, serve
from streams.shells.sqlite_log import SqliteLog
from tests.edges.feed.records import Writer, fill


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.org"])
def test_it_does_not_listen_where_others_could_reach_it(log: SqliteLog, host: str) -> None:
    with pytest.raises(NotLoopback, match=r"127\.0\.0\.1"):
        serve(log.path, host)


def test_a_missing_log_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="ingest"):
        serve(tmp_path / "none.db")


def test_it_serves_a_log_file_until_a_signal_though_clients_are_listening(log: SqliteLog, writer: Writer) -> None:
    fill(writer)
    program = (
        "import sys, pathlib; from streams.edges.feed import serve\n"
        "serve(pathlib.Path(sys.argv[1]), port=0, started=lambda url: print(url, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(log.path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = next(line.strip() for line in process.stdout if line.startswith("http"))
        with httpx.stream("GET", f"{url}/v1/feed?since=earliest", timeout=20) as stream:
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("event:"))
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(15) == 0
    assert log.path.with_name(log.path.name + ".feed").exists()
