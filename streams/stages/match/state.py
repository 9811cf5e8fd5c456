"""What the match stage remembers of a place: sentences, who is behind its claims, and what met a rule.

Each stands in a row of its own, so that a record writes little, and of each kind the latest only are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import orjson

from schemas.alert import Quote, Severity
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
    row: bytes = field(compare=False, repr=False)
    """As it is stored."""


@dataclass(frozen=True, slots=True)
class Sentence(Dated):
    """A mention's evidence."""

    quote: Quote


@dataclass(frozen=True, slots=True)
class Behind(Dated):
    """Who is behind a claim."""

    voices: Voices


@dataclass(frozen=True, slots=True)
class Told:
    """What was last said of a record by one rule."""

    revision: int
    holds: bool
    severity: Severity
    signature: str
    """Hash of the match: nothing is said as long as it is equal."""


@dataclass(frozen=True, slots=True)
class Subject(Dated):
    """A record that met a rule, or that may yet, and what was said of it."""

    record: Seen
    told: Mapping[str, Told]
    """By rule."""
    wakes: frozenset[str]
    """Claims that it rests on, and mentions whose sentences are not known yet: it is looked at again with them."""


@dataclass(frozen=True, slots=True)
class PlaceMatches:
    """State of one place, by mention, claim, and subject."""

    quotes: Mapping[str, Sentence] = field(default_factory=dict)
    claims: Mapping[str, Behind] = field(default_factory=dict)
    subjects: Mapping[str, Subject] = field(default_factory=dict)


def sentence_of(mention: Mention) -> Sentence:
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
    at = mention.published_at.isoformat()
    return Sentence(at, canonical([at, quote.model_dump()]), quote)


def behind(claim: Claim) -> Behind:
    """Who is behind a claim, as it is kept."""
    at, voices = claim.last_seen.isoformat(), Voices(claim.mention_ids, claim.outlets, claim.root_sources)
    return Behind(at, canonical([at, voices.mention_ids, voices.outlets, voices.root_sources]), voices)


def subject(at: str, record: Seen, told: Mapping[str, Told], wakes: Iterable[str]) -> Subject:
    """A record and what was said of it, as it is kept."""
    shape = next(name for name, one in _SHAPES.items() if isinstance(record, one))
    said = {rule: [one.revision, one.holds, one.severity, one.signature] for rule, one in told.items()}
    row = canonical([at, shape, encode(record).decode(), said, sorted(wakes)])
    return Subject(at, row, record, told, frozenset(wakes))


def keeping(kept: Mapping[str, D], name: str, value: D, most: int) -> Mapping[str, D]:
    """With one more, or one in place of its former self; without the oldest where there are too many."""
    if (before := kept.get(name)) is not None and before.row == value.row:
        return kept
    after = {**kept, name: value}
    if len(after) > most:
        del after[min(after, key=lambda one: (after[one].at, one))]
    return after


def unsaid(state: PlaceMatches, mention_id: str) -> PlaceMatches:
    """Without a sentence that its article no longer says; the very same state if it holds none."""
    if mention_id not in state.quotes:
        return state
    return replace(state, quotes={name: one for name, one in state.quotes.items() if name != mention_id})


def dump(state: PlaceMatches) -> Rows:
    """A row a sentence, a claim, a record."""
    return {f"{letter} {name}": one.row for letter, part in _parts(state) for name, one in part.items()}


def changes(before: PlaceMatches, after: PlaceMatches) -> dict[str, bytes | None]:
    """The rows in which two states differ, null for those that go."""
    found: dict[str, bytes | None] = {}
    for (letter, old), (_, new) in zip(_parts(before), _parts(after), strict=True):
        if old is not new:
            found.update((f"{letter} {name}", None) for name in old if name not in new)
            found.update((f"{letter} {name}", one.row) for name, one in new.items() if old.get(name) is not one)
    return found


def load(rows: Rows) -> PlaceMatches:
    """The state that `dump` made these rows of."""
    quotes = {name: _sentence(row) for name, row in _named(rows, "q")}
    claims = {name: _behind(row) for name, row in _named(rows, "c")}
    return PlaceMatches(quotes, claims, {name: _subject(row) for name, row in _named(rows, "s")})


def _parts(state: PlaceMatches) -> tuple[tuple[str, Mapping[str, Dated]], ...]:
    return ("q", state.quotes), ("c", state.claims), ("s", state.subjects)


def _named(rows: Rows, letter: str) -> Iterator[tuple[str, bytes]]:
    return ((name[2:], row) for name, row in rows.items() if name[0] == letter)


def _sentence(row: bytes) -> Sentence:
    at, quote = orjson.loads(row)
    return Sentence(at, row, Quote(**quote))


def _behind(row: bytes) -> Behind:
    at, *voices = orjson.loads(row)
    return Behind(at, row, Voices(*map(tuple, voices)))


def _subject(row: bytes) -> Subject:
    at, shape, record, said, wakes = orjson.loads(row)
    told = {rule: Told(*one) for rule, one in said.items()}
    return Subject(at, row, decode(_SHAPES[shape], record.encode()), told, frozenset(wakes))
