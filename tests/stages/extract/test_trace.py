"""The trace: what was read from each sentence, and what was refused, for people who ask why."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.article import Article
from streams.stages.extract.trace import SentenceTrace, trace
from streams.theatres.theatre import load_theatre


def traced(body: str) -> tuple[SentenceTrace, ...]:
    article = Article(
        article_id="a1", outlet="reuters", title=None, body=body, published_at=datetime(2016, 8, 12, tzinfo=UTC)
    )
    return trace(article, load_theatre("syria"))


def test_a_rule_that_read_an_event_is_named_with_its_words() -> None:
    (sentence,) = traced("Russian jets bombed Saraqib on Thursday, killing 12 civilians.")
    read = [one for one in sentence.considered if one.outcome == "read"]
    assert read[0].event_type == "air_strike"
    assert "Saraqib" in read[0].places
    assert sentence.sentence.text[read[0].start : read[0].end] == read[0].words
    assert [mention.event_type for mention in sentence.mentions if mention.event_type] == ["air_strike"]


def test_a_refusal_is_kept_with_its_reason() -> None:
    (sentence,) = traced("The army plans to capture Darayya.")
    assert [(one.outcome, one.rule) for one in sentence.considered] == [("refused", "planned")]
    assert sentence.mentions == ()


def test_a_sentence_without_a_trigger_was_left_alone() -> None:
    assert [one.considered for one in traced("It rained in Tartus all day long.")] == [()]
