"""The same rows as JSON, GeoJSON, CSV, JSON lines or Parquet: a page of them at once, or all there are as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import Literal

import orjson
from pydantic import BaseModel

from streams.edges.tables import columns, csv_lines, feature, write_parquet

Format = Literal["json", "geojson", "csv", "jsonl"]
"""Of a page."""
WholeFormat = Literal["json", "geojson", "csv", "jsonl", "parquet"]
"""Of an export."""

MEDIA_TYPES: dict[WholeFormat, str] = {
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}

IN_MEMORY = 8_000_000
"""Bytes of a Parquet file that are held in memory; a longer one goes over the disk."""
PIECE = 64_000
"""Bytes of it sent at once."""


def write(form: Format, model: type[BaseModel], rows: Sequence[bytes], next_cursor: str | None) -> bytes:
    """A page of rows in a format.

    Args:
        form: Format.
        model: What the rows are.
        rows: Records as JSON bytes.
        next_cursor: Cursor of the next page, null at the end; CSV and JSON lines have no place for it but a header.
    """
    if form == "json":
        return b'{"data":[' + b",".join(rows) + b'],"next":' + orjson.dumps(next_cursor) + b"}"
    if form == "geojson":
        features = [feature(orjson.loads(row)) for row in rows]
        return orjson.dumps({"type": "FeatureCollection", "features": features, "next": next_cursor})
    return b"".join(whole(form, model, rows))


def whole(form: WholeFormat, model: type[BaseModel], rows: Iterable[bytes]) -> Iterator[bytes]:
    """Any number of rows in a format, as they come.

    Args:
        form: Format.
        model: What the rows are.
        rows: Records as JSON bytes.
    """
    if form == "jsonl":
        yield from (row + b"\n" for row in rows)
    elif form == "json":
        yield from _joined(b'{"data":[', rows, b"]}")
    elif form == "geojson":
        features = (orjson.dumps(feature(orjson.loads(row))) for row in rows)
        yield from _joined(b'{"type":"FeatureCollection","features":[', features, b"]}")
    elif form == "csv":
        yield from csv_lines(columns(model), map(orjson.loads, rows))
    else:
        yield from _parquet(model, rows)


def negotiate(accept: str) -> Format:
    """The format of a page that an Accept header asks for, JSON if it leaves it open."""
    for part in accept.split(","):
        wanted = part.partition(";")[0].strip().lower()
        for form, media_type in MEDIA_TYPES.items():
            if form != "parquet" and wanted == media_type.partition(";")[0]:
                return form
    return "json"


def _joined(head: bytes, parts: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    for number, part in enumerate(parts):
        yield b"," + part if number else part
    yield tail


def _parquet(model: type[BaseModel], rows: Iterable[bytes]) -> Iterator[bytes]:
    # The format ends with its index, so it is made as a whole before the first byte goes out.
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        write_parquet(file, columns(model), map(orjson.loads, rows))
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
