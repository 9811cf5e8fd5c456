"""Who holds a town: the rolling state, and each change of it."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from schemas.record import Instant, Place, Record, Share, Value
from schemas.vocabulary import ChangeKind, ControlStatus, Relation, Scope


class Segment(Value):
    """A stretch of event time in which nothing changed."""

    first: date
    last: date | None
    """Last day, inclusive; null while it lasts."""
    controller: str | None
    status: ControlStatus
    confidence: Share
    parties: tuple[str, ...] = ()
    """Who holds it or a part of it and, while it is contested, who fights for it; sorted."""
    besieged_by: tuple[str, ...] = ()
    """Who besieges it, sorted."""


class Holding(Value):
    """A party's part of a town."""

    party: str
    share: Share
    """Estimated part of the town, 0..1."""
    districts: tuple[str, ...] = ()
    """Named neighbourhoods that it holds."""


class District(Value):
    """The state of a named neighbourhood."""

    name: str
    controller: str | None
    status: ControlStatus
    confidence: Share
    since: date | None


class WeighedClaim(Value):
    """A claim that decides a state, with its weight."""

    claim_id: str
    relation: Relation
    scope: Scope
    actors: tuple[str, ...]
    first: date
    """First day it speaks of."""
    last: date
    """Last day it speaks of."""
    root_sources: tuple[str, ...]
    weight: float
    """Natural-log likelihood ratio for the controller against the rest; below zero speaks against it."""


class TownControl(Record):
    """Who holds a place, since when, how sure, on whose word."""

    place: Place
    revision: int = Field(ge=1)
    controller: str | None
    """Party that holds it, null if divided, contested or unknown."""
    status: ControlStatus
    shares: tuple[Holding, ...]
    """Parties and their parts, greatest first; one entry when held as a whole."""
    besieged_by: tuple[str, ...]
    besieged_since: date | None
    districts: tuple[District, ...]
    since: date | None
    """First day of the present state."""
    last_confirmed: date | None
    """Last day on which any evidence spoke for it."""
    stale: bool
    """True if nothing had confirmed it for longer than the theatre's limit when this was written; a query measures it
    again at the day it asks for."""
    confidence: Share
    timeline: tuple[Segment, ...]
    """The past in order, without gaps; the last segment is the present state."""
    outlook: tuple[Segment, ...] = ()
    """What becomes of the present state if nothing more is heard: fighting and sieges run out, then knowledge does."""
    evidence: tuple[WeighedClaim, ...]
    """The claims that decide the present state, strongest first."""


class Standing(Value):
    """One side of a change."""

    controller: str | None
    status: ControlStatus
    besieged_by: tuple[str, ...] = ()


class ControlChange(Record):
    """One change of a place's control, or of what we had said of it."""

    place: Place
    change: ChangeKind
    from_: Standing = Field(alias="from")
    to: Standing
    at: date
    """Event time of the change."""
    known_at: Instant
    """Log time of the article that made it known."""
    evidence: tuple[WeighedClaim, ...]
