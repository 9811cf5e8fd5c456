"""Merged records: one real-world event, and one claim, however many outlets report them."""

from __future__ import annotations

from pydantic import Field

from schemas.record import Count, DateRange, Instant, Place, Record, Share, SourcedToll, Toll, Value
from schemas.vocabulary import EventType, Modality, Relation, RevisionKind, Scope


class Merged(Record):
    """What merged events and claims have in common."""

    revision: int = Field(ge=1)
    """Counts the records of this id, from 1."""
    kind: RevisionKind
    supersedes: tuple[str, ...] = ()
    """Ids that ended in favour of this one (merge), or that it was cut out of (split)."""
    place: Place
    when: DateRange | None
    actors: tuple[str, ...]
    modality: Modality
    mention_ids: tuple[str, ...]
    """Every report under it, sorted."""
    outlets: tuple[str, ...]
    """Who printed it, sorted."""
    root_sources: tuple[str, ...]
    """Who is behind it, sorted: independent witnesses, copies taken out."""
    copies: Count
    """Reports that reprint another one's text."""
    confidence: Share
    """Probability that it happened as told; grows with root sources, not with outlets."""
    first_seen: Instant
    """Publication of the earliest report."""
    last_seen: Instant
    """Publication of the latest report."""
    late: bool = False
    """True if this revision was caused by an article from beyond the lateness window."""


class Event(Merged):
    """One conflict event."""

    event_id: str
    """From the report that opens it, so that a replay repeats it; outlives revisions."""
    event_type: EventType
    targets: tuple[str, ...]
    killed: Toll | None
    """Range over root sources, the latest figure of each."""
    wounded: Toll | None
    tolls: tuple[SourcedToll, ...]
    """Figures by root source, in time order."""
    shared: bool = False
    """True if the toll belongs to a group of events and counts once in any sum."""
    group: str | None = None
    """Same for all events of one shared toll."""
    main: bool
    """True if any article is there to report it."""


class Voice(Value):
    """One root source's word on a claim."""

    root_source: str
    party: str | None
    """Party to the war that the source speaks for, null if none."""
    modality: Modality


class Claim(Merged):
    """One statement about who holds a place, with everyone who makes it."""

    claim_id: str
    """From the report that opens it; outlives revisions."""
    relation: Relation
    scope: Scope
    share: Share | None = None
    """Part of the place that is meant, null if not stated."""
    from_actors: tuple[str, ...]
    """Who held or lost the place, if said."""
    voices: tuple[Voice, ...]
    """Each root source once, sorted."""
    self_interested: bool
    """True if only the party that gains by it says so."""
    admitted: bool
    """True if the party that loses by it says so."""
