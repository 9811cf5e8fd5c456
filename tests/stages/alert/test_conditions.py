"""What a rule asks of a record, condition by condition, and where it looks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.record import Toll
from schemas.vocabulary import ChangeKind, Modality, PlacePrecision, Relation, Victims
from streams.stages.match.step import MatchStage
from tests.stages.alert.watching import DAY, NOON, THEATRE, Watching, change, claim, days, mention, place, rules, strike

MET_BY_A_STRIKE = [
    ("type: [air_strike]", "type: [shelling]"),
    ("by: [syrian-government]", "by: [civilians]"),
    ("against: [civilians]", "against: [syrian-government]"),
    ("party: [civilians]", "party: [sdf]"),
    ("min_killed: 12", "min_killed: 13"),
    ("min_wounded: 3", "min_wounded: 4"),
    ("victims: [civilians]", "victims: [combatants]"),
    ("modality: [reported]", "modality: [claimed, denied]"),
    ("min_confidence: 0.8", "min_confidence: 0.81"),
    ("min_root_sources: 2", "min_root_sources: 3"),
    ("main: true", "main: false"),
    ("max_age_days: 2", "max_age_days: 1"),
]


def fires(watch: str, record: object, when: str = "", where: str = "") -> bool:
    return bool(Watching(f"rules: [{{name: r, watch: {watch}, when: {{{when}}}, where: {{{where}}}}}]").hear(record))


@pytest.mark.parametrize(("met", "missed"), MET_BY_A_STRIKE)
def test_a_condition_of_events_holds_or_does_not(met: str, missed: str) -> None:
    tolls = {"wounded": Toll(min=3, max=None), "killed": Toll(min=12, max=20, of=Victims.CIVILIANS)}
    event = strike(when=days(DAY - timedelta(days=2))).model_copy(update=tolls)
    assert fires("events", event, met)
    assert not fires("events", event, missed)


@pytest.mark.parametrize(
    ("met", "missed"),
    [
        ("relation: [captured]", "relation: [lost]"),
        ("by: [islamic-state]", "by: [syrian-government]"),
        ("against: [syrian-government]", "against: [islamic-state]"),
        ("modality: [reported]", "modality: [claimed]"),
    ],
)
def test_a_condition_of_claims_holds_or_does_not(met: str, missed: str) -> None:
    assert fires("claims", claim(), met)
    assert not fires("claims", claim(), missed)


def test_who_lost_a_place_is_the_one_that_was_acted_against() -> None:
    lost = claim(relation=Relation.LOST, actors=("sdf",), from_actors=(), modality=Modality.CLAIMED)
    assert fires("claims", lost, "against: [sdf]")
    assert not fires("claims", lost, "by: [sdf]")


def test_a_change_is_by_who_has_the_place_now_against_who_had_it() -> None:
    taken = change(ChangeKind.CAPTURED, "syrian-government", "islamic-state", "c1")
    assert fires("changes", taken, "change: [captured], by: [islamic-state], against: [syrian-government]")
    assert not fires("changes", taken, "change: [captured], by: [syrian-government]")
    assert not fires("changes", taken, "max_age_days: 0") or taken.at == NOON.date()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Jets hit two Hospitals.", True),
        ("A hospital source counted the dead.", False),
        ("A hospital source said the hospital was hit.", True),
        ("The inhospitable road was hit.", False),
    ],
)
def test_words_are_looked_for_in_the_sentences_except_in_some_phrases(text: str, found: bool) -> None:
    watching = Watching("rules: [{name: r, watch: events, when: {words: [hospital], unless_in: [hospital source]}}]")
    assert bool(watching.hear_all(mention(text=text), strike())) is found


def test_a_place_has_what_lies_under_it_with_it() -> None:
    idlib = THEATRE.gazetteer.candidates("Idlib")[0].place_id
    quarter = strike(place=place("Idlib", PlacePrecision.EXACT))
    for where in (f"within: [{idlib}]", 'within: ["admin1:Idlib"]'):
        assert fires("events", quarter, where=where)
    assert fires("events", strike(place=place("Saraqib")), where='within: ["admin1:Idlib"]')
    assert not fires("events", strike(place=place("Saraqib")), where=f"within: [{idlib}]")


def test_a_shape_is_read_from_a_geojson_file_with_its_holes(tmp_path: Path) -> None:
    square, hole = ring(36.0, 35.5, 1.0), ring(36.55, 35.85, 0.2)
    for name, rings, found in (("full", [square], True), ("holed", [square, hole], False)):
        feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": rings}}
        (tmp_path / f"{name}.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        text = f"rules: [{{name: r, watch: events, where: {{inside: {name}.geojson}}}}]"
        stage = MatchStage(THEATRE, rules(text, tmp_path))
        assert bool(stage.step(stage.initial(""), strike(), NOON)[1]) is found


def test_what_is_known_to_a_governorate_only_lies_in_no_circle_and_no_shape() -> None:
    vague = strike(place=place("Idlib", PlacePrecision.GOVERNORATE))
    assert not fires("events", vague, where="near: {lat: 35.93, lon: 36.63, km: 30}")
    assert not fires("events", vague, where=f"inside: {json.dumps(ring(36.0, 35.5, 1.0))}")
    assert fires("events", vague, where='within: ["admin1:Idlib"]')
    assert not fires("events", vague, where="precision: [town, exact]")


def ring(lon: float, lat: float, side: float) -> list[list[float]]:
    return [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
