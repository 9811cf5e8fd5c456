"""What the API answers with, beside the records of the contract themselves."""

from __future__ import annotations

from datetime import date
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from schemas.alert import Alert
from schemas.article import Article, Retraction
from schemas.control import ControlChange, Holding, Segment, TownControl, WeighedClaim
from schemas.dead_letter import DeadLetter
from schemas.event import Claim, Event
from schemas.mention import Mention
from schemas.record import Instant, Place, Share
from schemas.vocabulary import ControlStatus, RevisionKind

T = TypeVar("T")


class Answer(BaseModel):
    """Part of an answer: closed, like the records."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Answer, Generic[T]):
    """Some of a list."""

    data: list[T]
    next: str | None
    """Give it back as `cursor` for what follows; null at the end."""


class TownState(Answer):
    """Who holds a town on a day, as known at a time."""

    place: Place
    as_of: date | None
    """Day asked about; null for the state as it was last written."""
    revision: int
    known_at: Instant
    """Log time of the revision."""
    controller: str | None
    status: ControlStatus
    parties: list[str]
    """Who holds it or a part of it and, while it is contested, who fights for it."""
    shares: list[Holding]
    """How great the parts are; empty for the past, of which that is not kept."""
    besieged_by: list[str]
    since: date | None
    last_confirmed: date | None
    """Null for the past, of which that is not kept."""
    stale: bool
    confidence: Share
    timeline: list[Segment]
    outlook: list[Segment]


class ArticleHead(Answer):
    """An article without its text."""

    article_id: str
    outlet: str
    title: str | None
    published_at: Instant
    url: str | None


class Report(Answer):
    """One article's sentence on the matter."""

    mention: Mention
    article: ArticleHead


class Revision(Answer):
    """One line of a record's history."""

    revision: int
    kind: RevisionKind | None
    known_at: Instant
    offset: int
    confidence: Share


class Witnessed(Answer):
    """A claim that decides a town's present state, or one of the latest by a day before it, with its reports."""

    claim: Claim | None
    """The merged claim; null if it is not on the topic any more."""
    weight: WeighedClaim | None
    """Null for what was said by a day before the present state: what it weighed then is not kept."""
    reports: list[Report]


class TownHistory(Answer):
    """All there is on one town."""

    state: TownState
    control: TownControl
    changes: list[ControlChange]
    revisions: list[Revision]
    evidence: list[Witnessed]
    events: list[Event]
    """The newest; `/v1/events?place=` lists them all."""


class EventHistory(Answer):
    """An event with all that was reported of it."""

    event: Event
    reports: list[Report]
    revisions: list[Revision]
    superseded_by: list[str]
    """Ids that took over; none while it lasts."""


class ClaimHistory(Answer):
    """A claim with all who made it."""

    claim: Claim
    reports: list[Report]
    revisions: list[Revision]
    superseded_by: list[str]


class ReadArticle(Answer):
    """An article, and what was read in it."""

    article: Article
    known_at: Instant
    """When it reached the log."""
    retraction: Retraction | None
    """What takes it back; null if it stands."""
    mentions: list[Mention]
    """With the offsets of their sentences, in Unicode code points."""


class KeptLetter(Answer):
    """A dead letter and where it stands."""

    partition: int
    offset: int
    known_at: Instant
    letter: DeadLetter


class LaneStatus(Answer):
    """How far the feed has read a partition."""

    topic: str
    partition: int
    offset: int
    """Next offset that the feed will read."""
    end: int
    """Where the log ends."""


class Status(Answer):
    """How the feed is."""

    caught_up: bool
    lag: int
    """Records that the log holds and the feed has not read."""
    lanes: list[LaneStatus]
    counts: dict[str, int]
    """Present records by kind."""
    first_day: date | None
    last_day: date | None
    """First and last day of any event or change."""
    cursor: str
    """Where a follower of the stream would begin now."""


class DayOfWar(Answer):
    """How much was reported of one day."""

    day: date
    events: int
    """Events that began on it."""
    killed: int
    """Least number killed in them; a toll that several share counts once."""


class Activity(Answer):
    """The course of the war, by day."""

    data: list[DayOfWar]


class AlertHistory(Answer):
    """An alert with what it rests on, and all that became of it."""

    alert: Alert
    reports: list[Report]
    revisions: list[Alert]
    """Every one, oldest first."""


class AreaControl(Answer):
    """The towns of an area by who holds them; the parts add up to the whole."""

    unit: str
    name: str
    towns: int
    """Towns of which anything was ever known."""
    held: list[tuple[str, int]]
    """Party and number of towns, most first."""
    divided: int
    contested: int
    unknown: int
    stale: int
    """Towns whose last known state nothing has confirmed for long; they count for nobody."""
    stale_held: list[tuple[str, int]]
    """Who held those when they were last heard of."""
    besieged: int
    """Towns under siege, whatever else they are."""


class ControlRollUp(Answer):
    """Who holds how many towns, by area."""

    as_of: date
    data: list[AreaControl]


class AreaEvents(Answer):
    """What was reported of an area in a period."""

    period: str
    """A day, a month (2016-12) or a year."""
    unit: str
    name: str
    events: int
    killed: int
    """Least number; a toll that several events of the area share counts once."""


class EventRollUp(Answer):
    """Events and dead, by period and area."""

    data: list[AreaEvents]


class OutletShare(Answer):
    """What an outlet has printed of what is in the log."""

    id: str
    name: str | None
    """Null for an outlet that the theatre does not know."""
    lean: str | None
    articles: int
    mentions: int
    """Statements that were read in them."""
    first_published: Instant
    last_published: Instant


class Outlets(Answer):
    """Outlets, those with most articles first."""

    data: list[OutletShare]


class ActorName(Answer):
    """A party of the war, as readers know it."""

    id: str
    name: str
    side: str


class OutletName(Answer):
    """An outlet, as readers know it."""

    id: str
    name: str
    lean: str


class Fading(Answer):
    """How what is known wears off with silence."""

    prior: Share
    """What is left in the end."""
    half_life_days: float
    """Days in which half of the rest is gone."""


class TheatreNames(Answer):
    """A theatre's names and figures, for those who show its records."""

    name: str
    actors: list[ActorName]
    outlets: list[OutletName]
    stale_days: int
    """Days without confirmation after which a state is stale."""
    hold: Fading
    """For who holds a town."""
    fight: Fading
    """For fighting in it."""
