"""Dead letters of stages are put back as those of intake are."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from schemas.codec import encode
from schemas.dead_letter import DeadLetter
from schemas.vocabulary import Reason
from streams.edges.cli import app
from streams.shells.log import Entry, iterate
from streams.shells.sqlite_log import SqliteLog, open_log

ARTICLE = {"article_id": "a", "outlet": "daily", "published_at": "2016-01-24T12:00:00Z", "body": "The army left."}


@pytest.fixture
def log(tmp_path: Path) -> SqliteLog:
    return open_log(tmp_path / "log.db", partitions=3)


def bury(log: SqliteLog, topic: str, raw: bytes, key: str = "k") -> str:
    """A dead letter as a stage leaves it; its number."""
    letter = DeadLetter(
        topic=topic, partition=0, offset=0, key=key, raw=raw, reason=Reason.FAILED, detail="it could not be read"
    )
    ((partition, offset),) = log.append([Entry("dead-letters", topic, encode(letter), 0)])
    return f"{partition}/{offset}"


def frontwire(log: SqliteLog, *words: str) -> str:
    done = CliRunner().invoke(app, ["dead-letters", *words, "--log", str(log.path)], env={"COLUMNS": "120"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


def test_a_record_of_a_stage_goes_back_onto_its_topic_with_its_key_and_bytes(log: SqliteLog) -> None:
    number = bury(log, "mentions", b'{"not": "a mention"}', key="ocha:C1")
    frontwire(log, "put-back", number)
    (back,) = iterate(log, "mentions")
    assert (back.key, back.value) == ("ocha:C1", b'{"not": "a mention"}')
    assert back.headers == (("put-back", f"dead-letters/{number}".encode()),)


def test_an_article_that_a_stage_refused_is_read_by_intake_again(log: SqliteLog) -> None:
    number = bury(log, "articles", orjson.dumps({**ARTICLE, "foreign": 1}))
    assert json.loads(frontwire(log, "put-back", number, "--json")) == {"put_back": 1, "refused_again": 0}
    (back,) = iterate(log, "articles")
    assert "foreign" not in orjson.loads(back.value)


def test_all_of_one_reason_are_put_back_at_once(log: SqliteLog) -> None:
    for number in range(3):
        bury(log, "events", str(number).encode())
    frontwire(log, "put-back", "--all", "--reason", "encoding")
    assert list(iterate(log, "events")) == []
    frontwire(log, "put-back", "--all", "--reason", "failed")
    assert [back.value for back in iterate(log, "events")] == [b"0", b"1", b"2"]


def test_a_list_tells_topic_and_offset_where_there_is_no_file(log: SqliteLog) -> None:
    number = bury(log, "mentions", b"x")
    told = frontwire(log, "list")
    assert number in told
    assert "mentions/0, offset 0" in told
