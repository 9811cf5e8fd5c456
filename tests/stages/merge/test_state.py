"""What merging remembers: duplicates, late reports, closed events, landmarks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from schemas.mention import Mention
from streams.stages.merge.step import MergeStage

Tell = Callable[..., Mention]


def day(number: int) -> str:
    return str(date(2015, 1, 1) + timedelta(days=number))


def strike(tell: Tell, number: int, at: int, **given: Any) -> Mention:
    return tell(number, **{"says": "air_strike", "published": day(at), "when": day(at), **given})


def held(state: Any) -> int:
    return sum(len(cluster.members) for lane in state.lanes.values() for cluster in lane.clusters())


def test_a_report_from_beyond_the_lateness_counts_and_is_marked(merge: Callable[..., Any], tell: Tell) -> None:
    outcome = merge([strike(tell, 0, 0), strike(tell, 1, 40), strike(tell, 2, 1, when=day(0), outlet="bbc")])
    assert [record.late for record in outcome.written] == [False, False, True]
    assert outcome.written[-1].mention_ids == ("m0", "m2")
    assert outcome.state.late == 1


def test_years_of_daily_events_leave_a_state_of_months(merge: Callable[..., Any], tell: Tell) -> None:
    states = [merge(strike(tell, n, n) for n in range(days)).state for days in (400, 800)]
    assert held(states[0]) == held(states[1]) < 150
    assert states[1].closed == 800 - held(states[1])
    assert states[0].closed_sum != states[1].closed_sum


def test_the_most_reported_event_is_remembered_and_the_others_are_not(merge: Callable[..., Any], tell: Tell) -> None:
    outlets = ("bbc", "reuters", "ahram")
    famous = [strike(tell, 1000 + n, 5, killed=80, outlet=outlet) for n, outlet in enumerate(outlets)]
    years = [strike(tell, n, n + 8) for n in range(0, 600, 2)]
    again = [strike(tell, 2000 + at, 700, when=day(at), killed=80, main=False, outlet="trt") for at in (5, 100)]
    found = {record.mention_ids for record in merge([*famous, *years, *again]).living}
    assert ("m1000", "m1001", "m1002", "m2005") in found
    assert ("m2100",) in found


def test_a_duplicate_of_a_remembered_event_changes_nothing(merge: Callable[..., Any], tell: Tell) -> None:
    mentions = [strike(tell, 0, 0), strike(tell, 1, 500)]
    assert merge([*mentions, mentions[0]]).written == merge(mentions).written


def test_the_first_report_opens_the_event_and_gives_it_its_id(merge: Callable[..., Any], tell: Tell) -> None:
    early, late = strike(tell, 0, 0), strike(tell, 1, 1, when=day(0))
    in_order, turned = merge([early, late]), merge([late, early])
    assert [record.kind for record in in_order.written] == ["new", "revise"]
    assert [record.kind for record in turned.written] == ["new", "new", "merge"]
    assert turned.written[1].supersedes == (turned.written[0].event_id,)
    assert turned.living[0].event_id == in_order.living[0].event_id


def test_one_more_report_rewrites_a_row_or_three(stage: MergeStage, merge: Callable[..., Any], tell: Tell) -> None:
    before = merge(strike(tell, n, n) for n in range(50)).state
    after, _ = stage.step(before, strike(tell, 50, 49, outlet="bbc"), strike(tell, 50, 49).published_at)
    changed = {name: row for name, row in stage.dump(after).items() if stage.dump(before).get(name) != row}
    assert sorted(name[0] for name in changed) == ["c", "p", "r"]
    assert stage.changes(before, after) == changed


def test_the_first_telling_of_an_article_that_arrives_last_moves_the_second_out(
    merge: Callable[..., Any], tell: Tell
) -> None:
    body = " ".join(f"word{number}" for number in range(60))
    original = strike(tell, 0, 0, body=body)
    first, second = (strike(tell, n, 1, when=day(0), outlet="bbc", article="two", body=body) for n in (1, 2))
    in_order, turned = merge([original, first, second]), merge([original, second, first])
    assert [record.mention_ids for record in in_order.living] == [("m0", "m1"), ("m2",)]
    assert [record.mention_ids for record in turned.living] == [("m0", "m1"), ("m2",)]
    assert [record.kind for record in turned.written] == ["new", "revise", "revise", "split"]
    assert turned.written[-1].supersedes == (turned.written[0].event_id,)
