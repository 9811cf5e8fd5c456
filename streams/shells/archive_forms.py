"""The forms of an archive's files: JSON lines for every tool there is, Parquet for tables of many rows."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import orjson

from streams.shells.log import Headers

_CHUNK = 2_000
_RECORD = b',"record":'


@dataclass(frozen=True, slots=True)
class Row:
    """A record as an archive has it."""

    sequence: int
    partition: int
    offset: int
    key: str
    timestamp: int
    """Log time, milliseconds since 1970 in UTC."""
    clock: int
    """Latest log time in the lane up to here."""
    chain: bytes
    """Of the lane, after this record."""
    headers: Headers
    value: bytes


class Form(Protocol):
    """How rows are written into a file, and read again."""

    suffix: str

    def write(self, path: Path, rows: Iterable[Row]) -> int:
        """Write a file anew; the number of rows."""
        ...

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a file, in their order. Raises ValueError or OSError if it is none."""
        ...


class JsonLines:
    """A line a record: where it stands, and the record's own bytes as the last field; base64 where they are no JSON."""

    suffix = ".jsonl"

    def write(self, path: Path, rows: Iterable[Row]) -> int:
        """Write a file anew; the number of rows."""
        count = 0
        with path.open("wb") as file:
            for row in rows:
                file.write(_line(row))
                count += 1
        return count

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a file, in their order. Raises ValueError or OSError if it is none."""
        with path.open("rb") as file:
            yield from map(_row, file)


class Parquet:
    """A row a record, its bytes in one binary column; compressed."""

    suffix = ".parquet"

    def write(self, path: Path, rows: Iterable[Row]) -> int:
        """Write a file anew; the number of rows."""
        # Takes a third of a second to import: only those pay for it that ask for Parquet.
        import pyarrow
        from pyarrow import parquet

        schema, left, count = _schema(pyarrow), iter(rows), 0
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            while some := list(islice(left, _CHUNK)):
                columns = [[_cell(row, name) for row in some] for name in schema.names]
                arrays = [pyarrow.array(one, field.type) for one, field in zip(columns, schema, strict=True)]
                writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
                count += len(some)
        return count

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a file, in their order. Raises ValueError or OSError if it is none."""
        from pyarrow import parquet

        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(_CHUNK):
                for found in batch.to_pylist():
                    headers = tuple((one["name"], one["value"]) for one in found.pop("headers"))
                    yield Row(**{**found, "headers": headers})


def _line(row: Row) -> bytes:
    head = {
        "sequence": row.sequence,
        "partition": row.partition,
        "offset": row.offset,
        "key": row.key,
        "timestamp": row.timestamp,
        "clock": row.clock,
        "chain": row.chain.hex(),
        "headers": [[name, b64encode(value).decode()] for name, value in row.headers],
    }
    if not _is_json_line(row.value):
        return orjson.dumps({**head, "raw": b64encode(row.value).decode()}) + b"\n"
    # The record's bytes go in as they are: parsing and writing them again might change them.
    return orjson.dumps(head)[:-1] + _RECORD + row.value + b"}\n"


def _row(line: bytes) -> Row:
    found = orjson.loads(line)
    headers = tuple((name, b64decode(value)) for name, value in found.pop("headers"))
    if "raw" in found:
        value = b64decode(found.pop("raw"))
    else:
        del found["record"]
        # A quote inside a key is escaped, so the first of these words is the field.
        value = line.rstrip(b"\n").partition(_RECORD)[2][:-1]
    return Row(**{**found, "chain": bytes.fromhex(found["chain"]), "headers": headers, "value": value})


def _is_json_line(value: bytes) -> bool:
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return b"\n" not in value and b"\r" not in value


def _schema(pyarrow: Any) -> Any:
    header = pyarrow.struct([("name", pyarrow.string()), ("value", pyarrow.binary())])
    whole = [(name, pyarrow.int64()) for name in ("sequence", "partition", "offset")]
    times = [(name, pyarrow.int64()) for name in ("timestamp", "clock")]
    rest = [("chain", pyarrow.binary()), ("headers", pyarrow.list_(header)), ("value", pyarrow.binary())]
    return pyarrow.schema([*whole, ("key", pyarrow.string()), *times, *rest])


def _cell(row: Row, name: str) -> Any:
    if name == "headers":
        return [{"name": header, "value": value} for header, value in row.headers]
    return getattr(row, name)
