"""Whether the process in a container is well: `python -m streams.edges.health`, exit code 0 if it is.

A worker is asked where `FRONTWIRE_PROBE` says. Every other role is as well as the log that it works on.
"""

from __future__ import annotations

import sys
from urllib.error import URLError
from urllib.request import urlopen

from schemas.errors import FrontwireError
from streams.edges.settings import settings
from streams.shells.sqlite_log import open_log

WITHIN_S = 5


def is_well() -> bool:
    """Ask the worker, or open the log."""
    try:
        if settings().probe:
            port = int(str(settings().probe).rpartition(":")[2])
            return bool(urlopen(f"http://127.0.0.1:{port}/livez", timeout=WITHIN_S).status == 200)
        open_log(settings().log, read_only=True).close()
    except (FrontwireError, URLError, OSError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(0 if is_well() else 1)
