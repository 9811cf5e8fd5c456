"""The words of attribution of a theatre, compiled: who speaks, and which words say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from streams.stages.extract.cues import tokens

PATH = "lexicon/attribution.yaml"


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that says that somebody is quoted."""

    kind: str
    """`said` (who is quoted stands before or behind), `speaks` (before), `quotes` (behind), `denies` (before)."""
    start: int
    end: int


_BLANK = " ,)\"”’'-\t\n"


@dataclass(frozen=True, slots=True)
class Fillers:
    """Words and phrases that are passed over when going left from a verb."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    """Each with the space before it."""

    def before(self, text: str, end: int) -> int:
        """Where the words end that stand before any fillers, not more than 90 characters to the left."""
        floor = max(0, end - 90)
        while True:
            while end > floor and text[end - 1] in _BLANK:
                end -= 1
            start = max(floor, text.rfind(" ", floor, end) + 1)
            lowered = text[floor:end].lower()
            if text[start:end].lower() in self.words:
                end = start
            elif lowered.endswith(self.phrases):
                end -= next(len(phrase) - 1 for phrase in self.phrases if lowered.endswith(phrase))
            else:
                return end


def _fillers(entries: Iterable[str]) -> Fillers:
    known = [str(entry).lower() for entry in entries]
    return Fillers(
        frozenset(one for one in known if " " not in one),
        tuple(sorted((f" {one}" for one in known if " " in one), key=lambda one: (-len(one), one))),
    )


@dataclass(frozen=True, slots=True)
class Speech:
    """Patterns and word lists of attribution."""

    automaton: AhoCorasick
    kinds: tuple[str, ...]
    """Kind of each of the automaton's words."""
    openers: frozenset[str]
    """First words of these: a sentence without any quotes nobody."""
    fillers: Fillers
    """What may stand between somebody and the verb."""
    titles: Fillers
    """The same with words of office and trade, which only a body's name takes."""
    unnamed: re.Pattern[str]
    """A phrase for somebody unnamed, anchored at its end."""
    last_words: frozenset[str]
    """Last words of such phrases: where none stands, the phrase need not be looked for."""
    speaker: re.Pattern[str]
    """The same phrase, anchored at its beginning."""
    again: tuple[str, ...]
    """Words that take up whoever was quoted before, each with the space before it."""
    offices: re.Pattern[str]
    where: re.Pattern[str]
    """A place or body behind somebody unnamed: "a source at the police command", anchored at its end."""
    bodies: tuple[str, ...]
    capitals: Mapping[str, str]
    """Actor that a capital's name stands for."""
    organs: tuple[tuple[str, str], ...]
    """Last words of the names of state bodies, with the party that each speaks for."""
    plain: frozenset[str]
    """Plain words that name a body by themselves: "the observatory"."""
    partisan: frozenset[str]
    """Types of source that speak for a party."""

    def cues(self, text: str) -> tuple[Cue, ...]:
        """The words of attribution in a sentence, in order; not "said to be" and its like."""
        found: list[Cue] = []
        for index, start, end in self.automaton.find_matches_as_indexes(text):
            if (start and text[start - 1].isalnum()) or text[end : end + 1].isalnum():
                continue
            if found and start - found[-1].end == 1:  # "local reports said": a noun and its verb
                found.pop()
            found.append(Cue(self.kinds[index], start, end))
        return tuple(cue for cue in found if cue.kind != "nobody")


def compile_speech(data: Mapping[str, Any]) -> Speech:
    """The words of `lexicon/attribution.yaml`, ready to match."""
    kinds = {word: kind for kind in ("speaks", "said", "quotes", "nobody", "denies") for word in data[kind]}
    forms = {form: kind for word, kind in kinds.items() for form in (word, word.capitalize())}
    nouns = _any(data["speakers"])
    stops = _any(data["stops"])
    inner = rf"(?!(?:{stops}|the|an?)\b)[\w’'.-]+ "
    phrase = rf"(?:(?:the|an?|one|two|some|several|many) )?(?:{inner}){{0,4}}(?:{nouns})"
    return Speech(
        automaton=AhoCorasick(list(forms), matchkind=MatchKind.LeftmostLongest),
        kinds=tuple(forms.values()),
        openers=frozenset(tokens(word)[0][0] for word in kinds),
        fillers=_fillers(data["fillers"]),
        titles=_fillers([*data["fillers"], *data["titles"]]),
        unnamed=re.compile(rf"\b{phrase}$", re.IGNORECASE),
        last_words=frozenset(noun.split()[-1] for noun in data["speakers"]),
        speaker=re.compile(rf"{phrase}\b", re.IGNORECASE),
        again=tuple(f" {word}" for word in (*data["again"]["persons"], *data["again"]["bodies"])),
        offices=re.compile(
            rf",? (?:the |an? )?(?:[\w-]+ ){{0,2}}?(?:{_any(data['offices'])}) (?:the )?", re.IGNORECASE
        ),
        where=re.compile(r" (?:in|at|from|inside|near|with|on) ((?:the )?[\w’'-]+(?: [\w’'-]+){0,3})$"),
        bodies=tuple(data["bodies"]),
        capitals=dict(data["capitals"]),
        organs=tuple(data["organs"].items()),
        plain=frozenset(data["plain"]),
        partisan=frozenset(data["partisan"]),
    )


def _any(words: Iterable[str]) -> str:
    """One alternation of words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
