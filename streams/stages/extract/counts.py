"""Numbers as news writes them: digits, words, and round figures such as "dozens".

Decides what quantity a few words state. What is counted, and whether it is a toll at all, is left to the reader of
tolls; which day it makes, to the reader of dates.
"""

from __future__ import annotations

import re

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

WORDS: dict[str, int] = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
"""Number words below one hundred, without compounds."""

ROUND: dict[str, tuple[int, int | None]] = {
    "dozens": (24, None),
    "scores": (40, None),
    "hundreds": (200, None),
    "thousands": (2000, None),
}
"""Round plurals and the least that each can mean: two dozen, two score, two hundred."""

_TEN = "|".join(_TENS)
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))

NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d{1,7}"
    rf"|(?:{_TEN})(?:[- ]?(?:one|two|three|four|five|six|seven|eight|nine)\b)?"
    r"|(?:a|one|two|three|four|five|six|seven|eight|nine) (?:hundred|thousand)(?: and [a-z]{3,9}(?:[- ][a-z]{3,5})?)?"
    rf"|(?:a|half a|two|three|four|five) dozen\b|{_UNIT})"
)
"""Pattern of one number in digits or words, without a capturing group. Use with IGNORECASE."""

_SPLIT = re.compile(r"[\s-]+")


def number(text: str) -> int | None:
    """The number that a match of `NUMBER` states.

    Args:
        text: Such as "1,500", "sixty-two", "two dozen" or "a hundred and twelve".

    Returns:
        The number, null if the words are no number.
    """
    digits = text.replace(",", "")
    if digits.isascii() and digits.isdigit():
        return int(digits)
    return _from_words([word for word in _SPLIT.split(text.lower()) if word != "and"])


def _from_words(words: list[str]) -> int | None:
    """Value of number words read from the left: "two hundred twenty six", "half a dozen", "sixty two"."""
    if words == ["half", "a", "dozen"]:
        return 6
    total = 0
    for word in words:
        if word in ("dozen", "hundred", "thousand"):
            total = max(total, 1) * {"dozen": 12, "hundred": 100, "thousand": 1000}[word]
        elif word in ("a", "an"):
            total += 1
        elif word in WORDS:
            total += WORDS[word]
        else:
            return None
    return total if words else None
