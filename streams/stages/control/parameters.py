"""The figures of the control model, as the theatre's `control.yaml` gives them.

Decides nothing: each figure has its origin beside it in that file, and its part in the model in `chains` and
`weighing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from typing import Any

import yaml

from schemas.errors import TheatreError
from schemas.vocabulary import Relation, Scope

Effects = tuple[tuple[str, float], ...]
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
    passing_occupied: float
    passing_others: float
    interested_gain: float
    interested_others: float
    interested_fight: float
    denied_weight: float
    denied_floor: float
    entered_gain: float


@dataclass(frozen=True, slots=True)
class Memory:
    """How much of a place's evidence is kept, and for how long."""

    evidence: int
    retold: int
    segments: int
    districts: int
    deciding: int
    window_days: int
    retelling_days: int
    alike: int
    alike_days: int


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything particular to a theatre that the control stage goes by."""

    holder_of: Mapping[str, str | None]
    """Actor to the party that holds what it holds; null if it holds nothing. Actors not named hold for themselves."""
    kin: Mapping[str, tuple[str, ...]]
    """Party to those that go by the same names, itself among them, in the order of the pack."""
    enclaves: frozenset[str]
    evidence: Mapping[tuple[Relation, Scope], Effects]
    against_holder: float
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
    stale_days: int
    transfer_days: int
    shift_days: int
    memory: Memory
    fingerprint: str
    """Hash of the files they were read from."""

    def holder(self, actor: str) -> str | None:
        """The party that holds what an actor holds; null for those who never hold a place."""
        return self.holder_of.get(actor, actor)

    def kin_of(self, party: str) -> tuple[str, ...]:
        """The parties that go by the same names as this one, itself among them."""
        return self.kin.get(party, (party,))


def load_parameters(theatre: str = "syria") -> Parameters:
    """The parameters of a theatre pack.

    Args:
        theatre: Folder of the pack under `streams/theatres`.

    Raises:
        TheatreError: If `control.yaml` is not there or lacks a figure.
    """
    pack = files("streams.theatres") / theatre
    try:
        own = (pack / "control.yaml").read_bytes()
    except FileNotFoundError as error:
        raise TheatreError(f"theatre {theatre!r} has no control.yaml; copy that of syria and adapt it") from error
    actors = pack / "actors.yaml"
    return read_parameters(own, actors.read_bytes() if actors.is_file() else b"")


def read_parameters(control: bytes, actors: bytes = b"") -> Parameters:
    """The parameters that a pack's `control.yaml` and `actors.yaml` state.

    Raises:
        TheatreError: If a figure is missing or not known.
    """
    data = yaml.safe_load(control)
    try:
        return _parameters(data, yaml.safe_load(actors) or {}, blake2b(control + actors, digest_size=4).hexdigest())
    except (KeyError, TypeError, ValueError) as error:
        raise TheatreError(f"control.yaml does not hold together: {error!r}; compare it with syria's") from error


def _parameters(data: Mapping[str, Any], actors: Mapping[str, Any], fingerprint: str) -> Parameters:
    hold, fight, siege = (ChainParameters(**data["chains"][kind]) for kind in ("hold", "fight", "siege"))
    plain = ("against_holder", "further_root", "admission", "claimed", "disputed", "vague_days", "undated_days")
    more = ("span_days", "bound", "stale_days", "transfer_days", "shift_days")
    return Parameters(
        holder_of=_holders(data, actors),
        kin={party: tuple(group) for group in data["kin"] for party in group},
        enclaves=frozenset(data["enclaves"]),
        evidence=_evidence(data["evidence"]),
        limits=Limits(**{f"{kind}_{end}": x for kind, ends in data["limits"].items() for end, x in ends.items()}),
        memory=Memory(**data["memory"]),
        fingerprint=fingerprint,
        hold=hold,
        fight=fight,
        siege=siege,
        **{name: data[name] for name in plain + more},
    )


def _holders(data: Mapping[str, Any], actors: Mapping[str, Any]) -> dict[str, str | None]:
    listed = actors.get("actors", ())
    known = {actor["id"]: actor.get("control") or actor.get("party") or actor["id"] for actor in listed}
    for actor in data["holds_through"]:
        known.setdefault(actor, actor)
    through = {actor: data["holds_through"].get(holder, holder) for actor, holder in known.items()}
    never = set(data["never_holds"])
    return {**{actor: None if h in never else h for actor, h in through.items()}, **dict.fromkeys(data["never_holds"])}


def _evidence(table: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[tuple[Relation, Scope], Effects]:
    rows = {
        (Relation(relation), Scope(scope)): tuple((column, float(x)) for column, x in effects.items())
        for relation, scopes in table.items()
        for scope, effects in scopes.items()
    }
    missing = [f"{r}.{s}" for r in Relation for s in Scope if (r, s) not in rows]
    if missing:
        raise ValueError(f"evidence lacks {', '.join(missing)}")
    return rows
