"""Five real articles on Deir ez-Zor, Latakia, Raqqa and al-Bab: what a reader knows after them, Frontwire knows.

The articles belong to their publishers and are not part of the project: the tests run where the corpus lies beside it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import orjson
import pytest

from schemas.article import Article
from schemas.codec import decode, encode
from schemas.control import TownControl
from schemas.event import Event
from schemas.vocabulary import ControlStatus, EventType
from streams.pipeline import pipeline
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.runner import Runner
from streams.stages.control.asof import Answer, at
from streams.stages.control.parameters import load_parameters
from streams.theatres.theatre import load_theatre

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "seeds.jsonl"
FIELDS = ("article_id", "outlet", "title", "published_at", "body")

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="no real articles lie beside the project")


@pytest.fixture(scope="module")
def log() -> MemoryLog:
    lines = map(orjson.loads, CORPUS.read_bytes().splitlines())
    articles = [Article.model_validate_json(orjson.dumps({name: line[name] for name in FIELDS})) for line in lines]
    articles.sort(key=lambda article: article.published_at)
    filled = MemoryLog()
    filled.append(
        [Entry("articles", article.article_id, encode(article), number) for number, article in enumerate(articles)]
    )
    Runner(filled, pipeline(load_theatre())).run_once()
    return filled


@pytest.fixture(scope="module")
def events(log: MemoryLog) -> list[Event]:
    last = {event.event_id: event for event in (decode(Event, stored.value) for stored in iterate(log, "events"))}
    return [event for event in last.values() if event.kind not in ("merge", "retract")]


def there(events: list[Event], name: str, *types: EventType) -> list[Event]:
    return [event for event in events if event.place.name == name and event.event_type in types]


def held(log: MemoryLog, name: str, day: str) -> Answer:
    states = [decode(TownControl, stored.value) for stored in iterate(log, "control")]
    state = [state for state in states if state.place.name == name][-1]
    return at(state, date.fromisoformat(day), load_parameters(load_theatre()))


def test_the_strikes_on_khasham_have_both_sources_figures(events: list[Event]) -> None:
    (strikes,) = there(events, "Khasham", EventType.AIR_STRIKE)
    assert strikes.when is not None
    assert date(2016, 1, 21) <= strikes.when.first <= strikes.when.last <= date(2016, 1, 24)
    assert strikes.killed is not None
    assert (strikes.killed.min, strikes.killed.max) == (63, 90)
    assert strikes.wounded is not None
    assert strikes.wounded.min >= 100
    figures = {toll.root_source: toll.killed.min for toll in strikes.tolls if toll.killed}
    assert figures["sohr"] == 63
    assert 90 in [killed for source, killed in figures.items() if source != "sohr"]


@pytest.mark.parametrize("name", ["Tabia", "Jazira", "al-Bolel"])
def test_the_other_towns_were_hit_in_the_same_raids(events: list[Event], name: str) -> None:
    (khasham,) = there(events, "Khasham", EventType.AIR_STRIKE)
    (raid,) = [e for e in events if e.event_type is EventType.AIR_STRIKE and e.place.text == name]
    assert raid.when is not None
    assert khasham.when is not None
    assert raid.when.first <= khasham.when.last
    assert khasham.when.first <= raid.when.last
    assert raid.actors == khasham.actors == ("russia", "syrian-government")


def test_rabia_and_salma_are_the_governments(log: MemoryLog) -> None:
    rabia, salma = held(log, "Rabia", "2016-01-24"), held(log, "Salma", "2016-01-24")
    assert (rabia.controller, salma.controller) == ("syrian-government", "syrian-government")
    assert rabia.since in (date(2016, 1, 23), date(2016, 1, 24))
    assert salma.since is not None
    assert date(2016, 1, 1) <= salma.since <= date(2016, 1, 24)


def test_deir_ez_zor_is_divided_its_air_base_besieged_its_road_cut(log: MemoryLog, events: list[Event]) -> None:
    city = held(log, "Deir ez-Zor", "2017-01-18")
    assert city.status in (ControlStatus.DIVIDED, ControlStatus.CONTESTED)
    assert {"syrian-government", "islamic-state"} <= set(city.parties)
    assert held(log, "Deir ez-Zor Airport", "2017-01-18").besieged_by == ("islamic-state",)
    sieges = [event for event in events if event.event_type is EventType.SIEGE and event.when]
    assert any(event.when and event.when.first <= date(2017, 1, 16) <= event.when.last for event in sieges)


def test_raqqa_is_neither_islamic_states_nor_the_governments(log: MemoryLog) -> None:
    assert held(log, "Raqqa", "2017-10-30").controller not in ("islamic-state", "syrian-government")


def test_al_bab_is_an_islamic_state_stronghold(log: MemoryLog) -> None:
    assert held(log, "Al-Bab", "2017-01-19").controller == "islamic-state"


def test_mayadin_is_the_governments_and_fought_over_again(log: MemoryLog) -> None:
    assert held(log, "Mayadin", "2017-10-25").controller == "syrian-government"
    for day in ("2017-10-28", "2017-10-29"):
        assert held(log, "Mayadin", day).status is ControlStatus.CONTESTED


@pytest.mark.parametrize("name", ["Al-Quriyah", "Mahkan"])
def test_towns_that_islamic_state_retook_on_that_saturday(log: MemoryLog, name: str) -> None:
    town = held(log, name, "2017-10-29")
    assert (town.controller, town.since) == ("islamic-state", date(2017, 10, 28))


def test_the_omar_oil_field_is_the_coalitions(log: MemoryLog) -> None:
    assert held(log, "Al-Omar oil field", "2017-10-29").controller in ("sdf", "us-coalition")


def test_the_strikes_of_29_october_are_one_event_in_two_outlets(events: list[Event]) -> None:
    day = date(2017, 10, 29)
    strikes = there(events, "Deir ez-Zor", EventType.AIR_STRIKE)
    (event,) = [e for e in strikes if e.when and e.when.first <= day <= e.when.last and e.when.first.month == 10]
    assert event.outlets == ("arabnews", "dailystar-lb")
    assert not {"outlet:arabnews", "outlet:dailystar-lb"} <= set(event.root_sources)


def test_what_residents_fear_is_no_event(events: list[Event]) -> None:
    feared = [event for event in events if event.event_type is EventType.ATTACK_ON_CIVILIANS]
    of_2017 = [event for event in feared if event.when and event.when.last.year == 2017]
    # Soldiers driven over with tanks, by one activist group, are the only killing of captives that is reported as done.
    assert all(event.root_sources == ("deirezzor24",) for event in of_2017)
