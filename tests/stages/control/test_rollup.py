"""Towns counted by who holds them."""

from __future__ import annotations

from datetime import date
from typing import Any

from schemas.record import Place
from schemas.vocabulary import ControlStatus, PlacePrecision
from streams.stages.control.asof import Answer
from streams.stages.control.rollup import roll_up

DAY = date(2016, 12, 15)


def standing(name: str, status: ControlStatus = ControlStatus.HELD, **more: Any) -> Answer:
    place = Place(
        place_id=f"x:{name}", name=name, admin1="Aleppo", lat=36.0, lon=37.0, precision=PlacePrecision.TOWN, text=name,
        parent=more.pop("parent", None),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "controller": "rebels" if status is ControlStatus.HELD else None,
        "parties": ("rebels",), "besieged_by": (), "since": DAY, "last_confirmed": DAY, "stale": False,
        "confidence": 0.9,
    }  # fmt: skip
    return Answer(place=place, day=DAY, status=status, **{**fields, **more})


def governorate(place: Place) -> tuple[str, ...]:
    return (place.admin1,) if place.admin1 else ()


def test_towns_count_for_who_holds_them_most_first() -> None:
    towns = [standing("a"), standing("b", controller="sdf"), standing("c", controller="sdf")]
    (found,) = roll_up(towns, governorate)
    assert (found.unit, found.towns, found.held) == ("Aleppo", 3, (("sdf", 2), ("rebels", 1)))


def test_a_town_that_nothing_confirms_counts_for_nobody() -> None:
    (found,) = roll_up([standing("a"), standing("b", stale=True)], governorate)
    assert (found.held, found.stale, found.stale_held) == ((("rebels", 1),), 1, (("rebels", 1),))


def test_the_parts_add_up_to_the_whole() -> None:
    kinds = [standing(status.value, status) for status in ControlStatus]
    (found,) = roll_up([*kinds, standing("old", stale=True), standing("shut in", besieged_by=("sdf",))], governorate)
    held = sum(count for _, count in found.held)
    assert held + found.divided + found.contested + found.unknown + found.stale == found.towns
    assert (found.divided, found.contested, found.unknown, found.besieged) == (1, 1, 1, 1)


def test_an_air_base_is_no_town_and_a_town_may_lie_in_several_areas() -> None:
    towns = [standing("a"), standing("base", parent="x:a")]
    found = roll_up(towns, lambda place: ("Aleppo", "Jebel Saman"))
    assert [(area.unit, area.towns) for area in found] == [("Aleppo", 1), ("Jebel Saman", 1)]


def test_the_order_in_which_towns_come_changes_nothing() -> None:
    towns = [standing(str(n), controller=("sdf", "rebels", "turkey")[n % 3]) for n in range(9)]
    assert roll_up(towns, governorate) == roll_up(reversed(towns), governorate)
