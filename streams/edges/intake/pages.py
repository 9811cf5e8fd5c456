"""The article inside an HTML page, read in a process that can be killed.

Extraction costs 20 ms on a usual page, and has no upper bound on a hostile one; so pages are bounded in size, and
their reader in time and memory.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import orjson

from schemas.errors import RefusedArticle
from schemas.vocabulary import Reason
from streams.edges.intake.text import decode

MAX_PAGE_BYTES = 2 << 20
"""Largest page that is read, decompressed. News pages have 20 to 500 KB."""
PAGE_SECONDS = 5.0
"""Longest time that a page may take."""
START_SECONDS = 30.0
"""Time for the reader to start, which a busy machine may take."""

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,40})""", re.I)


@dataclass(frozen=True, slots=True)
class Page:
    """What was read of a page; None where it does not say."""

    text: str | None
    title: str | None
    language: str | None
    url: str | None
    site: str | None
    published: str | None
    """As written in the page."""
    published_from: str
    """`given` by the page's own data, or found in its `text`."""


class PageReader:
    """A reader process, started with the first page and again after each one that it did not survive."""

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._pages: Connection | None = None

    def __enter__(self) -> PageReader:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def read(self, raw: bytes) -> Page:
        """The article inside a page.

        Raises:
            RefusedArticle: TOO_LARGE above MAX_PAGE_BYTES, ENCODING if it is no text, FAILED if reading it took too
                long or broke the reader.
        """
        if len(raw) > MAX_PAGE_BYTES:
            raise RefusedArticle(
                Reason.TOO_LARGE, f"the page has {len(raw):,} bytes, above {MAX_PAGE_BYTES:,}; give its text instead"
            )
        declared = _CHARSET.search(raw[:4096])
        page, _ = decode(raw, declared.group(1).decode() if declared else None)
        return Page(**orjson.loads(self._ask(page)))

    def close(self) -> None:
        """End the reader process, if there is one."""
        if self._process and self._pages:
            self._pages.close()
            self._process.kill()
            self._process.wait()
        self._process = self._pages = None

    def _ask(self, page: str) -> bytes:
        pages, started = self._connection()
        try:
            pages.send_bytes(page.encode("utf-8", "replace"))
            if pages.poll(self._seconds + (START_SECONDS if started else 0)):
                return pages.recv_bytes()
            fault = f"reading the page took more than {self._seconds:g} s"
        except (EOFError, OSError):
            fault = "reading the page broke its reader"
        self.close()
        raise RefusedArticle(Reason.FAILED, f"{fault}; give the article's text instead")

    def _connection(self) -> tuple[Connection, bool]:
        """The socket to the reader, and whether it was only just started."""
        if self._pages:
            return self._pages, False
        ours, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603  (our own module, no input in the command)
            [sys.executable, "-m", "streams.edges.intake.page_worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self._pages = ours
        return ours, True
