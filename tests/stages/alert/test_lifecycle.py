"""Alerts live through raised, updated, escalated and cancelled, with the evidence under them."""

from __future__ import annotations

from datetime import timedelta

from schemas.vocabulary import AlertState, ChangeKind, EventType, RevisionKind
from streams.stages.alert.step import AlertStage
from tests.stages.alert.watching import NOON, THEATRE, Watching, change, claim, mention, place, states, strike

RAISED, UPDATED, ESCALATED, CANCELLED = AlertState
DEADLY = """
rules:
  - name: deadly
    watch: events
    where: {near: {lat: 35.9, lon: 36.6, km: 80}}
    when: {type: [air_strike], min_killed: 10, min_root_sources: 2}
    severity: major
    escalate: [{when: {min_killed: 50}, severity: critical}]
    title: "$killed dead in $place"
"""
TAKEN = """
rules:
  - name: taken
    watch: changes
    when: {change: [captured], by: [islamic-state]}
"""


def test_an_alert_is_raised_when_a_second_witness_comes() -> None:
    alerts = Watching(DEADLY).hear_all(strike(12, "sohr"), strike(12, "sohr", "snhr"))
    assert states(alerts) == [RAISED]
    assert (alerts[0].title, alerts[0].root_sources) == ("12 dead in Idlib", ("snhr", "sohr"))


def test_a_higher_toll_updates_and_then_escalates() -> None:
    alerts = Watching(DEADLY).hear_all(*(strike(killed) for killed in (12, 20, 60)))
    assert states(alerts) == [RAISED, UPDATED, ESCALATED]
    assert [alert.severity for alert in alerts] == ["major", "major", "critical"]
    assert [alert.revision for alert in alerts] == [1, 2, 3]
    assert len({alert.alert_id for alert in alerts}) == 1


def test_a_revision_that_says_nothing_new_is_silent() -> None:
    assert len(Watching(DEADLY).hear_all(strike(), strike(), strike(last_seen=NOON + timedelta(days=1)))) == 1


def test_an_alert_is_updated_when_another_outlet_prints_what_it_rests_on() -> None:
    alerts = Watching(DEADLY).hear_all(strike(), strike(outlets=("afp", "reuters")))
    assert (states(alerts), alerts[1].outlets) == ([RAISED, UPDATED], ("afp", "reuters"))


def test_an_alert_is_cancelled_when_its_event_is_retracted_or_shrinks() -> None:
    for end in (strike(3), strike(kind=RevisionKind.RETRACT)):
        assert states(Watching(DEADLY).hear_all(strike(), end)) == [RAISED, CANCELLED]


def test_an_alert_is_cancelled_when_its_event_turns_out_to_be_of_another_kind() -> None:
    alerts = Watching(DEADLY).hear_all(strike(), strike(event_type=EventType.SHELLING))
    assert states(alerts) == [RAISED, CANCELLED]


def test_an_alert_that_was_cancelled_is_raised_again_under_its_id() -> None:
    alerts = Watching(DEADLY).hear_all(strike(), strike(3), strike(15))
    assert states(alerts) == [RAISED, CANCELLED, RAISED]
    assert [alert.revision for alert in alerts] == [1, 2, 3]


def test_an_alert_follows_its_event_into_another_one() -> None:
    into = strike(event_id="e0", supersedes=("e1",))
    ended, more = strike(kind=RevisionKind.MERGE), strike(70, event_id="e0")
    alerts = Watching(DEADLY).hear_all(strike(), into, ended, more)
    assert states(alerts) == [RAISED, UPDATED, ESCALATED]
    assert len({alert.alert_id for alert in alerts}) == 1
    assert alerts[-1].subjects == ("e0",)


def test_of_two_alerts_whose_events_become_one_the_one_that_ended_is_cancelled() -> None:
    into = strike(event_id="e0", supersedes=("e1",))
    alerts = Watching(DEADLY).hear_all(strike(), strike(event_id="e0"), into, strike(kind=RevisionKind.MERGE))
    assert states(alerts) == [RAISED, RAISED, CANCELLED]
    assert alerts[2].alert_id == alerts[0].alert_id


def test_places_outside_the_rule_raise_nothing() -> None:
    assert Watching(DEADLY).hear(strike(99, place=place("Daraa"))) == []


def test_what_comes_twice_in_its_order_changes_nothing() -> None:
    stage, met = AlertStage(THEATRE, Watching(DEADLY).alert.rules), []
    watching = Watching(DEADLY)
    for record in (strike(), strike(20), strike(60)):
        state, outputs = watching.match.step(watching.match.initial(""), record, record.first_seen)
        met += [outputs[0].record.model_copy(update={"revision": len(met) + 1})]
    state, after = stage.initial(""), []
    for match in (*met, met[-1], *met):
        state, said = stage.step(state, match, match.when and strike().first_seen)
        after.append((state.matches, [alarm.severity for alarm in state.tip.alarms.values()], said))
    assert after[3][2] == ()
    assert after[-1][:2] == after[2][:2]


def test_a_correction_cancels_what_was_raised_on_the_change() -> None:
    taken = change(ChangeKind.CAPTURED, "syrian-government", "islamic-state", "c1")
    corrected = change(ChangeKind.CORRECTED, "islamic-state", "syrian-government", "c2")
    other = change(ChangeKind.CORRECTED, "rebels", "syrian-government", "c2")
    assert states(Watching(TAKEN).hear_all(taken, other)) == [RAISED]
    assert states(Watching(TAKEN).hear_all(taken, corrected)) == [RAISED, CANCELLED]


def test_a_change_is_taken_back_when_the_last_of_its_claims_is() -> None:
    taken = change(ChangeKind.CAPTURED, "syrian-government", "islamic-state", "c1", "c2")
    gone = [claim(name, kind=RevisionKind.RETRACT, revision=2) for name in ("c1", "c2")]
    watching = Watching(TAKEN)
    raised = watching.hear_all(claim("c1"), claim("c2", root_sources=("snhr",)), taken)
    assert (states(raised), raised[0].root_sources) == ([RAISED], ("snhr", "sohr"))
    less = watching.hear(gone[0])
    assert (states(less), less[0].root_sources) == ([UPDATED], ("snhr",))
    assert states(watching.hear(gone[1])) == [CANCELLED]


def test_a_change_rests_on_the_claim_that_took_its_own_one_in() -> None:
    watching = Watching(TAKEN)
    watching.hear_all(claim("c1"), change(ChangeKind.CAPTURED, None, "islamic-state", "c1"))
    watching.hear(claim("c0", supersedes=("c1",), root_sources=("snhr", "sohr")))
    assert watching.hear(claim("c1", kind=RevisionKind.MERGE)) == []
    assert states(watching.hear(claim("c0", kind=RevisionKind.RETRACT))) == [CANCELLED]


def test_a_change_that_is_read_after_the_end_of_its_claim_leaves_no_alert() -> None:
    watching = Watching(TAKEN)
    watching.hear(claim("c1"), NOON)
    watching.hear(claim("c1", kind=RevisionKind.RETRACT), NOON + timedelta(hours=1))
    said = watching.hear(change(ChangeKind.CAPTURED, None, "islamic-state", "c1"))
    assert all(alert.state is CANCELLED for alert in said)


def test_a_change_that_was_corrected_stays_taken_back_when_more_is_said_of_its_claim() -> None:
    watching = Watching(TAKEN)
    corrected = change(ChangeKind.CORRECTED, "islamic-state", None, "c2", known_at=NOON + timedelta(hours=2))
    raised = watching.hear_all(claim("c1"), change(ChangeKind.CAPTURED, None, "islamic-state", "c1"), corrected)
    assert states(raised) == [RAISED, CANCELLED]
    assert watching.hear(claim("c1", root_sources=("snhr", "sohr")), NOON + timedelta(hours=3)) == []


def test_an_alert_names_its_sentences_outlets_and_sources() -> None:
    watching = Watching(DEADLY)
    reports = (mention("a#e1"), mention("b#e1", "Twelve were killed.", "snhr"), mention("c#e1", "Again.", "sohr"))
    event = strike(mention_ids=("a#e1", "b#e1", "c#e1"), outlets=("afp", "reuters"))
    (alert,) = watching.hear_all(*reports, event)
    assert [quote.text for quote in alert.evidence] == ["Jets struck the town.", "Twelve were killed."]
    assert (alert.outlets, alert.mention_ids) == (("afp", "reuters"), ("a#e1", "b#e1", "c#e1"))


def test_a_change_of_control_names_the_sentences_of_its_claims() -> None:
    said = mention("a#c1", "They took the town.")
    (alert,) = Watching(TAKEN).hear_all(said, claim("c1"), change(ChangeKind.CAPTURED, None, "islamic-state", "c1"))
    assert [quote.text for quote in alert.evidence] == ["They took the town."]


def test_a_sentence_that_comes_after_its_event_counts_all_the_same() -> None:
    words = """
rules:
  - {name: hospital, watch: events, when: {words: [hospital]}}
"""
    event, said = strike(), mention(text="The jets hit two Hospitals.")
    assert states(Watching(words).hear_all(said, event)) == [RAISED]
    assert states(Watching(words).hear_all(event, said)) == [RAISED]


def test_the_rules_that_ship_with_the_theatre_are_sound() -> None:
    assert {rule.name for rule in AlertStage(THEATRE).rules} >= {"town-changes-hands", "siege", "deadly-attack"}


def test_the_sentence_that_a_text_quotes_is_always_among_the_evidence() -> None:
    watching = Watching(DEADLY.replace("title:", "group_hours: 240\n    text: $quote\n    title:"))
    said = [f"Jets struck for the {number}. time." for number in range(13)]
    for number, text in enumerate(said):
        watching.hear(mention(f"a{number}#e1", text))
        grave = 60 if number == 12 else 12
        alerts = watching.hear(strike(grave, event_id=f"e{number}", mention_ids=(f"a{number}#e1",)))
    assert alerts[-1].text == said[12]
    quoted = [quote.text for quote in alerts[-1].evidence]
    assert len(quoted) == 10
    assert said[12] in quoted
