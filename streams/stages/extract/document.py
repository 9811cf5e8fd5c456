"""An article as the rules read it: sentences, and the names that stand in them.

Offsets inside a sentence count from its first character; `Sentence.start` is where that stands in its field (`body` or
`title`), so `sentence.start + hit.start` is an offset into the article. Order is the order of reading: the title first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from schemas.record import Place
from streams.stages.extract.dates import DateHit
from streams.theatres.theatre import Theatre

Field = Literal["title", "body"]


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place that a sentence names."""

    start: int
    end: int
    place: Place
    """The place as resolved, its `text` as written. A definite noun ("the town") has `place.inferred`."""
    cue: str = ""
    """Lower-case word just before the name, articles left out: `in`, `near`, `of`; empty at the start."""
    area: bool = False
    """True for a governorate, district, region or country: no town of its own."""
    around: bool = False
    """True if the words say surroundings: "countryside", "outskirts", "near", "around"."""
    outskirts: bool = False
    """True for "suburbs of", "outskirts of": around a capital that is a governorate of their own."""


@dataclass(frozen=True, slots=True)
class ActorHit:
    """A party that a sentence names, or takes up again ("the militants")."""

    start: int
    end: int
    ids: tuple[str, ...]
    """Actor ids. Empty if a side is named that the outlet's language keeps from saying who ("terrorists")."""
    text: str
    inferred: bool = False
    """True for a definite noun, resolved to its antecedent."""
    owner: bool = False
    """True if the name qualifies a place or thing: "rebel-held", "government positions"."""
    neutral: bool = False
    """True for people and bodies that do not fight: civilians, residents, the UN."""


@dataclass(frozen=True, slots=True)
class SourceHit:
    """Somebody who is quoted, or an outlet or agency that is named."""

    start: int
    end: int
    id: str
    """Id in the outlets data, of a primary source or an outlet."""
    text: str
    kind: Literal["source", "outlet"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the title or body."""

    index: int
    """Position in `Document.sentences`."""
    field: Field
    start: int
    """Offset in the field of the first character, which is no space."""
    end: int
    """Offset after the last character."""
    text: str
    paragraph: int
    """Counts the lines with words of the body from 0; -1 for the title."""
    words: list[str]
    """Its words in lower case: what decides at once whether a rule has anything to look at."""
    starts: list[int]
    """Where each word begins."""
    dates: tuple[DateHit, ...] = ()
    places: tuple[PlaceHit, ...] = ()
    actors: tuple[ActorHit, ...] = ()
    sources: tuple[SourceHit, ...] = ()
    repeats: bool = False
    """True if an earlier sentence of the article has the same words: headlines run into the body, repeated leads."""
    lede: bool = False
    """True for the title and the first sentences that tell the story, datelines and captions left aside."""


@dataclass(frozen=True, slots=True)
class Document:
    """One article, read as far as names."""

    article_id: str
    outlet: str
    published_at: datetime
    published: date
    """Day of `published_at` in UTC."""
    title: str
    body: str
    sentences: tuple[Sentence, ...]
    theatre: Theatre = field(repr=False, compare=False)

    def text_of(self, name: Field) -> str:
        """The text that offsets of a field run into."""
        return self.title if name == "title" else self.body

    def before(self, sentence: Sentence, count: int) -> tuple[Sentence, ...]:
        """Up to `count` sentences of the same field before one, nearest first."""
        first = max(0, sentence.index - count)
        near = self.sentences[first : sentence.index]
        return tuple(other for other in reversed(near) if other.field == sentence.field)
