"""A town as of a day, as an answer of the API. How the standing of a day is read off is left to the control stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from schemas.codec import decode
from schemas.control import TownControl
from schemas.record import Place
from schemas.vocabulary import ControlStatus
from streams.edges.feed.envelope import instant
from streams.edges.feed.queries import Row
from streams.stages.control.asof import Answer, at
from streams.stages.control.parameters import Parameters

REVISIONS = 8192
"""Revisions of towns that are kept read."""


@dataclass(frozen=True, slots=True)
class _Revision:
    """A revision of a town's control, read."""

    control: TownControl
    """Without its evidence."""
    fixed: dict[str, Any]
    """What is the same for every day."""
    written: dict[str, Any]
    """The state as it was written."""


class Towns:
    """Towns as of a day. Each revision is read once: the map of every day asks for the same ones."""

    def __init__(self, parameters: Parameters) -> None:
        """`parameters` are the theatre's: how fast knowledge wears off, and what is stale."""
        self._parameters = parameters
        self._read = lru_cache(maxsize=REVISIONS)(_read)

    def at(self, row: Row, day: date | None) -> dict[str, Any] | None:
        """The state of a town on a day.

        Args:
            row: A revision of the town's control.
            day: Day asked about; null for the state as it was written.

        Returns:
            A `streams.edges.feed.answers.TownState` as JSON data, null if nothing is known of the town by that day.
        """
        revision = self._read(row)
        if day is None:
            return {**revision.fixed, "as_of": None, **revision.written}
        timeline = revision.control.timeline
        if not timeline or day < timeline[0].first:
            return None
        answer = at(revision.control, day, self._parameters)
        return {**revision.fixed, "as_of": day.isoformat(), **_answered(revision, answer)}


def answer_of(state: dict[str, Any]) -> Answer:
    """A `TownState` of a day as the control stage's own answer, to be counted."""
    return Answer(
        place=Place.model_validate_json(orjson.dumps(state["place"])),
        day=date.fromisoformat(state["as_of"]),
        controller=state["controller"],
        status=ControlStatus(state["status"]),
        parties=tuple(state["parties"]),
        besieged_by=tuple(state["besieged_by"]),
        since=_day(state["since"]),
        last_confirmed=_day(state["last_confirmed"]),
        stale=state["stale"],
        confidence=state["confidence"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _read(row: Row) -> _Revision:
    record = row.record()
    # Half of a record is evidence, which no day asks for.
    control = decode(TownControl, orjson.dumps({**record, "evidence": ()}))
    told = {name: orjson.Fragment(orjson.dumps(record[name])) for name in ("timeline", "outlook")}
    fixed = {"place": record["place"], "revision": record["revision"], "known_at": instant(row.known), **told}
    return _Revision(control, fixed, _written(record))


def _written(record: dict[str, Any]) -> dict[str, Any]:
    names = ("controller", "status", "shares", "besieged_by", "since", "last_confirmed", "stale", "confidence")
    present = record["timeline"][-1]["parties"] if record["timeline"] else []
    return {
        **{name: record[name] for name in names},
        "parties": present or [part["party"] for part in record["shares"]],
    }


def _answered(revision: _Revision, answer: Answer) -> dict[str, Any]:
    control, written = revision.control, revision.written
    same = answer.status is control.status and answer.since == control.timeline[-1].first
    return {
        "controller": answer.controller,
        "status": answer.status.value,
        "parties": answer.parties,
        "shares": written["shares"] if same else (),
        "besieged_by": answer.besieged_by,
        "since": _iso(answer.since),
        "last_confirmed": _iso(answer.last_confirmed),
        "stale": answer.stale,
        "confidence": answer.confidence,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
