"""Alerts: what meets a rule, what the rule says of it, and its delivery to people and programs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.record import Count, DateRange, Instant, Place, Record, Value
from schemas.vocabulary import AlertState

Severity = Literal["info", "minor", "major", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "minor", "major", "critical")
"""From least to most grave."""


class Quote(Value):
    """A sentence that something rests on."""

    mention_id: str
    outlet: str
    source: str | None
    """Who is quoted, as shown to readers; null in the outlet's own voice."""
    root_source: str
    """Who is behind it: no two quotes of one record have the same."""
    text: str
    """The sentence, verbatim; a long one cut."""


class Turn(Value):
    """How a record stood to a rule from a time on."""

    known_at: Instant
    """Log time of the article that made it so."""
    cause: str
    """That article's first report under the record, which orders what became known at one time; empty if none is."""
    holds: bool
    severity: Severity
    when: DateRange | None
    """Event time as it was known then."""
    killed: Count
    """Least number of dead that was certain then."""
    taken_in: tuple[str, ...] = ()
    """Subjects that ended in favour of this one."""


class Match(Record):
    """A record that meets a rule, or met it and does so no more."""

    schema_version: Literal[2] = 2  # type: ignore[assignment]
    rule: str
    area: str
    """Over what the rule counts, groups and cools down: the id of a place or of what it lies in; `all`."""
    subject: str
    """Id of the event or claim, or what a change of control is known by."""
    revision: int = Field(ge=1)
    """Counts the records of rule and subject, from 1."""
    holds: bool
    """False once the record no longer meets the rule, or is no more."""
    severity: Severity
    turns: tuple[Turn, ...]
    """Since when it has stood to the rule as it does, and how it stood before: the same whatever the order in which
    the topics of a place were read. Earliest first; at most one for each known time."""
    place: Place
    when: DateRange | None
    """Event time, null if it is not known."""
    killed: Count
    """Least number of dead that is certain."""
    group: str | None
    """Same for all events of one shared toll, which counts once in any sum."""
    fields: dict[str, str]
    """What the rule's texts may name."""
    subjects: tuple[str, ...]
    """Ids of the event or claim, or of the claims behind a change; sorted."""
    mention_ids: tuple[str, ...]
    outlets: tuple[str, ...]
    root_sources: tuple[str, ...]
    evidence: tuple[Quote, ...]


class Alert(Record):
    """A rule that holds, on what evidence."""

    schema_version: Literal[2] = 2  # type: ignore[assignment]
    alert_id: str
    """From rule and what it fired on; outlives revisions."""
    revision: int = Field(ge=1)
    rule: str
    state: AlertState
    severity: Severity
    title: str
    text: str
    place: Place | None
    """Where; of several places the one of the latest event."""
    area: str | None = None
    """What its rule looks at together: the id of a place or of what it lies in; `all`."""
    when: DateRange | None = None
    """Event time of all that it fired on, null if it is not known."""
    count: Count = 1
    """Events, claims or changes that it rests on; none once it is cancelled and nothing is left."""
    subjects: tuple[str, ...]
    """Ids of the events and claims that it fired on, sorted."""
    mention_ids: tuple[str, ...]
    """Every report under it, sorted."""
    outlets: tuple[str, ...] = ()
    """Who printed it, sorted."""
    root_sources: tuple[str, ...]
    """Who is behind it, sorted: independent witnesses."""
    evidence: tuple[Quote, ...] = ()
    """Sentences that it rests on, of different sources, earliest first; not all of them."""
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
