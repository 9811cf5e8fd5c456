"""The published contract: a JSON Schema of each record, and one AsyncAPI document of all topics.

`python -m schemas.asyncapi` writes them to `schemas/published/`, from `schemas.topics` alone, so that a change of
contract shows in review. A test compares what is there with what the code would write.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from schemas.codec import version_of
from schemas.record import Record
from schemas.topics import TOPICS, Topic
from schemas.vocabulary import MEANING

PUBLISHED = Path(__file__).parent / "published"


def json_schema(record: type[Record]) -> dict[str, Any]:
    """JSON Schema (2020-12) of a record as it stands on the wire."""
    schema = record.model_json_schema(by_alias=True, mode="serialization", ref_template="#/$defs/{model}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{record.__name__}.v{version_of(record)}",
        **schema,
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel, a message and the operations of each topic."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Frontwire",
            "version": "1",
            "description": "Topics of the embedded log and of Kafka alike. Values are JSON, keys are UTF-8 text.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(topic) for name, topic in TOPICS.items()},
        "operations": {f"read-{name}": _reading(name) for name in TOPICS},
        "components": {
            "messages": {record.__name__: _message(topic, record) for topic, record in _records()},
            "schemas": {record.__name__: _embedded(record) for _, record in _records()},
        },
    }


def published() -> dict[str, bytes]:
    """File name to content of everything that is published."""
    files = {f"{record.__name__}.v{version_of(record)}.json": json_schema(record) for _, record in _records()}
    files["asyncapi.json"] = asyncapi()
    files["vocabulary.json"] = _vocabulary()
    return {name: orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n" for name, data in files.items()}


def write(folder: Path = PUBLISHED) -> None:
    """Write everything that is published. Files of older versions stay: old records must stay readable."""
    folder.mkdir(exist_ok=True)
    for name, content in published().items():
        (folder / name).write_bytes(content)


def _records() -> list[tuple[Topic, type[Record]]]:
    return [(topic, record) for topic in TOPICS.values() for record in topic.records]


def _channel(topic: Topic) -> dict[str, Any]:
    names = [record.__name__ for record in topic.records]
    kafka = {"partitions": topic.kafka_partitions, "topicConfiguration": _configuration(topic)}
    return {
        "address": topic.name,
        "description": f"{topic.about} Keyed by {topic.key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": {"bindingVersion": "0.5.0", **kafka}},
    }


def _configuration(topic: Topic) -> dict[str, Any]:
    days = topic.retention_days
    return {"cleanup.policy": [topic.cleanup], "retention.ms": -1 if days is None else days * 86_400_000}


def _message(topic: Topic, record: type[Record]) -> dict[str, Any]:
    name, about = record.__name__, topic.about
    return {
        "name": name,
        "summary": about if record is topic.record else f"Takes back what stands on {topic.name}.",
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"bindingVersion": "0.5.0", "key": {"type": "string", "description": topic.key}}},
    }


def _reading(name: str) -> dict[str, Any]:
    return {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}


def _embedded(record: type[Record]) -> dict[str, Any]:
    # A schema inside another document resolves its own $defs from that document's root.
    place = f"#/components/schemas/{record.__name__}/$defs/{{model}}"
    return record.model_json_schema(by_alias=True, mode="serialization", ref_template=place)


def _vocabulary() -> dict[str, dict[str, str]]:
    return {words.__name__: {word.value: says for word, says in meaning.items()} for words, meaning in MEANING.items()}


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{len(published())} files in {PUBLISHED}\n")
