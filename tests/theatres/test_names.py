from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.theatres.names import TOKEN, fold

SPELLINGS = [
    "Alwaer | Al-Waer | al Waer | al-Wa'er | al-Wa’er | ALWAER",
    "Deir ez-Zor | Deir al-Zour | Deir e-Zor | Dayr az-Zawr | Deir el-Zor | Dayr az Zawr | Deir-ez-Zor",
    "Deir ez-Zor | Deir Ezzor | Deir Ezzour",
    "Khan Shaykhun | Khan Sheikhoun | Khan Sheikhun | Khan Cheikhoun",
    "Raqqa | Ar-Raqqah | Raqa | Raqqeh | al-Raqqa | Rakka",
    "Hasakah | al-Hasakeh | Hassakeh | Hasaka",
    "As-Suwayda | Sweida | Suweida | Soueida | As Suwayda",
    "Douma | Duma | Dooma | Doumā",
    "Hamouriyeh | Hammuriyah | Hamouria | Hammourieh",
    "al-Fuah | Foua | Fu'ah | Fouaa",
    "Mayadin | Mayadeen | al-Mayadeen | Al Mayādīn",
    "Qaryatayn | Al-Qaryatain | Karyatein",
    "Salamiyah | Salamieh | Salamiya",
    "Saeed | Said | Sa'id | Saïd",
    "Dhahabiyah | Zahabiya",
    "Aleppo | Aleppo's | Aleppo’s",
    "أعزاز | اعزاز | إعزاز",
    "القورية | القوريّة | قوريه",
    "حلب | حـلـب",
]


@pytest.mark.parametrize("row", SPELLINGS)
def test_spellings_of_one_name_fold_to_one_form(row: str) -> None:
    forms = {fold(spelling) for spelling in row.split(" | ")}
    assert len(forms) == 1
    assert "" not in forms


@pytest.mark.parametrize(
    ("one", "other"),
    [("Homs", "Hama"), ("Mare", "Mary"), ("Bab", "Dab"), ("Daraa", "Darayya"), ("Nubl", "Nawa"), ("Kafr Nabl", "Nubl")],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_any_text_folds_to_words_with_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())


@given(st.text(alphabet="abdehiklnorstuwyz-' AELR", max_size=40))
def test_case_of_a_name_of_hyphens_and_apostrophes_does_not_count(text: str) -> None:
    assert fold(text.replace("'", "’")) == fold(text)


@given(st.text())
def test_tokens_and_what_lies_between_make_up_the_text(text: str) -> None:
    assert "".join(TOKEN.split(text)) == text
