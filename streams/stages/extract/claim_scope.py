"""How much of a place a claim speaks of: all of it, a part, or what lies around it."""

from __future__ import annotations

import re

from schemas.vocabulary import Relation, Scope
from streams.stages.extract.claim_rules import ClaimRules, Match
from streams.stages.extract.claim_text import PLACE, ClaimText, is_site
from streams.stages.extract.document import PlaceHit


def scope_of(rules: ClaimRules, text: ClaimText, match: Match, hit: PlaceHit) -> Scope:
    """The scope that the words between verb and place say, else what the place itself is."""
    if match.rule.scope is not None:
        return match.rule.scope
    if is_site(hit):
        return Scope.PART
    lead, behind = _around(text, match, hit)
    if _WITHIN.search(lead):
        return Scope.PART
    if rules.surroundings.search(lead) or _BEHIND.intersection(behind.split()[:2]):
        return Scope.SURROUNDINGS
    if rules.part.search(_without_kind(lead)) or rules.direction.search(lead):
        return Scope.PART
    if match.rule.relation in _STANDING and hit.place.name in rules.divided:
        return Scope.PART
    return Scope.WHOLE


_STANDING = (Relation.HOLDS, Relation.BESIEGES, Relation.CONTESTS)
"""What is said of "rebel-held Aleppo" is said of a part."""


def share_of(rules: ClaimRules, text: ClaimText, match: Match) -> float | None:
    """The part of the place as a number, 0..1; null if none is stated."""
    part = text.text[max(0, match.first - 24) : match.last]
    for words, share in rules.shares:
        if words.search(part):
            return share
    return None


_WITHIN = re.compile(
    r"\b(?:in|inside) the (?!countryside|outskirts)(?:[\w-]+ )?(?:north|south|east|west)\w* (?:[\w-]+ )?of $"
)
"""Words for a part of a city: "in the east of Aleppo", unlike "east of Aleppo"."""
_BEHIND = frozenset(("countryside", "outskirts", "road", "highway", "suburbs", "hinterland"))


def _around(text: ClaimText, match: Match, hit: PlaceHit) -> tuple[str, str]:
    """The words that lead to the place, from the verb or the few before it; and those behind it.

    Before a place that stands ahead of its verb, "near" belongs to another verb: only nouns of a part or of
    surroundings count there.
    """
    at = _position(text, match, hit)
    behind = text.text[at + 1 : at + 30]
    if match.end <= at:
        return text.text[match.end : at], behind
    lead = text.text[max(0, at - 40) : at]
    for mark in (". ", "; ", ", ", " after ", " as ", " that ", " and ", " near "):
        lead = lead[lead.rfind(mark) + len(mark) :] if mark in lead else lead
    return lead, behind


def _position(text: ClaimText, match: Match, hit: PlaceHit) -> int:
    """Where the place's character stands; the verb's own place if it stands in another sentence."""
    mark = chr(PLACE + text.places.index(hit)) if hit in text.places else ""
    at = text.text.find(mark) if mark else -1
    return at if at >= 0 else match.end


def _without_kind(lead: str) -> str:
    """A lead without "northern town of": a direction there says where the town lies."""
    for kind in ("town of ", "city of ", "village of ", "towns of ", "villages of ", "town ", "city ", "village "):
        if lead.endswith(kind) or lead.endswith(f"{kind}the "):
            words = lead[: lead.rfind(kind)].rstrip().split(" ")
            while words and words[-1] in _EPITHETS:
                words.pop()
            return " ".join(words)
    return lead


_EPITHETS = frozenset(
    (
        *("northern", "southern", "eastern", "western", "northwestern", "northeastern", "southwestern", "southeastern"),
        *(
            "north",
            "south",
            "east",
            "west",
            "central",
            "strategic",
            "key",
            "nearby",
            "small",
            "large",
            "old",
            "the",
            "syrian",
        ),
        *(
            "ancient",
            "border",
            "desert",
            "historic",
            "other",
            "northerly",
            "coastal",
            "main",
            "provincial",
            "entire",
            "whole",
        ),
    )
)
