"""Old records read as new ones."""

from typing import Any

import orjson
import pytest

from schemas.article import Article
from schemas.codec import decode, version_of
from schemas.topics import TOPICS
from schemas.upcasters import UPCASTERS, upcast


def test_each_step_is_applied_in_order_and_the_old_object_stays() -> None:
    def rename(data: dict[str, Any]) -> dict[str, Any]:
        return {"b": data["a"]}

    def double(data: dict[str, Any]) -> dict[str, Any]:
        return {"b": data["b"] * 2}

    old = {"schema_version": 1, "a": 4}
    assert upcast("Thing", 1, 3, old, {"Thing": {1: rename, 2: double}}) == {"schema_version": 3, "b": 8}
    assert old == {"schema_version": 1, "a": 4}


def test_a_missing_step_is_an_error_and_no_silent_guess() -> None:
    with pytest.raises(KeyError):
        upcast("Thing", 1, 2, {"schema_version": 1}, {"Thing": {}})


def test_every_record_can_be_read_from_its_first_version_on() -> None:
    for record in (record for topic in TOPICS.values() for record in topic.records):
        steps = set(UPCASTERS.get(record.__name__, {}))
        assert steps == set(range(1, version_of(record))), record.__name__


@pytest.mark.parametrize("version", [{}, {"schema_version": 1}])
def test_an_article_of_the_first_version_or_of_none_is_its_first_revision(version: dict[str, int]) -> None:
    given = {"article_id": "a", "outlet": "afp", "title": None, "body": "x", "published_at": "2016-01-01T00:00:00Z"}
    read = decode(Article, orjson.dumps({**version, **given}))
    assert (read.schema_version, read.revision) == (2, 1)
    assert decode(Article, orjson.dumps({**given, "revision": 3})).revision == 3
