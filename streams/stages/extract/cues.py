"""The words by which a sentence tells of events, found by one walk over its tokens.

The words themselves are data (`lexicon/events.yaml` of the theatre pack). Here they are compiled into one table by
first word; at each token the longest phrase of each layer is taken. Layers do not hide each other: "offensive to" holds
back, and "offensive" still is a trigger.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

_PARTS = re.compile(r"[^\W_]+|[\W_]+")
_VOWELS = frozenset("aeiou")

LAYER = {
    "trigger": 0,
    "generic": 0,
    "casualty": 0,
    "means": 1,
    "refusal": 2,
    "resumed": 2,
    "failed": 3,
    "aside": 4,
    "whole_war": 4,
    "break": 5,
    "speaking": 6,
    "compound": 7,
}
"""Kinds of cue by layer: within one layer the longest phrase wins and nothing overlaps."""
TELLING = frozenset(("trigger", "generic", "casualty"))
"""Kinds of cue without which a sentence is left alone."""


class Cue(NamedTuple):
    """A word or phrase of the lexicon in a sentence."""

    first: int
    """Index of its first token."""
    last: int
    """Index after its last token."""
    kind: str
    """A key of `LAYER`."""
    type: str
    """Event type of triggers and means, sort of refusal, else empty."""
    form: str
    """`noun`, `phrase`, the form of a verb (`base`, `s`, `past`, `part`, `ing`), or `either` for noun and verb."""


class _Entry(NamedTuple):
    words: tuple[str, ...]
    layer: int
    kind: str
    type: str
    form: str


class _Opened(NamedTuple):
    """What begins with one word."""

    longer: Mapping[str, tuple[_Entry, ...]]
    """Phrases of several words by the second one, longest first."""
    alone: tuple[_Entry, ...]
    """The word by itself."""


class Lexicon(NamedTuple):
    """The words of a theatre's war news, compiled."""

    phrases: Mapping[str, _Opened]
    """Phrases by their first word."""
    telling: frozenset[str]
    """First words of triggers, attack words and casualties: without one of them a sentence tells of no act."""
    lists: Mapping[str, frozenset[str]]
    """Closed lists of words that the rules ask for, by name."""


def compile_lexicon(data: Mapping[str, Any], lists: Mapping[str, Sequence[str]] | None = None) -> Lexicon:
    """The table that `scan` reads, from the data of `events.yaml`, and the lists of `events-words.yaml`."""
    table: dict[str, dict[tuple[tuple[str, ...], int], _Entry]] = {}
    for phrase, kind, event_type, form in _phrases(data):
        words = tuple(tokens(phrase)[0])
        entry = _Entry(words, LAYER[kind], kind, event_type, form)
        known = table.setdefault(words[0], {}).setdefault((words, entry.layer), entry)
        if known.form == "noun" and form in ("base", "s", "ing"):
            table[words[0]][words, entry.layer] = known._replace(form="either")
    return Lexicon(
        {first: _opened(found.values()) for first, found in table.items()},
        frozenset(first for first, found in table.items() if any(entry.kind in TELLING for entry in found.values())),
        {name: frozenset(words) for name, words in (lists or {}).items()},
    )


def _opened(entries: Iterable[_Entry]) -> _Opened:
    longer: dict[str, tuple[_Entry, ...]] = {}
    for entry in sorted(entries, key=lambda e: -len(e.words)):
        if len(entry.words) > 1:
            longer[entry.words[1]] = (*longer.get(entry.words[1], ()), entry)
    return _Opened(longer, tuple(entry for entry in entries if len(entry.words) == 1))


def tokens(text: str) -> tuple[list[str], list[int]]:
    """Lower-case words of a text and the offset at which each begins."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    parts = _PARTS.findall(lowered)
    starts = list(accumulate(map(len, parts), initial=0))
    if parts and not parts[0][0].isalnum():
        return parts[1::2], starts[1:-1:2]
    return parts[::2], starts[:-1:2]


def scan(lexicon: Lexicon, words: Sequence[str]) -> list[Cue]:
    """The cues of a tokenised sentence in order of their first token."""
    found: list[Cue] = []
    free = [0] * 8
    for at, (first, second) in enumerate(pairwise((*words, ""))):
        opened = lexicon.phrases.get(first)
        if opened is None:
            continue
        for phrase, layer, kind, event_type, form in opened.longer.get(second, ()) if opened.longer else ():
            end = at + len(phrase)
            if free[layer] <= at and tuple(words[at:end]) == phrase:
                found.append(Cue(at, end, kind, event_type, form))
                free[layer] = end
        for _, layer, kind, event_type, form in opened.alone:
            if free[layer] <= at:
                found.append(Cue(at, at + 1, kind, event_type, form))
                free[layer] = at + 1
    return found


def _phrases(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for event_type, groups in data["triggers"].items():
        yield from _of_groups(groups, "trigger", event_type)
    yield from _of_groups(data["generic"], "generic", "")
    yield from _of_groups({"verbs": data["generic"]["with_means"]}, "generic", "with_means")
    yield from _of_groups(data["casualties"], "casualty", "")
    for event_type, words in data["means"].items():
        yield from ((word, "means", event_type, "noun") for word in words)
    for sort, words in data["refusals"].items():
        yield from ((word, "refusal", sort, "") for word in words)
    for key, kind in (("resumed", "resumed"), ("failed", "failed"), ("asides", "aside"), ("whole_war", "whole_war")):
        yield from ((word, kind, "", "") for word in data[key])
    for key, kind in (("breaks", "break"), ("speaking", "speaking"), ("compounds", "compound")):
        yield from ((word, kind, "", "") for word in data[key])


def _of_groups(groups: Mapping[str, Sequence[str]], kind: str, event_type: str) -> Iterator[tuple[str, str, str, str]]:
    for noun in groups.get("nouns", ()):
        yield noun, kind, event_type, "noun"
    for phrase in groups.get("phrases", ()):
        yield phrase, kind, event_type, "phrase"
    for verb in groups.get("verbs", ()):
        for form, word in inflect(verb):
            yield word, kind, event_type, form


def inflect(verb: str) -> Iterator[tuple[str, str]]:
    """Forms of a verb: `capture`, or with irregular ones `take/took/taken`; particles stay behind."""
    base, *irregular = verb.split("/")
    head, _, rest = base.partition(" ")
    tail = f" {rest}" if rest else ""
    past = irregular[0] if irregular else _add(head, "ed")
    part = irregular[1] if len(irregular) > 1 else past
    yield "past", past + tail
    yield "part", part + tail
    yield "s", _third(head) + tail
    yield "ing", _add(head, "ing") + tail
    yield "base", head + tail


def _third(word: str) -> str:
    if word[-1] == "y" and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "sh", "ch", "x")) else "s")


def _add(word: str, ending: str) -> str:
    if word.endswith("ie") and ending == "ing":
        return word[:-2] + "ying"
    if word[-1] == "e":
        return word[:-1] + ending if word[-2] != "e" or ending == "ed" else word + ending
    if word[-1] == "y" and word[-2] not in _VOWELS:
        return word[:-1] + "ied" if ending == "ed" else word + ending
    return word + word[-1] * _doubles(word) + ending


def _doubles(word: str) -> bool:
    closed = word[-1] not in "aeiouwxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS
    syllables = sum(a in _VOWELS and b not in _VOWELS for a, b in zip(word, word[1:] + "#", strict=True))
    return closed and (syllables == 1 or word.endswith(("pel", "nap")))
