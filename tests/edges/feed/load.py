"""A server, a crowd of clients and a writer, each in a process of its own, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.codec import encode
from streams.edges.feed.cursor import Position
from streams.edges.feed.envelope import frame
from streams.shells.log import Entry, iterate
from streams.shells.sqlite_log import SqliteLog
from tests.edges.feed.records import event

AT_ONCE = 10
"""Records of one commit."""

SERVE = [sys.executable, "-m", "streams.edges.cli", "serve", "--port", "0"]


@dataclass(frozen=True, slots=True)
class Load:
    """How many clients, how many of them slow, and what they are sent."""

    clients: int
    slow: int
    records: int
    rate: int
    """Records a second."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    complete: int
    """Healthy clients that got as many records as there are."""
    faults: int
    """Records out of order, missing or repeated."""
    different: int
    """Different sequences of bytes among healthy clients."""
    is_the_log: bool
    """Whether that sequence is what stands in the log."""
    p50_ms: float
    p99_ms: float
    """From commit to client."""
    grown_mb: float
    """How much the server's memory grew, at its peak."""
    server_cpu_s: float


def measure(folder: Path, load: Load) -> Outcome:
    """Put a load on a server."""
    log = SqliteLog(folder / "log.db")
    with serving(folder / "log.db") as (process, host, port):
        crowd = _crowd(host, port, load)
        began, cpu = resident_mb(process.pid), cpu_s(process.pid)
        peak = _write(log, load, crowd, process.pid)
        told = json.loads(crowd.communicate(timeout=200)[0])
        used = cpu_s(process.pid) - cpu
    expected = _sum_of(log)
    log.close()
    return Outcome(
        complete=told["complete"],
        faults=told["faults"],
        different=told["sums"],
        is_the_log=told["crc"] == expected,
        p50_ms=told["p50_ms"],
        p99_ms=told["p99_ms"],
        grown_mb=peak - began,
        server_cpu_s=used,
    )


@contextmanager
def serving(log: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """`frontwire serve` over a log: its process, host and port."""
    command = [*SERVE, "--log", str(log), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            address = next(line for line in process.stderr if line.startswith("Map at http://")).split()[2].rstrip(",")
            host, _, port = address.removeprefix("http://").partition(":")
            yield process, host, int(port)
        finally:
            process.terminate()


def _crowd(host: str, port: int, load: Load) -> subprocess.Popen[str]:
    sizes = [str(number) for number in (port, load.clients, load.slow, load.records)]
    command = [sys.executable, "-m", "tests.edges.feed.crowd", host, *sizes]
    crowd = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert crowd.stdout is not None
    assert crowd.stdout.readline() == "ready\n"
    return crowd


def _write(log: SqliteLog, load: Load, crowd: subprocess.Popen[str], server: int) -> float:
    """Append at the rate, and tell the crowd when each record was committed; the server's memory at its peak."""
    assert crowd.stdin is not None
    values = [encode(event(number)) for number in range(50)]
    began, peak = time.monotonic(), 0.0
    for first in range(0, load.records, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, load.records))
        log.append([Entry("events", "k", values[number % 50], 1_480_000_000_000 + number) for number in numbers])
        now = time.monotonic()
        crowd.stdin.write("".join(f"{number} {now}\n" for number in numbers))
        crowd.stdin.flush()
        peak = max(peak, resident_mb(server))
        time.sleep(max(0.0, began + numbers.stop / load.rate - time.monotonic()))
    return peak


def _sum_of(log: SqliteLog) -> int:
    """What a client has that got exactly the log."""
    sent = (frame("events", one, str(Position.of({"events": [one.offset + 1]}))) for one in iterate(log, "events"))
    return zlib.crc32(b"".join(sent))


def resident_mb(process: int) -> float:
    """Memory of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_s(process: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
