"""When a rule keeps silent: cooling down, muted, grouping."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.vocabulary import AlertState, RevisionKind
from tests.stages.alert.watching import NOON, Watching, place, states, strike

RAISED, UPDATED, ESCALATED, CANCELLED = AlertState
RULE = """
rules:
  - name: deadly
    watch: events
    severity: major
    escalate: [{when: {min_killed: 50}, severity: critical}]
"""


def rule(more: str) -> Watching:
    return Watching(RULE + f"    {more}\n")


@pytest.mark.parametrize(("hours", "expected"), [(1, [RAISED]), (25, [RAISED, RAISED])])
def test_a_rule_that_cools_down_is_silent_for_its_time(hours: float, expected: list[AlertState]) -> None:
    events = (strike(event_id="e1"), strike(event_id="e2"))
    assert states(rule("cooldown_hours: 24").hear_all(*events, hours=hours)) == expected


def test_graver_news_come_through_while_a_rule_cools_down() -> None:
    events = (strike(event_id="e1"), strike(80, event_id="e2"))
    assert states(rule("cooldown_hours: 24").hear_all(*events)) == [RAISED, RAISED]


def test_what_was_kept_silent_stays_so_unless_it_grows_graver() -> None:
    watching = rule("cooldown_hours: 24")
    watching.hear_all(strike(event_id="e1"), strike(event_id="e2"))
    late = NOON + timedelta(days=3)
    assert watching.hear(strike(13, event_id="e2"), late) == []
    assert states(watching.hear(strike(60, event_id="e2"), late)) == [RAISED]


def test_an_alert_that_was_taken_back_silences_no_other() -> None:
    events = (strike(event_id="e1"), strike(event_id="e1", kind=RevisionKind.RETRACT), strike(event_id="e2"))
    assert states(rule("cooldown_hours: 24").hear_all(*events)) == [RAISED, CANCELLED, RAISED]


def test_what_an_alert_kept_silent_is_told_when_it_is_taken_back() -> None:
    events = (strike(event_id="e1"), strike(event_id="e2"), strike(event_id="e1", kind=RevisionKind.RETRACT))
    alerts = rule("cooldown_hours: 24").hear_all(*events)
    assert states(alerts) == [RAISED, CANCELLED, RAISED]
    assert alerts[-1].subjects == ("e2",)


def test_places_cool_down_each_for_itself_unless_the_rule_looks_at_all() -> None:
    events = (strike(event_id="e1"), strike(event_id="e2", place=place("Homs")))
    assert len(rule("cooldown_hours: 24").hear_all(*events)) == 2
    assert len(rule("cooldown_hours: 24\n    per: all").hear_all(*events)) == 1


def test_a_muted_rule_raises_nothing_before_its_time() -> None:
    watching = rule("mute_until: 2017-04-05T00:00:00Z")
    assert watching.hear(strike(80, event_id="e1"), NOON) == []
    assert states(watching.hear(strike(event_id="e2"), NOON + timedelta(days=1))) == [RAISED]


def test_what_is_found_soon_after_joins_the_alert_that_stands() -> None:
    events = [strike(event_id=f"e{number}") for number in range(3)]
    alerts = rule("group_hours: 6").hear_all(*events, hours=5)
    assert states(alerts) == [RAISED, UPDATED, UPDATED]
    assert (alerts[-1].count, alerts[-1].title) == (3, "3 × air strike, Idlib")


def test_what_is_found_later_raises_an_alert_of_its_own() -> None:
    assert (
        states(rule("group_hours: 6").hear_all(strike(event_id="e1"), strike(event_id="e2"), hours=7)) == [RAISED] * 2
    )


def test_a_group_goes_on_without_what_was_taken_back_and_ends_with_the_last() -> None:
    watching = rule("group_hours: 6")
    watching.hear_all(strike(event_id="e1"), strike(event_id="e2"))
    less = watching.hear(strike(event_id="e1", kind=RevisionKind.RETRACT))
    assert (states(less), less[0].subjects) == ([UPDATED], ("e2",))
    assert states(watching.hear(strike(event_id="e2", kind=RevisionKind.RETRACT))) == [CANCELLED]
