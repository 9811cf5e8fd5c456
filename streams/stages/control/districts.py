"""The neighbourhoods of a place: each has a filter, fed by what is said of it and by what befell the whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.vocabulary import Relation, Scope
from streams.stages.control.evidence import Evidence
from streams.stages.control.fold import EMPTY, Frame, advance
from streams.stages.control.parameters import Parameters

Frames = Mapping[str | None, Frame]
"""The filter by name of the district; of the town itself under null, and of a district yet unheard of under ""."""


class District(NamedTuple):
    """The filter of a neighbourhood after all that concerns it."""

    before: Frame
    """As it stood before its latest day, from which news of that day folds on."""
    now: Frame


_WHOLLY = frozenset({Relation.CAPTURED, Relation.LOST, Relation.WITHDREW})


def refolded(
    known: Mapping[str, District],
    base: Frames,
    claims: Sequence[Evidence],
    touched: Sequence[Evidence],
    parameters: Parameters,
) -> Mapping[str, District]:
    """The filters of all districts after a change of the evidence.

    Args:
        known: The filters before it.
        base: The filters before the first of the claims.
        claims: All evidence of the town, in order.
        touched: What came in or went out; what is no older than a district's latest day folds on from there.
        parameters: The theatre's figures.
    """
    after = {}
    for name in names(base, claims, parameters):
        old = known.get(name)
        days = [item.day for item in touched if concerns(item, name)]
        if old is not None and not days:
            after[name] = old
        else:
            start = old.before if old is not None and min(days) >= old.now.day else _start(base, name)
            after[name] = _folded_on(start, claims, name, parameters)
    return after


def _folded_on(start: Frame, claims: Sequence[Evidence], name: str, parameters: Parameters) -> District:
    """A district's filter with all that concerns it after the last day that the start has seen."""
    later = claims[bisect_right(claims, start.day, key=lambda item: item.day) :]
    concerning = [item for item in later if concerns(item, name)]
    if not concerning:
        return District(start, start)
    latest = bisect_left(concerning, concerning[-1].day, key=lambda item: item.day)
    before = advance(start, concerning[:latest], parameters, name) if latest else start
    return District(before, advance(before, concerning[latest:], parameters, name))


def names(base: Frames, claims: Sequence[Evidence], parameters: Parameters) -> tuple[str, ...]:
    """The neighbourhoods that are spoken of, the latest if they are many; sorted."""
    last = {name: frame.day for name, frame in base.items() if name}
    last.update([(item.district, item.day) for item in claims if item.district])
    latest = sorted(last, key=lambda name: (last[name], name))[-parameters.memory.districts :]
    return tuple(sorted(latest))


def folded(base: Frames, claims: Sequence[Evidence], name: str | None, parameters: Parameters) -> Frame:
    """The filter of a district, or of the town under null, from the base on."""
    return advance(_start(base, name), [item for item in claims if concerns(item, name)], parameters, name)


def _start(base: Frames, name: str | None) -> Frame:
    return base.get(name) or base.get("" if name is not None else None, EMPTY)


def concerns(item: Evidence, name: str | None) -> bool:
    """True if a claim speaks of a place: all do of the town, and of a district its own and what befell the whole."""
    if name is None or (name and item.district == name):
        return True
    return item.district is None and item.scope is Scope.WHOLE and item.relation in _WHOLLY and not item.interested
