"""The right to deliver what a log says: one process at a time, given back by the system when it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import LogInUse


@contextmanager
def delivery_lock(log: Path) -> Iterator[None]:
    """Hold the lock file beside a log. Raises LogInUse if another process does: both would send everything."""
    fd = os.open(log.with_name(log.name + ".delivery"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LogInUse(f"another process delivers the alerts of {log}; stop it first") from None
        yield
    finally:
        os.close(fd)
