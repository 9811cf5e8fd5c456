"""A town as of a day: the segment of its timeline that holds then, and how fresh that is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

STALE_AFTER_DAYS = 90
"""Silence after which a state is shown as stale, where the theatre does not say otherwise."""


def town_at(record: dict[str, Any], day: date | None, known_at: str, *, stale_after: int) -> dict[str, Any] | None:
    """The state of a town on a day, from its record.

    Args:
        record: A TownControl as parsed JSON.
        day: Day asked about; null for the state as it was written.
        known_at: Log time of the revision.
        stale_after: Days without confirmation after which the present state is stale.

    Returns:
        A `streams.edges.feed.answers.TownState` as JSON data, null if nothing is known of the town by that day.
    """
    if day is None:
        return _now(record, known_at)
    segment = segment_at(record, day)
    if segment is None:
        return None
    present = not record["timeline"] or segment["first"] >= record["timeline"][-1]["first"]
    confirmed = record["last_confirmed"] if present else None
    return {
        **_common(record, known_at),
        "as_of": day.isoformat(),
        "controller": segment["controller"],
        "status": segment["status"],
        "parties": segment["parties"],
        "shares": record["shares"] if present and segment["status"] == record["status"] else _even(segment),
        "besieged_by": segment["besieged_by"],
        "since": segment["first"],
        "last_confirmed": confirmed,
        "stale": confirmed is not None and date.fromisoformat(confirmed) + timedelta(days=stale_after) < day,
        "confidence": segment["confidence"],
    }


def segment_at(record: dict[str, Any], day: date) -> dict[str, Any] | None:
    """The last segment of timeline and outlook that has begun by a day; null before the first."""
    wanted = day.isoformat()
    found = None
    for segment in (*record["timeline"], *record.get("outlook", ())):
        if segment["first"] > wanted:
            break
        found = {"parties": [], "besieged_by": [], **segment}
    return found


def _now(record: dict[str, Any], known_at: str) -> dict[str, Any]:
    parties = {record["controller"], *(share["party"] for share in record["shares"])} - {None}
    segment = record["timeline"][-1] if record["timeline"] else {}
    return {
        **_common(record, known_at),
        "as_of": None,
        "parties": segment.get("parties") or sorted(parties),
        **{name: record[name] for name in ("controller", "status", "shares", "besieged_by", "since")},
        **{name: record[name] for name in ("last_confirmed", "stale", "confidence")},
    }


def _common(record: dict[str, Any], known_at: str) -> dict[str, Any]:
    return {
        "place": record["place"],
        "revision": record["revision"],
        "known_at": known_at,
        "timeline": record["timeline"],
        "outlook": record.get("outlook", []),
    }


def _even(segment: dict[str, Any]) -> list[dict[str, Any]]:
    """Parts are not kept for the past, only who had one."""
    parties = segment["parties"] if segment["status"] == "divided" else []
    return [{"party": party, "share": round(1 / len(parties), 4), "districts": []} for party in parties]
