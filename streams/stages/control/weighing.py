"""What a claim does to the chains.

Each relation and scope has a row of log-likelihood ratios in the theatre's `control.yaml`; a claim brings them to bear
times its credit (independent root sources with diminishing weight, see `evidence`), up to the limit of its class:

- a capture, entry, loss or withdrawal reported by someone who does not gain by it: up to the bound of the chains;
- "X-held" in passing: sets an empty place, divides one that was not taken as a whole, never flips a holder
  who took it and of whom word is fresh;
- a captor's own word: waits below the threshold, and ends neither a siege nor a fight, until a second root source or
  the loser says so as well;
- a capture without a date, or on one word while another is named as holder for days after it: no more than
  "X-held";
- a denial alone: lowers the confidence and leaves the holder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import NamedTuple

from schemas.vocabulary import Relation, Scope
from streams.stages.control.chains import Chain, pushed, unheard
from streams.stages.control.evidence import UNKNOWN, Evidence
from streams.stages.control.parameters import ChainParameters, Parameters

Key = tuple[str, str]
"""Kind of chain (`hold`, `fight`, `siege`) and party."""

Chains = dict[Key, Chain]


def parameters_of(kind: str, parameters: Parameters) -> ChainParameters:
    """The parameters of a kind of chain."""
    if kind == "hold":
        return parameters.hold
    return parameters.fight if kind == "fight" else parameters.siege


class Scene(NamedTuple):
    """A claim meeting the chains of a place."""

    chains: Chains
    """Changed in place."""
    item: Evidence
    scope: Scope
    """How much of this very place the claim speaks of."""
    partial: Set[str]
    """Holders of whom only parts of the place are told."""
    sealed: Set[str]
    """Holders that took all of the place, with nobody back in since."""
    parameters: Parameters
    flips: list[Key]
    """Chains that the claim switches on or off, filled here."""

    @property
    def captures(self) -> bool:
        """True if the claim weighs as a capture: dated, and not gainsaid on one word by word of later days."""
        if self.item.weighs_as is not Relation.CAPTURED:
            return False
        return self.item.credit > 1 or self.scope is not Scope.WHOLE or not self.gainsaid

    @property
    def gainsaid(self) -> bool:
        """True if another is named as holder for days after the one that the claim speaks of."""
        others, later = self.on("hold") - self.kin(*self.item.actors), self.item.day + self.parameters.shift_days
        return any(self.chains["hold", party].day > later for party in others)

    def push(self, kind: str, party: str, weight: float, limit: float | None = None) -> None:
        """Bring a ratio to bear on one chain, as far as a limit; null for the bound of all chains."""
        of_kind = parameters_of(kind, self.parameters)
        chain = self.chains.get((kind, party)) or unheard(of_kind)
        bound = self.parameters.bound
        end = limit if limit is not None else bound if weight > 0 else -bound
        after = self.chains[kind, party] = pushed(chain, weight, end, self.item.day, self.item.until, of_kind, bound)
        if after.on is not chain.on:
            self.flips.append((kind, party))

    def push_all(self, kind: str, weight: float, spared: Set[str] = frozenset(), limit: float | None = None) -> None:
        """Bring a ratio to bear on all chains of a kind but some parties'."""
        for of_kind, party in tuple(self.chains):
            if of_kind == kind and party not in spared:
                self.push(kind, party, weight, limit)

    def stale(self, kind: str, party: str) -> bool:
        """True if nothing has spoken for a chain for longer than knowledge stays fresh."""
        chain = self.chains.get((kind, party))
        return chain is None or self.item.day - chain.confirmed > self.parameters.stale_days

    def on(self, kind: str) -> Set[str]:
        """The parties whose chain of a kind is on."""
        return {party for (of_kind, party), chain in self.chains.items() if chain.on and of_kind == kind}

    def kin(self, *parties: str) -> Set[str]:
        """Some parties and all that go by their names."""
        return {relative for party in parties for relative in self.parameters.kin_of(party)}


def apply(scene: Scene) -> None:
    """Bring a claim to bear on the chains of a place; it lies not before the evidence that they have seen."""
    item, parameters = scene.item, scene.parameters
    if item.denied:
        _deny(scene)
        return
    if item.weighs_as is Relation.CAPTURED and not scene.captures:
        # Taken once, and said to be the old holder's for days after that: as good as any "X-held".
        scene = scene._replace(item=replace(item, loose=True))
    for column, ratio in parameters.evidence[scene.item.weighs_as, scene.scope].items():
        _COLUMNS[column](scene, ratio * item.credit)
    if item.weighs_as is Relation.CAPTURED and item.interested:
        # A capture that only its author tells of is at least news of a fight.
        for party in item.actors:
            scene.push("fight", party, parameters.limits.interested_fight)


def _deny(scene: Scene) -> None:
    limits = scene.parameters.limits
    if scene.item.relation in _GAINS:
        for party in scene.item.actors:
            scene.push("hold", party, limits.denied_weight, limits.denied_floor)


def _hold(scene: Scene, weight: float) -> None:
    for party in scene.item.actors:
        scene.push("hold", party, weight, _gain(scene, party) if weight > 0 else _drop(scene))


def _gain(scene: Scene, party: str) -> float | None:
    """How far a claim can carry the hold of one of its actors."""
    limits = scene.parameters.limits
    if scene.item.weighs_as is Relation.CAPTURED:
        return limits.interested_gain if scene.item.interested else None
    return limits.entered_gain if scene.item.relation is Relation.ENTERED else _passing(scene, party)


def _drop(scene: Scene) -> float | None:
    """How far a claim can lower the hold of its actors."""
    limits = scene.parameters.limits
    if scene.item.relation in _LEAVES and not scene.item.loose:
        return limits.interested_others if scene.item.interested else None
    return limits.passing_others


def _passing(scene: Scene, *parties: str) -> float:
    """How far being called the holder in passing can carry: it depends on who is known to hold the place."""
    limits = scene.parameters.limits
    others = scene.on("hold") - scene.kin(*parties)
    if scene.scope is Scope.PART:
        # Two who are each told to hold a part do not stand in each other's way; who took all of it does.
        limit = limits.passing_sealed if others & scene.sealed else limits.passing_part
        return limit if others - scene.partial else limits.passing_vacant
    return limits.passing_occupied if others else limits.passing_vacant


def _others(scene: Scene, weight: float) -> None:
    limits, item = scene.parameters.limits, scene.item
    spared = scene.kin(*item.actors) - set(item.losers)
    if item.weighs_as is Relation.CAPTURED:
        scene.push_all("hold", weight, spared, limits.interested_others if item.interested else None)
        return
    for kind, party in tuple(scene.chains):
        if kind == "hold" and party not in spared:
            stale = scene.stale("hold", party)
            firm = party in scene.sealed and not stale
            limit = limits.passing_others if firm else limits.passing_unsealed
            scene.push("hold", party, weight * scene.parameters.stale_others if stale else weight, limit)


def _from(scene: Scene, weight: float) -> None:
    if scene.item.relation in _ATTACKS and scene.kin(*scene.item.actors) & scene.on("hold"):
        return  # Who is inside already fights off those that he is said to fight: they need hold nothing of it.
    for party in scene.item.losers:
        scene.push("hold", party, weight, _passing(scene, party, *scene.item.actors))


def _fight(scene: Scene, weight: float) -> None:
    item = scene.item
    if item.relation is Relation.ADVANCES and item.losers and scene.scope is not Scope.SURROUNDINGS:
        weight = scene.parameters.against_holder * item.credit
    for party in item.actors:
        scene.push("fight", party, weight)


def _fights(scene: Scene, weight: float) -> None:
    if not scene.item.interested:
        scene.push_all("fight", weight)


def _siege(scene: Scene, weight: float) -> None:
    # "The besieged town", with no besieger named, confirms whoever is known to besiege it.
    unnamed = scene.item.actors == (UNKNOWN,)
    for party in (sorted(scene.on("siege")) if unnamed else ()) or scene.item.actors:
        scene.push("siege", party, weight)


def _foe(scene: Scene, weight: float) -> None:
    """Where nobody is known to hold a besieged place, it is likely the besieger's usual enemy."""
    parameters = scene.parameters
    if scene.item.losers or scene.on("hold"):
        return
    for besieger in scene.item.actors:
        if besieger in parameters.foes:
            scene.push("hold", parameters.foes[besieger], weight, parameters.limits.passing_foe)


def _heir(scene: Scene, weight: float) -> None:
    """Whoever alone besieges a place, or fights for it, once nobody holds it any more."""
    gone = scene.kin(*scene.item.actors)
    if scene.item.interested or scene.item.loose or scene.on("hold"):
        return
    heirs = sorted((scene.on("siege") or scene.on("fight")) - gone - {UNKNOWN})
    if len(heirs) == 1:
        scene.push("hold", heirs[0], weight, scene.parameters.limits.successor_gain)


def _sieges(scene: Scene, weight: float) -> None:
    if not scene.item.interested:
        scene.push_all("siege", weight)


def _relief(scene: Scene, weight: float) -> None:
    """A holder's own road in ends the sieges that others lay to it."""
    kin = scene.kin(*scene.item.actors)
    if not scene.item.interested and kin & scene.on("hold"):
        scene.push_all("siege", weight, kin)


_GAINS = frozenset({Relation.CAPTURED, Relation.HOLDS, Relation.ENTERED})

_ATTACKS = frozenset({Relation.ADVANCES, Relation.CONTESTS, Relation.ENTERED})

_LEAVES = frozenset({Relation.LOST, Relation.WITHDREW})

_COLUMNS: Mapping[str, Callable[[Scene, float], None]] = {
    "hold": _hold,
    "others": _others,
    "from": _from,
    "fight": _fight,
    "fights": _fights,
    "siege": _siege,
    "sieges": _sieges,
    "relief": _relief,
    "foe": _foe,
    "heir": _heir,
}
"""The columns of the evidence table."""
