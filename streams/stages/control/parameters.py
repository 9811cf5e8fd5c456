"""The figures of the control model, as the theatre's `control.yaml` gives them.

Decides nothing: each figure has its origin beside it in that file, and its part in the model in `chains` and
`weighing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.errors import TheatreError
from schemas.vocabulary import Relation, Scope
from streams.theatres.theatre import Theatre

PATH = "control.yaml"

Effects = Mapping[str, float]
"""Column of the evidence table and its log-likelihood ratio."""


@dataclass(frozen=True, slots=True)
class ChainParameters:
    """One kind of chain: a yes or no that holds for a while."""

    prior: float
    """Probability of yes with nothing known."""
    half_life_days: float
    """Days in which half of what was known is gone."""
    enter: float
    """Probability from which a no becomes a yes."""
    leave: float
    """Probability down to which a yes remains one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Log-odds beyond which a class of evidence cannot carry a chain."""

    passing_vacant: float
    passing_part: float
    passing_sealed: float
    passing_occupied: float
    passing_others: float
    passing_unsealed: float
    passing_foe: float
    interested_credit: float
    interested_gain: float
    interested_others: float
    interested_fight: float
    unopposed_gain: float
    unopposed_others: float
    successor_gain: float
    denied_weight: float
    denied_floor: float
    entered_gain: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """From the chains' probability p, with evidence b behind it, to the one stated:
    `top * sigmoid(slope * logit(p) + backing * ln(1 + b) + offset)`."""

    slope: float
    backing: float
    offset: float
    top: float
    half_life_days: float
    """Days in which half of a stated probability is gone, for holders: with the news silent, not all is well."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the usual gap between news of a place is reckoned: a mean in which the latest gaps weigh most."""

    first_days: float
    """Taken for a place of which nothing was heard before."""
    longest_days: int
    """A longer gap counts as this."""
    latest: float
    """Weight of the latest gap, 0..1."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How much of a place's evidence is kept, and for how long."""

    evidence: int
    retold: int
    segments: int
    districts: int
    deciding: int
    retelling_days: int
    alike: int
    alike_days: int
    lateness_days: int

    @property
    def window_days(self) -> int:
        """Days before the latest news within which first-hand evidence may still arrive in time."""
        return self.retelling_days + self.lateness_days


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything particular to a theatre that the control stage goes by."""

    holder_of: Mapping[str, str | None]
    """Actor to the party that holds what it holds; null if it holds nothing. Actors not named hold for themselves."""
    kin: Mapping[str, tuple[str, ...]]
    """Party to those that go by the same names, itself among them, in the order of the pack."""
    enclaves: frozenset[str]
    evidence: Mapping[tuple[Relation, Scope], Effects]
    foes: Mapping[str, str]
    """Besieger to the party that he besieges where nobody says whom; `unknown` for a besieger who is not named."""
    against_holder: float
    stale_others: float
    limits: Limits
    further_root: float
    admission: float
    claimed: float
    disputed: float
    vague_days: int
    undated_days: int
    span_days: int
    hold: ChainParameters
    fight: ChainParameters
    siege: ChainParameters
    bound: float
    calibration: Calibration
    stale_days: int
    transfer_days: int
    shift_days: int
    unopposed_days: int
    unopposed_spells: float
    pace: Pace
    memory: Memory

    def holder(self, actor: str) -> str | None:
        """The party that holds what an actor holds; null for those who never hold a place."""
        return self.holder_of.get(actor, actor)

    def kin_of(self, party: str) -> tuple[str, ...]:
        """The parties that go by the same names as this one, itself among them."""
        return self.kin.get(party, (party,))


def load_parameters(theatre: Theatre) -> Parameters:
    """The parameters of a theatre: its control.yaml, who its actors hold towns for, and the lateness of all stages.

    Raises:
        TheatreError: If the file is missing or does not hold together.
    """
    labels = {actor.id: actor.control or actor.party for actor in theatre.actors}
    return read_parameters(theatre.table(PATH), labels, int(theatre.parameter("lateness_days")))


def read_parameters(data: Mapping[str, Any], labels: Mapping[str, str], lateness_days: int) -> Parameters:
    """The parameters that the data of a control.yaml states.

    Args:
        data: What stands in the file.
        labels: Actor to the label of what it holds, or to its party if it holds nothing in its own name.
        lateness_days: Days of publication within which the order of arrival does not matter.

    Raises:
        TheatreError: If a figure is missing or not known; names it.
    """
    try:
        return _parameters(data, labels, lateness_days)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TheatreError(f"{PATH} does not hold together: {error!r}; compare it with that of syria") from error


def _parameters(data: Mapping[str, Any], labels: Mapping[str, str], lateness_days: int) -> Parameters:
    hold, fight, siege = (ChainParameters(**data["chains"][kind]) for kind in ("hold", "fight", "siege"))
    return Parameters(
        holder_of=_holders(data, labels),
        kin={party: tuple(group) for group in data["kin"] for party in group},
        enclaves=frozenset(data["enclaves"]),
        foes=dict(data["foes"]),
        evidence=_evidence(data["evidence"]),
        limits=Limits(**{f"{kind}_{end}": x for kind, ends in data["limits"].items() for end, x in ends.items()}),
        hold=hold,
        fight=fight,
        siege=siege,
        pace=Pace(**data["pace"]),
        calibration=Calibration(**data["calibration"]),
        memory=Memory(**data["memory"], lateness_days=lateness_days),
        **{name: data[name] for name in _PLAIN},
    )


def _holders(data: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, str | None]:
    through, never = data["holds_through"], frozenset(data["never_holds"])
    named = {**dict.fromkeys((*through, *never)), **labels}
    holders = {actor: through.get(label or actor, label or actor) for actor, label in named.items()}
    return {actor: None if holder in never else holder for actor, holder in holders.items()}


def _evidence(table: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[tuple[Relation, Scope], Effects]:
    rows: dict[tuple[Relation, Scope], Effects] = {
        (Relation(relation), Scope(scope)): {column: float(x) for column, x in effects.items()}
        for relation, scopes in table.items()
        for scope, effects in scopes.items()
    }
    missing = [f"{r}.{s}" for r in Relation for s in Scope if (r, s) not in rows]
    if missing:
        raise ValueError(f"evidence lacks {', '.join(missing)}")
    return rows


_PLAIN = (
    "against_holder",
    "stale_others",
    "further_root",
    "admission",
    "claimed",
    "disputed",
    "vague_days",
    "undated_days",
    "span_days",
    "bound",
    "stale_days",
    "transfer_days",
    "shift_days",
    "unopposed_days",
    "unopposed_spells",
)
"""Figures that stand at the top of the file."""
