"""A sentence laid out for the rules: tokens, cues, names and times on one axis, with the cost of going between them.

Texts that lost their commas have no clauses to parse. So nearness stands in for syntax: the way from a verb to a name
costs its tokens, and more for every word that opens a clause on the way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Generic, TypeVar

from streams.stages.extract.cues import TELLING, Cue, Lexicon, scan
from streams.stages.extract.dates import DateHit
from streams.stages.extract.document import ActorHit, Document, PlaceHit, Sentence
from streams.stages.extract.toll_text import TollHit
from streams.stages.extract.tolls import find_tolls

BREAK_COST = {"and": 2, "but": 6, "that": 5, "as": 5, "with": 3, "including": 4}
"""What a clause opener adds to the way, in tokens, where it is not the usual amount."""
USUAL_BREAK = 7
COMMA = 3
STOP = 9
"""Semicolons, colons, dashes, brackets and quotation marks."""

COUNTING = frozenset(("generic", "casualty"))
"""Kinds of cue beside which people may be counted."""
_AFTER_NAME = frozenset(("which", "where", "that", "who"))


H = TypeVar("H", PlaceHit, ActorHit, DateHit, TollHit)


@dataclass(frozen=True, slots=True)
class Spot(Generic[H]):
    """A stretch of tokens, with what stands there."""

    first: int
    last: int
    hit: H


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, laid out."""

    sentence: Sentence
    published: date
    first_year: int
    """The theatre's war began in it."""
    lists: Mapping[str, frozenset[str]]
    """Closed lists of words that rules ask for, by name."""
    words: list[str]
    starts: list[int]
    cues: list[Cue]
    toll_of_way: list[int]
    """Sum of the costs of all breaks before a token."""
    places: tuple[Spot[PlaceHit], ...]
    actors: tuple[Spot[ActorHit], ...]
    dates: tuple[Spot[DateHit], ...]
    tolls: tuple[Spot[TollHit], ...]

    def way(self, first: int, last: int, other_first: int, other_last: int) -> int:
        """Cost of the way between two stretches of tokens; a relative clause is no way from the name it follows."""
        if other_first >= last:
            here, there = last - 1, other_first
            gap = other_first - last
        elif other_last <= first:
            here, there = self._edge(other_last), first
            gap = first - other_last
        else:
            return 0
        return gap + max(0, self.toll_of_way[there] - self.toll_of_way[min(here, len(self.words) - 1)])

    def _edge(self, last: int) -> int:
        follows = self.words[last] if last < len(self.words) else ""
        return last if follows in _AFTER_NAME else last - 1

    def before(self, at: int, count: int) -> list[str]:
        """Up to `count` words before a token, in reading order."""
        return self.words[max(0, at - count) : at]

    def word(self, at: int) -> str:
        """The token at an index, empty beyond the ends."""
        return self.words[at] if 0 <= at < len(self.words) else ""


def lay_out(document: Document, sentence: Sentence, lexicon: Lexicon) -> Line | None:
    """A sentence's tokens, cues, names, times and figures; None if no word of it tells of an act."""
    words, starts = sentence.words, sentence.starts
    if lexicon.telling.isdisjoint(words):
        return None
    cues = scan(lexicon, words)
    kinds = {cue.kind for cue in cues}
    if kinds.isdisjoint(TELLING):
        return None
    return Line(
        sentence,
        document.published,
        int(document.theatre.parameter("first_year")),
        lexicon.lists,
        words,
        starts,
        cues,
        _toll_of_way(sentence.text, words, starts, cues),
        _spots(starts, sentence.places),
        _spots(starts, sentence.actors),
        _spots(starts, sentence.dates),
        () if kinds.isdisjoint(COUNTING) and not _executes(cues) else _spots(starts, find_tolls(sentence.text)),
    )


def _executes(cues: list[Cue]) -> bool:
    return any(cue.type in ("attack_on_civilians", "chemical_attack") for cue in cues)


def _spots(starts: list[int], hits: tuple[H, ...]) -> tuple[Spot[H], ...]:
    return tuple(Spot(_token_at(starts, hit.start), _token_at(starts, hit.end - 1) + 1, hit) for hit in hits)


def _token_at(starts: list[int], offset: int) -> int:
    return max(0, bisect_right(starts, offset) - 1)


def _toll_of_way(text: str, words: list[str], starts: list[int], cues: list[Cue]) -> list[int]:
    cost = [0] * len(words)
    for cue in cues:
        if cue.kind == "break":
            cost[cue.first] += BREAK_COST.get(words[cue.first], USUAL_BREAK)
    end = 0
    for at, start in enumerate(starts):
        if start - end > 1:
            cost[at] += _mark(text[end:start])
        end = start + len(words[at])
    return list(accumulate(cost))


def _mark(between: str) -> int:
    mark = between.strip("-’' “”\"‘")
    if mark in ("", "."):  # a full stop within a sentence ends an abbreviation
        return 0
    return COMMA if mark == "," else STOP
