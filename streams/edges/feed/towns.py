"""A town as of a day, as an answer of the API. How the standing of a day is read off is left to the control stage."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import orjson

from schemas.codec import decode
from schemas.control import TownControl
from schemas.record import Place
from schemas.vocabulary import ControlStatus
from streams.stages.control.asof import Answer, at
from streams.stages.control.parameters import Parameters


def town_at(raw: bytes, day: date | None, known_at: str, parameters: Parameters) -> dict[str, Any] | None:
    """The state of a town on a day.

    Args:
        raw: A revision of the town's control, as on the wire.
        day: Day asked about; null for the state as it was written.
        known_at: Log time of the revision.
        parameters: The theatre's figures: how fast knowledge wears off, and what is stale.

    Returns:
        A `streams.edges.feed.answers.TownState` as JSON data, null if nothing is known of the town by that day.
    """
    record, control = _parsed(raw)
    timeline, outlook = record["timeline"], record["outlook"]
    state = {"known_at": known_at, "as_of": day and day.isoformat(), "timeline": timeline, "outlook": outlook}
    for name in ("place", "revision"):
        state[name] = record[name]
    if day is None:
        return state | _written(record)
    if not timeline or day.isoformat() < timeline[0]["first"]:
        return None
    return state | _answered(record, at(control, day, parameters))


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


@lru_cache(maxsize=4096)
def _parsed(raw: bytes) -> tuple[dict[str, Any], TownControl]:
    """A revision, parsed once: the map of every day asks for the same ones."""
    return orjson.loads(raw), decode(TownControl, raw)


def _written(record: dict[str, Any]) -> dict[str, Any]:
    names = ("controller", "status", "shares", "besieged_by", "since", "last_confirmed", "stale", "confidence")
    present = record["timeline"][-1]["parties"] if record["timeline"] else []
    return {
        **{name: record[name] for name in names},
        "parties": present or [part["party"] for part in record["shares"]],
    }


def _answered(record: dict[str, Any], answer: Answer) -> dict[str, Any]:
    same = answer.status == record["status"] and _iso(answer.since) == record["timeline"][-1]["first"]
    return {
        "controller": answer.controller,
        "status": answer.status.value,
        "parties": list(answer.parties),
        "shares": record["shares"] if same else _even(answer),
        "besieged_by": list(answer.besieged_by),
        "since": _iso(answer.since),
        "last_confirmed": _iso(answer.last_confirmed),
        "stale": answer.stale,
        "confidence": answer.confidence,
    }


def _even(answer: Answer) -> list[dict[str, Any]]:
    """How great the parts were is not kept for the past, only who had one."""
    share = round(1 / len(answer.parties), 4) if answer.parties else 0
    return [{"party": party, "share": share, "districts": []} for party in answer.parties]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
