"""`frontwire export`: a topic's records, as they stand in the log."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer

from schemas.topics import TOPICS, Topic
from streams.edges.cli import screen, session
from streams.edges.cli.options import LogFile
from streams.shells.log import Stored, iterate

TopicName = StrEnum("TopicName", {name.replace("-", "_").upper(): name for name in TOPICS})  # type: ignore[misc]


class Format(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"
    GEOJSON = "geojson"


def export(
    topic: Annotated[TopicName, typer.Argument(help="Topic to write out.")],
    log: LogFile = None,
    offsets: Annotated[
        bool,
        typer.Option(
            "--offsets",
            help="With partition, offset, key and log time (milliseconds); in JSON lines the record is under record.",
        ),
    ] = False,
    latest: Annotated[
        bool, typer.Option("--latest", help="Only the last revision of each event, claim, place or alert.")
    ] = False,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            help="jsonl: each record's own JSON on a line. csv: a row each, inner fields as place.name. geojson: a "
            "point each, of records that have a place.",
        ),
    ] = Format.JSONL,
) -> None:
    """Write every record of a topic to standard output, in the order of arrival."""
    store = session.to_read(log)
    wanted = TOPICS[topic.value]
    records = iterate(store, wanted.name)
    _WRITERS[form](wanted, last_revisions(records, wanted) if latest else records, offsets)
    store.close()


def last_revisions(records: Iterable[Stored], topic: Topic) -> list[Stored]:
    """The last record of each event, claim, alert or key, in the order in which each first arrived.

    Args:
        records: Records of one topic, in order.
        topic: That topic.
    """
    named = next((name for name in ("event_id", "claim_id", "alert_id") if name in topic.record.model_fields), None)
    last: dict[str, Stored] = {}
    for stored in records:
        last[orjson.loads(stored.value)[named] if named else stored.key] = stored
    return list(last.values())


def _write_jsonl(topic: Topic, records: Iterable[Stored], offsets: bool) -> None:
    screen.lines(map(_with_offset, records) if offsets else (stored.value for stored in records))


def _with_offset(stored: Stored) -> bytes:
    # The record's bytes go in as they are: parsing and writing them again might change them.
    head = orjson.dumps(
        {
            "topic": stored.topic,
            "partition": stored.partition,
            "offset": stored.offset,
            "key": stored.key,
            "timestamp": stored.timestamp,
        }
    )
    return head[:-1] + b',"record":' + stored.value + b"}"


def _write_csv(topic: Topic, records: Iterable[Stored], offsets: bool) -> None:
    columns = list(_columns(topic.record.model_json_schema(by_alias=True)))
    places = ["partition", "offset", "key", "timestamp"] if offsets else []
    sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow([*places, *columns])
    for stored in records:
        cells = dict(_cells(orjson.loads(stored.value)))
        writer.writerow([*(getattr(stored, name) for name in places), *(cells.get(name) for name in columns)])


def _columns(schema: dict[str, Any]) -> Iterator[str]:
    """The columns of a record: its fields, and those of the objects in it."""
    for name, field in schema["properties"].items():
        inner = _object_in(field, schema["$defs"]) if "$defs" in schema else None
        if inner:
            yield from (f"{name}.{column}" for column in _columns({**inner, "$defs": schema["$defs"]}))
        else:
            yield name


def _object_in(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any] | None:
    for option in (field, *field.get("anyOf", ())):
        found: dict[str, Any] = definitions.get(option.get("$ref", "").rsplit("/", 1)[-1], {})
        if "properties" in found:
            return found
    return None


def _cells(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", cell) for inner, cell in _cells(value))
        elif isinstance(value, list):
            plain = all(isinstance(item, str) for item in value)
            yield name, _safe("|".join(value)) if plain else orjson.dumps(value).decode()
        else:
            yield name, _safe(value)


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _write_geojson(topic: Topic, records: Iterable[Stored], offsets: bool) -> None:
    if "place" not in topic.record.model_fields:
        named = ", ".join(name for name, other in TOPICS.items() if "place" in other.record.model_fields)
        raise typer.BadParameter(
            f"{topic.name} have no place, and GeoJSON needs one; {named} have", param_hint="--format"
        )
    write = sys.stdout.buffer.write
    write(b'{"type":"FeatureCollection","features":[')
    between = b"\n"
    for stored in records:
        feature = _feature(stored, offsets)
        if feature:
            write(between + orjson.dumps(feature))
            between = b",\n"
    write(b"\n]}\n")
    sys.stdout.buffer.flush()


def _feature(stored: Stored, offsets: bool) -> dict[str, Any] | None:
    record = orjson.loads(stored.value)
    place = record["place"]
    if not place or place["lat"] is None or place["lon"] is None:
        return None
    marks = {"partition": stored.partition, "offset": stored.offset} if offsets else {}
    point = {"type": "Point", "coordinates": [place["lon"], place["lat"]]}
    return {"type": "Feature", "geometry": point, "properties": {**marks, **record}}


_WRITERS = {Format.JSONL: _write_jsonl, Format.CSV: _write_csv, Format.GEOJSON: _write_geojson}
