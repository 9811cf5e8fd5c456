"""What a claim does to the chains.

Each relation and scope has a row of log-likelihood ratios in the theatre's `control.yaml`; a claim brings them to bear
times its credit (independent root sources with diminishing weight, see `evidence`), up to the limit of its class:

- a capture, entry, loss or withdrawal reported by someone who does not gain by it: up to the bound of the chains;
- "X-held" in passing: sets an empty place, divides a held one at most, never flips one;
- a captor's own word: waits below the threshold, and ends neither a siege nor a fight, until a second root source or
  the loser says so as well;
- a denial alone: lowers the confidence and leaves the holder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


def apply(chains: Chains, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    """Bring a claim to bear on the chains of a place, in place.

    Args:
        chains: The place's chains, changed here.
        item: The claim, not before the evidence that the chains have seen.
        scope: How much of this very place it speaks of.
        parameters: The theatre's figures.
    """
    if item.denied:
        _deny(chains, item, parameters)
        return
    for column, ratio in parameters.evidence[item.relation, scope]:
        _COLUMNS[column](chains, ratio * item.credit, item, scope, parameters)
    if item.relation is Relation.CAPTURED and item.interested:
        # A capture that only its author tells of is at least news of a fight.
        for party in item.actors:
            _push(chains, "fight", party, parameters.limits.interested_fight, parameters.bound, item, parameters)


def _deny(chains: Chains, item: Evidence, parameters: Parameters) -> None:
    if item.relation in _GAINS:
        for party in item.actors:
            limits = parameters.limits
            _push(chains, "hold", party, limits.denied_weight, limits.denied_floor, item, parameters)


def _push(
    chains: Chains, kind: str, party: str, weight: float, limit: float, item: Evidence, parameters: Parameters
) -> None:
    of_kind = parameters_of(kind, parameters)
    chain = chains.get((kind, party)) or unheard(of_kind)
    chains[kind, party] = pushed(chain, weight, limit, item.day, item.until, of_kind, parameters.bound)


def _hold(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    limit = _gain(chains, item, scope, parameters) if weight > 0 else _drop(item, parameters)
    for party in item.actors:
        _push(chains, "hold", party, weight, limit, item, parameters)


def _gain(chains: Chains, item: Evidence, scope: Scope, parameters: Parameters) -> float:
    """How far a claim can carry the hold of its actors."""
    limits = parameters.limits
    if item.interested:
        return limits.interested_gain
    if item.relation is Relation.CAPTURED:
        return parameters.bound
    return limits.entered_gain if item.relation is Relation.ENTERED else _passing(chains, item, scope, parameters)


def _drop(item: Evidence, parameters: Parameters) -> float:
    """How far a claim can lower the hold of its actors."""
    if item.relation in _LEAVES:
        return parameters.limits.interested_others if item.interested else -parameters.bound
    return parameters.limits.passing_others


def _passing(chains: Chains, item: Evidence, scope: Scope, parameters: Parameters) -> float:
    """How far being called the holder in passing can carry: it depends on who is known to hold the place."""
    related = {kin for party in (*item.actors, *item.losers) for kin in parameters.kin_of(party)}
    taken = any(chain.on and kind == "hold" and party not in related for (kind, party), chain in chains.items())
    if not taken:
        return parameters.limits.passing_vacant
    return parameters.limits.passing_part if scope is Scope.PART else parameters.limits.passing_occupied


def _others(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    limits = parameters.limits
    changed = item.relation is Relation.CAPTURED
    limit = limits.passing_others if not changed else limits.interested_others if item.interested else -parameters.bound
    spared = {kin for party in item.actors for kin in parameters.kin_of(party)}.difference(item.losers)
    for kind, party in tuple(chains):
        if kind == "hold" and party not in spared:
            _push(chains, "hold", party, weight, limit, item, parameters)


def _from(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    limit = parameters.limits.interested_gain if item.interested else _passing(chains, item, scope, parameters)
    for party in item.losers:
        _push(chains, "hold", party, weight, limit, item, parameters)


def _fight(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    if item.relation is Relation.ADVANCES and item.losers and scope is not Scope.SURROUNDINGS:
        weight = parameters.against_holder * item.credit
    for party in item.actors:
        _push(chains, "fight", party, weight, _bound(weight, parameters), item, parameters)


def _fights(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    _push_all(chains, "fight", weight, (), item, parameters)


def _siege(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    standing = tuple(party for (kind, party), chain in chains.items() if kind == "siege" and chain.on)
    # "The besieged town", with no besieger named, confirms whoever is known to besiege it.
    for party in (standing if item.actors == (UNKNOWN,) else ()) or item.actors:
        _push(chains, "siege", party, weight, _bound(weight, parameters), item, parameters)


def _sieges(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    _push_all(chains, "siege", weight, (), item, parameters)


def _relief(chains: Chains, weight: float, item: Evidence, scope: Scope, parameters: Parameters) -> None:
    """A holder's own road in ends the sieges that others lay to it."""
    kin = tuple(relative for party in item.actors for relative in parameters.kin_of(party))
    if any(chain.on and kind == "hold" and party in kin for (kind, party), chain in chains.items()):
        _push_all(chains, "siege", weight, kin, item, parameters)


def _push_all(
    chains: Chains, kind: str, weight: float, spared: tuple[str, ...], item: Evidence, parameters: Parameters
) -> None:
    if item.interested:
        return
    for of_kind, party in tuple(chains):
        if of_kind == kind and party not in spared:
            _push(chains, kind, party, weight, _bound(weight, parameters), item, parameters)


def _bound(weight: float, parameters: Parameters) -> float:
    return parameters.bound if weight > 0 else -parameters.bound


_GAINS = frozenset({Relation.CAPTURED, Relation.HOLDS, Relation.ENTERED})

_LEAVES = frozenset({Relation.LOST, Relation.WITHDREW})

_COLUMNS: Mapping[str, Callable[[Chains, float, Evidence, Scope, Parameters], None]] = {
    "hold": _hold,
    "others": _others,
    "from": _from,
    "fight": _fight,
    "fights": _fights,
    "siege": _siege,
    "sieges": _sieges,
    "relief": _relief,
}
"""The columns of the evidence table."""
