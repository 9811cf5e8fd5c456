"""How an area stands on a day: its towns counted by who holds them.

Silence is not evidence: a town that nothing confirmed for long counts as stale and for nobody, one of which nothing is
known as unknown. Sites (an air base, a dam) stand beside their town and are no towns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schemas.record import Place
from schemas.vocabulary import ControlStatus
from streams.stages.control.asof import Answer

UnitsOf = Callable[[Place], Iterable[str]]
"""The areas that a place lies in, by id."""


@dataclass(frozen=True, slots=True)
class RollUp:
    """The towns of one area on a day. The parts add up to the whole: held, divided, contested, unknown, stale."""

    unit: str
    """Id of the area."""
    towns: int
    """Towns of which anything was ever known by that day."""
    held: tuple[tuple[str, int], ...]
    """Towns that each party holds by itself, most first."""
    divided: int
    contested: int
    unknown: int
    """Towns of which it is no longer known who holds them."""
    stale: int
    """Towns whose last known state nothing has confirmed for longer than the theatre's limit."""
    stale_held: tuple[tuple[str, int], ...]
    """Among the stale ones: who held them when they were last heard of, most first."""
    besieged: int
    """Towns under siege, whatever else they are."""


def roll_up(answers: Iterable[Answer], units_of: UnitsOf) -> tuple[RollUp, ...]:
    """Count towns by area.

    Args:
        answers: The standing of each place, all of one day.
        units_of: The areas that a place lies in; none for one that lies nowhere known.

    Returns:
        One for each area that has a town, in the order of their ids.
    """
    by_unit: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.place.parent is None:
            for unit in units_of(answer.place):
                by_unit[unit].append(answer)
    return tuple(_counted(unit, by_unit[unit]) for unit in sorted(by_unit))


def _counted(unit: str, towns: list[Answer]) -> RollUp:
    unknown = [town for town in towns if town.status is ControlStatus.UNKNOWN]
    stale = [town for town in towns if town.stale and town.status is not ControlStatus.UNKNOWN]
    fresh = [town for town in towns if not town.stale and town.status is not ControlStatus.UNKNOWN]
    status = Counter(town.status for town in fresh)
    return RollUp(
        unit=unit,
        towns=len(towns),
        held=_holders(fresh),
        divided=status[ControlStatus.DIVIDED],
        contested=status[ControlStatus.CONTESTED],
        unknown=len(unknown),
        stale=len(stale),
        stale_held=_holders(stale),
        besieged=sum(bool(town.besieged_by) for town in fresh),
    )


def _holders(towns: list[Answer]) -> tuple[tuple[str, int], ...]:
    held = Counter(town.controller for town in towns if town.status is ControlStatus.HELD and town.controller)
    return tuple(sorted(held.items(), key=lambda one: (-one[1], one[0])))
