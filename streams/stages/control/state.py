"""The evidence of one place: what is kept, how it is bounded, how it is stored.

The state is a function of the set of current claims, whatever their order of arrival: claims lie sorted by event time,
the latest revision of an id replaces the earlier one, and a claim that lands in the past makes the fold start again
from the frame before it.

Bounds. Past `memory.evidence` claims the oldest fold into `base`, a frame of the filter: a forward filter needs no
more of the past than that, so the present is exactly what it would be with every claim at hand. What could differ by
arrival is a claim that lands before the base. Claims about a day long before they were printed (retellings) therefore
never enter this fold but one of their own, which tells the past where first-hand news says nothing; and as long as no
more than `memory.evidence` claims lie within `window_days` of the latest news, nothing within the lateness can land
before the base. Past that the oldest go all the same: the bound is kept, and order-freeness only for what is younger
than the base. Of like statements in one week the `alike` weightiest are kept, so that a storm of restatements does not
push out what decides. Sets are cut by their greatest members, which is free of order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from schemas.control import TownControl
from schemas.record import Place
from streams.stages.control import districts
from streams.stages.control.districts import District, Frames
from streams.stages.control.evidence import Evidence, says_nothing
from streams.stages.control.fold import EMPTY, Frame, advance
from streams.stages.control.parameters import Parameters
from streams.stages.control.stretches import Stretch

_SPACING = 16
"""Claims between two frames that are kept in memory: an insertion folds half as many on average."""
_LATEST = 12
"""Latest claims among which a frame is kept between any two days: most news is of the last days, and folds little."""
_CONTEXT = 4
"""Stretches of a folded district that are kept: it has no timeline of its own, and smoothing looks no further back."""
_SPENT = 32
"""Ended claims remembered, so that an old revision that comes again does not revive them."""


@dataclass(frozen=True, slots=True)
class TownState:
    """All that decides the control of one place."""

    key: str
    place: Place | None = None
    revision: int = 0
    """Revisions of the state written so far."""
    heard: int = 0
    """Latest day of publication of any claim, as an ordinal."""
    claims: tuple[Evidence, ...] = ()
    """First-hand evidence after the base, in the order of event time."""
    retold: tuple[Evidence, ...] = ()
    """Retellings, and what is older than the base, in the order of event time."""
    spent: tuple[Evidence, ...] = ()
    """Ended claims and such as say nothing: the latest, so that their old revisions stay dead."""
    base: Frames = field(default_factory=dict)
    """The filters up to the first of `claims`."""
    frames: tuple[tuple[int, Frame], ...] = ()
    """Number of claims folded and the frame after them: some on the way, and the last. Not stored: folded again."""
    older: tuple[tuple[Evidence, ...], Frame] = ((), EMPTY)
    """What is retold and the filter after it. Not stored."""
    districts: Mapping[str, District] = field(default_factory=dict)
    """The filter of each named neighbourhood. Not stored."""
    past: tuple[Stretch, ...] = ()
    """The timeline as it stands in `control`. Not stored."""
    control: TownControl | None = None
    """The state as last written. Not stored."""

    @property
    def base_day(self) -> int:
        """Day up to which evidence has been folded away; 0 if none was."""
        return self.base[None].day if self.base else 0

    @property
    def frame(self) -> Frame:
        """The filter after all first-hand evidence."""
        return self.frames[-1][1] if self.frames else self.base.get(None, EMPTY)


def admit(state: TownState, item: Evidence, parameters: Parameters) -> TownState:
    """The state with a claim's latest revision in it; the very same object if that changes nothing."""
    old = known(state, item.claim_id)
    if old is not None and item.revision <= old.revision:
        return state
    memory = parameters.memory
    without, gone = (_without(state, old), (old,)) if old is not None else (state, ())
    heard = _heard(state, old, item)
    if says_nothing(item):
        spent = sorted((*without.spent, item), key=lambda e: (e.heard, e.claim_id))
        return _refolded(replace(without, heard=heard, spent=tuple(spent[-_SPENT:])), gone, parameters)
    if item.printed - item.day > memory.retelling_days or item.day <= without.base_day:
        retold = _weightiest((*without.retold, item), memory.retold)
        after = _refolded(replace(without, heard=heard, retold=retold), gone, parameters)
    else:
        after = _inserted(without, item, heard, gone, parameters)
    return state if _same(state, after) else after


def _heard(state: TownState, old: Evidence | None, item: Evidence) -> int:
    """The latest day of news with a claim's latest revision: less than before if what was said last was taken back."""
    if old is None or old.heard < state.heard or (item.heard >= old.heard and not item.gone):
        return state.heard if item.gone else max(state.heard, item.heard)
    others = (other for store in (state.claims, state.retold, state.spent) for other in store if other is not old)
    # What has folded away was heard of at the day of the base, or before.
    return max([state.base_day, *(other.heard for other in (*others, item) if not other.gone)])


def known(state: TownState, claim_id: str) -> Evidence | None:
    """What the state goes by for a claim; null if it knows nothing of it."""
    for store in (state.claims, state.retold, state.spent):
        for item in store:
            if item.claim_id == claim_id:
                return item
    return None


def refolded(state: TownState, parameters: Parameters) -> TownState:
    """A state as it was loaded, with all that is not stored folded again."""
    return _refolded(state, state.claims, parameters)


def _same(a: TownState, b: TownState) -> bool:
    return (a.heard, a.claims, a.retold, a.spent) == (b.heard, b.claims, b.retold, b.spent)


def _without(state: TownState, old: Evidence) -> TownState:
    frames = tuple(entry for entry in state.frames if entry[1].day < old.day)
    claims, retold, spent = (
        tuple(item for item in store if item.claim_id != old.claim_id)
        for store in (state.claims, state.retold, state.spent)
    )
    return replace(state, claims=claims, retold=retold, spent=spent, frames=frames)


def _inserted(
    state: TownState, item: Evidence, heard: int, gone: tuple[Evidence, ...], parameters: Parameters
) -> TownState:
    at = bisect_right(state.claims, item.order, key=_order)
    claims = (*state.claims[:at], item, *state.claims[at:])
    surplus = _surplus(claims, at, item, parameters)
    if surplus is not None:
        claims = tuple([other for other in claims if other is not surplus])
    touched = (*gone, item) if surplus is None else (*gone, item, surplus)
    if surplus is item:
        touched = gone
    first = min([other.day for other in touched], default=item.day)
    frames = tuple([entry for entry in state.frames if entry[1].day < first])
    kept = replace(state, heard=heard, claims=claims, frames=frames)
    if len(claims) > parameters.memory.evidence:
        kept = _compacted(state, kept, item, parameters)
        touched = gone if kept.retold is not state.retold else touched
    return _refolded(kept, touched, parameters)


def _surplus(claims: tuple[Evidence, ...], at: int, item: Evidence, parameters: Parameters) -> Evidence | None:
    """The least of the like statements in the week of a claim, if there are too many of them."""
    memory = parameters.memory
    week = item.day // memory.alike_days
    low = bisect_left(claims, week * memory.alike_days, hi=at, key=_day)
    high = bisect_left(claims, (week + 1) * memory.alike_days, lo=at, key=_day)
    alike = [other for other in claims[low:high] if _statement(other) == _statement(item)]
    return min(alike, key=_standing) if len(alike) > memory.alike else None


def _compacted(before: TownState, state: TownState, item: Evidence, parameters: Parameters) -> TownState:
    """The state with its oldest claims folded into the base; a claim older than those goes to the retold."""
    memory = parameters.memory
    count = _foldable(state, parameters)
    if item.day <= state.claims[count - 1].day:
        return replace(before, heard=state.heard, retold=_weightiest((*before.retold, item), memory.retold))
    folded, claims = state.claims[:count], state.claims[count:]
    names = ("", None, *districts.names(state.base, state.claims, parameters))
    base = {name: districts.folded(state.base, folded, name, parameters) for name in names}
    base = {name: _trimmed(frame, memory.segments if name is None else _CONTEXT) for name, frame in base.items()}
    return replace(state, base=base, claims=claims, frames=())


def _trimmed(frame: Frame, stretches: int) -> Frame:
    return frame._replace(stretches=frame.stretches[-stretches:])


def _foldable(state: TownState, parameters: Parameters) -> int:
    """How many of the oldest claims to fold away, whole days only: a quarter if old enough, else as few as must be."""
    memory, claims = parameters.memory, state.claims
    old = bisect_left(claims, state.heard - memory.window_days, key=_day)
    least = len(claims) - memory.evidence
    count = min(max(old, least), max(least, memory.evidence // 4))
    return bisect_right(claims, claims[count - 1].day, key=_day)


def _refolded(state: TownState, touched: Sequence[Evidence], parameters: Parameters) -> TownState:
    frames = list(state.frames)
    done, frame = frames[-1] if frames else (0, state.base.get(None, EMPTY))
    for stop in _stops(state.claims, done):
        frame = advance(frame, state.claims[done:stop], parameters)
        frames.append((stop, frame))
        done = stop
    stands = state.older[0] == state.retold
    older = state.older if stands else (state.retold, advance(EMPTY, state.retold, parameters))
    frames_of = districts.refolded(state.districts, state.base, state.claims, touched, parameters)
    return replace(state, frames=_thinned(frames, len(state.claims)), older=older, districts=frames_of)


def _stops(claims: tuple[Evidence, ...], done: int) -> Iterator[int]:
    """Where frames are taken: between two days, some claims apart but for the latest, and at the end."""
    last = done
    for n in range(done + 1, len(claims)):
        apart = 1 if n > len(claims) - _LATEST else _SPACING
        if n - last >= apart and claims[n].day != claims[n - 1].day:
            yield n
            last = n
    if len(claims) > last:
        yield len(claims)


def _thinned(frames: Sequence[tuple[int, Frame]], count: int) -> tuple[tuple[int, Frame], ...]:
    """Frames some claims apart, and all among the latest claims."""
    kept: list[tuple[int, Frame]] = []
    for entry in frames:
        if entry[0] > count - _LATEST or entry[0] - (kept[-1][0] if kept else 0) >= _SPACING:
            kept.append(entry)
    return tuple(kept)


def _weightiest(items: tuple[Evidence, ...], count: int) -> tuple[Evidence, ...]:
    return tuple(sorted(sorted(items, key=_standing)[-count:], key=_order))


def _statement(item: Evidence) -> tuple[object, ...]:
    return (item.relation, item.scope, item.actors, item.losers, item.district, item.interested, item.denied)


def _standing(item: Evidence) -> tuple[float, int, str]:
    return (item.credit, item.until, item.witness)


def _order(item: Evidence) -> tuple[int, int, int, str, str]:
    return item.order


def _day(item: Evidence) -> int:
    return item.day
