from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.theatres.scan import ACTOR, OUTLET, PLACE, SOURCE, TERM, Name, NameIndex, Standing, Words


def found(index: NameIndex, text: str, kind: str = PLACE, *, weak: bool = False) -> list[str]:
    return [text[hit.start : hit.end] for hit in index.scan(text) if hit.kind == kind and hit.weak is weak]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Jets hit al-Bab and Deir e-Zor.", ["al-Bab", "Deir e-Zor"]),
        ("Shells fell on Aleppo's east and on Raqqa’s centre.", ["Aleppo", "Raqqa"]),
        ("Syrias army left Idlibs west.", ["Syrias", "Idlibs"]),
        ("The Tabqa military airport fell.", ["Tabqa military airport"]),
        ("In western Ghouta and Eastern Ghouta", ["western Ghouta", "Eastern Ghouta"]),
        ("As Aleppo fell, At Aleppo's gates, An Aleppo family", ["Aleppo", "Aleppo", "Aleppo"]),
        ("Rural Damascus, Homs, Hama.", ["Rural Damascus", "Homs", "Hama"]),
        ("قصف على مدينة الرقة وحلب", ["الرقة", "وحلب"]),
    ],
)
def test_places_are_found_in_the_spellings_of_the_news(index: NameIndex, text: str, names: list[str]) -> None:
    assert found(index, text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Abu Mohammed spoke to reporters.",
        "Rami Abdel Rahman said so.",
        "President Bashar al-Assad met Hassan Nasrallah.",
        "Colonel Fares Bayoush resigned; Omar Salem did not.",
        "There were many. Some fled; four died. Since March, that road was shut.",
        "Russia and China met Qatar in Vienna.",
        "The caliph of al-Qaeda",
        "it hit the bab of a mare",
    ],
)
def test_persons_words_and_far_countries_are_no_places(index: NameIndex, text: str) -> None:
    assert found(index, text) == []


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("The Aleppo Media Center posted a video.", SOURCE, "Aleppo Media Center"),
        ("Raqqa is Being Slaughtered Silently posted it.", SOURCE, "Raqqa is Being Slaughtered Silently"),
        ("The Damascus government denied it.", ACTOR, "Damascus government"),
        ("Deir Ezzor 24 reported it.", SOURCE, "Deir Ezzor 24"),
    ],
)
def test_a_city_inside_a_longer_name_is_no_place(index: NameIndex, text: str, kind: str, name: str) -> None:
    assert found(index, text, kind) == [name]
    assert found(index, text) == []


def test_a_little_known_name_counts_once_the_text_places_it(index: NameIndex) -> None:
    assert found(index, "Khneifis was quiet.", weak=True) == ["Khneifis"]
    assert found(index, "Fighting raged in Khneifis.") == ["Khneifis"]
    assert found(index, "Near Khneifis, fighting raged.") == ["Khneifis"]
    assert found(index, "They hold Khneifis village.") == ["Khneifis"]
    assert found(index, "The army took Salamiyah and Khneifis.") == ["Salamiyah", "Khneifis"]


def test_an_everyday_word_is_a_place_only_if_the_text_says_so(index: NameIndex) -> None:
    assert found(index, "Bombs fell in Hit.", weak=True) == ["Hit"]
    assert found(index, "Bombs fell on the town of Hit.") == ["Hit"]


@pytest.mark.parametrize("text", ["US jets", "U.S. jets", "USled coalition", "US-led coalition", "U.S.-led coalition"])
def test_abbreviations_are_found_with_and_without_dots_and_hyphens(index: NameIndex, text: str) -> None:
    assert found(index, text, ACTOR) == [text]


def test_abbreviations_need_their_capitals(index: NameIndex) -> None:
    assert found(index, "it is time for us, who is now on site", ACTOR) == []
    assert found(index, "IS fighters fled", ACTOR) == ["IS fighters"]
    assert found(index, "who said so", SOURCE) == []
    assert found(index, "WHO said so", SOURCE) == ["WHO"]


def test_an_everyday_word_in_a_line_of_capitals_is_no_abbreviation(index: NameIndex) -> None:
    assert [hit for hit in index.scan("WHO IS IN ALEPPO NOW") if hit.kind != PLACE and not hit.weak] == []
    assert found(index, "IS FIGHTERS IN ALEPPO", ACTOR) == ["IS FIGHTERS"]


@pytest.mark.parametrize("text", ["Free Syrian. Army units", "Free Syrian, Army", "Free\n\nSyrian Army"])
def test_no_name_goes_on_behind_a_break(index: NameIndex, text: str) -> None:
    assert "fsa" not in [actor for hit in index.scan(text) if hit.kind == ACTOR for actor in hit.ids]


def test_what_lies_inside_a_refused_name_is_found(index: NameIndex) -> None:
    assert found(index, "They took Khan, Aleppo. Media centre staff left.") == ["Aleppo"]


def test_neighbouring_names_do_not_share_a_boundary(index: NameIndex) -> None:
    assert found(index, "towns of Arbin Kafr Batna Jisreen Saqba") == ["Arbin", "Kafr Batna", "Jisreen", "Saqba"]


def test_names_end_at_words(index: NameIndex) -> None:
    assert found(index, "Homsian Aleppine Hamastan") == []


def test_words_of_a_stage_are_found_in_the_same_pass_letter_by_letter() -> None:
    index = NameIndex([Name(PLACE, "p", "Hit", Standing.FIRM), Name(TERM, "strike", "hit"), Name(TERM, "have", "held")])
    text = "Jets hit Heet; it held, hailed, HELD."
    assert [(hit.kind, text[hit.start : hit.end]) for hit in index.scan(text)] == [
        (TERM, "hit"),
        (PLACE, "Heet"),
        (TERM, "held"),
        (TERM, "HELD"),
    ]


def test_one_name_of_several_kinds_gives_a_hit_of_each(index: NameIndex) -> None:
    kinds = {hit.kind for hit in index.scan("SANA said so")}
    assert kinds == {SOURCE, OUTLET}


def test_homonyms_are_listed_with_the_likeliest_first(index: NameIndex) -> None:
    (hit,) = index.scan("Aleppo")
    assert hit.ids[:2] == ("ocha:C1007", "admin1:Aleppo")


def test_an_index_without_names_finds_nothing() -> None:
    assert NameIndex((), Words()).scan("Aleppo fell.") == ()


PIECES = (
    "Aleppo|al-Bab|Deir|ez-Zor|Umm|US-led|coalition|Free|Syrian|Army|IS|the|of|As|Abu|Kamal|town|’s|'|-|.|, |\n"
    "|  |\u0301|الرقة|😀|İ|ß|U.S.|e-"
)
SENTENCES = st.lists(st.sampled_from(PIECES.split("|")))


@given(SENTENCES.flatmap(lambda words: st.sampled_from(["", " "]).map(lambda gap: gap.join(words))))
def test_offsets_slice_back_to_the_words_and_do_not_overlap(index: NameIndex, text: str) -> None:
    end = 0
    for hit in sorted({hit[:2] for hit in index.scan(text)}):
        assert end <= hit[0] < hit[1] <= len(text)
        assert text[hit[0] : hit[1]].strip() == text[hit[0] : hit[1]]
        end = hit[1]


@given(st.text())
def test_any_text_can_be_scanned_twice_alike(index: NameIndex, text: str) -> None:
    assert index.scan(text) == index.scan(text)
