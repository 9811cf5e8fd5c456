"""The extract stage: an article once, twice, and in conflict with another text."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.article import Article
from schemas.codec import decode
from schemas.dead_letter import DeadLetter
from schemas.topics import DEAD_LETTERS, MENTIONS
from schemas.vocabulary import Reason
from streams.stages.extract.step import ExtractStage
from streams.theatres.theatre import load_theatre

KNOWN = datetime(2016, 8, 12, 15, tzinfo=UTC)
BODY = "Russian jets bombed Saraqib on Thursday, killing 12 civilians."


def article(body: str = BODY) -> Article:
    return Article(article_id="a1", outlet="reuters", title=None, body=body, published_at=KNOWN)


def stage() -> ExtractStage:
    return ExtractStage(load_theatre("syria"))


def test_mentions_go_to_their_topic_keyed_by_place() -> None:
    _, outputs = stage().step(stage().initial("a1"), article(), KNOWN)
    assert outputs
    assert all(output.topic is MENTIONS for output in outputs)
    assert all(output.key == output.record.place.key for output in outputs)  # type: ignore[attr-defined]


def test_the_same_article_again_gives_nothing() -> None:
    state, _ = stage().step(stage().initial("a1"), article(), KNOWN)
    again, outputs = stage().step(state, article(), KNOWN)
    assert outputs == ()
    assert again is state


def test_another_text_under_the_same_id_is_a_dead_letter_and_changes_nothing() -> None:
    state, _ = stage().step(stage().initial("a1"), article(), KNOWN)
    after, outputs = stage().step(state, article("Rebels shelled Fuah on Friday."), KNOWN)
    (output,) = outputs
    letter = output.record
    assert after is state
    assert output.topic is DEAD_LETTERS
    assert isinstance(letter, DeadLetter)
    assert letter.reason is Reason.CONFLICT
    assert decode(Article, letter.raw).body == "Rebels shelled Fuah on Friday."


def test_an_article_that_tells_of_nothing_gives_no_output_but_is_remembered() -> None:
    state, outputs = stage().step(stage().initial("a1"), article("It rained in Tartus."), KNOWN)
    assert outputs == ()
    assert state.digest is not None


def test_a_state_comes_back_from_its_rows() -> None:
    state, _ = stage().step(stage().initial("a1"), article(), KNOWN)
    assert stage().load("a1", stage().dump(state)) == state
    assert stage().load("a1", {}) == stage().initial("a1")


def test_the_version_names_rules_and_theatre() -> None:
    assert load_theatre("syria").version in stage().version
