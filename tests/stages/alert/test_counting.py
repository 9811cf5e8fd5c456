"""Rules that count: windows of event time, levels and rises, waves that grow and shrink."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event import Event
from schemas.vocabulary import AlertState, PlacePrecision, RevisionKind
from tests.stages.alert.watching import DAY, Watching, days, place, states, strike

RAISED, UPDATED, ESCALATED, CANCELLED = AlertState
FIVE = """
rules:
  - name: five
    watch: events
    where: {near: {lat: 35.93, lon: 36.63, km: 30}}
    when: {type: [air_strike]}
    count: {at_least: 5, days: 1}
    per: all
    escalate: [{at_least: 8, severity: critical}]
"""


def on(number: int, day: int = 0, **more: object) -> Event:
    """A strike of a number on a day after the first."""
    return strike(1, event_id=f"e{number}", when=days(DAY + timedelta(days=day)), **more)


def test_five_strikes_in_a_day_raise_one_alert_that_names_them_all() -> None:
    alerts = Watching(FIVE).hear_all(*map(on, range(5)))
    assert states(alerts) == [RAISED]
    assert (alerts[0].count, alerts[0].subjects) == (5, tuple(f"e{number}" for number in range(5)))
    assert alerts[0].title == "5 × air strike, all places"


def test_strikes_of_five_days_or_of_a_month_or_too_far_away_do_not_count() -> None:
    spread = [on(number, day=number) for number in range(5)]
    vague = [on(number) for number in range(4)] + [on(4).model_copy(update={"when": days(DAY, DAY + timedelta(30))})]
    far = [on(number) for number in range(4)] + [on(4, place=place("Daraa"))]
    governorate = [on(number, place=place("Idlib", PlacePrecision.GOVERNORATE)) for number in range(5)]
    for records in (spread, vague, far, governorate):
        assert Watching(FIVE).hear_all(*records) == []


def test_the_order_of_arrival_does_not_matter_for_whether_it_fires() -> None:
    records = [on(0), on(1), on(2), on(3, day=3), on(4), on(5)]
    for order in list(permutations(records))[::60]:
        alerts = Watching(FIVE).hear_all(*order)
        assert (alerts[-1].state, alerts[-1].count) == (RAISED, 5)


def test_a_wave_that_grows_updates_and_then_escalates_one_alert() -> None:
    alerts = Watching(FIVE).hear_all(*map(on, range(8)))
    assert states(alerts) == [RAISED, UPDATED, UPDATED, ESCALATED]
    assert len({alert.alert_id for alert in alerts}) == 1


def test_a_wave_that_cools_down_tells_of_its_growth_later_and_of_its_escalation_at_once() -> None:
    watching = Watching(FIVE + "    cooldown_hours: 24\n")
    assert states(watching.hear_all(*map(on, range(8)))) == [RAISED, ESCALATED]
    assert states(watching.hear_all(on(8), hours=0)) == []


def test_a_wave_is_cancelled_when_retractions_leave_too_few() -> None:
    gone = on(2, kind=RevisionKind.RETRACT)
    alerts = Watching(FIVE).hear_all(*map(on, range(5)), gone)
    assert states(alerts) == [RAISED, CANCELLED]


def test_two_waves_are_two_alerts() -> None:
    later = [on(number, day=10) for number in range(10, 15)]
    alerts = Watching(FIVE).hear_all(*map(on, range(5)), *later)
    assert states(alerts) == [RAISED, RAISED]
    assert len({alert.alert_id for alert in alerts}) == 2


def test_a_rise_is_measured_against_the_time_before() -> None:
    rule = FIVE.replace("days: 1}", "days: 7, rise: {times: 3, over_days: 28}}")
    week = [on(number, day=number) for number in range(5)]
    calm = [on(100 + week, day=-7 * week) for week in range(1, 5)]
    (alert,) = Watching(rule).hear_all(*calm, *week)
    assert "Usual in such a time: 1.0" in alert.text
    busy = Watching(rule)
    busy.hear_all(*(on(200 + number, day=number - 28) for number in range(28)))
    assert busy.hear_all(*week) == []


def test_the_dead_can_be_counted() -> None:
    rule = FIVE.replace("at_least: 5", "of: killed, at_least: 25").replace("at_least: 8", "at_least: 50")
    deadly = [strike(10, event_id=f"e{number}") for number in range(5)]
    assert states(Watching(rule).hear_all(*deadly)) == [RAISED, UPDATED, ESCALATED]


@pytest.mark.parametrize(
    ("names", "fires"), [(("Idlib", "Binnish", "Sarmin"), True), (("Idlib", "Daraa", "Homs"), False)]
)
def test_what_lies_near_to_one_of_them_is_counted_wherever_it_is(names: tuple[str, ...], fires: bool) -> None:
    rule = """
rules:
  - {name: near, watch: events, count: {at_least: 3, days: 1, within_km: 15}, per: all}
"""
    strikes = [on(number, place=place(name)) for number, name in enumerate(names)]
    assert bool(Watching(rule).hear_all(*strikes)) is fires


def test_a_governorate_counts_for_itself() -> None:
    rule = """
rules:
  - {name: many, watch: events, count: {at_least: 3, days: 1}, per: governorate}
"""
    names = ("Idlib", "Daraa", "Saraqib", "Binnish")
    (alert,) = Watching(rule).hear_all(*(on(number, place=place(name)) for number, name in enumerate(names)))
    assert (alert.area, alert.title) == ("admin1:Idlib", "3 × air strike, Idlib")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_which_waves_stand_in_the_end_is_a_function_of_the_set(offsets: list[int], chance: object) -> None:
    rule = FIVE.replace("at_least: 5, days: 1", "at_least: 3, days: 2")
    records = [on(number, day=3 * day) for number, day in enumerate(offsets)]
    told = []
    for _ in range(2):
        last = {alert.alert_id: alert for alert in Watching(rule).hear_all(*records)}
        told.append(sorted((alert.state.value == "cancelled", alert.subjects) for alert in last.values()))
        chance.shuffle(records)  # type: ignore[attr-defined]
    assert told[0] == told[1]
