"""The runner: once each, in one order, whatever the batches, the partitions and the interruptions."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.article import Article
from schemas.codec import decode, encode
from schemas.dead_letter import DeadLetter
from schemas.errors import LogError, LogInUse
from schemas.vocabulary import Reason
from streams.shells.log import Changes, EndMoved, Entry, Store, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Limits, Progress, Runner
from streams.shells.sqlite_log import open_log


def text(body: str, number: int) -> bytes:
    at = datetime(2016, 1, 1, number, tzinfo=UTC)
    return encode(Article(article_id=f"a{number}", outlet="toy", title=None, body=body, published_at=at))


def everything(log: Store, topic: str) -> list[tuple[str, bytes, int, Any]]:
    return [(stored.key, stored.value, stored.timestamp, stored.headers) for stored in iterate(log, topic)]


def undisturbed(stages: Any, articles: list[Entry], batch: int = 7, partitions: int = 1) -> MemoryLog:
    log = MemoryLog(partitions=partitions)
    log.append(articles)
    Runner(log, stages, limits=Limits(batch=batch)).run_once()
    return log


@pytest.mark.parametrize("batch", [1, 2, 13, 1000])
def test_the_size_of_a_batch_changes_no_byte(log: Store, stages: Any, articles: list[Entry], batch: int) -> None:
    log.append(articles)
    Runner(log, stages, limits=Limits(batch=batch)).run_once()
    assert log.heads() == undisturbed(stages, articles).heads()
    assert [*log.states("join")] == [*undisturbed(stages, articles).states("join")]


def test_articles_one_by_one_and_all_at_once_end_in_the_same_bytes(
    log: Store, stages: Any, articles: list[Entry]
) -> None:
    runner = Runner(log, stages)
    for entry in articles:
        log.append([entry])
        assert runner.run_once() == 1
    assert log.heads() == undisturbed(stages, articles).heads()


@pytest.mark.parametrize("partitions", [2, 5])
def test_partitions_change_where_records_stand_but_not_what_they_are(
    stages: Any, articles: list[Entry], partitions: int
) -> None:
    one, many = undisturbed(stages, articles), undisturbed(stages, articles, partitions=partitions)
    assert everything(one, "alerts")[0][3] != ()
    for topic in ("deliveries", "control-changes", "alerts"):
        assert [row[:3] for row in everything(one, topic)] == [row[:3] for row in everything(many, topic)]


def test_a_stage_that_joins_later_says_what_it_would_have_said_from_the_start(
    log: Store, stages: Any, articles: list[Entry]
) -> None:
    log.append(articles[:20])
    Runner(log, stages[:2]).run_once()
    log.append(articles[20:])
    Runner(log, stages, limits=Limits(batch=3)).run_once()
    assert everything(log, "alerts") == everything(undisturbed(stages, articles), "alerts")


def test_a_stage_that_has_fallen_behind_catches_up_before_the_next_article(log: Store, stages: Any) -> None:
    once, twice = (Entry("articles", f"a{number}", text("salt", number), number) for number in range(2))
    log.append([once])
    Runner(log, stages[:2]).run_once()
    log.append([twice])  # The second word of its kind makes a change, on a topic where the last stage is not behind.
    Runner(log, stages).run_once()
    assert everything(log, "alerts") == everything(undisturbed(stages, [once, twice]), "alerts")


@pytest.mark.parametrize("origin", [b"articles:0:999", b"nonsense", b"elsewhere:0:1"])
def test_a_record_put_in_by_hand_is_read_even_if_its_cause_is_not_here(
    log: Store, stages: Any, articles: list[Entry], origin: bytes
) -> None:
    log.append(articles[:2])
    Runner(log, stages).run_once()
    (sample, *_) = log.read("deliveries", 0, 0, 1)
    log.append([Entry("deliveries", sample.key, sample.value, 1, (("origin", origin),))])
    assert Runner(log, stages).run_once() == 1


def test_stages_run_one_after_the_other_say_what_they_say_together(
    log: Store, stages: Any, articles: list[Entry]
) -> None:
    log.append(articles)
    for stage in stages:
        Runner(log, [stage], limits=Limits(batch=9)).run_once()
    assert log.heads() == undisturbed(stages, articles).heads()


def test_every_record_bears_the_article_that_caused_it(log: Store, stages: Any, articles: list[Entry]) -> None:
    log.append(articles)
    Runner(log, stages).run_once()
    for stored in iterate(log, "alerts"):
        headers = dict(stored.headers)
        topic, partition, offset = headers["origin"].decode().split(":")
        (cause,) = log.read(topic, int(partition), int(offset), 1)
        assert (headers["stage"], stored.timestamp) == (b"join/1", cause.timestamp)


POISON = {
    "nothing": (b"", Reason.EMPTY),
    "spaces": (b" \n ", Reason.EMPTY),
    "binary": (bytes(range(256)), Reason.ENCODING),
    "another encoding": ('{"body": "Al-Bab à côté"}'.encode("latin-1"), Reason.ENCODING),
    "half a record": (b'{"schema_version":2,"article_id":"a', Reason.SCHEMA),
    "half of another": (b'{"article_id":"a', Reason.NOT_JSON),
    "a list": (b"[]", Reason.SCHEMA),
    "wrong types": (b'{"schema_version":1,"article_id":7,"outlet":"toy","title":null,"body":[]}', Reason.SCHEMA),
    "a newer version": (b'{"schema_version":99}', Reason.VERSION),
    "a deep one": (b"[" * 200_000, Reason.NOT_JSON),
    "a lone surrogate": (text("salt", 1).replace(b"salt", b"\\ud800"), Reason.SCHEMA),
    "a huge one": (b"x" * 20_000_001, Reason.TOO_LARGE),
}


@pytest.mark.parametrize("name", POISON)
def test_poison_is_kept_with_its_bytes_and_reason_and_what_follows_is_read(stages: Any, name: str) -> None:
    log, (raw, reason) = MemoryLog(), POISON[name]
    log.append([Entry("articles", "poison", raw, 1), Entry("articles", "good", text("salt", 1), 2)])
    assert Runner(log, stages).run_once() == 2
    (letter,) = [decode(DeadLetter, stored.value) for stored in iterate(log, "dead-letters")]
    assert (letter.raw, letter.reason) == (raw, reason)
    assert len(everything(log, "deliveries")) == 1


def test_a_batch_ends_when_it_holds_enough_bytes(stages: Any, articles: list[Entry]) -> None:
    log, steps = MemoryLog(), list[int]()
    log.append(articles)
    Runner(
        log, stages, limits=Limits(batch_bytes=1), on_progress=lambda progress: steps.append(progress.done)
    ).run_once()
    assert steps == list(range(1, 41))
    assert log.heads() == undisturbed(stages, articles).heads()


def test_what_cannot_be_read_becomes_a_dead_letter_and_the_next_record_is_read(
    log: Store, stages: Any, articles: list[Entry]
) -> None:
    log.append([articles[0], Entry("articles", "bad", b"\xff\x00 no article", 5), articles[1]])
    assert Runner(log, stages).run_once() == 3
    (letter,) = [decode(DeadLetter, stored.value) for stored in iterate(log, "dead-letters")]
    assert (letter.topic, letter.partition, letter.offset, letter.key) == ("articles", 0, 1, "bad")
    assert (letter.raw, letter.reason) == (b"\xff\x00 no article", Reason.ENCODING)
    assert len(everything(log, "deliveries")) == 3


def test_a_record_that_a_stage_fails_on_becomes_a_dead_letter_and_leaves_its_state(
    log: Store, stages: Any, articles: list[Entry]
) -> None:
    log.append(articles)
    Runner(log, stages).run_once()
    letters = [decode(DeadLetter, stored.value) for stored in iterate(log, "dead-letters")]
    assert letters
    assert log.rows("count", "boom") == {}
    for letter in letters:
        assert letter.partition is not None
        assert letter.offset is not None
        (failed,) = log.read(letter.topic, letter.partition, letter.offset, 1)
        assert (letter.key, letter.raw, letter.reason) == ("boom", failed.value, Reason.FAILED)
        assert "this word goes off" in letter.detail


def test_another_writer_on_a_derived_topic_makes_the_batch_be_worked_out_again(
    stages: Any, articles: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    log, commit, refused = MemoryLog(), MemoryLog.commit, []

    def disturbed(self: MemoryLog, changes: Changes) -> Any:
        if changes.ends and not refused:
            refused.append(commit(self, Changes(entries=[Entry("deliveries", "river", b"{}", 1)])))
        return commit(self, changes)

    log.append(articles[:10])
    monkeypatch.setattr(MemoryLog, "commit", disturbed)
    Runner(log, stages).run_once()
    assert refused
    letters = [decode(DeadLetter, stored.value) for stored in iterate(log, "dead-letters")]
    assert [letter.raw for letter in letters if letter.reason is Reason.SCHEMA] == [b"{}"]
    assert [row for row in everything(log, "deliveries") if row[1] != b"{}"] == everything(
        undisturbed(stages, articles[:10]), "deliveries"
    )


def test_a_commit_onto_a_moved_end_changes_nothing(log: Store, articles: list[Entry]) -> None:
    (lane,) = [lane for lane in log.heads() if lane.topic == "articles"]
    log.append(articles[:1])
    before = log.heads()
    with pytest.raises(EndMoved):
        log.commit(Changes(entries=articles[1:3], ends={lane: 0}))
    assert log.heads() == before


def test_a_live_run_takes_what_arrives_and_stops_when_told(tmp_path: Path, stages: Any, articles: list[Entry]) -> None:
    log, writer = open_log(tmp_path / "live.log"), open_log(tmp_path / "live.log")
    seen: list[Progress] = []
    enough = threading.Event()

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == len(articles):
            enough.set()

    runner = Runner(log, stages, on_progress=watch)
    thread = threading.Thread(target=runner.run)
    thread.start()
    for entry in articles:
        writer.append([entry])
    assert enough.wait(20)
    runner.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert seen[-1].lag == 0
    assert log.heads() == undisturbed(stages, articles).heads()
    log.close(), writer.close()


def test_two_runners_do_not_run_on_one_log(log: Store, stages: Any) -> None:
    with log.running(), pytest.raises(LogInUse):
        Runner(log, stages).run_once()


def test_a_runner_takes_up_where_another_one_has_left_since(log: Store, stages: Any, articles: list[Entry]) -> None:
    one, other = Runner(log, stages), Runner(log, stages)
    for start in range(0, 40, 10):
        log.append(articles[start : start + 10])
        (one, other)[start // 10 % 2].run_once()
    assert log.heads() == undisturbed(stages, articles).heads()


def test_state_of_another_version_is_refused_until_it_is_accepted(
    log: Store, stages: Any, articles: list[Entry]
) -> None:
    log.append(articles[:3])
    Runner(log, stages).run_once()
    stages[1].version = "2"
    with pytest.raises(LogError, match="made by version 1; this program has 2"):
        Runner(log, stages)
    log.append(articles[3:5])
    assert Runner(log, stages, accept_versions=True).run_once() == 2
    Runner(log, stages)


def test_memory_for_states_is_bounded_and_changes_nothing(log: Store, stages: Any, articles: list[Entry]) -> None:
    log.append(articles)
    Runner(log, stages, limits=Limits(batch=3, live_bytes=1)).run_once()
    assert log.heads() == undisturbed(stages, articles).heads()
