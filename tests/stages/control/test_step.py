"""What the stage lets pass, what it keeps apart, and what it writes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from schemas.topics import CONTROL, CONTROL_CHANGES
from schemas.vocabulary import ControlStatus


@pytest.mark.parametrize("precision", ["district", "governorate", "country"])
def test_what_is_said_of_an_area_moves_no_town(precision: str, stage, say) -> None:
    state = stage.initial("x")
    claim = say("rebels captured", "2015-06-03", precision=precision)
    assert stage.step(state, claim, claim.last_seen) == (state, ())


def test_an_enclave_stands_as_a_town(stage, say) -> None:
    claim = say("rebels holds", "2015-06-03", precision="district")
    enclave = claim.place.model_copy(update={"place_id": "site:eastern-ghouta"})
    state, _ = stage.step(
        stage.initial("site:eastern-ghouta"), claim.model_copy(update={"place": enclave}), claim.last_seen
    )
    assert state.control.controller == "rebels"


@pytest.mark.parametrize(
    ("named", "holder"), [("hezbollah", "syrian-government"), ("ypg", "sdf"), ("us-coalition", "sdf")]
)
def test_a_place_is_held_by_the_party_for_which_its_captor_holds_towns(named: str, holder: str, say, control) -> None:
    assert control(say(f"{named} captured", "2015-06-03")).controller == holder


def test_who_never_holds_a_town_holds_none(stage, say, run) -> None:
    state, _ = run([say("civilians holds", "2015-06-03")])
    assert state.control is None


def test_twenty_friendly_outlets_do_not_flip_a_town_and_one_admission_does(say, control) -> None:
    held = say("rebels captured", "2015-01-03", of="syrian-government", by=["sohr", "outlet:bbc"])
    friends = [f"friend-{n}@{side}" for n, side in enumerate(["syrian-government", "russia", "hezbollah", "iran"] * 5)]
    boast = say("syrian-government captured", "2015-02-01", of="rebels", by=friends)
    assert control(held, boast).controller != "syrian-government"
    admitted = say("syrian-government captured", "2015-02-02", of="rebels", by=["fsa@rebels"])
    assert control(held, boast, admitted).controller == "syrian-government"


def test_twenty_claims_of_the_captor_in_as_many_days_do_not_flip_a_town_either(say, control) -> None:
    held = say("rebels captured", "2015-01-03", by=["sohr", "outlet:bbc"])
    boasts = [
        say("syrian-government captured", f"2015-02-{n:02d}", by=["sana@syrian-government"]) for n in range(1, 21)
    ]
    # The word of a capture is news of a fight, and no more.
    assert control(held, *boasts).status is ControlStatus.CONTESTED


def test_copies_do_not_count_and_root_sources_do(say, control) -> None:
    one, three = (say("rebels captured", "2015-06-03", of="sdf", by=roots) for roots in (["sohr"], ["sohr", "a", "b"]))
    copied = one.model_copy(update={"outlets": tuple(f"o{n}" for n in range(30)), "copies": 29})
    assert control(copied).confidence == control(one).confidence
    assert control(three).evidence[0].weight > control(one).evidence[0].weight


def test_a_district_has_a_state_of_its_own_under_its_town(say, control) -> None:
    record = control(
        say("syrian-government holds", "2012-01-10"),
        say("rebels captured", "2012-02-05", of="syrian-government", district="Baba Amr"),
    )
    (district,) = record.districts
    assert (district.name, district.controller, district.since) == ("Baba Amr", "rebels", date(2012, 2, 5))
    assert record.status is ControlStatus.DIVIDED
    assert {holding.party: holding.districts for holding in record.shares}["rebels"] == ("Baba Amr",)


def test_a_site_whose_part_is_held_is_held(say, control) -> None:
    claim = say("syrian-government holds", "2017-01-18", scope="part", precision="exact")
    site = claim.place.model_copy(update={"parent": "ocha:C5086"})
    record = control(claim.model_copy(update={"place": site}), say("islamic-state besieges", "2017-01-18"))
    assert (record.controller, record.besieged_by) == ("syrian-government", ("islamic-state",))


def test_a_lone_holder_of_a_part_shares_the_place_with_whoever_besieges_him(say, control) -> None:
    record = control(
        say("syrian-government holds", "2017-01-18", scope="part", share=0.33),
        say("islamic-state besieges", "2017-01-18", of="syrian-government", scope="part"),
    )
    assert record.status is ControlStatus.DIVIDED
    assert [(holding.party, holding.share) for holding in record.shares] == [
        ("islamic-state", 0.67),
        ("syrian-government", 0.33),
    ]


def test_who_lost_a_place_left_it_to_whoever_is_next_known_to_hold_it(stage, say, control) -> None:
    record = control(
        say("islamic-state lost", ("2017-10-10", "2017-10-20"), printed="2017-10-30"),
        say("islamic-state advances", "2017-10-28", of="syrian-government", printed="2017-10-30"),
    )
    assert [(s.first, s.controller) for s in record.timeline] == [
        (date(2017, 10, 15), "syrian-government"),
        (date(2017, 10, 28), None),
    ]


def test_a_capture_of_the_town_takes_its_districts_along(say, control) -> None:
    record = control(
        say("rebels captured", "2012-02-05", district="Baba Amr"),
        say("syrian-government captured", "2014-05-08", of="rebels"),
    )
    assert [district.controller for district in record.districts] == ["syrian-government"]


def test_stated_shares_stand_and_the_rest_goes_to_the_others(say, control) -> None:
    record = control(
        say("islamic-state captured", "2014-07-14", scope="part"),
        say("syrian-government holds", "2014-07-20", scope="part", share=0.33),
    )
    assert {holding.party: holding.share for holding in record.shares} == {
        "islamic-state": 0.67,
        "syrian-government": 0.33,
    }


def test_the_evidence_that_decides_is_named_strongest_first_with_what_speaks_against(say, control) -> None:
    record = control(
        say("rebels captured", "2015-06-03", of="sdf", by=["sohr", "outlet:bbc"], id="capture"),
        say("rebels holds", "2015-06-10", by=["outlet:bbc"], id="mention"),
        say("sdf holds", "2015-06-12", by=["outlet:bbc"], id="contrary"),
    )
    weights = {claim.claim_id: claim.weight for claim in record.evidence}
    assert list(weights) == ["capture", "mention", "contrary"]
    assert weights["capture"] > weights["mention"] > 0 > weights["contrary"]


def test_a_revision_that_is_older_than_the_known_one_is_ignored(stage, say, run) -> None:
    new = say("rebels captured", "2015-06-03", id="a", revision=3)
    old = say("sdf captured", "2015-06-03", id="a", revision=2)
    state, _ = run([new])
    assert stage.step(state, old, old.last_seen) == (state, ())


def test_revisions_of_a_state_count_from_one_and_changes_bear_the_known_time(stage, say) -> None:
    state, known = stage.initial("x"), datetime(2015, 6, 5, tzinfo=UTC)
    outputs = []
    for claim in (say("rebels captured", "2015-06-03"), say("rebels holds", "2015-06-04")):
        state, new = stage.step(state, claim, known)
        outputs += new
    assert [o.record.revision for o in outputs if o.topic is CONTROL] == [1, 2]
    assert [o.record.known_at for o in outputs if o.topic is CONTROL_CHANGES] == [known]


def test_a_state_without_rows_is_the_initial_one(stage) -> None:
    assert stage.load("x", {}) == stage.initial("x")
