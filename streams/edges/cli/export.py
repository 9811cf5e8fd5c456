"""`frontwire export`: a topic's records, as they stand in the log."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer

from schemas.topics import TOPICS, Topic
from streams.edges.cli import screen, session
from streams.edges.cli.options import Broker, LogFile, Prefix
from streams.edges.tables import Column, columns, csv_lines, feature, write_parquet
from streams.shells.log import Stored, iterate

TopicName = StrEnum("TopicName", {name.replace("-", "_").upper(): name for name in TOPICS})  # type: ignore[misc]


MARKS = (Column("partition", "whole"), Column("offset", "whole"), Column("key", "text"), Column("timestamp", "whole"))
"""Where a record stands, and its log time."""


class Format(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"
    GEOJSON = "geojson"
    PARQUET = "parquet"


def export(
    topic: Annotated[TopicName, typer.Argument(help="Topic to write out.")],
    log: LogFile = None,
    broker: Broker = None,
    prefix: Prefix = "",
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
            "point each, of records that have a place. parquet: a typed column for each column of csv.",
        ),
    ] = Format.JSONL,
) -> None:
    """Write every record of a topic to standard output, in the order of arrival."""
    wanted = TOPICS[topic.value]
    with session.looked_at(log, broker, prefix) as store:
        records = iterate(store, wanted.name)
        _WRITERS[form](wanted, last_revisions(records, wanted) if latest else records, offsets)


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


def _marked(topic: Topic, records: Iterable[Stored], offsets: bool) -> tuple[list[Column], Iterator[dict[str, Any]]]:
    """Columns and rows of a table, with where each record stands if that is asked for."""
    chosen = [*(MARKS if offsets else ()), *columns(topic.record)]
    marks = [column.name for column in MARKS] if offsets else []
    rows = ({**{name: getattr(stored, name) for name in marks}, **orjson.loads(stored.value)} for stored in records)
    return chosen, rows


def _write_csv(topic: Topic, records: Iterable[Stored], offsets: bool) -> None:
    sys.stdout.buffer.writelines(csv_lines(*_marked(topic, records, offsets)))
    sys.stdout.buffer.flush()


def _write_parquet(topic: Topic, records: Iterable[Stored], offsets: bool) -> None:
    if sys.stdout.isatty():
        raise typer.BadParameter("a Parquet file is not for the eye; send it to a file with >", param_hint="--format")
    write_parquet(sys.stdout.buffer, *_marked(topic, records, offsets))
    sys.stdout.buffer.flush()


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
    marks = {"partition": stored.partition, "offset": stored.offset} if offsets else {}
    made = feature({**marks, **orjson.loads(stored.value)})
    return made if made["geometry"] else None


_WRITERS = {
    Format.JSONL: _write_jsonl,
    Format.CSV: _write_csv,
    Format.GEOJSON: _write_geojson,
    Format.PARQUET: _write_parquet,
}
