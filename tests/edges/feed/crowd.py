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

PATH = "/v1/feed?kinds=events&since=events:0"
PATIENCE_S = 90
SLOW_BYTES = 2_000
SLOW_PAUSE_S = 0.2


@dataclass
class Client:
    """One connection, and a running sum over the records it got: nothing is kept, so that a thousand are cheap."""

    link: socket.socket
    rest: bytes = b""
    """Of the chunked body: what is not yet a whole chunk."""
    text: bytes = b""
    """Of the stream: what is not yet a whole event."""
    begun: bool = False
    over: bool = False
    count: int = 0
    crc: int = 0
    last: int = -1
    faults: int = 0
    arrivals: list[tuple[float, int, int]] = field(default_factory=list)
    """When, and from which to which offset."""

    def read(self) -> None:
        found = self.link.recv(1 << 20)
        now = time.monotonic()
        self.over = not found
        self.rest += found
        if not self.begun:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            self.begun = head.startswith(b"HTTP/1.1 200")
            self.faults += not self.begun
        self.text += self.whole_chunks()
        end = self.text.rfind(b"\n\n") + 2
        if end > 1:
            self.take(self.text[:end], now)
            self.text = self.text[end:]

    def take(self, block: bytes, now: float) -> None:
        """Whole events. Counted and summed as one piece where no heartbeat stands among them."""
        if block.startswith((b":", b"retry")) or b"\n: hb\n" in block:
            block = b"".join(frame + b"\n\n" for frame in block.split(b"\n\n") if b"\nevent: events\n" in frame)
        if block:
            first, last = (
                _offset(block, block.index(b"id: events:")),
                _offset(block, max(0, block.rfind(b"\nid: events:") + 1)),
            )
            self.faults += first != self.last + 1 or last - first + 1 != block.count(b"\nevent: events\n")
            self.count += last - first + 1
            self.last, self.crc = last, zlib.crc32(block, self.crc)
            self.arrivals.append((now, first, last))

    def whole_chunks(self) -> bytes:
        parts, at, rest = [], 0, self.rest
        while (line := rest.find(b"\r\n", at)) > 0:
            end = line + 2 + int(rest[at:line], 16)
            if len(rest) < end + 2:
                break
            parts.append(rest[line + 2 : end])
            at = end + 2
        self.rest = rest[at:]
        return b"".join(parts)


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
