"""What is published is what the code writes, and says everything there is."""

from enum import StrEnum

import jsonschema
import orjson
import pytest

import schemas.vocabulary as vocabulary
from schemas.asyncapi import PUBLISHED, asyncapi, json_schema, published
from schemas.codec import encode
from schemas.dead_letter import DeadLetter
from schemas.record import Record
from schemas.topics import TOPICS
from schemas.vocabulary import ACLED, MEANING, EventType, Reason

WORD_LISTS = [
    v for v in vars(vocabulary).values() if isinstance(v, type) and issubclass(v, StrEnum) and v is not StrEnum
]


@pytest.mark.parametrize("name", sorted(published()))
def test_the_published_file_is_what_the_code_writes(name: str) -> None:
    assert (PUBLISHED / name).read_bytes() == published()[name], "run `make schemas` and review the change of contract"


def test_the_asyncapi_document_names_every_topic_once() -> None:
    assert list(asyncapi()["channels"]) == list(TOPICS)


def test_every_reference_inside_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi()
    references = [ref for ref in _references(document) if ref.startswith("#/")]
    assert len(references) > len(TOPICS)
    for ref in references:
        node = document
        for part in ref[2:].split("/"):
            node = node[part]


@pytest.mark.parametrize("record", [record for topic in TOPICS.values() for record in topic.records])
def test_every_schema_is_valid_and_closed(record: type[Record]) -> None:
    schema = json_schema(record)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


def test_a_record_on_the_wire_fits_its_published_schema() -> None:
    letter = DeadLetter(topic="articles", partition=None, offset=None, raw=b"\xff", reason=Reason.EMPTY, detail="-")
    jsonschema.validate(orjson.loads(encode(letter)), json_schema(DeadLetter))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**orjson.loads(encode(letter)), "reason": "because"}, json_schema(DeadLetter))


def test_every_word_of_the_contract_has_its_sentence() -> None:
    assert list(MEANING) == WORD_LISTS
    assert all(list(MEANING[words]) == list(words) for words in WORD_LISTS)
    assert set(ACLED) == set(EventType)


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _references(value)]
    return [ref for value in node for ref in _references(value)] if isinstance(node, list) else []
