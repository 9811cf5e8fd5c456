"""Letters: each known form of a word as one character, so that a text becomes a short line of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streams.theatres.names import fold_word

_CACHE_LIMIT = 200_000
"""Distinct words whose form is kept; past that the memory starts anew, so that it stays bounded."""
_LONGEST_WORD = 60

_POSSESSIVES = frozenset(("'s", "’s"))
UNKNOWN = "_"
"""Stands for each word that is part of no name."""


class Letters(dict[str, str]):
    """Words to the characters that stand for their forms. It learns forms while patterns are made, and remembers words.

    A form is an abbreviation in capitals as it is, a word of the language letter by letter (behind "="), else folded.
    """

    def __init__(self, abbreviations: frozenset[str], plain: frozenset[str], everyday: frozenset[str]) -> None:
        super().__init__()
        self._everyday = everyday
        self._abbreviations = abbreviations
        self._plain = plain
        self._known: dict[str, str] = {}

    def form(self, token: str) -> str:
        """The form of a word, known or not; empty if nothing is left of it."""
        bare = token.replace(".", "")
        if bare in self._abbreviations:
            return bare
        low = token.lower()
        return f"={low}" if low in self._plain else fold_word(token)

    def line(self, forms: Iterable[str]) -> str:
        """One character for each form; new forms get the next one."""
        known = self._known
        return "".join([known.get(form) or known.setdefault(form, _character(len(known))) for form in forms])

    def __missing__(self, token: str) -> str:
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        letter = self._look_up(token)
        if len(token) <= _LONGEST_WORD:
            self[token] = letter
        return letter

    def _look_up(self, token: str) -> str:
        if len(token) > _LONGEST_WORD:
            return UNKNOWN
        if token in self._everyday:
            # In small letters it is no place; not to see it spares a fifth of the time.
            return self._known.get(f"={token}", UNKNOWN)
        readings = map(self.form, _readings(token))
        return next((self._known[form] for form in readings if form in self._known), UNKNOWN)


def _character(number: int) -> str:
    """The n-th character from U+0100 on, surrogates left out."""
    point = 0x100 + number
    return chr(point if point < 0xD800 else point + 0x800)


def _readings(token: str) -> Iterator[str]:
    """A word, then what it may be in the possessive, with or without its apostrophe, or with a preposition glued on."""
    if token[-2:] in _POSSESSIVES:
        yield token[:-2]
    yield token
    if len(token) > 4 and token[-1] == "s":
        yield token[:-1]
    if len(token) > 3 and token[0] in "وبلف":
        yield token[1:]
