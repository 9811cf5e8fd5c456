"""`frontwire` in a process that writes down every address it connects to: `python watched_sender.py FILE ARGUMENT…`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "socket.connect":
            os.write(fd, f"{arguments[1]}\n".encode())

    sys.addaudithook(note)
    sys.argv = ["frontwire", *sys.argv[2:]]
    from streams.edges.cli import main as frontwire

    frontwire()


if __name__ == "__main__":
    main()
