"""What changed: the old timeline against the new one.

A new stretch at the head is a change of its kind. A difference further back, or a head that is taken back, is a
correction of what we had said. What merely wore off is no change: the record shows it, and nobody did anything.
First knowledge of a place ("X-held" where nothing was known) is no change of its control either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from schemas.control import Standing
from schemas.vocabulary import ChangeKind, ControlStatus, Relation
from streams.stages.control.fold import Stretch

NOWHERE = Standing(controller=None, status=ControlStatus.UNKNOWN)
"""The standing of a place before anything is known of it."""


class Change(NamedTuple):
    """One difference between two timelines."""

    kind: ChangeKind
    before: Stretch | None
    after: Stretch | None
    day: int
    """Ordinal day from which it is so."""


def changes(old: Sequence[Stretch], new: Sequence[Stretch], shift_days: int) -> tuple[Change, ...]:
    """What a new timeline changes of an old one.

    Args:
        old: The timeline as last written.
        new: The timeline now.
        shift_days: A stretch that begins at most so many days earlier or later than it was said to is the same one.
    """
    kept = _same_until(old, new, shift_days)
    spoken = [stretch for stretch in old[kept:] if not stretch.silent]
    if not spoken:
        return tuple(_appended(new, kept))
    correction = _correction(old, new, kept)
    ahead = [n for n in range(kept, len(new)) if new[n].first > old[-1].first + shift_days]
    return (*correction, *_appended(new, ahead[0])) if ahead else correction


def standing(stretch: Stretch | None) -> Standing:
    """A stretch's standing, as a record has it."""
    if stretch is None:
        return NOWHERE
    return Standing(controller=stretch.controller, status=stretch.status, besieged_by=stretch.besieged_by)


def _same_until(old: Sequence[Stretch], new: Sequence[Stretch], shift_days: int) -> int:
    """Number of leading stretches that both have."""
    for n, (a, b) in enumerate(zip(old, new, strict=False)):
        if a.standing != b.standing or abs(a.first - b.first) > shift_days:
            return n
    return min(len(old), len(new))


def _correction(old: Sequence[Stretch], new: Sequence[Stretch], kept: int) -> tuple[Change, ...]:
    starts = [side[kept].first for side in (old, new) if kept < len(side)]
    day = min(starts)
    before, after = _on(old, day), _on(new, day)
    if before is not None and after is not None and before.standing == after.standing:
        return ()
    return (Change(ChangeKind.CORRECTED, before, after, day),)


def _appended(new: Sequence[Stretch], start: int) -> Iterator[Change]:
    for n in range(start, len(new)):
        before, after = (new[n - 1] if n else None), new[n]
        for kind in (_control_kind(before, after), _siege_kind(before, after)):
            if kind is not None and not after.silent:
                yield Change(kind, before, after, after.first)


def _control_kind(before: Stretch | None, after: Stretch) -> ChangeKind | None:
    if before is not None and before.standing[:3] == after.standing[:3]:
        return None
    unknown = before is None or before.status is ControlStatus.UNKNOWN
    if unknown and after.cause is Relation.HOLDS:
        return None
    if after.status is ControlStatus.HELD:
        return _taken(before, after)
    return _OTHER_KINDS[after.status] if not (unknown and after.status is ControlStatus.UNKNOWN) else None


def _taken(before: Stretch | None, after: Stretch) -> ChangeKind | None:
    """A new holder; none if fighting ended where it began, with the old one."""
    if before is not None and before.status is ControlStatus.HELD and before.controller == after.controller:
        return None
    return ChangeKind.TRANSFERRED if after.transferred else ChangeKind.CAPTURED


def _siege_kind(before: Stretch | None, after: Stretch) -> ChangeKind | None:
    was = before.besieged_by if before is not None else ()
    if after.besieged_by and not was:
        return ChangeKind.BESIEGED
    fell = after.status is ControlStatus.HELD and after.controller in was
    return ChangeKind.RELIEVED if was and not after.besieged_by and not fell else None


def _on(stretches: Sequence[Stretch], day: int) -> Stretch | None:
    return next((stretch for stretch in reversed(stretches) if stretch.first <= day), None)


_OTHER_KINDS = {
    ControlStatus.DIVIDED: ChangeKind.DIVIDED,
    ControlStatus.CONTESTED: ChangeKind.CONTESTED,
    ControlStatus.UNKNOWN: ChangeKind.LOST,
}
