"""A record on the stream: a CloudEvent in one server-sent event."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from streams.shells.batch import origin_of
from streams.shells.log import Stored
from streams.shells.tracing import traceparent

SOURCE = "/v1/feed"
"""`source` of every CloudEvent."""


def cloud_event(kind: str, stored: Stored) -> bytes:
    """The record in a CloudEvents 1.0 envelope, structured mode.

    Source:
        https://github.com/cloudevents/spec, version 1.0.2. The id is topic, partition and offset: equal on every
        delivery. The record's own bytes stand in it unchanged.
    """
    head = orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{stored.topic}/{stored.partition}/{stored.offset}",
            "source": SOURCE,
            "type": f"frontwire.{kind}",
            "subject": stored.key,
            "time": instant(stored.timestamp),
            "datacontenttype": "application/json",
            "partition": stored.partition,
            "offset": stored.offset,
            # CloudEvents' Distributed Tracing extension: the trace of the article that it follows from.
            "traceparent": traceparent(origin_of(stored)),
        }
    )
    return head[:-1] + b',"data":' + stored.value + b"}"


def frame(kind: str, stored: Stored, cursor: str) -> bytes:
    """The server-sent event of a record. JSON has no line breaks, so its data is one line."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (cursor.encode(), kind.encode(), cloud_event(kind, stored))


def heartbeat(cursor: str) -> bytes:
    """A comment, and an id without data: the client's cursor moves although nothing is for it."""
    return b": hb\nid: %s\n\n" % cursor.encode()


def gap(cursor: str, detail: str) -> bytes:
    """The last thing that a client hears which did not keep up: where to come back to."""
    told = orjson.dumps({"cursor": cursor, "detail": detail})
    return b"id: %s\nevent: gap\ndata: %s\n\n" % (cursor.encode(), told)


def instant(timestamp: int) -> str:
    """Milliseconds since 1970 as an ISO 8601 time in UTC."""
    return datetime.fromtimestamp(timestamp / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
