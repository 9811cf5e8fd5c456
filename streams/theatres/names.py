"""Spelling-proof forms of names: which spellings are one name.

Outlets write one town in a dozen ways, and lose apostrophes and hyphens on the way. `fold` maps them onto one form. How
names are found in running text is left to `scan`; which of several places of one name is meant, to `gazetteer`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = "’'ʼ`‘ʿʾ´ʻʹ"
_MARKS_ON_LETTERS = r"\u0300-\u036f\u064b-\u065f\u0670"
_DASH = "[-‐‑–]"

TOKEN = re.compile(
    # The article, where the look of a word allows one: al-Bab, Al Bab, el bab, as-Suwayda, e-Zor, Ash Shaddadah;
    # but not "as Troops". Possessive throughout, since a step back never leads on.
    r"((?:(?=[AEIaei]\w?\w?[-‐‑–\ ])"
    rf"(?:[AaEeIi][Ll](?:{_DASH}|\ (?=\w))"
    rf"|[AaEe](?:[SsTtDd][Hh]|[DdNnRrSsTtZz])?{_DASH}"
    r"|(?:[AaEe](?:[std]h|[rz])|[Aae]d|A[nst]|E[dnst])\ (?=[A-ZÀ-Þ]))"
    rf"[{_APOSTROPHES}]?(?=\w))?+"
    r"(?:[A-Z](?:\.[A-Z])++\.?"  # U.S., U.N.
    rf"|\w++(?:[{_APOSTROPHES}{_MARKS_ON_LETTERS}]++\w++)*+))"
)
"""A word with the apostrophes inside it and the Arabic article before it, or an abbreviation with its dots."""

_ARTICLE = re.compile(rf"^(?:[aei]l|[ae](?:[std]h|[dnrstz])|e)[-‐‑–\ ][{_APOSTROPHES}]?")
_POSSESSIVE = re.compile(rf"(?<=\w)[{_APOSTROPHES}]s$")
_MARKS = re.compile(rf"[{_APOSTROPHES}._\u0640]|{_DASH}")
_LETTERS = str.maketrans("ıøłđəþ", "ioldat")
_ARABIC = re.compile("[\u0600-\u06ff]")
_ARABIC_LETTERS = str.maketrans({"ة": "ه", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ە": "ه", "ھ": "ه", "ء": ""})
_ARABIC_ARTICLE = re.compile(r"^ال(?=\w{2})")

_GLUED = re.compile(r"^[ae]l(?=[a-z]{4})|^(?:e(?=(\w)\1[a-z]{2})|a(?=(\w)\2[a-z]{3}))(?:dh|sh|th|[dnrstz])")
"""The article glued on: Alwaer, Arraqqa. Letters enough must be left, so that Ali and Assad stay whole."""

_ONE_SOUND = (
    ("sch", "ʃ"), ("tch", "ʃ"), ("sh", "ʃ"), ("ch", "ʃ"), ("ck", "k"), ("c", "k"), ("q", "k"), ("ʃ", "c"), ("kh", "x"),
    ("gh", "g"), ("dh", "z"), ("dj", "j"), ("th", "t"), ("ph", "f"), ("ee", "i"),
)  # fmt: skip
"""Letters that write one sound; in this order."""

_VOWELS = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"(?<=[aeiouy])h$", ""),  # final -ah, -eh, -a are one
        (r"o+u*|u+", "u"),
        (r"uw?(?=[aeiy])", "w"),
        (r"[ae]?[uw]+(?![aeiyuw])(?<!^w)", "u"),
        (r"[iy]+[ae]$", "ia"),
        (r"[ae]*[iy]+|i[ey]+(?=.)", "i"),
    )
)
"""Long u and the glide w, long i and the glide y, and the diphthongs between; in this order."""

_DOUBLED = re.compile(r"(.)\1+")


def fold(name: str) -> str:
    """The spelling-proof form of a name.

    Args:
        name: A name in Latin or Arabic script, of one or several words.

    Returns:
        Its words in folded form, joined by single spaces; empty if it has none. Two spellings of one name give one
        form: accents, apostrophes, hyphens, case, the article, q/k, ou/u/oo/o, ee/i, ei/ay, dh/z, doubled letters,
        -ah/-eh/-a; in Arabic script hamza, ta marbuta, alef maqsura, vowel marks and tatweel.
    """
    return " ".join(filter(None, map(fold_word, TOKEN.findall(name))))


@lru_cache(maxsize=1 << 17)
def fold_word(token: str) -> str:
    """The folded form of one token, as `TOKEN` cuts them."""
    word = token.lower()
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        if _ARABIC.search(word):
            return _fold_arabic(word)
        word = word.translate(_LETTERS)
    word = _GLUED.sub("", _MARKS.sub("", _ARTICLE.sub("", _POSSESSIVE.sub("", word))))
    for letters, sound in _ONE_SOUND:
        word = word.replace(letters, sound)
    for pattern, form in _VOWELS:
        word = pattern.sub(form, word)
    return _DOUBLED.sub(r"\1", word.replace("e", "a"))


def without_article(token: str) -> str:
    """A token in lower case without the Arabic article before it."""
    return _ARTICLE.sub("", token)


def _fold_arabic(word: str) -> str:
    return _ARABIC_ARTICLE.sub("", _MARKS.sub("", word).translate(_ARABIC_LETTERS))
