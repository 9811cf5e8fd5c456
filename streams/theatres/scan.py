"""Every name of the theatre in a text, in one pass.

All names, and the words that the stages add, go into one automaton, so the longest wins: a city inside the name of an
army or an agency is no place. Which of several places is meant is left to `gazetteer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from streams.theatres.letters import UNKNOWN, Letters
from streams.theatres.names import TOKEN, fold_word, without_article

PLACE = "place"
ACTOR = "actor"
SOURCE = "source"
OUTLET = "outlet"
TERM = "term"

_BREAKS = frozenset('.,;:!?()[]"“”«»…•|/،؛')
"""A name does not go on behind these."""


class Standing(IntEnum):
    """How much it takes for a name to be taken at its word."""

    WEAK = 0
    """It says little by itself: "the army"; of places one that needs a word like "town of" before it."""
    FAINT = 1
    """A place that the news hardly knows, by one word: it needs something that places it."""
    PLAIN = 2
    """A place, unless a word beside it makes it a person."""
    FIRM = 3
    """A place that the news knows; and any name of another kind."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or any word, that is to be found in texts."""

    kind: str
    """Place, actor, source, outlet, or a kind that a stage gives its own words."""
    id: str
    """What it names."""
    text: str
    """As it is written. What has a capital here needs one in the text; an abbreviation in capitals needs just these."""
    standing: Standing = Standing.FIRM


class Hit(NamedTuple):
    """A name found in a text. A tuple, as an article has some fifty of them."""

    start: int
    """Offset of its first character."""
    end: int
    """Offset after its last character."""
    kind: str
    ids: tuple[str, ...]
    """All that bear the name, in the order in which the names were given: of places the likeliest first."""
    weak: bool = False
    """True if it may well be something else: a bare hamlet's name, a person's, an everyday word."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words by which a place is told from a person or a plain word. Folded, but for `everyday`."""

    everyday: frozenset[str] = frozenset()
    """Words and other names that are a place only if the text says so ("the town of Hit"), in lower case, unfolded."""
    given_names: frozenset[str] = frozenset()
    """Given names: beside one of these a capitalised word is a person."""
    before_persons: frozenset[str] = frozenset()
    """What stands before a person's name: Abu, General, Sheikh."""
    settlements: frozenset[str] = frozenset()
    """What stands before a place, with or without "of", or behind it: town, village, countryside."""
    placing: frozenset[str] = frozenset()
    """What stands before a place and makes one of it: in, near, toward."""


@dataclass(slots=True)
class _Meaning:
    """What one pattern stands for, of one kind."""

    kind: str
    ids: tuple[str, ...]
    standing: Standing
    capitals: tuple[int, ...]
    """Words, by number, that need a capital; of well-known names one capital anywhere is enough."""

    def add(self, name: Name, capitals: tuple[int, ...]) -> None:
        """Take in another bearer of the name."""
        if name.id not in self.ids:
            self.ids += (name.id,)
        self.standing = max(self.standing, name.standing)
        self.capitals = tuple(number for number in self.capitals if number in capitals)

    def has_capitals(self, words: list[str]) -> bool:
        """True if the words have the capitals that the name needs, or are of a script that has none."""
        if self.standing is Standing.FIRM:
            return not all(map(str.islower, words))
        return not any(words[number].islower() for number in self.capitals)


class NameIndex:
    """Finds names in texts. Equal names in equal order give equal hits.

    Each known word form is one character of the line that the automaton reads. So a match begins and ends at words, its
    offsets are numbers of words, and a line is an eighth of its text.

    Args:
        names: What to find. Where several places bear one name, the likeliest first.
        words: Everyday words and persons' names that places are to be told from.
    """

    def __init__(self, names: Iterable[Name], words: Words | None = None) -> None:
        everything = [(name, TOKEN.findall(name.text)) for name in names]
        self._words = words or Words()
        self._letters = Letters(
            _abbreviations(everything), _plain_words(everything, self._words.everyday), self._words.everyday
        )
        patterns: dict[str, tuple[_Meaning, ...]] = {}
        for name, tokens in everything:
            self._add(name, tokens, patterns)
        self._meanings = tuple(patterns.values())
        self._automaton = AhoCorasick(
            patterns, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA
        )

    def scan(self, text: str) -> tuple[Hit, ...]:
        """All names in a text, in order; hits of several kinds on the same words follow each other.

        Offsets count the characters of `text`. Hits on different words never overlap.
        """
        parts = TOKEN.split(text)
        line = "".join(map(self._letters.__getitem__, parts[1::2]))
        found = self._automaton.find_matches_as_indexes(line)
        if not found:
            return ()
        view = _View(parts, line, list(accumulate(map(len, parts))))
        hits: list[Hit] = []
        for pattern, first, end in found:
            self._take(hits, view, pattern, first, end)
        return tuple(hits)

    def _take(self, hits: list[Hit], view: _View, pattern: int, first: int, end: int) -> None:
        """Add the hits of one match, or what lies inside it where it turns out to be none."""
        some = False
        words = view.parts[2 * first + 1 : 2 * end : 2]
        if end - first == 1 or not view.broken(first, end):
            start, stop = view.span(first, end)
            for meaning in self._meanings[pattern]:
                if meaning.capitals and not meaning.has_capitals(words):
                    continue
                some = True
                if meaning.kind == PLACE:
                    weak = self._doubtful(view, meaning.standing, first, end) and not self._called_place(view, first)
                    view.after_place = view.after_place if weak else end
                else:
                    weak = meaning.standing is Standing.WEAK or (end - first == 1 and self._shouted(view, first))
                hits.append(Hit(start, stop, meaning.kind, meaning.ids, weak))
        if not some and end - first > 1:
            for a, b in ((first, end - 1), (end - 1, end)):
                for inner, c, d in self._automaton.find_matches_as_indexes(view.line[a:b]):
                    self._take(hits, view, inner, a + c, a + d)

    def _doubtful(self, view: _View, standing: Standing, first: int, end: int) -> bool:
        """True if a place name may be something else here."""
        if standing is Standing.WEAK:
            return True
        before, after = view.before(first), view.after(end)
        own = view.word(first) if end - first == 1 else ""
        if self._everyday(own) or self._names_person(before, after, own):
            return True
        if standing is Standing.FIRM:
            return False
        leads = before.lower() in self._words.placing
        if self._stranger(after) or (self._stranger(before) and not leads):
            return True
        return standing is Standing.FAINT and not leads and not self._placed(view, before, after, first)

    def _shouted(self, view: _View, first: int) -> bool:
        """True for an everyday word in a line of capitals: "WHO IS IN ALEPPO"."""
        own = view.word(first)
        if not own.isupper() or own.lower() not in self._words.everyday:
            return False
        return any(len(word) > 1 and word.isupper() for word in (view.before(first), view.after(first + 1)))

    def _called_place(self, view: _View, first: int) -> bool:
        """True if the text says that it is a place: "town of", "village"."""
        noun = view.before(first)
        noun = view.before(first - 1) if noun == "of" else noun
        return noun.islower() and fold_word(noun) in self._words.settlements

    def _placed(self, view: _View, before: str, after: str, first: int) -> bool:
        """True if something makes a place of a little-known word: "village" behind it, a place just before."""
        if after.islower() and fold_word(after) in self._words.settlements:
            return True
        return 0 <= first - view.after_place <= (1 if before == "and" else 0)

    def _everyday(self, own: str) -> bool:
        bare = without_article(own.lower()) if "-" in own or " " in own else own.lower()
        return bare in self._words.everyday or (bare[-1:] == "s" and bare[:-1].rstrip("'’") in self._words.everyday)

    def _names_person(self, before: str, after: str, own: str) -> bool:
        words = self._words
        lead = fold_word(before) if before[:1].isupper() else ""
        if lead and (lead in words.before_persons or lead in words.given_names):
            return True
        return after[:1].isupper() and fold_word(own) in words.given_names

    def _stranger(self, word: str) -> bool:
        """True for a capitalised word that is part of no name: the place may be half of a person."""
        return word[:1].isupper() and not word.isupper() and self._letters[word] == UNKNOWN

    def _add(self, name: Name, tokens: list[str], patterns: dict[str, tuple[_Meaning, ...]]) -> None:
        forms = [form for token in tokens if (form := self._letters.form(token))]
        if not forms or len(forms) < len(tokens):
            return
        capitals = tuple(number for number, token in enumerate(tokens) if not token.islower())
        if name.kind == PLACE and not capitals:
            return
        _mean(patterns, self._letters.line(forms), name, capitals)
        if name.kind != PLACE and "-" in name.text:
            glued = name.text.replace("-", "")
            self._add(replace(name, text=glued), TOKEN.findall(glued), patterns)
        if name.kind == PLACE and any(form[0] == "=" for form in forms):
            # "Heet" is read as folded, though "hit" is a word of the stages, matched letter by letter.
            folded = [fold_word(token) for token in tokens]
            _mean(patterns, self._letters.line(folded), name, capitals)


@dataclass(slots=True)
class _View:
    """A text as words, and as the line that the automaton reads."""

    parts: list[str]
    """What lies between words, and the words, in turn."""
    line: str
    ends: list[int]
    """Where each part ends in the text."""
    after_place: int = -9
    """Number of the word behind the last place that counts."""

    def word(self, number: int) -> str:
        """A word by its number."""
        return self.parts[2 * number + 1]

    def before(self, number: int) -> str:
        """The word before one, empty if there is none or more than a space or hyphen between."""
        return self.parts[2 * number - 1] if number > 0 and self.parts[2 * number] in _LINKS else ""

    def after(self, number: int) -> str:
        """The word of a number, empty if there is none or more than a space or hyphen before it."""
        return self.parts[2 * number + 1] if number < len(self.line) and self.parts[2 * number] in _LINKS else ""

    def broken(self, first: int, end: int) -> bool:
        """True if a sentence or clause ends between two words."""
        gaps = self.parts[2 * first + 2 : 2 * end : 2]
        return any(gap not in _LINKS and (not _BREAKS.isdisjoint(gap) or "\n\n" in gap) for gap in gaps)

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Offsets of words, without an English word that only looks like an article, and without the possessive."""
        start, stop = self.ends[2 * first], self.ends[2 * end - 1]
        if self.parts[2 * first + 1][:3] in _FALSE_ARTICLES:
            start += 3
        return start, stop - 2 if self.parts[2 * end - 1][-2:] in _POSSESSIVES else stop


_LINKS = frozenset((" ", "-"))
_FALSE_ARTICLES = frozenset(("As ", "At ", "An "))
_POSSESSIVES = frozenset(("'s", "’s"))


def _mean(patterns: dict[str, tuple[_Meaning, ...]], line: str, name: Name, capitals: tuple[int, ...]) -> None:
    """Let a pattern stand for a name as well."""
    meanings = patterns.get(line, ())
    for meaning in meanings:
        if meaning.kind == name.kind:
            return meaning.add(name, capitals)
    patterns[line] = (*meanings, _Meaning(name.kind, (name.id,), name.standing, capitals))


def _abbreviations(names: Iterable[tuple[Name, list[str]]]) -> frozenset[str]:
    """Words that are written in capitals and mean something else without: IS, WHO, SITE."""
    words = (word.replace(".", "") for name, tokens in names if name.kind != PLACE for word in tokens)
    return frozenset(word for word in words if len(word) > 1 and word.isalpha() and word.isupper() and word.isascii())


def _plain_words(names: Iterable[tuple[Name, list[str]]], everyday: frozenset[str]) -> frozenset[str]:
    """Words of the language in the names: matched letter by letter, since "held" is not "hailed".

    In the names of places most words in small letters are no such words ("al-bab"), but "airport" and "camp" are.
    """
    words = ((name.kind, word) for name, tokens in names for word in tokens if word.islower() and word.isascii())
    return frozenset(word for kind, word in words if kind != PLACE or word in everyday)
