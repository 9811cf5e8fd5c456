"""What the match stage remembers of a place: sentences, who is behind its claims, and what met a rule.

Each stands in a row of its own, so that a record writes little, and of each kind the latest only are kept. On a broker
the topics of a place are read in any order against each other, so what may be read too late to matter when it became
known is kept with its known time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from heapq import nsmallest
from typing import TypeVar

import orjson

from schemas.alert import Quote, Turn
from schemas.codec import canonical, decode, encode
from schemas.control import ControlChange
from schemas.event import Claim, Event
from schemas.mention import Mention
from streams.stages.stage import Rows

Seen = Event | Claim | ControlChange
"""A record that rules watch."""

QUOTES, CLAIMS, SUBJECTS = 400, 300, 300
"""Most sentences, claims and watched records of one place that are kept: a siege of years fits, a row each."""
QUOTE_CHARACTERS = 300
"""Longest sentence that is kept whole."""
EARLIER = 8
"""Most earlier words on a claim, and most records of a subject that wait for sentences, that are kept: more are not
passed on one topic while another one is read."""
TURNS = 50
"""Most turns of a record to a rule that are told, the first and the latest."""
LATEST = datetime.max.replace(tzinfo=UTC)
"""Later than anything that is known."""
_SHAPES: dict[str, type[Seen]] = {"event": Event, "claim": Claim, "change": ControlChange}

D = TypeVar("D", bound="Dated")


@dataclass(frozen=True, slots=True)
class Voices:
    """Who says something."""

    mention_ids: tuple[str, ...]
    outlets: tuple[str, ...]
    root_sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """Something that is kept, with its age."""

    at: str
    """Publication or event day in ISO form: the oldest go first."""


@dataclass(frozen=True, slots=True)
class Sentence(Dated):
    """A mention's evidence."""

    known_at: datetime
    quote: Quote


Word = tuple[datetime, Voices | None]
"""From which known time on who is behind a claim, null for nobody as it ended."""


@dataclass(frozen=True, slots=True)
class Behind(Dated):
    """Who is behind a claim, and was before."""

    revision: int
    words: tuple[Word, ...]
    """The last few, the latest last."""
    into: str
    """The claim that took it in; empty if none did."""

    def as_of(self, moment: datetime) -> Voices | None:
        """Who was behind it at a known time, null for nobody; the earliest word if none is of then."""
        known = [voices for since, voices in self.words if since <= moment]
        return known[-1] if known else self.words[0][1]

    @property
    def known_at(self) -> datetime:
        """Known time of the last word."""
        return self.words[-1][0]

    @property
    def last(self) -> Voices | None:
        """Who was behind it last, before it ended."""
        return next((voices for _, voices in reversed(self.words) if voices), None)


@dataclass(frozen=True, slots=True)
class Told:
    """What was last said of a record by one rule."""

    revision: int
    turns: tuple[Turn, ...]
    signature: str
    """Hash of the match: nothing is said as long as it is equal."""


Known = tuple[datetime, Seen]
"""A record, and the known time from which it is so."""


@dataclass(frozen=True, slots=True)
class Subject(Dated):
    """A record that met a rule, or that may yet, and what was said of it."""

    known: tuple[Known, ...]
    """The record as it is; before it, from the first on of which not all sentences are known, as it was."""
    over_since: datetime | None
    """Known time from which a change is taken back by a correction; null if none does."""
    told: Mapping[str, Told]
    """By rule."""
    wakes: frozenset[str]
    """Claims that it rests on, and mentions whose sentences are not known yet: it is looked at again with them."""

    @property
    def record(self) -> Seen:
        """The record as it is."""
        return self.known[-1][1]

    @property
    def known_at(self) -> datetime:
        """Known time from which the record is as it is."""
        return self.known[-1][0]


@dataclass(frozen=True, slots=True)
class PlaceMatches:
    """State of one place, by mention, claim, and subject."""

    quotes: Mapping[str, Sentence] = field(default_factory=dict)
    claims: Mapping[str, Behind] = field(default_factory=dict)
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    waking: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The subjects that a claim or mention wakes, and perhaps some that are gone."""


def sentence_of(mention: Mention, known_at: datetime) -> Sentence:
    """A mention's evidence, as it is kept."""
    said = mention.evidence.text
    text = said if len(said) <= QUOTE_CHARACTERS else said[: QUOTE_CHARACTERS - 1] + "…"
    quote = Quote(
        mention_id=mention.mention_id,
        outlet=mention.outlet,
        source=mention.source,
        root_source=mention.root_source,
        text=text,
    )
    return Sentence(mention.published_at.isoformat(), known_at, quote)


def behind(claim: Claim, known_at: datetime, before: Behind | None, *, over: bool) -> Behind:
    """Who is behind a claim, as it is kept, with what was known of that before."""
    voices = None if over else Voices(claim.mention_ids, claim.outlets, claim.root_sources)
    words = _said((known_at, voices), before.words if before else ())
    return Behind(claim.last_seen.isoformat(), claim.revision, words, before.into if before and over else "")


def led_on(before: Behind, into: str, known_at: datetime) -> Behind:
    """Who is behind a claim that another one took in."""
    return Behind(before.at, before.revision, _said((known_at, None), before.words), into)


def _said(word: Word, before: tuple[Word, ...]) -> tuple[Word, ...]:
    # Log times may go back from one article to the next; what is known of a claim goes forward.
    known_at = max(word[0], before[-1][0]) if before else word[0]
    return (*(one for one in before if one[0] < known_at), (known_at, word[1]))[-EARLIER:]


def _lists(voices: Voices) -> tuple[tuple[str, ...], ...]:
    return voices.mention_ids, voices.outlets, voices.root_sources


def subject(
    at: str,
    known: tuple[Known, ...],
    over_since: datetime | None = None,
    told: Mapping[str, Told] | None = None,
    wakes: Iterable[str] = (),
) -> Subject:
    """A record and what was said of it, as it is kept."""
    return Subject(at, known, over_since, told or {}, frozenset(wakes))


def keeping(kept: Mapping[str, D], name: str, value: D, most: int) -> Mapping[str, D]:
    """With one more, or one in place of its former self; where there are too many by a tenth, without the oldest."""
    if kept.get(name) == value:
        return kept
    after = {**kept, name: value}
    if len(after) > most + most // 10:
        # Several at once, so that few records pay for the search.
        for gone in nsmallest(len(after) - most, after, key=lambda one: (after[one].at, one)):
            del after[gone]
    return after


def holding(state: PlaceMatches, name: str, value: Subject) -> PlaceMatches:
    """The state with a subject, new or in place of its former self."""
    before = state.subjects.get(name)
    subjects = keeping(state.subjects, name, value, SUBJECTS)
    slept = before.wakes if before else frozenset[str]()
    if slept == value.wakes:
        return replace(state, subjects=subjects)
    waking = dict(state.waking)
    for one in slept ^ value.wakes:
        left = waking.pop(one, frozenset()) & subjects.keys()
        left = left | {name} if one in value.wakes else left - {name}
        if left:
            waking[one] = left
    return replace(state, subjects=subjects, waking=waking)


def dump(state: PlaceMatches) -> Rows:
    """A row a sentence, a claim, a record."""
    return {f"{letter} {name}": _row(one) for letter, part in _parts(state) for name, one in part.items()}


def changes(before: PlaceMatches, after: PlaceMatches) -> dict[str, bytes | None]:
    """The rows in which two states differ, null for those that go."""
    found: dict[str, bytes | None] = {}
    for (letter, old), (_, new) in zip(_parts(before), _parts(after), strict=True):
        if old is not new:
            found.update((f"{letter} {name}", None) for name in old if name not in new)
            found.update((f"{letter} {name}", _row(one)) for name, one in new.items() if old.get(name) is not one)
    return found


def load(rows: Rows) -> PlaceMatches:
    """The state that `dump` made these rows of."""
    quotes = {name: _sentence(row) for name, row in _named(rows, "q")}
    claims = {name: _behind(row) for name, row in _named(rows, "c")}
    subjects = {name: _subject(row) for name, row in _named(rows, "s")}
    waking: dict[str, frozenset[str]] = {}
    for name, one in subjects.items():
        waking.update((woken, waking.get(woken, frozenset()) | {name}) for woken in one.wakes)
    return PlaceMatches(quotes, claims, subjects, waking)


def _parts(state: PlaceMatches) -> tuple[tuple[str, Mapping[str, Dated]], ...]:
    return ("q", state.quotes), ("c", state.claims), ("s", state.subjects)


def _named(rows: Rows, letter: str) -> Iterator[tuple[str, bytes]]:
    return ((name[2:], row) for name, row in rows.items() if name[0] == letter)


def _row(one: Dated) -> bytes:
    if isinstance(one, Sentence):
        return canonical([one.at, one.known_at, one.quote.model_dump()])
    if isinstance(one, Behind):
        words = [[known_at, *(_lists(voices) if voices else ())] for known_at, voices in one.words]
        return canonical([one.at, one.revision, one.into, *words])
    return _subject_row(one) if isinstance(one, Subject) else b""


def _subject_row(one: Subject) -> bytes:
    shape = next(name for name, shape in _SHAPES.items() if isinstance(one.record, shape))
    records = [[known_at, encode(record).decode()] for known_at, record in one.known]
    said = {
        rule: [told.revision, told.signature, *(turn.model_dump(mode="json") for turn in told.turns)]
        for rule, told in one.told.items()
    }
    return canonical([one.at, shape, records, one.over_since, said, sorted(one.wakes)])


def _sentence(row: bytes) -> Sentence:
    at, known_at, quote = orjson.loads(row)
    return Sentence(at, datetime.fromisoformat(known_at), Quote(**quote))


def _behind(row: bytes) -> Behind:
    at, revision, into, *said = orjson.loads(row)
    words = tuple(
        (datetime.fromisoformat(known_at), Voices(*map(tuple, voices)) if voices else None)
        for known_at, *voices in said
    )
    return Behind(at, revision, words, into)


def _subject(row: bytes) -> Subject:
    at, shape, records, over_since, said, wakes = orjson.loads(row)
    told = {
        rule: Told(revision, tuple(Turn.model_validate(turn, strict=False) for turn in turns), signature)
        for rule, (revision, signature, *turns) in said.items()
    }
    known = tuple(
        (datetime.fromisoformat(known_at), decode(_SHAPES[shape], record.encode())) for known_at, record in records
    )
    return Subject(at, known, datetime.fromisoformat(over_since) if over_since else None, told, frozenset(wakes))
