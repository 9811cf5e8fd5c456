"""What makes two reports one event, and what keeps them apart: the reasons that `explain` shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schemas.mention import Mention
from streams.stages.merge.step import MergeStage

Tell = Callable[..., Mention]
STRIKE = {"says": "air_strike", "when": "2016-05-10", "killed": 12}


def reasons(stage: MergeStage, a: Mention, b: Mention) -> dict[str, float]:
    return dict(stage.compare(a, b).reasons)


def test_a_decision_names_what_spoke_for_and_against(stage: MergeStage, tell: Tell) -> None:
    decision = stage.compare(tell(0, **STRIKE, actors=["russia"]), tell(1, **STRIKE, actors=["syrian-government"]))
    assert decision.same
    assert [name for name, _ in decision.reasons] == [
        "same_type", "same_day", "allied_actor", "killed_same", "both_main",
    ]  # fmt: skip
    assert decision.score == pytest.approx(sum(points for _, points in decision.reasons))


def test_comparing_is_the_same_from_both_sides(stage: MergeStage, tell: Tell) -> None:
    a, b = tell(0, **STRIKE, district="Zahra"), tell(1, says="shelling", when=["2016-05-09", "2016-05-10"], killed="5+")
    assert stage.compare(a, b) == stage.compare(b, a)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"says": "armed_clash"}, "other_type"),
        ({"when": "2016-05-13"}, "other_time"),
        ({"article": "article-0"}, "told_apart_by_one_article"),
    ],
)
def test_some_reasons_keep_apart_alone(stage: MergeStage, tell: Tell, other: dict[str, str], reason: str) -> None:
    decision = stage.compare(tell(0, **STRIKE), tell(1, **{**STRIKE, **other}))
    assert not decision.same
    assert decision.reasons[-1][0] == reason


@pytest.mark.parametrize(
    "other",
    [
        {"when": "2016-05-11", "killed": 13},
        {"district": "Zahra"},
        {"when": "2016-05-11", "killed": None},
        {"killed": 60, "actors": ["rebels"]},
    ],
)
def test_near_misses_stay_apart(stage: MergeStage, tell: Tell, other: dict[str, object]) -> None:
    strike = {**STRIKE, "district": "Akrama", "actors": ["russia"], "targets": ["civilians"]}
    assert not stage.compare(tell(0, **strike), tell(1, **{**strike, **other})).same


def test_quarters_in_two_spellings_are_one(stage: MergeStage, tell: Tell) -> None:
    a, b = tell(0, **STRIKE, district="Akrameh neighbourhood"), tell(1, **STRIKE, district="Ikrima")
    assert "same_district" in reasons(stage, a, b)


def test_a_toll_that_its_own_source_raised_speaks_not_against(stage: MergeStage, tell: Tell) -> None:
    early = tell(0, says="air_strike", when="2016-05-10", by="sohr", killed=10)
    late = tell(1, says="air_strike", when="2016-05-10", by="sohr", killed=90, published="2016-05-12")
    other = tell(1, says="air_strike", when="2016-05-10", by="residents", killed=90, published="2016-05-12")
    assert "killed_rose" in reasons(stage, early, late)
    assert "killed_far" in reasons(stage, early, other)


def test_a_clash_told_from_the_other_side_is_the_same_clash(stage: MergeStage, tell: Tell) -> None:
    clash = {"says": "armed_clash", "when": "2016-05-10"}
    a = tell(0, **clash, actors=["rebels"], targets=["syrian-government"])
    b = tell(1, **clash, actors=["syrian-government"], targets=["rebels"])
    assert "swapped_sides" in reasons(stage, a, b)
    assert stage.compare(a, b).same


def test_rivals_who_hold_parts_together_join_no_claim_of_either(stage: MergeStage, tell: Tell) -> None:
    both = tell(0, says="holds", scope="part", when="2016-05-10", actors=["rebels", "syrian-government"])
    one = tell(1, says="holds", scope="part", when="2016-05-10", actors=["rebels"])
    assert not stage.compare(both, one).same
