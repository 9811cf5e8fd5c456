"""Alerts live through raised, updated, escalated and cancelled, with the evidence under them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.alert import Alert
from schemas.control import ControlChange, Standing
from schemas.errors import TheatreError
from schemas.event import Event
from schemas.record import DateRange, Place, Toll
from schemas.vocabulary import (
    AlertState,
    ChangeKind,
    ControlStatus,
    DatePrecision,
    EventType,
    Modality,
    PlacePrecision,
    RevisionKind,
)
from streams.stages.alert.rules import own_rules
from streams.stages.alert.step import AlertStage
from streams.theatres.theatre import Theatre, load_theatre

NOON = datetime(2017, 4, 4, 12, tzinfo=UTC)
RULES = b"""
rules:
  - name: deadly
    watch: events
    where: {near: {lat: 35.9, lon: 36.6, km: 80}}
    when: {type: [air_strike], min_killed: 10, min_root_sources: 2}
    severity: major
    escalate: [{when: {min_killed: 50}, severity: critical}]
    title: "$killed dead in $place"
  - name: taken
    watch: changes
    when: {change: [captured], party: [islamic-state]}
"""


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return load_theatre()


@pytest.fixture
def stage(theatre: Theatre) -> AlertStage:
    return AlertStage(theatre, own_rules(theatre, Path("mine.yaml"), RULES))


def idlib(theatre: Theatre) -> Place:
    site = theatre.gazetteer.candidates("Idlib")[0]
    return theatre.gazetteer.as_place(site, "Idlib").model_copy(update={"precision": PlacePrecision.TOWN})


def strike(theatre: Theatre, killed: int, *sources: str, **changes: Any) -> Event:
    day = DateRange(first=date(2017, 4, 4), last=date(2017, 4, 4), precision=DatePrecision.DAY)
    given: dict[str, Any] = {
        "event_id": "e1",
        "revision": 1,
        "kind": RevisionKind.NEW,
        "place": idlib(theatre),
        "when": day,
        "event_type": EventType.AIR_STRIKE,
        "actors": ("syrian-government",),
        "targets": ("civilians",),
        "modality": Modality.REPORTED,
        "mention_ids": ("a#e1",),
        "outlets": ("reuters",),
        "root_sources": sources,
        "copies": 0,
        "confidence": 0.8,
        "first_seen": NOON,
        "last_seen": NOON,
        "killed": Toll(min=killed, max=killed),
        "wounded": None,
        "tolls": (),
        "main": True,
    }
    return Event(**{**given, **changes})


def captured(theatre: Theatre, change: ChangeKind, before: str | None, now: str | None) -> ControlChange:
    def held(party: str | None) -> Standing:
        return Standing(controller=party, status=ControlStatus.HELD if party else ControlStatus.UNKNOWN)

    day = date(2017, 4, 4)
    sides = {"from_": held(before), "to": held(now)}
    return ControlChange(place=idlib(theatre), change=change, at=day, known_at=NOON, evidence=(), **sides)


def lives(stage: AlertStage, *records: Event | ControlChange, hours: float = 1) -> list[Alert]:
    """The alerts that follow from records that come so many hours apart."""
    state, alerts = stage.initial("idlib"), []
    for number, record in enumerate(records):
        state = stage.load("idlib", stage.dump(state))
        state, outputs = stage.step(state, record, NOON + number * timedelta(hours=hours))
        alerts += [output.record for output in outputs]
    return alerts


def states(alerts: list[Alert]) -> list[AlertState]:
    return [alert.state for alert in alerts]


def test_an_alert_is_raised_when_a_second_witness_comes(stage: AlertStage, theatre: Theatre) -> None:
    alerts = lives(stage, strike(theatre, 12, "sohr"), strike(theatre, 12, "sohr", "snhr"))
    assert states(alerts) == [AlertState.RAISED]
    assert (alerts[0].title, alerts[0].root_sources) == ("12 dead in Idlib", ("sohr", "snhr"))


def test_a_higher_toll_updates_and_then_escalates(stage: AlertStage, theatre: Theatre) -> None:
    tolls = [strike(theatre, killed, "sohr", "snhr") for killed in (12, 20, 60)]
    alerts = lives(stage, *tolls)
    assert states(alerts) == [AlertState.RAISED, AlertState.UPDATED, AlertState.ESCALATED]
    assert [alert.severity for alert in alerts] == ["major", "major", "critical"]
    assert [alert.revision for alert in alerts] == [1, 2, 3]
    assert len({alert.alert_id for alert in alerts}) == 1


def test_a_revision_that_says_nothing_new_is_silent(stage: AlertStage, theatre: Theatre) -> None:
    same = strike(theatre, 12, "sohr", "snhr")
    assert len(lives(stage, same, same.model_copy(update={"revision": 2, "outlets": ("afp", "reuters")}))) == 1


def test_an_alert_is_cancelled_when_its_event_is_retracted_or_shrinks(stage: AlertStage, theatre: Theatre) -> None:
    raised = strike(theatre, 12, "sohr", "snhr")
    for end in (strike(theatre, 3, "sohr", "snhr"), raised.model_copy(update={"kind": RevisionKind.RETRACT})):
        assert states(lives(stage, raised, end)) == [AlertState.RAISED, AlertState.CANCELLED]


def test_an_alert_follows_its_event_into_another_one(stage: AlertStage, theatre: Theatre) -> None:
    first = strike(theatre, 12, "sohr", "snhr")
    into = strike(theatre, 12, "sohr", "snhr", event_id="e0", supersedes=("e1",))
    ended = first.model_copy(update={"kind": RevisionKind.MERGE})
    more = strike(theatre, 70, "sohr", "snhr", event_id="e0")
    alerts = lives(stage, first, into, ended, more)
    assert states(alerts) == [AlertState.RAISED, AlertState.ESCALATED]
    assert alerts[1].alert_id == alerts[0].alert_id
    assert alerts[1].subjects == ("e0",)


def test_places_outside_the_rule_raise_nothing(stage: AlertStage, theatre: Theatre) -> None:
    site = theatre.gazetteer.candidates("Daraa")[0]
    far = strike(theatre, 99, "sohr", "snhr", place=theatre.gazetteer.as_place(site, "Daraa"))
    assert lives(stage, far) == []


def test_a_correction_cancels_what_was_raised_on_the_change(stage: AlertStage, theatre: Theatre) -> None:
    taken = captured(theatre, ChangeKind.CAPTURED, "syrian-government", "islamic-state")
    corrected = captured(theatre, ChangeKind.CORRECTED, "islamic-state", "syrian-government")
    other = captured(theatre, ChangeKind.CORRECTED, "rebels", "syrian-government")
    assert states(lives(stage, taken, other)) == [AlertState.RAISED]
    assert states(lives(stage, taken, corrected)) == [AlertState.RAISED, AlertState.CANCELLED]


def test_a_rule_that_cools_down_waits_unless_it_is_graver(theatre: Theatre) -> None:
    rules = RULES.replace(b"severity: major\n", b"severity: major\n    cooldown_hours: 24\n", 1)
    stage = AlertStage(theatre, own_rules(theatre, Path("mine.yaml"), rules))
    first, second = (strike(theatre, 12, "sohr", "snhr", event_id=name) for name in ("e1", "e2"))
    graver = strike(theatre, 80, "sohr", "snhr", event_id="e3")
    assert states(lives(stage, first, second)) == [AlertState.RAISED]
    assert states(lives(stage, first, second, hours=25)) == [AlertState.RAISED, AlertState.RAISED]
    assert states(lives(stage, first, graver)) == [AlertState.RAISED, AlertState.RAISED]


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        (b"watch: events\n    where", 3, "events"),
        (b"min_killed: 10", 6, "min_killed"),
        (b"$killed", 9, "field"),
    ],
    ids=["kind", "number", "text"],
)
def test_a_mistake_is_told_with_its_line(theatre: Theatre, written: bytes, line: int, said: str) -> None:
    wrong = {3: b"watch: changes\n    where", 6: b"min_killed: many", 9: b"$dead"}[line]
    with pytest.raises(TheatreError, match=said) as error:
        own_rules(theatre, Path("mine.yaml"), RULES.replace(written, wrong))
    assert f"alerts.yaml:{line}" in str(error.value)


def test_unknown_places_and_parties_are_refused(theatre: Theatre) -> None:
    with pytest.raises(TheatreError, match="no party 'marsians'"):
        own_rules(theatre, Path("mine.yaml"), RULES.replace(b"islamic-state", b"marsians"))
    with pytest.raises(TheatreError, match="no place 'x:1'"):
        own_rules(
            theatre, Path("mine.yaml"), RULES.replace(b"{near: {lat: 35.9, lon: 36.6, km: 80}}", b"{within: [x:1]}")
        )


def test_the_rules_that_ship_with_the_theatre_are_sound(theatre: Theatre) -> None:
    assert {rule.name for rule in AlertStage(theatre).rules} >= {"town-changes-hands", "siege", "deadly-attack"}
