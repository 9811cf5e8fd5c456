"""What changed: the old timeline against the new one, control and siege each by itself.

- News of a stretch of which we had said nothing, mostly at the head, is a change of its kind.
- Where we had said something and now say otherwise, or a change is taken back, it is a correction.
- What merely wore off is no change: the record shows it, and nobody did anything.
- First knowledge ("X-held", where nothing was known) is no change of control either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from schemas.control import Standing
from schemas.vocabulary import ChangeKind, ControlStatus, Relation
from streams.stages.control.stretches import Stretch

NOWHERE = Standing(controller=None, status=ControlStatus.UNKNOWN)
"""The standing of a place before anything is known of it."""

Stretches = Sequence[Stretch]


class Change(NamedTuple):
    """One difference between two timelines."""

    kind: ChangeKind
    before: Stretch | None
    after: Stretch | None
    day: int
    """Ordinal day from which it is so."""


class _Aspect(NamedTuple):
    """One side of a standing that is compared by itself."""

    told: Callable[[Stretch], object]
    """What it says; false for nothing."""
    same: Callable[[Stretch, Stretch], bool]
    """True if one does not contradict the other."""
    kind: Callable[[Stretch | None, Stretch], ChangeKind | None]


def changes(old: Stretches, new: Stretches, shift_days: int) -> tuple[Change, ...]:
    """What a new timeline changes of an old one, in the order of event time.

    Args:
        old: The timeline as last written.
        new: The timeline now.
        shift_days: A stretch that begins at most so many days from when we said is the same one.
    """
    alike = _shared(old, new)
    if alike == len(old) == len(new):
        return ()
    before, after = old[max(0, alike - 1) :], new[max(0, alike - 1) :]
    found = [change for aspect in _ASPECTS for change in _of_aspect(before, after, aspect, shift_days)]
    return tuple(sorted(found, key=lambda change: change.day))


def standing(stretch: Stretch | None) -> Standing:
    """A stretch's standing, as a record has it."""
    if stretch is None:
        return NOWHERE
    return Standing(controller=stretch.controller, status=stretch.status, besieged_by=stretch.besieged_by)


def _shared(old: Stretches, new: Stretches) -> int:
    """Number of leading stretches that both have."""
    for n, (a, b) in enumerate(zip(old, new, strict=False)):
        if a is not b and (a.first != b.first or a.standing != b.standing):
            return n
    return min(len(old), len(new))


def _of_aspect(old: Stretches, new: Stretches, aspect: _Aspect, shift_days: int) -> Iterator[Change]:
    told, tells = ([run for run in _runs(old, aspect) if not run.silent], _runs(new, aspect))
    corrections = list(_withdrawn(told, tells, aspect, shift_days))
    for before, after in zip((None, *tells), tells, strict=False):
        said = _on(told, after.first)
        if after.silent or any(_alike(run, after, aspect, shift_days) for run in told):
            continue
        if _is_news(after, said, told, tells, aspect, shift_days):
            kind = aspect.kind(before, after)
            if kind is not None:
                yield Change(kind, before, after, after.first)
        elif said is not None and not aspect.same(said, after):
            corrections.append(Change(ChangeKind.CORRECTED, said, after, after.first))
    yield from sorted(corrections, key=lambda change: change.day)[:1]


def _runs(stretches: Stretches, aspect: _Aspect) -> tuple[Stretch, ...]:
    """The first stretch of each run that says the same."""
    pairs = zip((None, *stretches), stretches, strict=False)
    return tuple(b for a, b in pairs if (aspect.told(b) if a is None else aspect.told(a) != aspect.told(b)))


def _withdrawn(old: Stretches, new: Stretches, aspect: _Aspect, shift_days: int) -> Iterator[Change]:
    """What was said, and is no longer so."""
    for run in old:
        if run.silent or not aspect.told(run) or any(_alike(run, other, aspect, shift_days) for other in new):
            continue
        after = _on(new, run.first)
        if after is None or not aspect.same(after, run):
            yield Change(ChangeKind.CORRECTED, run, after, run.first)


def _is_news(
    after: Stretch, said: Stretch | None, old: Stretches, new: Stretches, aspect: _Aspect, shift_days: int
) -> bool:
    """True if nothing had been said of its first day, or it follows on the last that was said."""
    if said is None or not aspect.told(said):
        return True
    stands = any(_alike(old[-1], run, aspect, shift_days) for run in new)
    return stands and after is new[-1] and not aspect.same(old[-1], after)


def _alike(a: Stretch, b: Stretch, aspect: _Aspect, shift_days: int) -> bool:
    return aspect.same(a, b) and abs(a.first - b.first) <= shift_days


def _control(stretch: Stretch) -> object:
    return stretch.status is not ControlStatus.UNKNOWN and stretch.standing[:3]


def _siege(stretch: Stretch) -> object:
    return stretch.besieged_by


def _same_siege(a: Stretch, b: Stretch) -> bool:
    return bool(a.besieged_by) == bool(b.besieged_by)


def _same_control(a: Stretch, b: Stretch) -> bool:
    """Two tell the same; so do two divisions of which one names more of the parties."""
    if a.status is b.status is ControlStatus.DIVIDED:
        return set(a.parties) <= set(b.parties) or set(b.parties) <= set(a.parties)
    return a.standing[:3] == b.standing[:3]


def _control_kind(before: Stretch | None, after: Stretch) -> ChangeKind | None:
    known = before is not None and before.status is not ControlStatus.UNKNOWN
    if after.cause not in _DEEDS and (before is None or not known or _same_control(before, after)):
        return None
    if after.status is ControlStatus.HELD:
        return _taken(before, after)
    return _OTHER_KINDS[after.status] if known or after.status is not ControlStatus.UNKNOWN else None


def _taken(before: Stretch | None, after: Stretch) -> ChangeKind | None:
    """A new holder; none if he held it before, or stayed when the attacker left."""
    same = before is not None and before.status is ControlStatus.HELD and before.controller == after.controller
    repelled = before is not None and before.status is ControlStatus.CONTESTED and after.cause is Relation.WITHDREW
    if same or (repelled and not after.transferred):
        return None
    return ChangeKind.TRANSFERRED if after.transferred else ChangeKind.CAPTURED


def _siege_kind(before: Stretch | None, after: Stretch) -> ChangeKind | None:
    was = before.besieged_by if before is not None else ()
    if after.besieged_by:
        return ChangeKind.BESIEGED if not was else None
    fell = after.status is ControlStatus.HELD and after.controller in was
    return ChangeKind.RELIEVED if was and not fell else None


def _on(stretches: Stretches, day: int) -> Stretch | None:
    return next((stretch for stretch in reversed(stretches) if stretch.first <= day), None)


_OTHER_KINDS = {
    ControlStatus.DIVIDED: ChangeKind.DIVIDED,
    ControlStatus.CONTESTED: ChangeKind.CONTESTED,
    ControlStatus.UNKNOWN: ChangeKind.LOST,
}

_DEEDS = frozenset(Relation) - {Relation.HOLDS, Relation.BESIEGES}
"""Relations that tell what someone did to the holding of a place, not how it stands."""

_ASPECTS = (_Aspect(_control, _same_control, _control_kind), _Aspect(_siege, _same_siege, _siege_kind))
