"""Towns of which two versions say something else: who holds them now, who held them then, or on what grounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schemas.control import Segment, Standing, TownControl

BETWEEN = frozenset({"schema_version", "revision", "place", "evidence"})
"""Fields that say nothing of the town: the claims are compared as claims."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which the two versions name another holder."""

    first: date
    last: date | None
    """Last day, inclusive; null while it lasts."""
    before: Standing | None
    """Null where nothing is said of those days."""
    after: Standing | None


@dataclass(frozen=True, slots=True)
class TownChange:
    """A place whose state of control is not the same in both versions."""

    before: TownControl | None
    after: TownControl | None
    stretches: tuple[Stretch, ...]
    """Where the holder differs, now or in the past, in order of time."""
    fields: tuple[str, ...]
    """Names of the fields that differ; empty where only one version knows the place."""

    @property
    def town(self) -> TownControl:
        """The state as it is now, or as it was."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - a change has a side
        return found

    @property
    def holder_differs(self) -> bool:
        """Whether another one holds it at present, or nobody does."""
        return standing(self.before) != standing(self.after)


def compare_towns(before: Iterable[TownControl], after: Iterable[TownControl]) -> tuple[TownChange, ...]:
    """Hold the last state of each place against that of the other version."""
    one, other = ({town.place.key: town for town in side} for side in (before, after))
    found = (_change(one.get(key), other.get(key)) for key in sorted({*one, *other}))
    return tuple(change for change in found if change)


def standing(town: TownControl | None) -> Standing | None:
    """Who holds a place at present; null if nothing is said of it."""
    if town is None:
        return None
    return Standing(controller=town.controller, status=town.status, besieged_by=town.besieged_by)


def stretches(before: Sequence[Segment], after: Sequence[Segment]) -> tuple[Stretch, ...]:
    """Days on which two timelines name another holder, joined where they follow each other."""
    found: list[Stretch] = []
    for first, last in _spans((*before, *after)):
        was, now = _at(before, first), _at(after, first)
        if was == now:
            continue
        joins = found and found[-1].last == first - _DAY and (found[-1].before, found[-1].after) == (was, now)
        found[-1:] = [replace(found[-1], last=last)] if joins else [*found[-1:], Stretch(first, last, was, now)]
    return tuple(found)


def _change(before: TownControl | None, after: TownControl | None) -> TownChange | None:
    apart = stretches(before.timeline if before else (), after.timeline if after else ())
    if before is None or after is None:
        return TownChange(before, after, apart, ())
    told = (name for name in TownControl.model_fields if name not in BETWEEN)
    fields = tuple(name for name in told if getattr(before, name) != getattr(after, name))
    return TownChange(before, after, apart, fields) if fields else None


def _spans(segments: Sequence[Segment]) -> Iterator[tuple[date, date | None]]:
    starts = {one.first for one in segments} | {one.last + _DAY for one in segments if one.last}
    ordered = sorted(starts)
    yield from zip(ordered, [*(day - _DAY for day in ordered[1:]), None], strict=True)


def _at(timeline: Sequence[Segment], day: date) -> Standing | None:
    for one in timeline:
        if one.first <= day and (one.last is None or day <= one.last):
            return Standing(controller=one.controller, status=one.status, besieged_by=one.besieged_by)
    return None


def by_standing(changes: Iterable[TownChange]) -> Mapping[str, list[TownChange]]:
    """The changes by what differs: the present holder, a past one, or no holder at all."""
    kinds: dict[str, list[TownChange]] = {"holder": [], "past": [], "grounds": []}
    for change in changes:
        kinds["holder" if change.holder_differs else "past" if change.stretches else "grounds"].append(change)
    return kinds
