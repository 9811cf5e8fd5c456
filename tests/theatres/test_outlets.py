from __future__ import annotations

import pytest

from streams.theatres.theatre import Theatre


@pytest.mark.parametrize(
    ("name", "outlet"),
    [
        ("dailystar-lb", "dailystar-lb"),
        ("dailystar_lb", "dailystar-lb"),
        ("manar", "almanar"),
        ("arabiya", "alarabiya"),
        ("asharqalawsat", "asharq-alawsat"),
        ("sana", "sana"),
        ("etilaf", "etilaf"),
        ("The Guardian", "guardian"),
        ("Agence France-Presse", "afp"),
        ("AFP", "afp"),
        ("aljazeera.com", "aljazeera"),
    ],
)
def test_an_outlet_is_known_by_id_name_alias_code_and_domain(theatre: Theatre, name: str, outlet: str) -> None:
    found = theatre.outlets.get(name)
    assert found is not None
    assert found.id == outlet


@pytest.mark.parametrize("name", ["", "who", "nobody's gazette"])
def test_what_is_no_outlet_is_none(theatre: Theatre, name: str) -> None:
    assert theatre.outlets.get(name) is None


@pytest.mark.parametrize(
    ("name", "source", "label"),
    [
        ("Syrian Observatory for Human Rights", "sohr", "SOHR"),
        ("Rami Abdulrahman", "sohr", "SOHR"),
        ("state news agency", "sana", "SANA"),
        ("Local Co-ordination Committees", "lcc", "Local Coordination Committees"),
        ("Syria Civil Defence", "white-helmets", "White Helmets"),
        ("WHO", "who", "WHO"),
        ("Reuters", "reuters", "Reuters"),
    ],
)
def test_a_source_has_one_id_and_the_label_that_readers_see(
    theatre: Theatre, name: str, source: str, label: str
) -> None:
    found = theatre.outlets.source(name)
    assert found is not None
    assert (found.id, found.label) == (source, label)


def test_a_source_speaks_for_whom_it_belongs_to(theatre: Theatre) -> None:
    amaq, sohr = theatre.outlets.source("Amaq"), theatre.outlets.source("SOHR")
    assert amaq is not None
    assert sohr is not None
    assert (amaq.affiliation, sohr.affiliation) == ("islamic-state", None)


def test_residents_are_shown_in_the_articles_own_word(theatre: Theatre) -> None:
    residents, sohr = theatre.outlets.source("eyewitnesses"), theatre.outlets.source("SOHR")
    assert residents is not None
    assert sohr is not None
    assert (residents.generic, sohr.generic) == (True, False)


def test_only_agencies_are_read_from_a_credit_line(theatre: Theatre) -> None:
    assert theatre.outlets.agency("AFP") == "afp"
    assert theatre.outlets.agency("The Guardian") is None


def test_copied_agencies_are_outlets_themselves(theatre: Theatre) -> None:
    for outlet in theatre.outlets:
        assert all(theatre.outlets.get(agency) for agency in outlet.copies), outlet
