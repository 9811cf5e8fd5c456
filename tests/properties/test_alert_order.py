"""Same records, same alerts: whatever the order in which the topics of a place, and the places, are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alert import Alert
from schemas.codec import decode_on
from schemas.record import Record
from schemas.topics import TOPICS
from streams.shells.log import iterate
from streams.stages.alert.step import AlertStage
from streams.stages.match.step import MatchStage
from tests.stages.alert.retracted_sample import rules, run_embedded, standing
from tests.stages.alert.watching import THEATRE


@dataclass(frozen=True)
class Given:
    """A record with its key and the known time of its cause."""

    key: str
    record: Record
    known_at: datetime


Lanes = Sequence[Sequence[Given]]


@pytest.fixture(scope="module")
def lanes() -> list[list[Given]]:
    """What a run over the sample, with retractions, leaves on the topics that rules watch: a lane a topic and place."""
    log = run_embedded()
    found: dict[tuple[str, str], list[Given]] = {}
    for topic in MatchStage.inputs:
        for one in iterate(log, topic.name):
            record = decode_on(TOPICS[topic.name], one.value)
            found.setdefault((topic.name, one.key), []).append(Given(one.key, record, one.known_at))
    return list(found.values())


def interleaved(lanes: Lanes, chance: Random, hours: float) -> list[Given]:
    """The records of all lanes, each lane's in its order, and each lane behind by up to so many hours of known time."""
    shift = [timedelta(hours=hours * chance.random()) for _ in lanes]
    places = [(n, at) for n, lane in enumerate(lanes) for at in range(len(lane))]
    places.sort(key=lambda place: (lanes[place[0]][place[1]].known_at + shift[place[0]], chance.random(), place))
    turns = [0] * len(lanes)
    found = []
    for n, _ in places:
        found.append(lanes[n][turns[n]])
        turns[n] += 1
    return found


def stepped(stage: Any, records: Sequence[Given]) -> list[Given]:
    """What a stage makes of records, its states stored and read again now and then."""
    states: dict[str, Any] = {}
    made = []
    for number, one in enumerate(records):
        before = states.get(one.key) or stage.initial(one.key)
        state, outputs = stage.step(before, one.record, one.known_at)
        states[one.key] = stage.load(one.key, stage.dump(state)) if number % 7 == 0 else state
        made += [Given(output.key, output.record, one.known_at) for output in outputs]
    return made


def alerts(lanes: Lanes, chance: Random | None = None, hours: float = 0) -> list[Alert]:
    """The alerts of the two stages, with the topics in their own order or in another."""
    chosen = rules()
    records = interleaved(lanes, chance, hours) if chance else sorted_as_embedded(lanes)
    met = stepped(MatchStage(THEATRE, chosen), records)
    if chance:
        places: dict[tuple[str, str], list[Given]] = {}
        for one in met:
            places.setdefault((one.key, one.record.place.key), []).append(one)  # type: ignore[attr-defined]
        met = interleaved(list(places.values()), chance, hours)
    return [one.record for one in stepped(AlertStage(THEATRE, chosen), met) if isinstance(one.record, Alert)]


def sorted_as_embedded(lanes: Lanes) -> list[Given]:
    """As one article after the other leaves them."""
    return sorted((one for lane in lanes for one in lane), key=lambda one: one.known_at)


@pytest.fixture(scope="module")
def embedded(lanes: Lanes) -> dict[str, dict[str, Any]]:
    found = standing(alerts(lanes))
    assert {alert["rule"] for alert in found.values()} == {rule.name for rule in rules()}
    return found


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=True), st.sampled_from([0.001, 2, 100]))
def test_the_alerts_that_stand_are_a_function_of_the_records_and_not_of_the_order_of_reading(
    lanes: Lanes, embedded: dict[str, dict[str, Any]], chance: Random, hours: float
) -> None:
    assert standing(alerts(lanes, chance, hours)) == embedded


def test_what_is_delivered_again_changes_nothing(lanes: Lanes, embedded: dict[str, dict[str, Any]]) -> None:
    twice = [[one for at, _ in enumerate(lane) for one in lane[max(0, at - 2) : at + 1]] for lane in lanes]
    assert standing(alerts(twice, Random(8), 2)) == embedded


def of_a_killed_worker(lanes: Lanes, chance: Random) -> list[Given]:
    """The matches of a worker that is killed when much of what it said is not in its state, and of the one after it.

    The second begins at the state of the first and reads on in another order.
    """
    stage, states, said = MatchStage(THEATRE, rules()), dict[str, Any](), list[Given]()
    first = interleaved([lane[: len(lane) // 2] for lane in lanes], chance, 100)
    kept = len(first) // 3
    for number, one in enumerate(first):
        if number == kept:
            saved = dict(states)
        said += _step(stage, states, one)
    done = {id(one) for one in first[:kept]}
    left = [[one for one in lane if id(one) not in done] for lane in lanes]
    for one in interleaved(left, chance, 100):
        said += _step(stage, saved, one)
    return said


def _step(stage: Any, states: dict[str, Any], one: Given) -> list[Given]:
    states[one.key], outputs = stage.step(states.get(one.key) or stage.initial(one.key), one.record, one.known_at)
    return [Given(output.key, output.record, one.known_at) for output in outputs]


@pytest.mark.parametrize("seed", range(3))
def test_what_a_killed_worker_said_too_much_of_an_alert_is_taken_back_by_the_next(
    lanes: Lanes, embedded: dict[str, dict[str, Any]], seed: int
) -> None:
    said = of_a_killed_worker(lanes, Random(seed))
    made = stepped(AlertStage(THEATRE, rules()), said)
    found = standing(one.record for one in made if isinstance(one.record, Alert))
    assert of_events_and_claims(found) == of_events_and_claims(embedded)


def of_events_and_claims(alerts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Alerts on changes left out: what only one of two orders of reading ever raised is never taken back."""
    return {name: alert for name, alert in alerts.items() if alert["rule"] not in ("changed", "witnessed")}
