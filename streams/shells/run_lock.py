"""The right to run stages on a log: one process at a time, given back by the system when the process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import LogInUse


@contextmanager
def run_lock(log: Path) -> Iterator[None]:
    """Hold the lock file beside a log while the body runs.

    Raises:
        LogInUse: If another process holds it; the message names its process id.
    """
    fd = os.open(log.with_name(log.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.pread(fd, 32, 0).decode(errors="replace").strip() or "unknown"
            raise LogInUse(f"process {pid} runs the stages on {log}; stop it, or name another log") from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(fd)
