"""How far a log was ever written, kept beside it: what tells a lost tail from an idle night.

SQLite drops the end of a damaged write-ahead log without a word, and the file is then a correct, older log. So after
each commit the end and the chain of each lane are noted in a small file of their own. A note that is behind is
harmless; a note that is ahead of the log proves a loss.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from struct import Struct
from threading import Lock
from zlib import crc32

_MAGIC = b"FWMARK01"
_SLOT = Struct(">Q16sI")
_SLOT_BYTES = 64
"""Slots do not share a sector, and none crosses one."""


class HighWater:
    """The file of notes, one slot a lane."""

    def __init__(self, path: Path, log_id: bytes, *, writes: bool) -> None:
        """Open the notes, and begin them if there are none and `writes` allows it."""
        self._head = _MAGIC + log_id
        self._fd: int | None = None
        self._lock = Lock()
        if writes:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            if not os.pread(self._fd, 1, 0):
                os.pwrite(self._fd, self._head, 0)
        elif path.exists():
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    @property
    def fits(self) -> bool:
        """Whether the notes are of this log and no other."""
        return self._fd is None or os.pread(self._fd, len(self._head), 0) == self._head

    def read(self, lane: int) -> tuple[int, bytes] | None:
        """End and chain noted for a lane; null if there is no whole note."""
        raw = b"" if self._fd is None else os.pread(self._fd, _SLOT.size, (lane + 1) * _SLOT_BYTES)
        if len(raw) < _SLOT.size:
            return None
        end, chain, checksum = _SLOT.unpack(raw)
        return (end, chain) if crc32(raw[:-4]) == checksum else None

    def write(self, notes: Iterable[tuple[int, int, bytes]]) -> None:
        """Note lane, end and chain, after they were committed."""
        if self._fd is None:
            return
        with self._lock:
            fcntl.flock(self._fd, fcntl.LOCK_EX)  # Writers note in any order; the furthest end stays.
            try:
                for lane, end, chain in notes:
                    noted = self.read(lane)
                    if noted is None or noted[0] < end:
                        self._put(self._fd, lane, _SLOT.pack(end, chain, 0)[:-4])
            finally:
                fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Make the notes durable and let go of the file."""
        if self._fd is not None:
            os.fsync(self._fd)
            os.close(self._fd)
            self._fd = None

    @staticmethod
    def _put(fd: int, lane: int, raw: bytes) -> None:
        os.pwrite(fd, raw + crc32(raw).to_bytes(4, "big"), (lane + 1) * _SLOT_BYTES)
