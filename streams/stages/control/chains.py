"""The filter: one two-state chain for each party and each thing it may do at a place.

A place is a factorial hidden Markov model (Ghahramani & Jordan, Machine Learning 29, 1997). For each party p there are
three chains, each a yes or no: p *holds* at least a part of it, p *fights* in or for it, p *besieges* it. So "divided"
is two parties holding, "unknown" none, a siege stands beside the holder, and a district can divide a town but never
flip it, as it says nothing against the party that holds the rest.

With P the probability of yes, l = ln(P / (1 - P)) its log-odds, π the prior and H the half-life in days:

    transition over t days    P(t) = π + (P(0) - π) · 2^(-t/H)     known presence wears off, and so does known absence
    evidence of ratio w       l ← l + w, not beyond the limit of its class, and never beyond ±bound
    decision                  no → yes at P ≥ enter, yes → no at P < leave; enter > leave, so that it does not flap

The transition is that of any two-state Markov chain in continuous time (rates (1-π)·ln2/H off and π·ln2/H on); it is a
semigroup, so that folding in steps or at once gives the same. The limits make dependent evidence saturate: "X-held"
written by fifty outlets stems from one general knowledge, and is no fifty observations.

Chains are taken as independent given the evidence; what ties them (one party's capture ends the other's hold) is in
the evidence, see `weighing`.
"""

from __future__ import annotations

from math import exp, log, log2
from typing import NamedTuple

from streams.stages.control.parameters import Calibration, ChainParameters

_SUREST = 0.9999
_MOST_BACKING = 50.0
"""About ten clear reports: more make nothing surer."""

NEVER = 9_999_999
"""An ordinal day later than any date."""


class Chain(NamedTuple):
    """One chain after its last evidence."""

    log_odds: float
    day: int
    """Day (proleptic Gregorian ordinal) up to which the evidence speaks; it wears off from then on."""
    on: bool
    since: int
    """Day of the evidence that switched it on; 0 while it is off."""
    confirmed: int
    """Last day on which evidence spoke for it; 0 if none ever did."""
    until: int
    """First day on which it has worn off, if nothing more is heard; `NEVER` if it is off."""
    backing: float
    """Ratios brought to bear since it was switched on, for it less against it, past the bound too; 0 while off."""


def logit(probability: float) -> float:
    """Log-odds of a probability in (0, 1)."""
    return log(probability / (1 - probability))


def probability(log_odds: float) -> float:
    """Probability of log-odds."""
    return 1 / (1 + exp(-log_odds))


def stated(known: float, backing: float, calibration: Calibration) -> float:
    """The probability to state for one of the chains, 0 for 0.

    The bound makes all that is well known alike; but what one report says may be misread, and what ten say is not.

    Source:
        Platt, Probabilistic outputs for support vector machines, 1999; here with a ceiling below one.
    """
    if known <= 0:
        return 0.0
    evidence = calibration.slope * logit(min(known, _SUREST)) + calibration.backing * log(1 + max(0.0, backing))
    fitted = probability(evidence + calibration.offset)
    return calibration.top * fitted


def worn(confidence: float, days: int, prior: float, half_life_days: float) -> float:
    """What is left of a stated probability some days after it was last confirmed."""
    return round(prior + (confidence - prior) * 2 ** (-max(0, days) / half_life_days), 3)


def unheard(kind: ChainParameters) -> Chain:
    """A chain of which nothing is known."""
    return Chain(logit(kind.prior), 0, False, 0, 0, NEVER, 0.0)


def at_day(chain: Chain, day: int, kind: ChainParameters) -> float:
    """Probability of yes on a day, in 0..1."""
    age = day - chain.day
    known = probability(chain.log_odds)
    return known if age <= 0 else kind.prior + (known - kind.prior) * 2 ** (-age / kind.half_life_days)


def between(kind: ChainParameters, days: int) -> float:
    """Probability of yes half-way between two days of yes, with nothing heard in between: the smoothed estimate."""
    half, whole = (kind.prior + (1 - kind.prior) * 2 ** (-t / kind.half_life_days) for t in (days / 2, days))
    return half * half / whole


def pushed(
    chain: Chain, weight: float, limit: float, first: int, last: int, kind: ChainParameters, bound: float
) -> Chain:
    """A chain after evidence.

    Args:
        chain: The chain before.
        weight: Log-likelihood ratio of yes against no.
        limit: Log-odds that this class of evidence can reach, upward or downward.
        first: Ordinal day on which the evidence applies, not before the chain's earlier evidence.
        last: Last day that it speaks of; only then does it begin to wear off.
        kind: The chain's parameters.
        bound: Greatest log-odds either way.
    """
    now = logit(at_day(chain, first, kind)) if first > chain.day else chain.log_odds
    if weight > 0:
        moved = max(now, min(now + weight, limit, bound))
        return _decided(chain, weight, moved, first, max(last, chain.day), max(last, chain.confirmed), kind)
    moved = min(now, max(now + weight, limit, -bound))
    return _decided(chain, weight, moved, first, max(first, chain.day), chain.confirmed, kind)


def expired(chain: Chain, kind: ChainParameters) -> Chain:
    """A chain that was on, at the day on which it has worn off."""
    return Chain(
        logit(at_day(chain, chain.until, kind)), max(chain.day, chain.until), False, 0, chain.confirmed, NEVER, 0.0
    )


def _decided(
    chain: Chain, weight: float, log_odds: float, first: int, day: int, confirmed: int, kind: ChainParameters
) -> Chain:
    on = probability(log_odds) >= (kind.leave if chain.on else kind.enter)
    if not on:
        return Chain(log_odds, day, False, 0, confirmed, NEVER, 0.0)
    since, backing = (chain.since, chain.backing + weight) if chain.on else (first, weight)
    worn_off = _worn_off(log_odds, day, kind)
    return Chain(log_odds, day, True, since, confirmed, worn_off, min(backing, _MOST_BACKING))


def _worn_off(log_odds: float, day: int, kind: ChainParameters) -> int:
    known = probability(log_odds)
    halvings = log2((known - kind.prior) / (kind.leave - kind.prior)) if known > kind.leave else 0.0
    return day + int(kind.half_life_days * halvings) + 1
