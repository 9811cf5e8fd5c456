"""A place's state as rows: one for each claim, so that a claim's revision rewrites little."""

from __future__ import annotations

from typing import Any

import orjson

from schemas.codec import encode
from schemas.record import Place
from schemas.vocabulary import ControlStatus, Relation
from streams.stages.control.chains import Chain
from streams.stages.control.evidence import Evidence, pack, unpack
from streams.stages.control.fold import Frame
from streams.stages.control.parameters import Parameters
from streams.stages.control.state import TownState
from streams.stages.control.stretches import Standing, Stretch
from streams.stages.stage import Rows

_STORES = (("c", "claims"), ("r", "retold"), ("s", "spent"))
"""Prefix of a claim's row, and the store it belongs to."""


def dump(state: TownState) -> Rows:
    """A state as rows."""
    rows = {f"{prefix}:{item.claim_id}": pack(item) for prefix, store in _STORES for item in getattr(state, store)}
    place = orjson.Fragment(state.place.model_dump_json()) if state.place else None
    rows["head"] = orjson.dumps([state.revision, state.heard, place])
    if state.base:
        rows["base"] = orjson.dumps([[name, _frame_data(frame)] for name, frame in state.base.items()])
    return rows


def load(key: str, rows: Rows) -> TownState:
    """The state that `dump` made these rows of, with nothing folded yet."""
    revision, heard, place = orjson.loads(rows["head"]) if "head" in rows else (0, 0, None)
    stores: dict[str, list[Evidence]] = {prefix: [] for prefix, _ in _STORES}
    for name, row in rows.items():
        prefix, _, claim_id = name.partition(":")
        if claim_id:
            stores[prefix].append(unpack(claim_id, row))
    claims, retold = (tuple(sorted(stores[prefix], key=lambda e: e.order)) for prefix in "cr")
    spent = tuple(sorted(stores["s"], key=lambda e: (e.heard, e.claim_id)))
    base = {name: _frame(data) for name, data in orjson.loads(rows.get("base", b"[]"))}
    named = Place.model_validate_json(orjson.dumps(place)) if place else None
    return TownState(key, named, revision, heard, claims, retold, spent, base)


def digest(state: TownState, parameters: Parameters) -> Any:
    """JSON data that is the same for any order of arrival.

    Left out are revisions, claim ids (merging may open a claim with another report), and claims that the base may or
    may not have taken in yet: the filter after the base is the same in either case, and stands in the control.
    Null if nothing is left of what was said.
    """
    if not (state.claims or state.retold or state.base):
        return None
    since = state.heard - parameters.memory.window_days
    evidence = [_content(item) for item in state.claims if item.day >= since]
    return {"claims": evidence, "retold": [_content(item) for item in state.retold], "control": _control(state)}


def _control(state: TownState) -> Any:
    if state.control is None:
        return None
    data = orjson.loads(encode(state.control))
    del data["revision"]
    for claim in data["evidence"]:
        del claim["claim_id"]
    return data


def _content(item: Evidence) -> list[Any]:
    """A claim's row without its revision."""
    return [item.witness, *orjson.loads(pack(item))[3:]]


def _frame_data(frame: Frame) -> list[Any]:
    chains = [[*key, *chain] for key, chain in frame.chains.items()]
    sets = (sorted(frame.partial), sorted(frame.sealed), sorted(frame.wide))
    return [
        chains,
        *sets,
        frame.shares,
        frame.left,
        frame.waiting,
        frame.pace,
        frame.day,
        frame.standing,
        [*map(list, frame.stretches)],
    ]


def _frame(data: list[Any]) -> Frame:
    chains, partial, sealed, wide, shares, left, waiting, pace, day, standing, stretches = data
    return Frame(
        chains={(kind, party): Chain(*rest) for kind, party, *rest in chains},
        partial=frozenset(partial),
        sealed=frozenset(sealed),
        wide=frozenset(wide),
        shares=tuple((party, share) for party, share in shares),
        left=tuple((party, when) for party, when in left),
        waiting=tuple((party, when) for party, when in waiting),
        pace=pace,
        day=day,
        standing=_standing(standing),
        stretches=tuple(map(_stretch, stretches)),
    )


def _standing(data: list[Any] | None) -> Standing | None:
    if data is None:
        return None
    status, controller, parties, besieged_by = data
    return (ControlStatus(status), controller, tuple(parties), tuple(besieged_by))


def _stretch(data: list[Any]) -> Stretch:
    first, status, controller, parties, holders, besieged_by, confidence, silent, cause, transferred = data
    relation = Relation(cause) if cause is not None else None
    sides = (tuple(parties), tuple(holders), tuple(besieged_by))
    return Stretch(first, ControlStatus(status), controller, *sides, confidence, silent, relation, transferred)
