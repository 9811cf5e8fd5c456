"""Every name of the theatre in a text, in one pass.

All names, and the words that the stages add, go into one automaton, so the longest wins: a city inside the name of an
army or an agency is no place. Which of several places is meant is left to `gazetteer`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from streams.theatres.names import TOKEN, fold_word

PLACE = "place"
ACTOR = "actor"
SOURCE = "source"
OUTLET = "outlet"
TERM = "term"

_UNKNOWN = " _ "
_CACHE_LIMIT = 200_000
"""Distinct words whose form is kept; past that the memory starts anew, so that it stays bounded."""
_LONGEST_WORD = 60
_BREAKS = frozenset('.,;:!?()[]"“”«»…•|/،؛')
"""A name does not go on behind these."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or any word, that is to be found in texts."""

    kind: str
    """Place, actor, source, outlet, or a kind that a stage gives its own words."""
    id: str
    """What it names."""
    text: str
    """As it is written. What has a capital here needs one in the text; an abbreviation in capitals needs just these."""
    weak: bool = False
    """True if the name alone is not enough to go by."""
    firm: bool = False
    """True for a place so well known that a capitalised neighbour does not make it a person."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A name found in a text."""

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
    """Everyday words by which a place name is told from a person or a plain word, all folded."""

    everyday: frozenset[str] = frozenset()
    """Words that are a place only if the text says so: "the town of Hit"."""
    given_names: frozenset[str] = frozenset()
    """Given names: beside one of these a capitalised word is a person."""
    before_persons: frozenset[str] = frozenset()
    """What stands before a person's name: Abu, General, Sheikh."""
    settlements: frozenset[str] = frozenset()
    """What stands before a place's name: town, village, "of" left out."""


@dataclass(slots=True)
class _Meaning:
    """What one pattern stands for, of one kind."""

    kind: str
    found: tuple[str, ...]
    capital: bool
    weak: bool
    firm: bool

    def add(self, name: Name, capital: bool) -> None:
        """Take in another bearer of the name."""
        if name.id not in self.found:
            self.found += (name.id,)
        self.capital &= capital
        self.weak &= name.weak
        self.firm |= name.firm


class NameIndex:
    """Finds names in texts. Equal names in equal order give equal hits.

    Args:
        names: What to find. Where several places bear one name, the likeliest first.
        words: Everyday words and persons' names that places are to be told from.
    """

    def __init__(self, names: Iterable[Name], words: Words | None = None) -> None:
        everything = tuple(names)
        self._words = words or Words()
        self._capitals = _abbreviations(everything)
        self._exact = _plain_words(everything)
        self._folded: set[str] = set()
        patterns: dict[str, list[_Meaning]] = {}
        for name in everything:
            self._add(name, patterns)
        self._meanings = tuple(tuple(meanings) for meanings in patterns.values())
        self._automaton = AhoCorasick(
            patterns, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA
        )
        self._forms: dict[str, str] = {}

    def scan(self, text: str) -> tuple[Hit, ...]:
        """All names in a text, in order; hits of several kinds on the same words follow each other.

        Offsets count the characters of `text`. Hits on different words never overlap.
        """
        parts = TOKEN.split(text)
        forms = [self._forms.get(token) or self._form(token) for token in parts[1::2]]
        line = "".join(forms)
        found = self._automaton.find_matches_as_indexes(line)
        if not found:
            return ()
        view = _View(text, parts, line, list(accumulate(map(len, forms))), list(accumulate(map(len, parts))))
        hits: list[Hit] = []
        for pattern, start, end in found:
            self._take(hits, view, pattern, start, end)
        return tuple(hits)

    def _take(self, hits: list[Hit], view: _View, pattern: int, start: int, end: int) -> None:
        """Add the hits of one match, or what lies inside it where it turns out to be none."""
        first, last = bisect_right(view.line_ends, start), bisect_left(view.line_ends, end)
        meanings = self._meanings[pattern]
        if first == last or not view.broken(first, last):
            before = len(hits)
            capital = view.capital(first, last)
            for meaning in meanings:
                if capital or not meaning.capital:
                    weak = self._weak(view, meaning, first, last)
                    hits.append(Hit(view.begin(first), view.end(last), meaning.kind, meaning.found, weak))
            if len(hits) > before:
                return
        if first < last:
            cut = view.line_ends[last - 1]
            for a, b in ((start, cut), (cut, end)):
                for inner, c, d in self._automaton.find_matches_as_indexes(view.line[a:b]):
                    self._take(hits, view, inner, a + c, a + d)

    def _weak(self, view: _View, meaning: _Meaning, first: int, last: int) -> bool:
        if meaning.kind != PLACE:
            return meaning.weak
        before, after = view.neighbour(first, -1), view.neighbour(last, 1)
        if fold_word(before) in self._words.settlements:
            return False
        if before == "of" and fold_word(view.word(first - 2)) in self._words.settlements:
            return False
        if meaning.weak or self._names_person(before, after, view.word(first)):
            return True
        return not meaning.firm and (self._stranger(before) or self._stranger(after))

    def _names_person(self, before: str, after: str, own: str) -> bool:
        words = self._words
        lead = fold_word(before) if before[:1].isupper() else ""
        if lead and (lead in words.before_persons or lead in words.given_names):
            return True
        return fold_word(own) in words.given_names and after[:1].isupper()

    def _stranger(self, word: str) -> bool:
        """True for a capitalised word that is part of no name: the place may be half of a person."""
        return word[:1].isupper() and not word.isupper() and self._form(word) == _UNKNOWN

    def _add(self, name: Name, patterns: dict[str, list[_Meaning]]) -> None:
        tokens = TOKEN.findall(name.text)
        folded = [fold_word(token) for token in tokens]
        if not tokens or not all(folded):
            return
        own = [self._own_form(token, form) for token, form in zip(tokens, folded, strict=True)]
        self._folded.update(form for form in (*folded, *own) if form[0] != "=")
        capital = name.kind == PLACE or any(not token.islower() for token in tokens)
        for line in dict.fromkeys((_line(own), *((_line(folded),) if name.kind == PLACE else ()))):
            _join(patterns.setdefault(line, []), name, capital)

    def _own_form(self, token: str, folded: str) -> str:
        """A word's form, whether or not any name has it: abbreviation, everyday word as it is, or folded."""
        if (bare := token.replace(".", "")) in self._capitals:
            return bare
        low = token.lower()
        return f"={low}" if low in self._exact else folded

    def _form(self, token: str) -> str:
        if len(self._forms) >= _CACHE_LIMIT:
            self._forms.clear()
        form = self._forms[token] = self._known_form(token) if len(token) <= _LONGEST_WORD else _UNKNOWN
        return form

    def _known_form(self, token: str) -> str:
        for word in _readings(token):
            form = self._own_form(word, fold_word(word))
            if form in self._folded or (form[:1] in "=" and form):
                return f" {form} "
        return _UNKNOWN


@dataclass(frozen=True, slots=True)
class _View:
    """A text as tokens, and as the line of their forms that the automaton reads."""

    text: str
    parts: list[str]
    """What lies between tokens and the tokens, in turn."""
    line: str
    line_ends: list[int]
    """Where each token's form ends in the line."""
    part_ends: list[int]
    """Where each part ends in the text."""

    def word(self, token: int) -> str:
        """A token, empty outside the text."""
        return self.parts[2 * token + 1] if 0 <= token < len(self.line_ends) else ""

    def neighbour(self, token: int, step: int) -> str:
        """The next token to one side, empty if more than a space lies between."""
        gap = self.parts[2 * token + (2 if step > 0 else 0)]
        return self.word(token + step) if gap in (" ", "-") else ""

    def broken(self, first: int, last: int) -> bool:
        """True if a sentence or clause ends between two tokens."""
        return any(not _BREAKS.isdisjoint(gap) or "\n\n" in gap for gap in self.parts[2 * first + 2 : 2 * last + 1 : 2])

    def capital(self, first: int, last: int) -> bool:
        """True if a word has a capital, or a script that has none."""
        return any(map(_has_capital, self.parts[2 * first + 1 : 2 * last + 2 : 2]))

    def begin(self, token: int) -> int:
        """Offset of a token, without the English word that only looks like an article."""
        start, word = self.part_ends[2 * token], self.parts[2 * token + 1]
        return start + 3 if word[:3] in _FALSE_ARTICLES else start

    def end(self, token: int) -> int:
        """Offset behind a token, without a possessive."""
        return self.part_ends[2 * token + 1] - (2 if self.parts[2 * token + 1][-2:] in _POSSESSIVES else 0)


_FALSE_ARTICLES = frozenset(("As ", "At ", "An "))
_POSSESSIVES = frozenset(("'s", "’s"))


def _has_capital(token: str) -> bool:
    bare = token.split("-")[-1] if "-" in token else token[3:] if token[2:3] == " " else token
    return not bare.islower()


def _readings(token: str) -> Iterator[str]:
    """A token, then what it may be where a text has lost its apostrophes, or glues a preposition on as Arabic does."""
    yield token
    if len(token) > 4 and token[-1] == "s":
        yield token[:-1]
    if len(token) > 4 and token[0] in "وبلف":
        yield token[1:]


def _abbreviations(names: Iterable[Name]) -> frozenset[str]:
    """Words that are written in capitals and mean something else without: IS, WHO, SITE."""
    words = (w.replace(".", "") for n in names if n.kind != PLACE for w in TOKEN.findall(n.text))
    return frozenset(word for word in words if len(word) > 1 and word.isalpha() and word.isupper() and word.isascii())


def _plain_words(names: Iterable[Name]) -> frozenset[str]:
    """Words of the language in the names: matched letter by letter, since "held" is not "hailed"."""
    return frozenset(w for n in names if n.kind != PLACE for w in TOKEN.findall(n.text) if w.islower() and w.isascii())


def _line(forms: Iterable[str]) -> str:
    return "".join(f" {form} " for form in forms)


def _join(meanings: list[_Meaning], name: Name, capital: bool) -> None:
    for meaning in meanings:
        if meaning.kind == name.kind:
            meaning.add(name, capital)
            return
    meanings.append(_Meaning(name.kind, (name.id,), capital, name.weak, name.firm))
