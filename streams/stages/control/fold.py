"""The fold: evidence in order of event time, through the chains, into stretches of standing.

Forward filtering alone would leave a hole wherever a place was not in the news for long. `smoothed` closes those whose
two sides agree, as the backward pass of a two-state chain would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.vocabulary import ControlStatus, Relation, Scope
from streams.stages.control.chains import NEVER, at_day, between, expired
from streams.stages.control.evidence import UNKNOWN, Evidence
from streams.stages.control.parameters import Parameters
from streams.stages.control.weighing import Chains, Scene, apply, parameters_of


class Stretch(NamedTuple):
    """Days in which a place's standing is the same."""

    first: int
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
    def standing(self) -> tuple[ControlStatus, str | None, tuple[str, ...], tuple[str, ...]]:
        """What makes it differ from its neighbours."""
        return (self.status, self.controller, self.parties, self.besieged_by)


class Frame(NamedTuple):
    """The filter between two pieces of evidence."""

    chains: Chains
    partial: frozenset[str]
    """Holders of whom only parts of the place are told."""
    wide: frozenset[str]
    """Fighters whose last fight was for the place as such, not for a part of it."""
    shares: tuple[tuple[str, float], ...]
    """Stated parts by holder, sorted."""
    left: tuple[tuple[str, int], ...]
    """Parties that withdrew, with the day, sorted."""
    day: int
    """Ordinal day of the last evidence; 0 before any."""
    stretches: tuple[Stretch, ...]


EMPTY = Frame({}, frozenset(), frozenset(), (), (), 0, ())


def advance(frame: Frame, evidence: Iterable[Evidence], parameters: Parameters, district: str | None = None) -> Frame:
    """The filter after more evidence.

    Args:
        frame: The filter before.
        evidence: In order, and not before what the frame has seen.
        parameters: The theatre's figures.
        district: Neighbourhood that is folded; null for the town as a whole.
    """
    run = _Run(frame, parameters, district)
    for item in evidence:
        run.take(item)
    run.close()
    return run.frame()


def until_day(frame: Frame, day: int, parameters: Parameters) -> Frame:
    """The filter on a day up to which nothing more was heard."""
    run = _Run(frame, parameters)
    run.wear_off(day + 1)
    return run.frame()


def smoothed(stretches: Sequence[Stretch], parameters: Parameters) -> tuple[Stretch, ...]:
    """The stretches without holes of silence and without equal neighbours, from the first one that tells anything."""
    kept: list[Stretch] = []
    for stretch in stretches:
        heard = next((n for n in range(len(kept) - 1, -1, -1) if not kept[n].silent), len(kept) - 1)
        if heard < len(kept) - 1 and _went_on(kept[heard], kept[heard + 1], stretch, parameters):
            del kept[heard + 1 :]
        if kept and _succeeded(kept[-1], stretch):
            kept[-1] = _successor(kept[-1], stretch, parameters)
        if kept and _still_divided(kept[-1], stretch):
            stretch = stretch._replace(status=kept[-1].status, parties=kept[-1].parties, holders=kept[-1].holders)
        if kept and kept[-1].standing == stretch.standing:
            kept[-1] = kept[-1]._replace(confidence=stretch.confidence)
        else:
            kept.append(stretch)
    told = next((n for n, stretch in enumerate(kept) if _tells(stretch)), len(kept) - 1)
    return tuple(kept[told:])


def _tells(stretch: Stretch) -> bool:
    return stretch.status is not ControlStatus.UNKNOWN or bool(stretch.besieged_by)


def _went_on(before: Stretch, silent: Stretch, after: Stretch, parameters: Parameters) -> bool:
    """True if what was so before a silence and is so after it was likely so all the time, or till it was decided."""
    contested = before.status is ControlStatus.CONTESTED
    decided = contested and after.controller in before.parties and after.controller != silent.controller
    same = before.standing[:3] == after.standing[:3] or _still_divided(before, after)
    if not same and not (decided and not after.silent):
        return False
    return between(parameters.fight if contested else parameters.hold, after.first - silent.first) >= 0.5


def _still_divided(before: Stretch, after: Stretch) -> bool:
    """True if of a divided place one side is heard of again, or the other no more: someone has the rest."""
    divided = before.status is after.status is ControlStatus.DIVIDED
    return divided and len(after.parties) == 1 and set(after.parties) <= set(before.parties)


def _succeeded(before: Stretch, after: Stretch) -> bool:
    """True if someone left a place, and whoever is next heard of as its holder is not told to have taken it then."""
    left = before.cause in (Relation.LOST, Relation.WITHDREW) and before.status is ControlStatus.UNKNOWN
    return left and not before.silent and len(after.holders) == 1 and after.cause is not Relation.CAPTURED


def _successor(before: Stretch, after: Stretch, parameters: Parameters) -> Stretch:
    sure = between(parameters.hold, after.first - before.first) * after.confidence
    (holder,) = after.holders
    return before._replace(
        status=ControlStatus.HELD, controller=holder, parties=(holder,), holders=(holder,), confidence=round(sure, 3)
    )


def confidence(frame: Frame, stretch: Stretch, day: int, parameters: Parameters) -> float:
    """Probability, by the chains, that a standing is right on a day; 0 for unknown, which asserts nothing."""
    if stretch.status is ControlStatus.UNKNOWN:
        return 0.0
    no_fight = no_holder = others_out = all_in = 1.0
    kin = {relative for party in stretch.parties for relative in parameters.kin_of(party)}
    for (kind, party), chain in frame.chains.items():
        yes = at_day(chain, day, parameters_of(kind, parameters))
        if kind == "fight" and party not in (stretch.controller, *parameters.kin_of(stretch.controller or UNKNOWN)):
            no_fight *= 1 - yes
        elif kind == "hold" and chain.on:
            no_holder *= 1 - yes
            all_in *= yes
        elif kind == "hold" and party not in kin:
            others_out *= 1 - yes
    if stretch.status is ControlStatus.CONTESTED:
        return round(1 - no_fight, 3)
    inside = 1 - no_holder if stretch.status is ControlStatus.HELD else all_in
    return round(inside * others_out * (no_fight if stretch.status is ControlStatus.HELD else 1.0), 3)


_FIGHTS = frozenset({Relation.ADVANCES, Relation.CONTESTS, Relation.ENTERED})


class _Run:
    """A frame being advanced: mutable, and never seen from outside."""

    __slots__ = (
        "chains",
        "day",
        "district",
        "left",
        "parameters",
        "partial",
        "relation",
        "shares",
        "stretches",
        "wide",
    )

    def __init__(self, frame: Frame, parameters: Parameters, district: str | None = None) -> None:
        self.parameters = parameters
        self.district = district
        self.chains = dict(frame.chains)
        self.partial = set(frame.partial)
        self.wide = set(frame.wide)
        self.shares = dict(frame.shares)
        self.left = dict(frame.left)
        self.day = frame.day
        self.stretches = list(frame.stretches)
        self.relation: Relation | None = None

    def frame(self) -> Frame:
        shares, left = tuple(sorted(self.shares.items())), tuple(sorted(self.left.items()))
        return Frame(
            self.chains, frozenset(self.partial), frozenset(self.wide), shares, left, self.day, tuple(self.stretches)
        )

    def take(self, item: Evidence) -> None:
        if item.day > self.day:
            self.close()
            self.wear_off(item.day)
            self.day = item.day
        before = {key for key, chain in self.chains.items() if chain.on}
        scope = self._scope(item)
        apply(Scene(self.chains, item, scope, self.partial, self.parameters))
        self._extent(item, scope)
        after = {key for key, chain in self.chains.items() if chain.on}
        if before != after:
            self.relation = item.relation
            self._departures(item, before - after)

    def close(self) -> None:
        """End the day: what stands at its end is the day's standing."""
        if self.day:
            self._record(self.day, silent=False)
        self.relation = None

    def wear_off(self, day: int) -> None:
        """Switch off, one day after the other, what has worn off before a day."""
        while True:
            due = min((chain.until for chain in self.chains.values()), default=NEVER)
            if due >= day:
                return
            for key, chain in self.chains.items():
                if chain.until == due:
                    self.chains[key] = expired(chain, parameters_of(key[0], self.parameters))
            self._record(due, silent=True)

    def _scope(self, item: Evidence) -> Scope:
        """A whole district is a part of its town; what is said of a whole town is said of each district."""
        part = item.district is not None and self.district is None and item.scope is Scope.WHOLE
        return Scope.PART if part else item.scope

    def _extent(self, item: Evidence, scope: Scope) -> None:
        """Follow who is only told to hold a part, and which part; and who fights for the whole."""
        if item.relation in _FIGHTS:
            self.wide -= set(item.actors)
            self.wide |= set(item.actors if scope is Scope.WHOLE else ())
        if item.relation not in (Relation.HOLDS, Relation.CAPTURED) or item.denied:
            return
        holders = self._on("hold")
        if scope is Scope.PART:
            new = {p for p in item.actors if not self._whole(p)}
            self.partial |= new
            if item.share is not None:
                self.shares.update(dict.fromkeys(item.actors, item.share))
        elif scope is Scope.WHOLE and set(holders) <= set(item.actors):
            self.partial.clear()
            self.shares.clear()

    def _whole(self, party: str) -> bool:
        """True if a party held all of it, be it before the fight that goes on."""
        settled = (s for s in reversed(self.stretches) if s.status is not ControlStatus.CONTESTED)
        stretch = next(settled, None)
        return stretch is not None and stretch.status is ControlStatus.HELD and party in stretch.parties

    def _departures(self, item: Evidence, ended: set[tuple[str, str]]) -> None:
        gone = {party for kind, party in ended if kind == "hold"}
        if gone:
            # The rest of a divided place falls to who is left in it.
            self.partial &= gone
        if item.relation is Relation.WITHDREW:
            self.left.update(dict.fromkeys(gone, self.day))

    def _on(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(party for (k, party), chain in self.chains.items() if chain.on and k == kind))

    def _record(self, day: int, *, silent: bool) -> None:
        last = self.stretches[-1] if self.stretches else None
        new = self._stretch(day, silent)
        if last is not None and last.standing == new.standing:
            if not silent:
                self.stretches[-1] = last._replace(confidence=self._confidence(new, day))
            return
        if last is not None and last.first >= day:
            self.stretches.pop()
        self.stretches.append(new._replace(confidence=self._confidence(new, day)))

    def _confidence(self, stretch: Stretch, day: int) -> float:
        return confidence(EMPTY._replace(chains=self.chains), stretch, day, self.parameters)

    def _stretch(self, day: int, silent: bool) -> Stretch:
        holders, fighters = self._on("hold"), self._on("fight")
        kin = set(self.parameters.kin_of(holders[0])) if holders else set()
        enemies = tuple(party for party in fighters if party not in kin)
        partial = len(holders) == 1 and holders[0] in self.partial
        if holders and (not set(holders) <= kin or (partial and self.wide.isdisjoint(enemies))):
            status, parties = ControlStatus.DIVIDED, holders
        elif enemies:
            status, parties = ControlStatus.CONTESTED, tuple(sorted({*holders, *enemies} - {UNKNOWN}))
        else:
            status, parties = (ControlStatus.HELD if holders else ControlStatus.UNKNOWN), holders
        controller = self._label(holders) if status is ControlStatus.HELD else None
        besiegers = tuple(p for p in self._on("siege") if status is ControlStatus.DIVIDED or p not in kin)
        named = tuple(p for p in besiegers if p != UNKNOWN) or besiegers
        handed = self._handed(day, controller)
        return Stretch(day, status, controller, parties, holders, named, 0.0, silent, self.relation, handed)

    def _label(self, holders: tuple[str, ...]) -> str:
        """Of kin, the first in the pack: its name covers the others as well."""
        return min(holders, key=self.parameters.kin_of(holders[0]).index)

    def _handed(self, day: int, controller: str | None) -> bool:
        days = self.parameters.transfer_days
        return any(party != controller and day - when <= days for party, when in self.left.items())
