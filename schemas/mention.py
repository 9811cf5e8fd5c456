"""Mentions and what takes them back: what one article says of one event or of one place's control."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.record import DateRange, Instant, Place, Record, Share, SourcedToll, Toll, Value
from schemas.vocabulary import EventType, MentionKind, Modality, Relation, Scope


class Evidence(Value):
    """The sentence that says so, as a half-open range of characters of the article."""

    field: Literal["body", "title"] = "body"
    """Which text the offsets run into."""
    start: int
    """Offset of the first character."""
    end: int
    """Offset after the last character; `text == field[start:end]`, always."""
    text: str
    """The sentence, verbatim."""


class Wording(Value):
    """What merging needs to know an article's text again when another outlet reprints it."""

    credits: tuple[str, ...] = ()
    """Ids of the agencies that the article credits ("AFP", "With Reuters")."""
    sketch: tuple[int, ...] = ()
    """Sorted sample of the article's word-shingle hashes (32 bits each): shared ones estimate containment."""


class Mention(Record):
    """One article's report of an event, or its claim about who holds a place."""

    schema_version: Literal[2] = 2  # type: ignore[assignment]
    mention_id: str
    """Article id, `#`, and `e` or `c` with a number: stable for the same text and extractor."""
    article_id: str
    outlet: str
    published_at: Instant
    kind: MentionKind
    event_type: EventType | None
    """Kind of act; null for claims."""
    relation: Relation | None
    """What is claimed; null for events."""
    scope: Scope | None
    """How much of the place the claim speaks of; null for events."""
    share: Share | None = None
    """Part of the place that the actor is said to hold ("a third of the city"), null if not stated."""
    place: Place
    when: DateRange | None
    """Event time, null if the text does not say."""
    actors: tuple[str, ...]
    """Who did it, or who holds, took, lost the place: actor ids. Empty if not said."""
    targets: tuple[str, ...] = ()
    """Against whom, for events."""
    from_actors: tuple[str, ...] = ()
    """Who held or lost it, for claims."""
    killed: Toll | None
    wounded: Toll | None
    tolls: tuple[SourcedToll, ...] = ()
    """Each source's own figures, where the article gives any."""
    source: str | None
    """Who is quoted, as shown to readers ("SOHR"); null in the outlet's own voice."""
    root_source: str
    """Id of who is quoted: a primary source, an outlet, or `outlet:ID` for the outlet's own voice."""
    modality: Modality
    main: bool
    """True if the article is there to report it, false for background."""
    shared: bool = False
    """True if its toll is one figure for several places or kinds of act."""
    group: str | None = None
    """Same for all mentions that share one toll."""
    evidence: Evidence
    rule: str
    """Name of the rule that read it."""
    wording: Wording = Wording()
    revision: int = Field(default=1, ge=1)
    """Revision of the article that says so; what a higher one says under the same id takes its place."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> Mention:
        if (self.kind is MentionKind.EVENT) != (self.event_type is not None):
            raise ValueError("an event mention, and no other, has an event type")
        if (self.kind is MentionKind.CLAIM) != (self.relation is not None and self.scope is not None):
            raise ValueError("a claim mention, and no other, has a relation and a scope")
        return self


class Withdrawal(Record):
    """A mention that its article no longer says: it was corrected or retracted."""

    withdraws: str
    """Id of the mention."""
    article_id: str
    revision: int = Field(ge=1)
    """Revision of the article that said it: a higher one's mention of the same id stands."""
    published_at: Instant
    """When the mention's article was printed."""


def in_text(mention_id: str) -> tuple[str, bool, int]:
    """What sorts ids of mentions as their articles tell them: events, then claims, each in their numbers' order."""
    article, _, number = mention_id.rpartition("#")
    return article, number[:1] != "e", int(number[1:]) if number[1:].isdecimal() else 0
