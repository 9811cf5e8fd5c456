"""Sums by area, as answers of the API: towns by holder on a day, events and dead by period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Literal

from schemas.record import Place
from streams.stages.control.asof import Answer
from streams.stages.control.rollup import roll_up
from streams.theatres.gazetteer import Gazetteer

Area = Literal["governorate", "district"]
Period = Literal["day", "month", "year"]

LENGTHS: dict[Period, int] = {"day": 10, "month": 7, "year": 4}
"""Characters of a day that tell its period."""

PREFIXES: dict[Area, str] = {"governorate": "admin1:", "district": "admin2:"}
"""How ids of areas begin in the gazetteer."""

NOWHERE = "unknown"
"""Id of the area of what lies in no known one."""


def control(towns: Iterable[Answer], gazetteer: Gazetteer, by: Area) -> list[dict[str, Any]]:
    """Towns by area: one `answers.AreaControl` each."""

    def units_of(place: Place) -> tuple[str, ...]:
        return (area_of(gazetteer, place.place_id, by),)

    return [{"name": _name(gazetteer, area.unit), **asdict(area)} for area in roll_up(towns, units_of)]


def events(
    tallies: Iterable[tuple[str | None, str, str | None, int, int]], gazetteer: Gazetteer, by: Area
) -> list[dict[str, Any]]:
    """Events by area and period, `answers.AreaEvents`, from `queries.tallies`; a shared toll counts once in an area."""
    sums: dict[tuple[str, str], list[int]] = {}
    shared: dict[tuple[str, str, str], int] = {}
    for place, period, toll, count, dead in tallies:
        unit = area_of(gazetteer, place, by)
        total = sums.setdefault((period, unit), [0, 0])
        total[0] += count
        if toll is not None:
            before = shared.get((period, unit, toll), 0)
            shared[period, unit, toll] = max(before, dead)
            dead = max(0, dead - before)
        total[1] += dead
    return [
        {"period": period, "unit": unit, "name": _name(gazetteer, unit), "events": count, "killed": dead}
        for (period, unit), (count, dead) in sorted(sums.items())
    ]


def area_of(gazetteer: Gazetteer, place_id: str | None, by: Area) -> str:
    """The area that a place lies in."""
    around = gazetteer.within(place_id) if place_id else ()
    return next((outer for outer in around if outer.startswith(PREFIXES[by])), NOWHERE)


def _name(gazetteer: Gazetteer, unit: str) -> str:
    site = gazetteer.get(unit)
    return site.name if site else unit.partition(":")[2] or unit
