"""What was corrected or retracted leaves merging as if it had never been said, in whatever order it came."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event import Claim, Event
from schemas.mention import Mention, Withdrawal
from streams.stages.merge.state import MergeState
from tests.properties.test_merge_order import QUICK, STAGE, id_of, living, mention, run, stories

FEW = settings(QUICK, max_examples=30)
SAID = Mention | Withdrawal
KIND = ("kind", "event_type", "relation", "scope")


def taken_back(said: Mention) -> Withdrawal:
    return Withdrawal(
        withdraws=said.mention_id,
        article_id=said.article_id,
        revision=said.revision,
        published_at=said.published_at,
    )


@st.composite
def corrected(draw: st.DrawFn, days: int, most: int) -> tuple[list[SAID], list[Mention]]:
    """All that was ever said, in canonical order; and the last words that stand."""
    told: list[SAID] = []
    last = []
    for number, first in enumerate(draw(stories(days, most))):
        fate = draw(st.sampled_from(("stands", "stands", "corrected", "retracted", "both", "restored")))
        told.append(first)
        again = mention(number, draw(st.integers(0, days)), 12, draw) if fate not in ("stands", "retracted") else first
        revision = {"stands": 1, "retracted": 1, "restored": 3}.get(fate, 2)
        kind = {name: getattr(first, name) for name in KIND} if again.kind is not first.kind else {}
        named = {name: getattr(first, name) for name in ("mention_id", "article_id")} | kind
        if again is not first:
            again = again.model_copy(update={**named, "revision": revision})
            told.append(again)
        if fate in ("retracted", "both"):
            told.append(taken_back(again))
        if fate == "restored":
            told += [taken_back(first), taken_back(first.model_copy(update={"revision": 2}))]
        last += [again] if fate in ("stands", "corrected", "restored") else []
    return told, last


def after(told: list[SAID], state: MergeState | None = None) -> tuple[MergeState, list[Event | Claim]]:
    return run(told, state)  # type: ignore[arg-type]


@FEW
@given(st.data(), st.one_of(corrected(days=25, most=16), corrected(days=2, most=16)))
def test_only_the_last_words_count_in_any_order(data: st.DataObject, story: tuple[list[SAID], list[Mention]]) -> None:
    told, last = story
    expected = run(sorted(last, key=lambda said: (said.published_at, said.mention_id)))
    for order in (told, data.draw(st.permutations(told))):
        state, written = after(order)
        assert STAGE.digest(state) == STAGE.digest(expected[0])
        assert living(written) == living(expected[1])


@FEW
@given(st.data(), corrected(days=25, most=12))
def test_what_was_taken_back_stays_so_when_it_comes_again(
    data: st.DataObject, story: tuple[list[SAID], list[Mention]]
) -> None:
    state, _ = after(story[0])
    again, written = after(data.draw(st.lists(st.sampled_from(story[0]))), state)
    assert (again is state, written) == (True, [])


@FEW
@given(st.data(), corrected(days=25, most=14))
def test_every_revision_follows_from_the_one_before_also_over_a_restart(
    data: st.DataObject, story: tuple[list[SAID], list[Mention]]
) -> None:
    cut = data.draw(st.integers(0, len(story[0])))
    state, begun = after(story[0][:cut])
    _, written = after(story[0][cut:], STAGE.load(state.key, dict(STAGE.dump(state))))
    revisions: dict[str, int] = {}
    for record in (*begun, *written):
        assert record.revision == revisions.get(id_of(record), 0) + 1
        revisions[id_of(record)] = record.revision


@FEW
@given(corrected(days=25, most=14))
def test_the_rows_that_change_are_all_that_changes(story: tuple[list[SAID], list[Mention]]) -> None:
    state = STAGE.initial("ocha:C1007")
    rows: dict[str, bytes | None] = {}
    for each in story[0]:
        following, _ = STAGE.step(state, each, each.published_at)
        rows.update(STAGE.changes(state, following))
        rows = {name: row for name, row in rows.items() if row is not None}
        state = following
        assert rows == dict(STAGE.dump(state))
