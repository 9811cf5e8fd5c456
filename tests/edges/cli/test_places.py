"""Places in commands are meant as people mean them."""

import pytest

from schemas.record import Place
from streams.edges.cli.places import UnknownPlace, place_filter
from streams.theatres.gazetteer import Gazetteer
from streams.theatres.theatre import load_theatre


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_theatre().gazetteer


def place(gazetteer: Gazetteer, name: str) -> Place:
    site = gazetteer.resolve(name).site
    assert site is not None
    return gazetteer.as_place(site, name)


def test_a_city_is_not_its_governorate(gazetteer: Gazetteer) -> None:
    azaz, aleppo = place(gazetteer, "Azaz"), place(gazetteer, "Aleppo")
    city, governorate = place_filter(gazetteer, "Aleppo"), place_filter(gazetteer, "Aleppo governorate")
    assert (city(aleppo), city(azaz)) == (True, False)
    assert (governorate(aleppo), governorate(azaz)) == (True, True)


def test_a_name_is_found_in_any_spelling_and_an_id_as_it_is(gazetteer: Gazetteer) -> None:
    raqqa = place(gazetteer, "Raqqa")
    assert place_filter(gazetteer, "ar-Rakka")(raqqa)
    assert place_filter(gazetteer, raqqa.key)(raqqa)


def test_a_name_that_nobody_knows_is_told_with_those_alike(gazetteer: Gazetteer) -> None:
    with pytest.raises(UnknownPlace, match="did you mean Mayadin"):
        place_filter(gazetteer, "Mayadnin")


def test_a_place_that_was_not_resolved_is_found_by_its_words(gazetteer: Gazetteer) -> None:
    unresolved = place(gazetteer, "Raqqa").model_copy(update={"place_id": None, "name": "Damascus Road"})
    assert not place_filter(gazetteer, "Damascus")(unresolved)
