from __future__ import annotations

import pytest

from schemas.vocabulary import PlacePrecision
from streams.theatres.gazetteer import Gazetteer, km


def named(gazetteer: Gazetteer, name: str, **context: object) -> tuple[str, str | None]:
    site = gazetteer.resolve(name, **context).site  # type: ignore[arg-type]
    assert site is not None
    return site.name, site.admin1


@pytest.mark.parametrize(
    ("written", "name", "admin1"),
    [
        ("Khan Sheikhun", "Khan Shaykhun", "Idlib"),
        ("Deir al-Zor", "Deir ez-Zor", "Deir ez-Zor"),
        ("Deir Ezour", "Deir ez-Zor", "Deir ez-Zor"),
        ("Deir Ezzor military airport", "Deir ez-Zor Airport", "Deir ez-Zor"),
        ("Tabaqa military airport", "Tabqa Airbase", "Raqqa"),
        ("Mayadeen", "Mayadin", "Deir ez-Zor"),
        ("Al-Qwaira", "Al-Quriyah", "Deir ez-Zor"),
        ("Adra", "Adra", "Rif Dimashq"),
        ("Houla", "Houla", "Homs"),
        ("Kobane", "Kobani", "Aleppo"),
        ("الرقة", "Raqqa", "Raqqa"),
    ],
)
def test_a_name_in_the_news_means_the_place_that_the_news_means(
    gazetteer: Gazetteer, written: str, name: str, admin1: str
) -> None:
    assert named(gazetteer, written) == (name, admin1)


@pytest.mark.parametrize("admin1", ["Latakia", "Hama"])
def test_the_stated_governorate_decides_between_homonyms(gazetteer: Gazetteer, admin1: str) -> None:
    assert named(gazetteer, "Rabia", admin1=admin1)[1] == admin1


def test_neighbours_decide_between_homonyms(gazetteer: Gazetteer) -> None:
    aleppo, damascus = "ocha:C1007", "ocha:C1001"
    assert named(gazetteer, "al-Midan", near=[aleppo]) == ("Aleppo: Midan", "Aleppo")
    assert named(gazetteer, "al-Midan", near=[damascus]) == ("Damascus: Midan", "Damascus")


def test_the_place_named_before_tips_the_scales(gazetteer: Gazetteer) -> None:
    homs = "ocha:C2528"
    assert named(gazetteer, "al-Zahraa")[1] == "Aleppo"
    assert named(gazetteer, "al-Zahraa", near=[homs], before=homs)[1] == "Homs"


def test_the_losers_are_kept_as_candidates(gazetteer: Gazetteer) -> None:
    resolution = gazetteer.resolve("Rabia")
    assert resolution.site is not None
    assert len(resolution.candidates) >= 2
    assert resolution.site not in resolution.candidates


def test_an_unknown_name_resolves_to_nothing_and_never_to_the_capital(gazetteer: Gazetteer) -> None:
    resolution = gazetteer.resolve("Xyzzyville")
    assert (resolution.site, resolution.candidates) == (None, ())


def test_a_governorate_is_a_place_of_its_own(gazetteer: Gazetteer) -> None:
    province, city = gazetteer.governorate("Aleppo"), gazetteer.resolve("Aleppo").site
    assert province is not None
    assert city is not None
    assert (province.place_id, province.precision) == ("admin1:Aleppo", PlacePrecision.GOVERNORATE)
    assert (city.place_id, city.precision) == ("ocha:C1007", PlacePrecision.TOWN)


@pytest.mark.parametrize("name", ["Rural Damascus", "Damascus countryside", "Rif Dimashq", "Reef Dimashq"])
def test_the_countryside_of_the_capital_is_a_governorate(gazetteer: Gazetteer, name: str) -> None:
    assert named(gazetteer, name) == ("Rif Dimashq", "Rif Dimashq")


@pytest.mark.parametrize("name", ["Eastern Ghouta", "Wadi Barada", "Qalamoun", "al-Lajat"])
def test_regions_are_known_to_the_district_only(gazetteer: Gazetteer, name: str) -> None:
    site = gazetteer.resolve(name).site
    assert site is not None
    assert site.precision is PlacePrecision.DISTRICT


def test_a_neighbourhood_belongs_to_its_city(gazetteer: Gazetteer) -> None:
    site = gazetteer.resolve("Salaheddin", near=["ocha:C1007"]).site
    assert site is not None
    place = gazetteer.as_place(site, "Salaheddin")
    assert (place.place_id, place.name, place.precision) == ("ocha:C1007", "Aleppo", PlacePrecision.EXACT)
    assert (place.text, place.district, place.parent) == ("Salaheddin", "Salaheddine", None)


@pytest.mark.parametrize(
    ("name", "town"),
    [
        ("Menagh Airbase", "Menagh"),
        ("Tabqa Dam", "Tabqa"),
        ("Deir ez-Zor Airport", "Deir ez-Zor"),
        ("Adra Prison", "Adra"),
        ("Nasib border crossing", "Nasib"),
    ],
)
def test_a_site_is_a_place_of_its_own_with_a_town_as_parent(gazetteer: Gazetteer, name: str, town: str) -> None:
    site = gazetteer.resolve(name).site
    assert site is not None
    parent = gazetteer.get(site.parent or "")
    assert parent is not None
    place = gazetteer.as_place(site, name)
    assert (place.name, place.precision, place.parent) == (site.name, PlacePrecision.EXACT, site.parent)
    assert parent.name == town


def test_every_parent_is_a_town_within_reach(gazetteer: Gazetteer) -> None:
    for site in gazetteer:
        if site.parent is not None:
            parent = gazetteer.get(site.parent)
            assert parent is not None, site
            assert parent.precision is PlacePrecision.TOWN, site
            assert km(site, parent) <= 30, site


def test_what_a_place_lies_in_runs_from_district_to_country(gazetteer: Gazetteer) -> None:
    site = gazetteer.resolve("Sukkari", near=["ocha:C1007"]).site
    assert site is not None
    chain = gazetteer.within(site.place_id)
    assert chain[:2] == (site.place_id, "ocha:C1007")
    assert chain[2:] == ("admin2:Jebel Saman", "admin1:Aleppo", "country:Syria")


def test_a_place_abroad_lies_in_its_own_country(gazetteer: Gazetteer) -> None:
    site = gazetteer.resolve("Mosul").site
    assert site is not None
    assert gazetteer.within(site.place_id) == (site.place_id, "country:Iraq")
    assert site.admin1 == "Iraq"


def test_distances_are_great_circles(gazetteer: Gazetteer) -> None:
    aleppo, homs = gazetteer.get("ocha:C1007"), gazetteer.get("ocha:C2528")
    assert aleppo is not None
    assert homs is not None
    assert km(aleppo, homs) == pytest.approx(168, abs=8)
    assert km((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20015, abs=1)


def test_all_spellings_of_a_place_lead_back_to_it(gazetteer: Gazetteer) -> None:
    for place_id in ("ocha:C1007", "ocha:C5086", "site:deir-ez-zor-airport", "ocha:C5207"):
        for name in gazetteer.spellings(place_id):
            assert place_id in [site.place_id for site in gazetteer.candidates(name)], name
