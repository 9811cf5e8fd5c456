from __future__ import annotations

from datetime import date

import pytest

from streams.theatres.theatre import Theatre


@pytest.mark.parametrize(
    ("alias", "on", "actor"),
    [
        ("al-Nusra Front", "2015-05-01", "nusra"),
        ("al-Nusra Front", "2016-09-01", "jfs"),
        ("Jabhat al-Nusra", "2018-03-01", "hts"),
        ("Hayat Tahrir al-Sham", "2018-03-01", "hts"),
        ("HTS", "2016-09-01", "jfs"),
        ("Jabhat Fateh al-Sham", "2013-01-01", "nusra"),
        ("Turkish-backed fighters", "2016-10-01", "euphrates-shield"),
        ("Turkish-backed fighters", "2018-10-01", "sna"),
        ("Russian warplanes", "2014-01-01", "russia"),
    ],
)
def test_an_alias_means_whoever_went_by_it_on_the_day(theatre: Theatre, alias: str, on: str, actor: str) -> None:
    assert theatre.actors.resolve(alias, on=date.fromisoformat(on)) == actor


@pytest.mark.parametrize(
    "alias",
    ["Daesh", "Da'esh", "ISIL", "ISIS", "IS", "Islamic State group", "the caliphate", "Islamic State", "داعش"],
)
def test_all_names_of_islamic_state_are_one(theatre: Theatre, alias: str) -> None:
    assert theatre.actors.resolve(alias) == "islamic-state"


@pytest.mark.parametrize("alias", ["US-led coalition", "U.S.-led coalition", "the US-led coalition"])
def test_dots_and_articles_do_not_count(theatre: Theatre, alias: str) -> None:
    assert theatre.actors.resolve(alias) == "us-coalition"


@pytest.mark.parametrize("alias", ["is", "us", "hat", "nobody at all"])
def test_small_letters_are_no_abbreviation(theatre: Theatre, alias: str) -> None:
    assert theatre.actors.resolve(alias) is None


def test_parties_and_sides_are_those_of_the_war(theatre: Theatre) -> None:
    actors = theatre.actors
    assert [actors.party(actor) for actor in ("saa", "nusra", "ypg", "fsa", "nobody")] == [
        "syrian-government",
        "hts",
        "sdf",
        "rebels",
        "nobody",
    ]
    assert (actors.side("ahrar-al-sham"), actors.side("nobody")) == ("opposition", "none")


def test_a_party_holds_towns_under_its_label(theatre: Theatre) -> None:
    actors = theatre.actors
    assert actors.control_label("hezbollah") == "syrian-government"
    assert actors.control_label("sna") == "turkey"
    assert actors.control_label("israel") is None


def test_alliances_have_their_time(theatre: Theatre) -> None:
    allied = theatre.actors.allied
    assert not allied("russia", "syrian-government", date(2014, 1, 1))
    assert allied("russia", "syrian-government", date(2016, 1, 1))
    assert allied("syrian-government", "russia", date(2016, 1, 1))
    assert allied("saa", "ndf", date(2011, 6, 1))
    assert not allied("sdf", "islamic-state")


def test_weak_aliases_are_flagged(theatre: Theatre) -> None:
    assert theatre.actors.is_weak("the army")
    assert not theatre.actors.is_weak("Syrian army")


def test_every_alias_resolves_to_some_actor(theatre: Theatre) -> None:
    for name in theatre.actors.names():
        assert theatre.actors.resolve(name.text) is not None, name
