"""The control stage over generated claims: order, repetition and storage change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import canonical
from schemas.event import Claim, Voice
from schemas.record import DateRange, Place
from schemas.vocabulary import DatePrecision, Modality, PlacePrecision, Relation, RevisionKind, Scope
from streams.stages.control.state import TownState
from streams.stages.control.step import ControlStage
from streams.theatres.theatre import load_theatre

PARTIES = ("syrian-government", "rebels", "islamic-state", "sdf", "hts", "russia")
DAY = date(2016, 1, 1)


@pytest.fixture(scope="module")
def stage() -> ControlStage:
    return ControlStage(load_theatre("syria"))


@pytest.fixture(scope="module")
def small() -> ControlStage:
    """The same with room for few claims, so that a handful of them shows what compaction does."""
    theatre = load_theatre("syria")
    own = ControlStage(theatre).parameters
    memory = replace(own.memory, evidence=12, retelling_days=60, retold=40)
    return ControlStage(theatre, replace(own, memory=memory))


def claims(days: int = 400, lag: int = 25) -> st.SearchStrategy[list[Claim]]:
    """Claims of one place, some with several revisions, their event days within a stretch of days."""
    return st.lists(
        st.builds(_claim, st.integers(0, 40), st.integers(0, days), st.integers(0, lag), _what()), max_size=30
    )


def _what() -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(
        st.sampled_from(Relation),
        st.sampled_from(Scope),
        st.sampled_from(Modality),
        st.lists(st.sampled_from(PARTIES), max_size=2, unique=True).map(sorted),
        st.lists(st.sampled_from(PARTIES), max_size=1),
        st.lists(st.sampled_from(("sohr", "sana", "amaq")), min_size=1, unique=True).map(sorted),
        st.sampled_from((None, None, "Baba Amr", "Waer")),
        st.sampled_from((0, 0, 0, 5, 31, 200)),
        st.booleans(),
    )


def _claim(number: int, day: int, lag: int, what: tuple) -> Claim:
    relation, scope, modality, actors, losers, roots, district, width, gone = what
    last = DAY + timedelta(days=day)
    seen = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=lag)
    speaks = {"sana": "syrian-government", "amaq": "islamic-state"}
    return Claim(
        claim_id=f"c{number}",
        revision=1,
        kind=RevisionKind.RETRACT if gone and number % 5 == 0 else RevisionKind.NEW,
        place=Place(
            place_id="p", name="P", admin1=None, lat=None, lon=None, precision=PlacePrecision.TOWN, text="P",
            district=district,
        ),
        when=DateRange(first=last - timedelta(days=width), last=last, precision=DatePrecision.RANGE),
        actors=tuple(actors),
        from_actors=tuple(losers),
        relation=relation,
        scope=scope,
        share=0.3 if scope is Scope.PART and gone else None,
        modality=modality,
        mention_ids=(f"m{number}",),
        outlets=("o",),
        root_sources=tuple(roots),
        copies=0,
        confidence=0.5,
        first_seen=seen,
        last_seen=seen,
        voices=tuple(Voice(root_source=root, party=speaks.get(root), modality=modality) for root in roots),
        self_interested=False,
        admitted=False,
    )  # fmt: skip


def _revised(said: Sequence[Claim]) -> list[Claim]:
    """The same claims with rising revisions for those of one id."""
    counts: dict[str, int] = {}
    revised = []
    for claim in said:
        counts[claim.claim_id] = counts.get(claim.claim_id, 0) + 1
        revised.append(claim.model_copy(update={"revision": counts[claim.claim_id]}))
    return revised


def _shuffled(said: list[Claim], data: st.DataObject) -> list[Claim]:
    """Another order of arrival in which each claim's revisions come as they were written."""
    ids = data.draw(st.permutations([claim.claim_id for claim in said]))
    queues = {key: iter([claim for claim in said if claim.claim_id == key]) for key in ids}
    return [next(queues[key]) for key in ids]


def _folded(stage: ControlStage, said: Sequence[Claim], state: TownState | None = None) -> TownState:
    state = state or stage.initial("p")
    for claim in said:
        state, _ = stage.step(state, claim, claim.last_seen)
    return state


def _same(stage: ControlStage, a: TownState, b: TownState) -> bool:
    return canonical(stage.digest(a)) == canonical(stage.digest(b))


@settings(max_examples=200, deadline=None)
@given(said=claims(), data=st.data())
def test_any_order_of_arrival_ends_in_the_same_state(stage: ControlStage, said: list[Claim], data) -> None:
    said = _revised(said)
    assert _same(stage, _folded(stage, said), _folded(stage, _shuffled(said, data)))


@settings(max_examples=200, deadline=None)
@given(said=claims(days=300, lag=0), data=st.data())
def test_order_is_free_within_the_lateness_even_when_old_claims_are_folded_away(
    small: ControlStage, said: list[Claim], data
) -> None:
    numbered = [
        claim.model_copy(update={"claim_id": f"c{n}", "mention_ids": (f"m{n}",), "kind": RevisionKind.NEW})
        for n, claim in enumerate(sorted(said, key=lambda claim: claim.first_seen))
    ]
    # A neighbour's place in the queue: nobody is overtaken by news more than the lateness younger.
    swapped = list(numbered)
    for n in data.draw(st.lists(st.integers(0, max(0, len(swapped) - 2)), max_size=20)):
        pair = swapped[n : n + 2]
        if len(pair) == 2 and abs(pair[0].first_seen - pair[1].first_seen) <= timedelta(days=1):
            swapped[n : n + 2] = pair[::-1]
    assert _same(small, _folded(small, numbered), _folded(small, swapped))


@settings(max_examples=100, deadline=None)
@given(said=claims(), data=st.data())
def test_a_claim_delivered_again_changes_nothing(stage: ControlStage, said: list[Claim], data) -> None:
    state = _folded(stage, _revised(said))
    for claim in data.draw(st.lists(st.sampled_from(_revised(said)), max_size=5)) if said else ():
        again, outputs = stage.step(state, claim, claim.last_seen)
        assert again is state
        assert outputs == ()


@settings(max_examples=100, deadline=None)
@given(said=claims(), cut=st.integers(0, 30))
def test_a_state_that_was_stored_goes_on_as_if_it_had_not_been(
    small: ControlStage, said: list[Claim], cut: int
) -> None:
    said = _revised(said)
    kept = _folded(small, said[:cut])
    loaded = small.load("p", small.dump(kept))
    assert small.dump(loaded) == small.dump(kept)
    for claim in said[cut:]:
        kept, outputs = small.step(kept, claim, claim.last_seen)
        loaded, again = small.step(loaded, claim, claim.last_seen)
        assert again == outputs
    assert small.dump(loaded) == small.dump(kept)


@settings(max_examples=100, deadline=None)
@given(said=claims())
def test_the_timeline_has_neither_gap_nor_overlap_and_ends_in_the_present(
    stage: ControlStage, said: list[Claim]
) -> None:
    control = _folded(stage, _revised(said)).control
    if control is None:
        return
    segments = (*control.timeline, *control.outlook)
    for before, after in zip(control.timeline, control.timeline[1:], strict=False):
        assert before.last == after.first - timedelta(days=1)
    assert control.timeline[-1].last is None
    assert [segment.first for segment in segments] == sorted({segment.first for segment in segments})
    head = control.timeline[-1]
    assert (head.status, head.controller, head.besieged_by) == (control.status, control.controller, control.besieged_by)
    assert 0 <= control.confidence <= 1
