"""Copies, reports and root sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schemas.mention import Mention
from streams.stages.merge.step import MergeStage
from streams.stages.merge.witnesses import confidence, containment

Tell = Callable[..., Mention]
STRIKE = {"says": "air_strike", "when": "2016-05-10", "killed": 12}
BODY = " ".join(f"word{number}" for number in range(60))


def test_all_who_quote_one_monitor_are_one_witness(merge: Callable[..., Any], tell: Tell) -> None:
    papers = [tell(n, **STRIKE, by="sohr", outlet=o) for n, o in enumerate(("bbc", "ahram", "nna", "trt", "manar"))]
    [event] = merge(papers).living
    alone = merge(papers[:1]).living[0]
    assert (event.root_sources, len(event.outlets), event.copies) == (("sohr",), 5, 0)
    assert event.confidence == alone.confidence


def test_a_second_root_source_raises_confidence(merge: Callable[..., Any], tell: Tell) -> None:
    mentions = [tell(0, **STRIKE, by="sohr"), tell(1, **STRIKE, by="residents")]
    assert merge(mentions).living[0].confidence > merge(mentions[:1]).living[0].confidence


def test_an_outlet_that_is_quoted_is_the_witness_that_it_is_when_it_prints(
    merge: Callable[..., Any], tell: Tell
) -> None:
    [event] = merge([tell(0, **STRIKE, outlet="sana"), tell(1, **STRIKE, by="sana", outlet="bbc")]).living
    assert event.root_sources == ("outlet:sana",)


def test_a_reprint_that_quotes_somebody_of_its_own_keeps_that_witness(merge: Callable[..., Any], tell: Tell) -> None:
    [event] = merge([tell(0, **STRIKE, body=BODY), tell(1, **STRIKE, outlet="bbc", body=BODY, by="msf")]).living
    assert event.copies == 1
    assert event.root_sources == ("msf", "outlet:reuters")


def test_an_article_that_tells_one_event_twice_is_one_copy(merge: Callable[..., Any], tell: Tell) -> None:
    shelling = {**STRIKE, "says": "shelling"}
    [event] = merge(
        [
            tell(0, **STRIKE, body=BODY),
            tell(1, **STRIKE, outlet="bbc", article="twice", body=BODY),
            tell(2, **shelling, outlet="bbc", article="twice", body=BODY),
        ]
    ).living
    assert (len(event.mention_ids), event.copies) == (3, 1)


@pytest.mark.parametrize("modality", ["claimed", "denied"])
def test_what_is_claimed_or_denied_is_less_sure(merge: Callable[..., Any], tell: Tell, modality: str) -> None:
    plain, weak = merge([tell(0, **STRIKE)]).living, merge([tell(0, **STRIKE, modality=modality)]).living
    assert weak[0].confidence < plain[0].confidence


def test_confidence_is_never_certainty_and_does_not_depend_on_order(stage: MergeStage) -> None:
    voices = [("sohr", "reported"), ("outlet:bbc", "reported"), ("party:rebels", "claimed")]
    forth, back = (confidence(v, stage.judge.parameters, stage.judge.knowledge) for v in (voices, voices[::-1]))
    assert forth == back
    assert 0.7 < forth < 1


def test_containment_finds_a_part_in_the_whole_and_nothing_in_another(stage: MergeStage, tell: Tell) -> None:
    def sample(body: str) -> bytes:
        from streams.stages.merge.reading import read_mention

        return read_mention(tell(0, **STRIKE, body=body), stage.judge).sketch

    whole, part = sample(BODY), sample(" ".join(BODY.split()[10:30]))
    other = sample(" ".join(f"else{number}" for number in range(60)))
    assert containment(whole, part) > 0.9
    assert containment(whole, other) == 0
    assert containment(whole, b"") == 0
