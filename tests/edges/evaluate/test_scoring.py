"""Scores against gold, on mentions made by hand and on an article of our own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import orjson
import pytest

from schemas.mention import Mention
from schemas.record import DateRange, Place, Toll
from schemas.vocabulary import DatePrecision, EventType, MentionKind, PlacePrecision, Relation, Scope
from streams.edges.evaluate.command import main
from streams.edges.evaluate.crowd import score_crowd
from streams.edges.evaluate.gold import GoldArticle, Slots, UnreadableGold, read_gold
from streams.edges.evaluate.scoring import score
from streams.theatres.theatre import Theatre, load_theatre

DAY = date(2016, 8, 9)


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return load_theatre()


def place(name: str = "Manbij", lat: float = 36.53, lon: float = 37.95, admin1: str = "Aleppo") -> Place:
    return Place(
        place_id=f"x:{name}", name=name, admin1=admin1, lat=lat, lon=lon, precision=PlacePrecision.TOWN, text=name
    )


def event(number: int = 1, **changes: object) -> Mention:
    base = Mention.model_validate_json(
        orjson.dumps(
            {
                "mention_id": f"a#e{number}",
                "article_id": "a",
                "outlet": "o",
                "published_at": "2016-08-09T12:00:00Z",
                "kind": "event",
                "event_type": "air_strike",
                "relation": None,
                "scope": None,
                "place": place().model_dump(),
                "when": {"first": "2016-08-09", "last": "2016-08-09", "precision": "day"},
                "actors": ["us-coalition"],
                "targets": ["civilians"],
                "killed": {"min": 7, "max": 7},
                "wounded": None,
                "source": "SOHR",
                "root_source": "sohr",
                "modality": "reported",
                "main": True,
                "evidence": {"start": 0, "end": 9, "text": "Jets hit."},
                "rule": "air_strike.noun",
            }
        )
    )
    return base.model_copy(update=changes)


def claim(**changes: object) -> Mention:
    return event(
        mention_id="a#c1",
        kind=MentionKind.CLAIM,
        event_type=None,
        relation=Relation.CAPTURED,
        scope=Scope.WHOLE,
        actors=("sdf",),
        killed=None,
        **changes,
    )


def gold(
    events: list[dict[str, object]] | None = None, control: list[dict[str, object]] | None = None
) -> dict[str, GoldArticle]:
    data = {"article_id": "a", "events": events or [], "control": control or []}
    return {"a": GoldArticle.model_validate_json(orjson.dumps(data))}


STRIKE: dict[str, object] = {
    "id": "e1",
    "type": "air_strike",
    "place": "Manbij",
    "town": "Manbij",
    "governorate": "Aleppo",
    "date": ["2016-08-08", "2016-08-09"],
    "actor": "us-coalition",
    "target": "civilians",
    "killed": [7, 7],
    "source": "SOHR",
    "modality": "reported",
    "main": True,
    "evidence": "Jets hit",
}


def test_an_event_of_the_same_kind_place_and_time_is_found(theatre: Theatre) -> None:
    result = score(gold([STRIKE]), [event()], theatre)
    assert result.events.f1 == 1.0
    assert result.slots["killed_range"] == (1, 1)


def test_a_town_under_another_of_its_names_is_the_same_town(theatre: Theatre) -> None:
    result = score(gold([STRIKE | {"town": "Menbij"}]), [event()], theatre)
    assert result.events.matched == 1


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"place": place("Homs", 34.73, 36.71, "Homs")}, "wrong place"),
        ({"event_type": EventType.SHELLING}, "wrong type"),
        (
            {"when": DateRange(first=date(2016, 6, 1), last=date(2016, 6, 2), precision=DatePrecision.RANGE)},
            "wrong time",
        ),
    ],
)
def test_a_fault_names_the_one_thing_that_is_wrong(theatre: Theatre, changes: dict[str, object], cause: str) -> None:
    result = score(gold([STRIKE]), [event(**changes)], theatre)
    assert result.events.matched == 0
    assert {(fault.missed, fault.cause) for fault in result.faults} == {(True, cause), (False, cause)}


def test_one_mention_answers_for_one_event_only(theatre: Theatre) -> None:
    result = score(gold([STRIKE, STRIKE | {"id": "e2"}]), [event()], theatre)
    assert (result.events.matched, result.events.gold) == (1, 2)


def test_days_apart_by_more_than_one_on_either_side_do_not_agree(theatre: Theatre) -> None:
    late = DateRange(first=date(2016, 8, 11), last=date(2016, 8, 11), precision=DatePrecision.DAY)
    near = DateRange(first=date(2016, 8, 10), last=date(2016, 8, 10), precision=DatePrecision.DAY)
    assert score(gold([STRIKE]), [event(when=late)], theatre).events.matched == 0
    assert score(gold([STRIKE]), [event(when=near)], theatre).events.matched == 1


def test_a_claim_needs_the_party_and_the_family_of_its_relation(theatre: Theatre) -> None:
    said = {
        "id": "c1",
        "town": "Manbij",
        "governorate": "Aleppo",
        "actor": "sdf",
        "relation": "captured",
        "scope": "whole",
    }
    assert score(gold(control=[said]), [claim()], theatre).claims.matched == 1
    assert score(gold(control=[said | {"actor": "turkey"}]), [claim()], theatre).claims.matched == 0
    assert score(gold(control=[said | {"relation": "holds"}]), [claim()], theatre).claims.matched == 0


def test_actors_are_compared_as_parties(theatre: Theatre) -> None:
    result = score(gold([STRIKE | {"actor": "syrian-government"}]), [event(actors=("saaf",))], theatre)
    assert result.slots["actor"] == (1, 1)


def test_the_crowd_is_right_if_any_main_event_agrees(theatre: Theatre) -> None:
    slots = {"a": Slots(governorate="aleppo", actor="international coalition forces", killed_civilians=7)}
    result = score_crowd(slots, [event(), event(2, main=False, killed=None)], theatre)
    assert (result.governorate, result.actor, result.killed_civilians) == ((1, 1), (1, 1), (1, 1))


def test_a_number_outside_the_range_of_the_killed_is_wrong(theatre: Theatre) -> None:
    above = score_crowd({"a": Slots(killed_civilians=9)}, [event()], theatre)
    open_end = score_crowd({"a": Slots(killed_civilians=9)}, [event(killed=Toll(min=7, max=None))], theatre)
    assert (above.killed_civilians, open_end.killed_civilians) == ((0, 1), (1, 1))


def test_an_article_without_any_event_has_none_of_its_slots_right(theatre: Theatre) -> None:
    assert score_crowd({"a": Slots(governorate="aleppo")}, [], theatre).governorate == (0, 1)


def test_a_broken_gold_file_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"article_id": "a"}\n{"events": 3}\n')
    with pytest.raises(UnreadableGold, match=r"gold\.jsonl:2"):
        read_gold(path)


def test_the_command_reads_articles_and_prints_rates_and_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Air strikes on the town of Manbij killed seven civilians on Tuesday, the Observatory said."
    article = {"article_id": "a", "outlet": "afp", "title": None, "body": text, "published_at": "2016-08-09T12:00:00Z",
               "crowd": {"governorate": "aleppo", "actor": "unknown", "killed_civilians": "7"}}  # fmt: skip
    (tmp_path / "gold.jsonl").write_bytes(orjson.dumps({"article_id": "a", "events": [STRIKE]}))
    (tmp_path / "texts.jsonl").write_bytes(orjson.dumps(article))
    texts = str(tmp_path / "texts.jsonl")
    assert main(["--gold", str(tmp_path / "gold.jsonl"), "--articles", texts, "--crowd", texts]) == 0
    printed = capsys.readouterr().out
    assert "recall 1.000" in printed
    assert "governorate      1.000 (1 of 1)" in printed


def test_a_missing_file_ends_with_2_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--gold", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl" in capsys.readouterr().err
