"""Bytes to record and back. Nothing else reads or writes the wire."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from schemas.errors import DecodeError
from schemas.record import Record
from schemas.topics import Topic
from schemas.upcasters import upcast
from schemas.vocabulary import Reason

R = TypeVar("R", bound=Record)


def encode(record: Record) -> bytes:
    """A record as JSON bytes, the same for equal records: fields in the order of the class."""
    return record.__pydantic_serializer__.to_json(record)


def decode(record: type[R], raw: bytes) -> R:
    """The record that the bytes are.

    Args:
        record: Class that is expected.
        raw: UTF-8 JSON of any version from 1 to the present one.

    Raises:
        DecodeError: With the reason for a dead letter.
    """
    current = version_of(record)
    if raw.startswith(b'{"schema_version":%d,' % current):
        return _validate(record, raw)
    return _decode_slowly(record, raw, current)


def decode_on(topic: Topic, raw: bytes) -> Record:
    """The record that bytes of a topic are: one of its own kind, or one that takes such a record back.

    Raises:
        DecodeError: With the reason for a dead letter.
    """
    return decode(topic.undo if topic.undo is not None and _has_key(raw, mark_of(topic.undo)) else topic.record, raw)


def mark_of(undo: type[Record]) -> str:
    """The key that only a record of this kind has on its topic: its first field after the version."""
    return next(name for name in undo.model_fields if name != "schema_version")


def version_of(record: type[Record]) -> int:
    """The version that records of this class are written in."""
    version: int = record.model_fields["schema_version"].default
    return version


def canonical(data: Any) -> bytes:
    """JSON bytes with sorted keys: the form that hashes are taken of."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def _decode_slowly(record: type[R], raw: bytes, current: int) -> R:
    if not raw.strip():
        raise DecodeError(Reason.EMPTY, "there are no bytes")
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        reason = Reason.NOT_JSON if _is_utf8(raw) else Reason.ENCODING
        raise DecodeError(reason, str(error)) from error
    if not isinstance(data, dict):
        raise DecodeError(Reason.SCHEMA, f"a {record.__name__} is a JSON object, not {type(data).__name__}")
    version = data.get("schema_version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DecodeError(Reason.SCHEMA, f"schema_version is {version!r}, not a whole number from 1")
    if version > current:
        raise DecodeError(
            Reason.VERSION, f"version {version} of {record.__name__} is newer than this program's {current}; update it"
        )
    if version < current:
        raw = orjson.dumps(upcast(record.__name__, version, current, data))
    return _validate(record, raw)


def _validate(record: type[R], raw: bytes) -> R:
    try:
        return record.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or record.__name__
        raise DecodeError(Reason.SCHEMA, f"{where}: {first['msg']} ({error.error_count()} faults)") from error


def _has_key(raw: bytes, key: str) -> bool:
    # Inside a JSON text the quotes would be escaped, so this stands in no body.
    return b'"%s":' % key.encode() in raw


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
