"""Alerts, and their delivery to people and programs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.record import Instant, Place, Record
from schemas.vocabulary import AlertState


class Alert(Record):
    """A rule that holds, on what evidence."""

    alert_id: str
    """From rule and what it fired on; outlives revisions."""
    revision: int = Field(ge=1)
    rule: str
    state: AlertState
    severity: Literal["info", "minor", "major", "critical"]
    title: str
    text: str
    place: Place | None
    subjects: tuple[str, ...]
    """Ids of the events, claims or places that it fired on, sorted."""
    mention_ids: tuple[str, ...]
    root_sources: tuple[str, ...]
    known_at: Instant


class Delivery(Record):
    """One attempt to deliver an alert to a target."""

    delivery_id: str
    """Stable over retries and restarts: the receiver's idempotency key."""
    alert_id: str
    revision: int = Field(ge=1)
    target: str
    attempt: int = Field(ge=1)
    """Which attempt this is, or the next one if none was made."""
    outcome: Literal["delivered", "retry", "exhausted", "refused", "held", "muted", "requested"]
    """Answered with 2xx; failed, and tried again; failed for the last time; the target wants no more; held back for a
    digest; not sent, as the target was muted; asked for once more by a person."""
    status_code: int | None
    """HTTP status; null if there was no answer."""
    detail: str
    attempted_at: Instant
    """When this was so, by the clock of the machine that delivers."""
    next_at: Instant | None = None
    """When the next attempt is due; null if none follows."""
    digest_id: str | None = None
    """The digest that it is part of, whose id the receiver then sees; null if it is sent by itself."""
