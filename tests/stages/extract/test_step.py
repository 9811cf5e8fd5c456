"""The extract stage: an article once, twice, and in conflict with another text."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

from schemas.article import Article, Retraction
from schemas.codec import decode
from schemas.dead_letter import DeadLetter
from schemas.mention import Mention, Withdrawal
from schemas.record import Record
from schemas.topics import DEAD_LETTERS, MENTIONS
from schemas.vocabulary import Reason
from streams.stages.extract.step import ExtractStage, ExtractState
from streams.theatres.theatre import load_theatre

KNOWN = datetime(2016, 8, 12, 15, tzinfo=UTC)
BODY = "Russian jets bombed Saraqib on Thursday, killing 12 civilians."


def article(body: str = BODY, revision: int = 1) -> Article:
    return Article(article_id="a1", outlet="reuters", title=None, body=body, published_at=KNOWN, revision=revision)


def retraction(revision: int | None = None) -> Retraction:
    return Retraction(retracts="a1", revision=revision, reason="a mistake", published_at=KNOWN)


def after(*records: Article | Retraction) -> tuple[ExtractState, list[Record]]:
    state, said = stage().initial("a1"), []
    for record in records:
        state, outputs = stage().step(state, record, KNOWN)
        said += [output.record for output in outputs]
    return state, said


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


def test_a_higher_revision_says_anew_what_still_holds_and_withdraws_the_rest() -> None:
    two = f"{BODY} Rebels shelled Fuah on Friday."
    _, said = after(article(two), article(BODY, revision=2))
    first, again = [m for m in said if isinstance(m, Mention) and m.place.name == "Saraqib"]
    (fuah,) = [m for m in said if isinstance(m, Mention) and m.place.name != "Saraqib"]
    (taken_back,) = [w for w in said if isinstance(w, Withdrawal)]
    assert (first.revision, again.revision) == (1, 2)
    assert again.mention_id == first.mention_id
    assert (taken_back.withdraws, taken_back.revision) == (fuah.mention_id, 1)


def test_a_retraction_withdraws_all_that_the_article_said() -> None:
    _, said = after(article(), retraction())
    told = [m.mention_id for m in said if isinstance(m, Mention)]
    assert told
    assert [w.withdraws for w in said if isinstance(w, Withdrawal)] == told


def test_what_a_retraction_covers_is_never_read_and_what_it_does_not_is() -> None:
    assert after(retraction(), article(), article(revision=9))[1] == []
    assert [m.revision for m in after(retraction(2), article(revision=2), article(revision=3))[1]] == [3]  # type: ignore[attr-defined]


def test_any_order_of_revisions_and_retractions_ends_in_the_same_last_word() -> None:
    records = (article(), article("It rained.", revision=2), retraction(1), article(revision=3), retraction(2))
    for chosen in (records, records[:3], records[1:3], (*records, retraction())):
        ends = {stage().digest(after(*order)[0]).__repr__() for order in permutations(chosen)}
        assert len(ends) == 1


def test_records_that_come_again_give_nothing() -> None:
    records = (article(), article("Rebels shelled Fuah on Friday.", revision=2), retraction(1))
    state, _ = after(*records)
    for record in (*records, *records[::-1]):
        assert stage().step(state, record, KNOWN) == (state, ())


def test_a_state_comes_back_from_its_rows() -> None:
    state, _ = stage().step(stage().initial("a1"), article(), KNOWN)
    assert stage().load("a1", stage().dump(state)) == state
    assert stage().load("a1", {}) == stage().initial("a1")
    retracted, _ = after(article(), retraction())
    assert stage().load("a1", stage().dump(retracted)) == retracted


def test_the_version_names_rules_and_theatre() -> None:
    assert load_theatre("syria").version in stage().version
