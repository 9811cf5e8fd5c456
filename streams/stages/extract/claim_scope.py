"""How much of a place a claim speaks of: all of it, a part, or what lies around it."""

from __future__ import annotations

import re

from schemas.vocabulary import Relation, Scope
from streams.stages.extract.claim_rules import ClaimRules, Match
from streams.stages.extract.claim_text import AREA_CLASS, PLACE, PLACE_CLASS, ClaimText, is_site
from streams.stages.extract.document import PlaceHit

_WITHIN = re.compile(
    r"(?:^ ?|\b(?:in|inside|on) )(?:the )?(?:north|south|east|west)\w* (?:part |side |edge |section )?of (?:the )?$"
)
"""Words for a part of a city: "in the east of Aleppo", unlike "east of Aleppo"."""
_PERCENT = re.compile(r"\b(\d{1,2})(?: ?%| per ?cent) of\b")
_SUBURB_OF = re.compile(
    rf"[{PLACE_CLASS}{AREA_CLASS}](?:['’]?s)? (?:suburb|district|neighbou?rhood|town|village) (?:of )?(?:the )?$"
)
"""A town named by its city: "the Damascus suburb of"."""
_PART_OF_ANOTHER = re.compile(rf" (?:most|much|parts?|half) of (?:the )?[{PLACE_CLASS}]")
"""A part of a place that stands before in a list: "most of Raqqa, as well as Tabqa"."""
_OF_WHICH = re.compile(r"(?: city| town)?,? (?:which|that) (?:is|was|has|had|have|remains)\b")
_TOWARD = re.compile(r"\b(?:towards?|near|closer|within)\b")
_PARTS_BEHIND = re.compile(
    r"^(?:['’]?s)? (?:[\w-]+ )?(?:districts?|neighbou?rhoods?|quarters?|half|suburbs|parts?|side|east|west"
    r"|north|south)\b"
)
"""A part of a place named behind it: "the city's eastern districts"."""
_BEHIND = frozenset(("countryside", "outskirts", "road", "highway", "suburbs", "hinterland"))
_STANDING = (Relation.HOLDS, Relation.BESIEGES, Relation.CONTESTS)
"""What is said of "rebel-held Aleppo" is said of a part; "the government holds Aleppo" is said of the city."""


def scope_of(rules: ClaimRules, text: ClaimText, match: Match, hit: PlaceHit) -> Scope:
    """The scope that the words between verb and place say, else what the place itself is."""
    if match.rule.scope is not None:
        return match.rule.scope
    if is_site(hit) or any(out.place.key == hit.place.key for out in text.left_out):
        return Scope.PART
    lead, behind = _around(text, match, hit)
    if _WITHIN.search(lead) or _PERCENT.search(lead):
        return Scope.PART
    if match.rule.relation is Relation.ADVANCES and _TOWARD.search(lead):
        return Scope.SURROUNDINGS
    about = match.rule.name.endswith((".which", ".apposed"))
    if (not about and rules.surroundings.search(lead)) or _is_behind(behind):
        return Scope.SURROUNDINGS
    if _position(text, match, hit) < match.start and _PARTS_BEHIND.search(behind):
        return Scope.PART
    if rules.part.search(_without_kind(lead)) or rules.direction.search(lead):
        return Scope.PART
    if match.rule.relation in _STANDING and match.rule.name != "hold.verb" and hit.place.name in rules.divided:
        return Scope.PART
    return Scope.WHOLE


def _is_behind(behind: str) -> bool:
    """True for "Aleppo's western outskirts", not for "Aleppo and its suburbs"."""
    words = behind.split()[:3]
    return "and" not in words and not _BEHIND.isdisjoint(words)


def share_of(rules: ClaimRules, text: ClaimText, match: Match) -> float | None:
    """The part of the place as a number, 0..1; null if none is stated."""
    part = text.text[max(0, match.first - 24) : match.last]
    if percent := _PERCENT.search(part):
        return int(percent[1]) / 100
    for words, share in rules.shares:
        if words.search(part):
            return share
    return None


def _around(text: ClaimText, match: Match, hit: PlaceHit) -> tuple[str, str]:
    """The words that lead to the place, from the verb or the few before it; and those behind it.

    Before a place that stands ahead of its verb, "near" belongs to another verb: only nouns of a part or of
    surroundings count there.
    """
    at = _position(text, match, hit)
    behind = text.text[at + 1 : at + 30]
    if match.end <= at:
        lead = _PART_OF_ANOTHER.sub(" ", text.text[match.end : at].rpartition(" to ")[2])
        return ("", behind) if _SUBURB_OF.search(lead) else (lead, behind)
    if _OF_WHICH.match(behind):  # "near the city, which is": what comes before places something else
        return "", behind
    lead = text.text[max(0, at - 40) : at]
    for mark in (". ", "; ", ", ", " after ", " as ", " that ", " and ", " to ", " near "):
        lead = lead.rpartition(mark)[2]
    return lead, behind


def _position(text: ClaimText, match: Match, hit: PlaceHit) -> int:
    """Where the place's character stands; the verb's own place if it stands in another sentence."""
    at = text.text.find(chr(PLACE + text.places.index(hit))) if hit in text.places else -1
    return at if at >= 0 else match.end


_KINDS = ("town", "city", "village", "towns", "cities", "villages")
_EPITHETS = frozenset(
    (
        *("northern", "southern", "eastern", "western", "northwestern", "northeastern", "southwestern", "southeastern"),
        *("north", "south", "east", "west", "central", "strategic", "key", "nearby", "small", "large", "old", "the"),
        *("syrian", "ancient", "border", "desert", "historic", "other", "coastal", "main", "provincial", "entire"),
    )
)


def _without_kind(lead: str) -> str:
    """A lead without "northern town of": a direction there says where the town lies."""
    words = lead.rstrip().split(" ")
    for tail in (["of", "the"], ["of"], ["the"], []):
        if words[len(words) - len(tail) :] == tail and words[: len(words) - len(tail)][-1:] in (
            [kind] for kind in _KINDS
        ):
            words = words[: len(words) - len(tail) - 1]
            while words and words[-1] in _EPITHETS:
                words.pop()
            return " ".join(words)
    return lead
