"""Control claims, from the cases of `tests/cases/claims` and from any text at all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article
from schemas.mention import Mention, Wording
from schemas.vocabulary import EventType, MentionKind
from streams.stages.extract.attribution import attribute
from streams.stages.extract.claims import claim_mentions, find_claims, merged
from streams.stages.extract.equipment import equip
from streams.stages.extract.extracting import extract
from streams.stages.extract.reading import read
from streams.theatres.theatre import Theatre, load_theatre

CASES = Path(__file__).parents[2] / "cases" / "claims"
FILES = {path.stem: tomllib.loads(path.read_text())["case"] for path in sorted(CASES.glob("*.toml"))}
NAMED = [pytest.param(case, id=f"{name}: {case['text']}") for name, cases in FILES.items() for case in cases]
VOCABULARY = """
rebels the army Islamic State captured Manbij Aleppo held -held controlled by from of town besieged advanced toward
entered lost offensive to retake in the countryside , . and under control stronghold withdrew which it not Raqqa
"""
WORDS = st.sampled_from(VOCABULARY.split())


@pytest.fixture(scope="module")
def theatre() -> Theatre:
    return load_theatre()


def article(text: str, title: str | None = None) -> Article:
    fields = {
        "article_id": "a",
        "outlet": "ahram",
        "title": title,
        "body": text,
        "published_at": "2016-08-10T12:00:00Z",
    }
    return Article.model_validate_json(orjson.dumps(fields))


def mentions(text: str, theatre: Theatre, title: str | None = None) -> tuple[Mention, ...]:
    document, equipment = read(article(text, title), theatre), equip(theatre)
    return claim_mentions(document, equipment.claims, attribute(document, equipment.speech), Wording())


@pytest.mark.parametrize("case", NAMED)
def test_a_claim_is_what_the_words_say_of_a_town(case: dict[str, Any], theatre: Theatre) -> None:
    found = mentions(case["text"], theatre)
    party = theatre.actors.party
    said = [[m.relation, m.place.name, sorted({party(a) for a in m.actors}), m.scope] for m in found]
    assert said == case["expect"]
    if "share" in case:
        assert found[0].share == case["share"]
    if "from_actors" in case:
        assert [party(actor) for actor in found[0].from_actors] == case["from_actors"]


def test_each_verb_takes_its_own_time(theatre: Theatre) -> None:
    found = mentions("The army retook Salma on Saturday, which rebels had seized in May.", theatre)
    assert [(m.when.first.isoformat(), m.when.last.isoformat()) for m in found if m.when] == [
        ("2016-08-06", "2016-08-06"),
        ("2016-05-01", "2016-05-31"),
    ]


def test_what_is_held_now_has_the_day_of_publication(theatre: Theatre) -> None:
    (held,) = mentions("Rebel-held Saraqib was shelled on Saturday.", theatre)
    assert held.when is not None
    assert held.when.first.isoformat() == "2016-08-10"


def test_a_statement_repeated_is_one_claim_of_the_body(theatre: Theatre) -> None:
    text = "Shells hit the rebel-held town of Saraqib. Nobody was hurt in rebel-held Saraqib, a medic said."
    (held,) = mentions(text, theatre, title="Shells hit rebel-held Saraqib")
    assert held.evidence.field == "body"


def test_the_besieger_of_a_known_holder_is_its_enemy(theatre: Theatre) -> None:
    found = mentions("Government jets struck Darayya. The besieged rebel-held town of Darayya is out of food.", theatre)
    assert {(m.relation, m.actors) for m in found if m.relation == "besieges"} == {("besieges", ("syrian-government",))}


def test_a_party_alone_claims_and_a_monitor_reports(theatre: Theatre) -> None:
    by_party = mentions("The Syrian Democratic Forces said on Sunday its fighters captured Manbij.", theatre)
    by_monitor = mentions("The Syrian Democratic Forces captured Manbij, the Observatory said.", theatre)
    assert [m.modality for m in by_party] == ["claimed"]
    assert [m.modality for m in by_monitor] == ["reported"]


def test_a_capture_that_no_claim_tells_of_makes_one(theatre: Theatre) -> None:
    (taken,) = mentions("The army captured the town of Salma on Saturday.", theatre)
    kinds = {"kind": MentionKind.EVENT, "event_type": EventType.TERRITORY_CAPTURED, "relation": None, "scope": None}
    event = taken.model_copy(update={"mention_id": "a#e1", **kinds})
    document, equipment = read(article("The army spoke of the weather."), theatre), equip(theatre)
    voices = attribute(document, equipment.speech)
    made = claim_mentions(document, equipment.claims, voices, Wording(), events=(event, event))
    (claim,) = made
    assert (claim.mention_id, claim.relation, claim.place.name, claim.event_type) == ("a#c1", "captured", "Salma", None)


def test_a_reminder_behind_a_party_s_statement_is_the_outlets_own_word(theatre: Theatre) -> None:
    text = "Damascus said Raqqa was not free, two weeks after the SDF drove Islamic State out of Raqqa."
    (taken,) = [m for m in mentions(text, theatre) if m.relation == "captured"]
    assert (taken.source, taken.modality) == (None, "reported")


@settings(deadline=None)
@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_heap_of_words_of_control_gives_claims_with_evidence(text: str) -> None:
    if not text.strip():
        return
    theatre = load_theatre()
    body = article(text).body
    for mention in mentions(text, theatre):
        assert body[mention.evidence.start : mention.evidence.end] == mention.evidence.text


def test_merging_statements_loses_no_town(theatre: Theatre) -> None:
    document = read(article("Rebels hold Saraqib and Binnish. Rebels still hold Saraqib."), theatre)
    equipment = equip(theatre)
    claims = tuple(find_claims(document, equipment.claims))
    once = merged(claims, document, attribute(document, equipment.speech))
    assert {claim.place.name for claim in once} == {claim.place.name for claim in claims}


def test_a_capture_is_told_in_the_words_of_who_gains_least_by_it(theatre: Theatre) -> None:
    text = "The army announced that it had captured Salma. The Observatory said the army had captured Salma."
    (taken,) = [m for m in mentions(text, theatre) if m.relation == "captured"]
    assert (taken.source, taken.modality) == ("SOHR", "reported")


def test_a_loss_without_a_day_is_of_the_day_on_which_another_took_the_place(theatre: Theatre) -> None:
    text = "Rebels captured Salma on Friday.\nIt rained.\nFighting went on.\nThe army had withdrawn from Salma."
    taken, lost = (m.when for m in mentions(text, theatre) if m.relation in ("captured", "withdrew"))
    assert taken is not None
    assert lost == taken


def test_a_flag_raised_over_a_town_is_its_capture(theatre: Theatre) -> None:
    (taken,) = mentions("Government troops raised the national flag over Salma on Saturday.", theatre)
    assert (taken.relation, taken.place.name, taken.actors) == ("captured", "Salma", ("saa",))


def test_a_part_of_one_place_leaves_the_others_of_a_list_whole(theatre: Theatre) -> None:
    text = "The government controls Palmyra, Mayadin and most of Deir al-Zor, as well as Damascus and Hama."
    scopes = {m.place.name: m.scope for m in mentions(text, theatre) if m.relation == "holds"}
    assert scopes == {
        "Palmyra": "whole", "Mayadin": "whole", "Deir ez-Zor": "part", "Damascus": "whole", "Hama": "whole"
    }  # fmt: skip


def test_who_bombs_a_besieged_town_besieges_it(theatre: Theatre) -> None:
    text = "Government helicopters dropped barrel bombs on Darayya. Nobody can leave the besieged town of Darayya."
    document = article(text)
    (siege,) = [m for m in extract(document, theatre) if m.relation == "besieges"]
    assert [theatre.actors.party(actor) for actor in siege.actors] == ["syrian-government"]


def test_a_capture_that_is_only_supposed_makes_no_claim_by_way_of_its_event(theatre: Theatre) -> None:
    text = "The fall of Al-Bab to the Syrian Democratic Forces would threaten the army, an analyst said."
    assert [m.relation for m in extract(article(text), theatre) if m.kind is MentionKind.CLAIM] == []
