"""An event while its article is read: what has been told of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.record import DateRange
from schemas.vocabulary import EventType
from streams.stages.extract.document import PlaceHit, Sentence
from streams.stages.extract.toll_text import TollHit

FROM_AFAR = (
    EventType.AIR_STRIKE,
    EventType.SHELLING,
    EventType.CHEMICAL_ATTACK,
    EventType.EXPLOSION,
    EventType.SUICIDE_BOMB,
)
"""Kinds that one word may stand for: "the strike", "the bombing"."""


@dataclass(slots=True)
class Draft:
    """An event while the article is read."""

    type: EventType
    rule: str
    place: PlaceHit | None
    """None while the lede has not said where."""
    when: DateRange | None
    sentence: Sentence
    """The sentence that states it best: the first that names its place, after the title."""
    explicit: bool
    """False if its place was taken from another sentence."""
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    tolls: list[tuple[TollHit, Sentence]] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    aside: bool = False
    shared: bool = False
    group: str | None = None
    further: bool = False
    """True if it was opened for further victims, beside those told before."""
    usual: bool = False
    """True if its kind is only what the word usually means."""

    news: DateRange | None = None
    """Days of an undated story of the lede: the days up to publication."""

    @property
    def time(self) -> DateRange | None:
        """When it happened, as far as told."""
        return self.when or self.news

    @property
    def last(self) -> int:
        """Index of the sentence that spoke of it last."""
        return self.sentences[-1].index
