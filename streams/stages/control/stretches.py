"""Stretches of a place's timeline, and how silence between them is smoothed over.

Forward filtering alone would leave a hole wherever a place was not in the news for long. A hole is closed where its two
sides agree and the backward pass of a two-state chain says that it likely went on: P(t/2)² / P(t) ≥ 1/2, with P(t) the
probability of yes t days after a yes. For holders that is so however long the silence, for fights over a month or so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.vocabulary import ControlStatus, Relation
from streams.stages.control.chains import between
from streams.stages.control.parameters import Parameters

Standing = tuple[ControlStatus, str | None, tuple[str, ...], tuple[str, ...]]
"""Status, controller, parties and besiegers: what makes one stretch differ from the next."""


class Stretch(NamedTuple):
    """Days in which a place's standing is the same."""

    first: int
    """Ordinal day on which it begins; the next stretch ends it."""
    status: ControlStatus
    controller: str | None
    parties: tuple[str, ...]
    """Holders and, while it is contested, fighters; sorted."""
    holders: tuple[str, ...]
    """Parties that hold at least a part of it, sorted."""
    besieged_by: tuple[str, ...]
    confidence: float
    """At the last evidence in it."""
    silent: bool
    """True if it began because something wore off, not because something was said."""
    cause: Relation | None
    """Relation of the claim that began it."""
    transferred: bool
    """True if the holder moved in after a withdrawal."""

    @property
    def standing(self) -> Standing:
        """What makes it differ from its neighbours."""
        return (self.status, self.controller, self.parties, self.besieged_by)

    @property
    def tells(self) -> bool:
        """True if it says anything of the place's control."""
        return self.status is not ControlStatus.UNKNOWN

    def same_holder(self, other: Stretch) -> bool:
        """True if two tell the same of who holds the place, sieges aside."""
        return (self.status, self.controller, self.parties) == (other.status, other.controller, other.parties)


def smoothed(stretches: Iterable[Stretch], parameters: Parameters) -> list[Stretch]:
    """The stretches without holes of silence and without equal neighbours."""
    kept: list[Stretch] = []
    for stretch in stretches:
        join(kept, stretch, parameters)
    return kept


def told(stretches: list[Stretch]) -> list[Stretch]:
    """The stretches from the first one that says anything; the last one at least."""
    first = next((n for n, s in enumerate(stretches) if s.tells or s.besieged_by), len(stretches) - 1)
    return stretches[max(0, first) :]


def join(kept: list[Stretch], stretch: Stretch, parameters: Parameters) -> None:
    """Put the next stretch behind smoothed ones, in place."""
    if not kept:
        kept.append(stretch)
        return
    if kept[-1].silent:
        _bridge(kept, stretch, parameters)
    last = kept[-1]
    if _succeeds(last, stretch):
        last = kept[-1] = _successor(last, stretch, parameters)
    if _still_divided(last, stretch):
        stretch = stretch._replace(parties=last.parties, holders=last.holders)
    if last.standing == stretch.standing:
        kept[-1] = last._replace(confidence=stretch.confidence)
    else:
        kept.append(stretch)


def _bridge(kept: list[Stretch], stretch: Stretch, parameters: Parameters) -> None:
    """Drop the silence before a stretch if what was so before it likely went on."""
    heard = next((n for n in range(len(kept) - 1, -1, -1) if not kept[n].silent), None)
    if heard is not None and _went_on(kept[heard], kept[heard + 1], stretch, parameters):
        del kept[heard + 1 :]


def _went_on(before: Stretch, silence: Stretch, after: Stretch, parameters: Parameters) -> bool:
    """True if what was so before a silence and is so after it was likely so all the time, or till it was decided."""
    fought = before.status is ControlStatus.CONTESTED
    decided = fought and after.controller in before.parties and after.controller != silence.controller
    if not (before.same_holder(after) or _still_divided(before, after) or (decided and not after.silent)):
        return False
    return between(parameters.fight if fought else parameters.hold, after.first - silence.first) >= 0.5


def _still_divided(before: Stretch, after: Stretch) -> bool:
    """True if of a divided place one side is heard of again, or the other no more: someone has the rest."""
    divided = before.status is after.status is ControlStatus.DIVIDED
    return divided and len(after.holders) == 1 and set(after.parties) <= set(before.parties)


def _succeeds(before: Stretch, after: Stretch) -> bool:
    """True if someone left a place, and whoever is next heard of as its holder is not told to have taken it then."""
    left = before.cause in (Relation.LOST, Relation.WITHDREW) and not before.tells and not before.silent
    return left and len(after.holders) == 1 and after.cause is not Relation.CAPTURED


def _successor(before: Stretch, after: Stretch, parameters: Parameters) -> Stretch:
    sure = round(between(parameters.hold, after.first - before.first) * after.confidence, 3)
    return before._replace(
        status=ControlStatus.HELD,
        controller=after.holders[0],
        parties=after.holders,
        holders=after.holders,
        confidence=sure,
    )
