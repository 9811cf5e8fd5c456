"""The process that reads pages: `python -m streams.edges.intake.page_worker FD`.

It answers each page that comes over the socket with what it read, as JSON. Whoever started it may kill it at any time.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import orjson
import trafilatura
from htmldate import find_date

MAX_MEMORY_BYTES = 2 << 30
"""Address space of the worker: a page that needs more ends it, and not the machine."""

DATE_TAGS = (
    *(f"//meta[@property='{name}']/@content" for name in ("article:published_time", "og:published_time")),
    "//*[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    *(
        f"//meta[@name='{name}']/@content"
        for name in ("pubdate", "publishdate", "publish-date", "article_date_original", "DC.date.issued")
    ),
    *(f"//meta[@name='{name}']/@content" for name in ("dc.date.issued", "parsely-pub-date", "sailthru.date")),
    "//time[@pubdate]/@datetime",
    "//article//time/@datetime",
)
"""Where pages state when they were printed, the surest first."""


def main() -> None:
    """Read pages until the other side closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    pages = Connection(int(sys.argv[1]))
    while True:
        try:
            page = pages.recv_bytes()
        except EOFError:
            return
        pages.send_bytes(orjson.dumps(read(page.decode())))


def read(page: str) -> dict[str, str | None]:
    """The article inside a page: its text, title and language, where it stands, and when it was printed.

    `published` comes from the page's own data where it has any (`published_from` "given"), else from what htmldate
    finds in the markup ("text"); null where there is neither. Data with offsets or hours stays as it is written.
    """
    tree = trafilatura.load_html(page)
    if tree is None:
        return dict.fromkeys(("text", "title", "language", "url", "site", "published", "published_from"))
    document = trafilatura.bare_extraction(page, include_comments=False, include_tables=False, with_metadata=True)
    given = next(_given_dates(tree), None)
    found = None if given else find_date(page, extensive_search=False, original_date=True)
    return {
        "text": getattr(document, "text", None),
        "title": getattr(document, "title", None),
        "language": tree.get("lang"),
        "url": getattr(document, "url", None),
        "site": getattr(document, "sitename", None),
        "published": given or found,
        "published_from": "given" if given else "text",
    }


def _given_dates(tree: Any) -> Iterator[str]:
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        yield from _published_in(str(script))
    for path in DATE_TAGS:
        yield from (str(value).strip() for value in tree.xpath(path) if str(value).strip())


def _published_in(script: str) -> Iterator[str]:
    try:
        waiting: list[Any] = [orjson.loads(script)]
    except orjson.JSONDecodeError:
        return
    while waiting:
        data = waiting.pop(0)
        if isinstance(data, list):
            waiting += data
        elif isinstance(data, dict):
            if isinstance(data.get("datePublished"), str):
                yield data["datePublished"]
            waiting += [value for value in data.values() if isinstance(value, list | dict)]


if __name__ == "__main__":
    main()
