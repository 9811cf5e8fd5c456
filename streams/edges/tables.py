"""Records as rows, for spreadsheets and data frames: the same columns in every file of a kind of record.

A field is a column, what lies in an object within it `place.name`; a list of words is one cell, deeper things are JSON.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice
from typing import IO, Any, Literal

import orjson
from pydantic import BaseModel

Kind = Literal["text", "whole", "number", "truth", "day", "moment", "words", "json"]

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters by which a spreadsheet takes a cell for a formula, in both widths."""

GROUP = 5_000
"""Rows of one group of a Parquet file."""

_KINDS: dict[str | None, Kind] = {"integer": "whole", "number": "number", "boolean": "truth", "string": "text"}
_FORMATS: dict[str | None, Kind] = {"date": "day", "date-time": "moment"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind

    def of(self, record: dict[str, Any]) -> Any:
        """Its value in a record, as in its JSON; null where the record has no such thing."""
        value: Any = record
        for part in self.name.split("."):
            value = value.get(part) if value is not None else None
        return value


@cache
def columns(model: type[BaseModel]) -> tuple[Column, ...]:
    """The columns of a kind of record, from its own declaration, in its order."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    return tuple(_columns(schema, schema.get("$defs", {}), ""))


def _columns(schema: dict[str, Any], definitions: dict[str, Any], prefix: str) -> Iterator[Column]:
    for name, field in schema["properties"].items():
        forms = [_resolved(form, definitions) for form in field.get("anyOf", [field])]
        form = next(form for form in forms if form.get("type") != "null")
        if "properties" in form:
            yield from _columns(form, definitions, f"{prefix}{name}.")
        else:
            yield Column(prefix + name, _kind(form, definitions))


def _resolved(form: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = definitions.get(form.get("$ref", "").rsplit("/", 1)[-1], form)
    return found


def _kind(form: dict[str, Any], definitions: dict[str, Any]) -> Kind:
    if form.get("type") == "array":
        return "words" if _resolved(form.get("items", {}), definitions).get("type") == "string" else "json"
    return _FORMATS.get(form.get("format")) or _KINDS.get(form.get("type"), "json")


def csv_lines(chosen: Sequence[Column], records: Iterable[dict[str, Any]], *, head: bool = True) -> Iterator[bytes]:
    """CSV as in RFC 4180, a line at a time. Nothing in it is a formula.

    Args:
        chosen: Columns.
        records: Records as JSON data.
        head: Whether the names of the columns come first.
    """
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")

    def written(cells: Iterable[Any]) -> bytes:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue().encode()

    if head:
        yield written(column.name for column in chosen)
    for record in records:
        yield written(_cell(column.of(record)) for column in chosen)


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        plain = isinstance(value, list) and all(isinstance(part, str) for part in value)
        value = "|".join(value) if plain else orjson.dumps(value).decode()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def feature(record: dict[str, Any]) -> dict[str, Any]:
    """A record as a GeoJSON feature: a null geometry where it has no point.

    Source:
        RFC 7946. Longitude stands first.
    """
    place = record["place"] or {}
    located = place.get("lat") is not None and place.get("lon") is not None
    point = {"type": "Point", "coordinates": [place["lon"], place["lat"]]} if located else None
    id_ = record.get("event_id") or record.get("claim_id") or record.get("alert_id") or place.get("place_id")
    return {"type": "Feature", "id": id_, "geometry": point, "properties": record}


def write_parquet(out: IO[bytes], chosen: Sequence[Column], records: Iterable[dict[str, Any]]) -> None:
    """A Parquet file, some rows at a time in memory.

    Args:
        out: Where it goes.
        chosen: Columns. Days and moments become dates and timestamps, lists of words lists.
        records: Records as JSON data.
    """
    # A heavy library, which only those pay for who ask for this format.
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema([(column.name, _arrow(pyarrow, column.kind)) for column in chosen])
    rows = iter(records)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := list(islice(rows, GROUP)):
            values = [[_value(column.kind, column.of(record)) for record in group] for column in chosen]
            arrays = [pyarrow.array(one, field.type) for one, field in zip(values, schema, strict=True)]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))


def _arrow(pyarrow: Any, kind: Kind) -> Any:
    return {
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "day": pyarrow.date32(),
        "moment": pyarrow.timestamp("us", tz="UTC"),
        "words": pyarrow.list_(pyarrow.string()),
    }.get(kind, pyarrow.string())


def _value(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "moment":
        return datetime.fromisoformat(value).astimezone(UTC)
    return orjson.dumps(value).decode() if kind == "json" else value
