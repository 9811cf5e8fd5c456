"""The same rows as JSON, GeoJSON, CSV or JSON lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import orjson

Format = Literal["json", "geojson", "csv", "jsonl"]

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
}

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet takes a cell for a formula."""


def write(form: Format, rows: Sequence[bytes], next_cursor: str | None) -> bytes:
    """Rows in a format.

    Args:
        form: Format.
        rows: Records as JSON bytes.
        next_cursor: Cursor of the next page, null at the end; CSV and JSON lines have no place for it but a header.
    """
    if form == "json":
        return b'{"data":[' + b",".join(rows) + b'],"next":' + orjson.dumps(next_cursor) + b"}"
    if form == "jsonl":
        return b"".join(row + b"\n" for row in rows)
    records = [orjson.loads(row) for row in rows]
    return _geojson(records, next_cursor) if form == "geojson" else _csv(records)


def negotiate(accept: str) -> Format:
    """The format that an Accept header asks for, JSON if it leaves it open."""
    for part in accept.split(","):
        wanted = part.partition(";")[0].strip().lower()
        for form, media_type in MEDIA_TYPES.items():
            if wanted == media_type.partition(";")[0]:
                return form
    return "json"


def _geojson(records: Iterable[dict[str, Any]], next_cursor: str | None) -> bytes:
    """Source: RFC 7946. Longitude stands first; what has no point has a null geometry."""
    features = [
        {"type": "Feature", "id": _id(record), "geometry": _point(record["place"]), "properties": record}
        for record in records
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features, "next": next_cursor})


def _id(record: dict[str, Any]) -> str | None:
    place = record["place"] or {}
    return record.get("event_id") or record.get("claim_id") or place.get("place_id")


def _point(place: dict[str, Any] | None) -> dict[str, Any] | None:
    if not place or place["lat"] is None or place["lon"] is None:
        return None
    return {"type": "Point", "coordinates": [place["lon"], place["lat"]]}


def _csv(records: Sequence[dict[str, Any]]) -> bytes:
    flat = [flatten(record) for record in records]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row.get(name)) for name in columns] for row in flat])
    return out.getvalue().encode()


def flatten(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A record as one row: `place.name`, `killed.min`; lists with spaces between, what is deeper as JSON."""
    row: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            row |= flatten(value, f"{prefix}{name}.")
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            row[prefix + name] = " ".join(value)
        elif isinstance(value, list):
            row[prefix + name] = orjson.dumps(value).decode()
        else:
            row[prefix + name] = value
    return row


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
