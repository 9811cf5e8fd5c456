"""What is told as a change, and what is told as a correction."""

from __future__ import annotations

from datetime import date

from schemas.topics import CONTROL_CHANGES


def told(outputs) -> list[tuple[str, str | None]]:
    return [(o.record.change.value, o.record.to.controller) for o in outputs if o.topic is CONTROL_CHANGES]


def test_first_knowledge_of_a_holder_is_no_change_of_control(say, run) -> None:
    _, outputs = run([say("rebels holds", "2015-06-03"), say("rebels holds", "2015-07-03")])
    assert told(outputs) == []


def test_knowledge_that_wears_off_is_no_change_of_control(say, run) -> None:
    _, outputs = run([say("rebels holds", "2013-06-03"), say("besieges", "2015-07-03")])
    assert told(outputs) == [("besieged", "rebels")]


def test_a_change_dated_two_days_otherwise_is_no_correction(say, run) -> None:
    capture = say("rebels captured", "2015-06-03", id="a")
    moved = say("rebels captured", "2015-06-05", id="a", revision=2)
    assert told(run([capture, moved])[1]) == [("captured", "rebels")]


def test_a_change_dated_weeks_otherwise_is_a_correction(say, run) -> None:
    capture = say("rebels captured", "2015-06-03", of="sdf", id="a")
    moved = say("rebels captured", "2015-05-03", of="sdf", id="a", revision=2)
    _, outputs = run([say("sdf captured", "2015-01-03"), capture, moved])
    assert told(outputs) == [("captured", "sdf"), ("captured", "rebels"), ("corrected", "rebels")]


def test_one_change_is_told_once_however_often_it_is_confirmed(say, run) -> None:
    again = [say("rebels captured", "2015-06-04", by=[f"outlet:{n}"], printed="2015-06-05") for n in range(6)]
    _, outputs = run([say("rebels captured", "2015-06-03"), *again])
    assert told(outputs) == [("captured", "rebels")]


def test_back_and_forth_is_told_as_often_as_it_was(say, run) -> None:
    _, outputs = run(
        [
            say("syrian-government captured", "2015-02-17", of="rebels"),
            say("rebels captured", "2015-02-20", of="syrian-government"),
            say("syrian-government captured", "2015-03-20", of="rebels"),
        ]
    )
    assert told(outputs) == [
        ("captured", "syrian-government"),
        ("captured", "rebels"),
        ("captured", "syrian-government"),
    ]


def test_a_change_says_from_what_to_what_and_when(say, run) -> None:
    _, outputs = run(
        [say("rebels captured", "2015-02-17"), say("islamic-state captured", "2015-05-20", of="rebels", id="deciding")]
    )
    change = outputs[-1].record
    assert (change.from_.controller, change.to.controller, change.at) == ("rebels", "islamic-state", date(2015, 5, 20))
    assert change.evidence[0].claim_id == "deciding"


def test_a_siege_that_ends_with_the_fall_of_the_town_is_not_called_relief(say, run) -> None:
    _, outputs = run(
        [
            say("syrian-government besieges", "2015-02-17", of="rebels"),
            say("syrian-government captured", "2015-03-17", of="rebels"),
        ]
    )
    assert told(outputs) == [("besieged", "rebels"), ("captured", "syrian-government")]


def test_of_one_day_who_leaves_goes_before_who_comes_whatever_their_ids(say, run) -> None:
    _, outputs = run([say("rebels withdrew", "2016-08-27", id="b"), say("sdf captured", "2016-08-27", id="a")])
    assert told(outputs) == [("transferred", "sdf")]


def test_a_road_that_its_holder_opens_ends_a_siege(say, run) -> None:
    _, outputs = run(
        [
            say("syrian-government besieges", "2015-02-17", of="rebels"),
            say("rebels captured", "2015-03-17", scope="surroundings"),
        ]
    )
    assert told(outputs) == [("besieged", "rebels"), ("relieved", "rebels")]
