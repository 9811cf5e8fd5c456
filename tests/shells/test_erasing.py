"""An erased article is nowhere, a record says so, and all else is as if it had never come."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from schemas.article import Article
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter
from schemas.erasure import Erasure
from schemas.errors import LogError
from schemas.vocabulary import Reason
from streams.pipeline import Pipeline, pipeline, products
from streams.shells import archive, erasing, snapshots
from streams.shells.log import Entry, Lane, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.replay import differences, replay
from streams.shells.runner import Runner
from streams.shells.sqlite_log import open_log
from streams.shells.state_hash import state_hash
from streams.shells.verify import verify
from streams.theatres.theatre import load_theatre

AT = datetime(2026, 1, 2, tzinfo=UTC)
GONE = "sample-aleppo-2016-2"
MARKED = "stormed a military complex"


@pytest.fixture(scope="module")
def stages() -> Pipeline:
    return pipeline(load_theatre("syria"))


@pytest.fixture(scope="module")
def articles() -> list[Entry]:
    """Part of the sample, and bytes of the article that intake once refused."""
    lines = (files("streams.theatres") / "syria" / "examples.jsonl").read_bytes().splitlines()
    read = [decode(Article, line) for line in lines[10:34]]
    found = [Entry("articles", one.article_id, encode(one), 1_480_000_000_000 + at) for at, one in enumerate(read)]
    (one,) = (one for one in read if one.article_id == GONE)
    letter = DeadLetter(
        topic="articles", partition=None, key=GONE, raw=one.body.encode(), reason=Reason.SCHEMA, detail="was refused"
    )
    return [*found, Entry("dead-letters", "articles", encode(letter), 1_480_000_000_000)]


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory, stages: Pipeline, articles: list[Entry]) -> Path:
    path = tmp_path_factory.mktemp("erased") / "a.log"
    with closing(open_log(path)) as log:
        log.append(articles)
        Runner(log, stages).run_once()
    snapshots.take(path)
    archive.write(path, path.parent / "archive", "jsonl")
    assert MARKED.encode() in b"".join(one.read_bytes() for one in path.parent.rglob("*") if one.is_file())
    assert erasing.erase(path, [GONE], "the publisher asked", AT) == 2
    assert erasing.is_unfinished(path)
    erasing.rebuild(path, stages)
    archive.refresh(path, path.parent / "archive")
    return path


def test_no_byte_of_it_is_left_in_any_file(erased: Path) -> None:
    held = {one.name: one.read_bytes() for one in erased.parent.rglob("*") if one.is_file()}
    assert {"a.log", "mentions"} <= held.keys() | {one.name for one in (erased.parent / "archive").iterdir()}
    assert not [name for name, raw in held.items() if MARKED.encode() in raw]
    assert not erasing.is_unfinished(erased)


def test_all_else_is_as_if_it_had_never_come(erased: Path, stages: Pipeline, articles: list[Entry]) -> None:
    without = MemoryLog()
    without.append([one for one in articles if GONE not in (one.key, decode_key(one))])
    Runner(without, stages).run_once()
    with closing(open_log(erased, read_only=True)) as log:
        for topic in products(stages):
            kept = [(one.key, one.value, one.timestamp) for one in iterate(log, topic) if one.topic != "dead-letters"]
            assert kept == [(one.key, one.value, one.timestamp) for one in iterate(without, topic)], topic
        assert state_hash(log, stages) == state_hash(without, stages)


def decode_key(entry: Entry) -> str | None:
    return decode(DeadLetter, entry.value).key if entry.topic == "dead-letters" else None


def test_offsets_and_the_other_articles_stay(erased: Path, articles: list[Entry]) -> None:
    given = [one for one in articles if one.topic == "articles"]
    with closing(open_log(erased, read_only=True)) as log:
        found = list(iterate(log, "articles"))
    assert [one.key for one in found] == [one.key for one in given]
    assert [one.value for one in found if not one.erased] == [one.value for one in given if one.key != GONE]
    (gone,) = (one for one in found if one.erased)
    assert decode(Article, gone.value).body == "[erased]"


def test_a_record_says_what_was_erased_and_why(erased: Path) -> None:
    with closing(open_log(erased, read_only=True)) as log:
        notes = [decode(Erasure, one.value) for one in iterate(log, "erasures")]
    assert {(one.topic, one.key, one.reason, one.erased_at) for one in notes} == {
        ("articles", GONE, "the publisher asked", AT),
        ("dead-letters", "articles", "the publisher asked", AT),
    }


def test_the_chain_can_still_be_verified_and_a_replay_is_the_run(erased: Path, stages: Pipeline) -> None:
    assert verify(erased).damage == ()
    target = MemoryLog()
    with closing(open_log(erased, read_only=True)) as log:
        replay(log, target, stages)
        made = [topic for topic in products(stages) if topic != "dead-letters"]
        assert list(differences(log, target, made)) == []
        assert state_hash(log, stages) == state_hash(target, stages)


def test_a_record_that_only_pretends_to_be_erased_is_found(tmp_path: Path, erased: Path) -> None:
    from streams.shells.framing import checksum, frame, pack_headers
    from streams.shells.log import ERASED

    path = tmp_path / "b.log"
    with closing(open_log(erased)) as log:
        log.connection().execute("VACUUM INTO ?", (str(path),))
    with closing(open_log(path)) as log:
        (old,) = log.read("articles", 0, 3, 1)
        headers = pack_headers((*old.headers, (ERASED, b"")))
        checked = checksum(frame(Lane("articles", 0), 3, old.key, old.timestamp, headers), b"{}")
        statement = 'UPDATE records SET value = ?, headers = ?, checksum = ? WHERE lane = ? AND "offset" = 3'
        log.connection().execute(statement, (b"{}", headers, checked, log.number(Lane("articles", 0))))
    assert [(one.topic, one.offset) for one in verify(path).damage] == [("articles", 3)]


def test_an_article_that_is_not_there_erases_nothing(erased: Path) -> None:
    with pytest.raises(LogError, match="has no article 'nobody'"):
        erasing.erase(erased, [GONE, "nobody"], "a mistake", AT)
    assert erasing.erase(erased, [GONE], "once more", AT) == 0
