"""Looking up names with an end to it.

The system's look-up cannot be broken off: it takes minutes where a name server is silent, and a thread that waits for
it keeps a process from ending. So it runs in a thread that nobody has to wait for.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

LOOKUP_S = 20.0
"""As long as a look-up may take. A target's own limit is usually shorter, and then counts."""


def look_up(host: str, port: int, *arguments: Any, **options: Any) -> Iterable[Any]:
    """What `socket.getaddrinfo` answers. Raises gaierror if it has not within the limit."""
    answers: SimpleQueue[tuple[Iterable[Any], OSError | None]] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put((socket.getaddrinfo(host, port, *arguments, **options), None))
        except OSError as error:
            answers.put(((), error))

    Thread(target=ask, name="look-up", daemon=True).start()
    try:
        found, error = answers.get(timeout=LOOKUP_S)
    except Empty:
        raise socket.gaierror(socket.EAI_AGAIN, f"no answer within {LOOKUP_S:g} s") from None
    if error:
        raise error
    return found
