"""A crowd of stream clients in one process: what each received, byte for byte, and when.

    python -m tests.edges.feed.crowd HOST PORT CLIENTS SLOW RECORDS

Reads commit times (offset and monotonic seconds, a line each) on standard input, which the writer closes at the end;
prints one JSON object. Clocks are one: monotonic time is the machine's.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import threading
import time
import zlib
from dataclasses import dataclass, field
from functools import lru_cache

PATH = "/v1/feed?kinds=events&since=events:0"
PATIENCE_S = 90
SLOW_BYTES = 2_000
SLOW_PAUSE_S = 0.2
BUFFER = memoryview(bytearray(1 << 18))


@dataclass(frozen=True, slots=True)
class Stretch:
    """What stands in some bytes of the chunked body."""

    block: bytes
    """Its events, without heartbeats."""
    first: int
    """Offset of the first one; of none, -1."""
    last: int
    whole: bool
    """Whether each offset between is there."""
    rest: bytes
    """What is not yet a whole chunk."""


@dataclass
class Client:
    """One connection, and a running sum over the records it got: nothing is kept, so that a thousand are cheap."""

    link: socket.socket
    rest: bytes = b""
    begun: bool = False
    over: bool = False
    count: int = 0
    crc: int = 0
    last: int = -1
    faults: int = 0
    arrivals: list[tuple[float, int, int]] = field(default_factory=list)
    """When, and from which to which offset."""

    def read(self) -> None:
        size = self.link.recv_into(BUFFER)
        now = time.monotonic()
        self.over = not size
        self.rest += BUFFER[:size]
        if not self.begun:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            self.begun = head.startswith(b"HTTP/1.1 200")
            self.faults += not self.begun
        self.take(stretch(self.rest), now)

    def take(self, found: Stretch, now: float) -> None:
        self.rest = found.rest
        if found.block:
            self.faults += found.first != self.last + 1 or not found.whole
            self.count += found.last - found.first + 1
            self.last, self.crc = found.last, zlib.crc32(found.block, self.crc)
            self.arrivals.append((now, found.first, found.last))


@lru_cache(maxsize=64)
def stretch(pending: bytes) -> Stretch:
    """Most clients get the very same bytes, which are taken apart once: what is measured is the server, not this crowd.

    Each chunk is whole events, or the offsets would not be found.
    """
    text, rest = _unchunked(pending)
    frames = [frame for frame in text.split(b"\n\n") if b"\nevent: events\n" in frame]
    if not frames:
        return Stretch(b"", -1, -1, True, rest)
    offsets = [_offset(frame, frame.index(b"id: events:")) for frame in frames]
    whole = offsets == list(range(offsets[0], offsets[-1] + 1))
    return Stretch(b"".join(frame + b"\n\n" for frame in frames), offsets[0], offsets[-1], whole, rest)


def _unchunked(pending: bytes) -> tuple[bytes, bytes]:
    parts, at = [], 0
    while (line := pending.find(b"\r\n", at)) > 0:
        end = line + 2 + int(pending[at:line], 16)
        if len(pending) < end + 2:
            break
        parts.append(pending[line + 2 : end])
        at = end + 2
    return b"".join(parts), pending[at:]


def _offset(block: bytes, at: int) -> int:
    """Offset of the record whose event begins here: its cursor is the one after it."""
    return int(block[at + 11 : block.index(b"\n", at)]) - 1


def connect(host: str, port: int, *, slow: bool) -> socket.socket:
    link = socket.socket()
    if slow:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect((host, port))
    link.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return link


def dawdle(links: list[socket.socket], stop: threading.Event) -> None:
    """Clients that take a little now and then, and never keep up."""
    while not stop.wait(SLOW_PAUSE_S):
        for link in links:
            try:
                link.recv(SLOW_BYTES, socket.MSG_DONTWAIT)
            except OSError:
                continue


def main() -> None:
    host, port, count, slow, records = sys.argv[1], *map(int, sys.argv[2:6])
    committed: dict[int, float] = {}

    def listen() -> None:
        for line in sys.stdin:
            offset, moment = line.split()
            committed[int(offset)] = float(moment)

    stop = threading.Event()
    slow_links = [connect(host, port, slow=True) for _ in range(slow)]
    clients = {link.fileno(): Client(link) for link in (connect(host, port, slow=False) for _ in range(count - slow))}
    threading.Thread(target=dawdle, args=(slow_links, stop), daemon=True).start()
    poll = select.epoll()
    for number in clients:
        poll.register(number, select.EPOLLIN)
    reading, ready, deadline = set(clients), False, time.monotonic() + PATIENCE_S
    while reading and time.monotonic() < deadline:
        for number, _ in poll.poll(1):
            client = clients[number]
            client.read()
            if client.over or client.count >= records:
                poll.unregister(number)
                reading.discard(number)
        if not ready and all(client.begun for client in clients.values()):
            ready = True
            print("ready", flush=True)
            threading.Thread(target=listen, daemon=True).start()
    stop.set()
    time.sleep(0.2)
    late = sorted(
        moment - committed[offset]
        for client in clients.values()
        for moment, first, last in client.arrivals
        for offset in range(first, last + 1)
    )
    told = {
        "complete": sum(client.count == records for client in clients.values()),
        "faults": sum(client.faults for client in clients.values()),
        "sums": len({(client.count, client.crc) for client in clients.values()}),
        "crc": next(iter(clients.values())).crc,
        "reads": sum(len(client.arrivals) for client in clients.values()),
        "p50_ms": round(1000 * late[len(late) // 2], 1) if late else None,
        "p99_ms": round(1000 * late[int(len(late) * 0.99)], 1) if late else None,
        "max_ms": round(1000 * late[-1], 1) if late else None,
        "cpu_s": round(time.process_time(), 2),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
