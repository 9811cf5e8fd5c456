"""The neighbourhoods of a place: each has a filter, fed by what is said of it and by what befell the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.vocabulary import Relation, Scope
from streams.stages.control.evidence import Evidence
from streams.stages.control.fold import EMPTY, Frame, advance
from streams.stages.control.parameters import Parameters

Frames = Mapping[str | None, Frame]
"""The filter by name of the district; of the town itself under null, and of a district yet unheard of under ""."""

_WHOLLY = frozenset({Relation.CAPTURED, Relation.LOST, Relation.WITHDREW})


def refolded(
    frames: Mapping[str, Frame],
    base: Frames,
    claims: Sequence[Evidence],
    touched: Sequence[Evidence],
    parameters: Parameters,
) -> Mapping[str, Frame]:
    """The filters of all districts after a change of the evidence.

    Args:
        frames: The filters before it.
        base: The filters before the first of the claims.
        claims: All evidence of the town, in order.
        touched: What came in or went out; a single claim behind all others folds on from the frames.
        parameters: The theatre's figures.
    """
    after = {}
    for name in names(base, claims, parameters):
        concerning = [item for item in touched if concerns(item, name)]
        known = frames.get(name)
        if known is None or len(concerning) > 1 or any(item.day <= known.day for item in concerning):
            after[name] = folded(base, claims, name, parameters)
        else:
            after[name] = advance(known, concerning, parameters, name) if concerning else known
    return after


def names(base: Frames, claims: Sequence[Evidence], parameters: Parameters) -> tuple[str, ...]:
    """The neighbourhoods that are spoken of, the latest if they are many; sorted."""
    last = {name: frame.day for name, frame in base.items() if name}
    last.update([(item.district, item.day) for item in claims if item.district])
    latest = sorted(last, key=lambda name: (last[name], name))[-parameters.memory.districts :]
    return tuple(sorted(latest))


def folded(base: Frames, claims: Sequence[Evidence], name: str | None, parameters: Parameters) -> Frame:
    """The filter of a district, or of the town under null, from the base on."""
    start = base.get(name) or base.get("" if name is not None else None, EMPTY)
    return advance(start, [item for item in claims if concerns(item, name)], parameters, name)


def concerns(item: Evidence, name: str | None) -> bool:
    """True if a claim speaks of a place: all do of the town, and of a district its own and what befell the whole."""
    if name is None or (name and item.district == name):
        return True
    return item.district is None and item.scope is Scope.WHOLE and item.relation in _WHOLLY and not item.interested
