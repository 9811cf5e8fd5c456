"""The rules of claims of a theatre, compiled from `lexicon/claims.yaml`: patterns to the left and right of a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from schemas.vocabulary import Relation, Scope
from streams.stages.extract.claim_text import ACTOR_CLASS, AREA_CLASS, PLACE_CLASS, TIME_CLASS
from streams.stages.extract.cues import tokens

PATH = "lexicon/claims.yaml"
LEFT, RIGHT = 170, 200
"""Characters on either side of a word that a rule looks at."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of saying who holds, takes or fights for a place."""

    name: str
    relation: Relation | None
    """Null for words that only look like a claim: a siege that was broken, a former stronghold."""
    left: re.Pattern[str]
    right: re.Pattern[str]
    actor: str
    """Where the party is found if the patterns do not name it: `subject`, `fighter`, `context`, `besieger`, `agent`."""
    place: str
    """Where the place is found if the patterns do not name it: `next` sentence, `told` in the next if this is
    the lede, `nearest`, or empty."""
    scope: Scope | None
    each: bool
    """True if each party named makes a claim of its own: "divided between rebels and the army"."""
    past: bool
    """True for who held the place at an earlier time."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fits, with what its patterns named."""

    rule: Rule
    start: int
    end: int
    """Half-open range of the word, in the text of characters."""
    groups: Mapping[str, str]
    spans: Mapping[str, tuple[int, int]]
    first: int
    last: int
    """Half-open range of all that the patterns took in."""

    @property
    def verb(self) -> int:
        """Where the verb begins: the word, or the group `v` before it ("took" of "took control of")."""
        return self.spans["v"][0] if "v" in self.spans else self.start


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """The rules, and the words that decide whether and how far a claim holds."""

    automaton: AhoCorasick
    openers: Mapping[str, tuple[list[str], ...]]
    """What may follow the first of its words, by that word."""
    owners: tuple[tuple[Rule, ...], ...]
    """Rules of each of the automaton's words, in their order."""
    order: Mapping[str, int]
    never: re.Pattern[str]
    done: re.Pattern[str]
    past: re.Pattern[str]
    shares: tuple[tuple[re.Pattern[str], float], ...]
    part: re.Pattern[str]
    direction: re.Pattern[str]
    surroundings: re.Pattern[str]
    divided: frozenset[str]
    holders: Mapping[str, str]
    """Actor that a plain word stands for where it qualifies a place: "opposition stronghold"."""
    holder: re.Pattern[str]
    """Such a word, before what it qualifies."""
    holding: frozenset[str]
    """All such words."""
    enclaves: frozenset[str]
    """Areas that stand as a town."""

    def may_tell(self, words: Sequence[str]) -> bool:
        """True if a sentence has any word that a rule stands around; the others need not be looked at."""
        return any(
            words[at + 1 : at + 1 + len(rest)] == rest
            for at, word in enumerate(words)
            if word in self.openers
            for rest in self.openers[word]
        )

    def matches(self, text: str) -> list[Match]:
        """The rules that fit a text, in the order of their words; a word that one rule took is no other's."""
        found: list[Match] = []
        taken: list[tuple[int, int]] = []
        tries = [
            (self.order[rule.name], start, end, rule)
            for index, start, end in self.automaton.find_matches_as_indexes(text, overlapping=True)
            if _is_word(text, start, end)
            for rule in self.owners[index]
        ]
        for _, start, end, rule in sorted(tries, key=lambda one: (one[0], one[1], -one[2])):
            if any(start < last and first < end for first, last in taken):
                continue
            if (match := _fit(rule, text, start, end)) is not None:
                taken.append((start, end))
                found.append(match)
        return sorted(found, key=lambda match: match.start)


def _is_word(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() and start) and not text[end : end + 1].isalnum()


def _fit(rule: Rule, text: str, start: int, end: int) -> Match | None:
    # What stands behind is looked at first, as it costs less: it begins at once, while the left may begin anywhere.
    right = rule.right.match(text, end, min(len(text), end + RIGHT))
    left = rule.left.search(text, max(0, start - LEFT), start) if right else None
    if left is None or right is None:
        return None
    groups: dict[str, str] = {}
    spans: dict[str, tuple[int, int]] = {}
    for side in (left, right):
        for name, words in side.groupdict().items():
            if words is not None:
                groups.setdefault(name, words)
                spans.setdefault(name, side.span(name))
    return Match(rule, start, end, groups, spans, left.start(), max(right.end(), end))


def compile_claim_rules(data: Mapping[str, Any]) -> ClaimRules:
    """The rules of `lexicon/claims.yaml`, ready to match."""
    macros = _macros(data["macros"])
    rules = tuple(_rule(row, macros) for row in data["rules"])
    owners: dict[str, list[Rule]] = {}
    for rule, row in zip(rules, data["rules"], strict=True):
        for word in dict.fromkeys(row["words"]):
            owners.setdefault(word, []).append(rule)
    refused = data["refused"]
    return ClaimRules(
        automaton=AhoCorasick(list(owners), matchkind=MatchKind.Standard),
        openers=_openers(owners),
        owners=tuple(map(tuple, owners.values())),
        order={rule.name: at for at, rule in enumerate(rules)},
        never=_words(refused["never"]),
        done=_words(refused["done"]),
        past=_words(data["past"]),
        shares=tuple((_words(row["words"]), float(row["is"])) for row in data["share"]),
        part=_words(data["part"]),
        direction=re.compile(
            r"\b(?:(?:north|south|east|west|northeast|northwest|southeast|southwest)(?:ern)?|central|old) $"
        ),
        surroundings=_words(data["surroundings"]),
        divided=frozenset(data["divided"]),
        holders=dict(data["holders"]),
        holder=re.compile(
            rf"\b(?:{'|'.join(sorted(data['holders']))})(?=[- ](?:{'|'.join(data['qualified'])})\b)"
            r"|(?<=\b[Tt]he )(?:opposition|government)(?=s?\b)"
            r"(?!s? (?:said|council|media|leader|figures|group|coalition))"
            r"|\b[Oo]pposition(?= (?:advance|captur|seiz|tak|took|launch|ret[ao]|withdr|control|forces|fighters))"
        ),
        holding=frozenset((*data["holders"], "opposition", "government")),
        enclaves=frozenset(data["enclaves"]),
    )


def _openers(phrases: Iterable[str]) -> dict[str, tuple[list[str], ...]]:
    found: dict[str, tuple[list[str], ...]] = {}
    for first, *rest in (tokens(phrase)[0] for phrase in phrases):
        found[first] = (*found.get(first, ()), rest)
    return found


def _words(words: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, ordered))})\b")


_PLACE_LINK = (
    r"(?:,? (?:and|as well as|in addition to|along with) |, | )(?:(?:the|in|on|nearby|neighbou?ring|adjacent|critical"
    r"|strategic|towns?|villages?|cit(?:y|ies)|districts?|neighbou?rhoods?|of|areas?|suburbs?|tell?|tal|um|umm|abu"
    r"|deir|khirbet|kafr|jabal|jubb?|rasm|wadi|beit|ain|new|old|most|much|parts?|half) ){0,4}"
)


_BELOW = "suburb|suburbs|district|districts|neighbou?rhood|neighbou?rhoods|town|village|area"
"""What may stand between a city and the part of it that is meant: "the Damascus suburb of Madaya"."""


def _macros(own: Mapping[str, str]) -> dict[str, str]:
    """Pattern of each name in braces."""
    actor, place = f"[{ACTOR_CLASS}]", f"[{PLACE_CLASS}]"
    tail = own["tail"]
    actors = rf"{actor}(?:(?: {tail})?(?:,? and |, |/|-| | and their | and its | and the )(?:the )?{actor})*"
    known = {
        "A1": actor,
        "A": f"(?P<a>{actors})",
        "At": rf"(?P<a>{actors})(?:['’]s?|s)?(?:[ -]{tail}){{0,3}}",
        "F": f"(?P<f>{actors})",
        "F2": f"(?P<f2>{actor})",
        "F3": f"(?P<f3>{actor})",
        "T": f"(?P<t>{actor})",
        "P": rf"(?:{place} (?:{_BELOW}) (?:of )?(?:the )?)?(?P<p>{place}(?:{_PLACE_LINK}{place})*)",
        "D1": f"[{TIME_CLASS}]",
        "D": TIME_CLASS,
        "Q": f"[{AREA_CLASS}]",
        "P0": PLACE_CLASS,
    }
    for name, pattern in own.items():
        known[name] = _expand(pattern, known)
    return known


_NAME = re.compile(r"\{([A-Za-z]\w*)\}")


def _expand(pattern: str, macros: Mapping[str, str]) -> str:
    return _NAME.sub(lambda name: macros[name[1]], pattern)


def _rule(row: Mapping[str, Any], macros: Mapping[str, str]) -> Rule:
    left = row.get("needs") or row["left"]
    left = left if left.endswith("$") or not left else f"{left}$"
    relation = row["relation"]
    return Rule(
        name=row["rule"],
        relation=None if relation == "none" else Relation(relation),
        left=re.compile(_expand(left, macros)),
        right=re.compile(_expand(row["right"], macros)),
        actor=row.get("actor", ""),
        place=row.get("place", ""),
        scope=Scope(row["scope"]) if "scope" in row else None,
        each=row.get("each", False),
        past=row.get("past", False),
    )
