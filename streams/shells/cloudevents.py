"""CloudEvents headers: what lets any Kafka client use a record without our code.

The binary mode of the Kafka protocol binding, version 1.0.2: attributes are headers, the record's value is the data.
The id is taken from the record's content, so a record that a worker delivers again bears the same one.

Source:
    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b

from streams.shells.log import Entry, Headers

_PREFIX = "ce_"
_CONTENT_TYPE = "content-type"


def with_attributes(entry: Entry) -> list[tuple[str, bytes]]:
    """An entry's own headers, and those that make a CloudEvent of it."""
    attributes = {
        "specversion": "1.0",
        "id": _id(entry),
        "source": "/frontwire",
        "type": f"frontwire.{entry.topic}",
        "time": _instant(entry.timestamp),
        "partitionkey": entry.key,
    }
    told = [(_PREFIX + name, value.encode()) for name, value in attributes.items() if value]
    return [*entry.headers, *told, (_CONTENT_TYPE, b"application/json")]


def without_attributes(headers: Headers) -> Headers:
    """The headers that an entry had before it became a CloudEvent."""
    return tuple(
        (name, value) for name, value in headers if not name.startswith(_PREFIX) and name.lower() != _CONTENT_TYPE
    )


def _id(entry: Entry) -> str:
    hashed = blake2b(entry.value, digest_size=16)
    hashed.update(f"{entry.topic}\n{entry.key}".encode())
    return hashed.hexdigest()


def _instant(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
