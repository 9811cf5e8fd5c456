"""Which places a claim speaks of: those its words name, or one named before or behind."""

from __future__ import annotations

import re

from schemas.vocabulary import Relation
from streams.stages.extract.claim_rules import ClaimRules, Match
from streams.stages.extract.claim_text import AREA_CLASS, PLACE_CLASS, ClaimText, is_city
from streams.stages.extract.document import Document, PlaceHit, Sentence

_OF_THE_CITY = re.compile(r"[^.;,]{0,30}? of the city\b")
_OF_THE_LAST = re.compile(r",? (?:which|that) (?:is|was|has|remains)\b")
"""A clause about the last of several places: "the port and the city, which is"."""
_HELD_ITSELF = re.compile(
    _OF_THE_LAST.pattern + r"(?: \w+)? (?:held|controlled|ruled|run|dominated|in the hands|under)\b"
)
"""Such a clause that tells the last one's own holder."""
_A_KIND = re.compile(r"\b(?:town|city|village)\b")
_KIND = re.compile(r"\b(town|city|village)(?: of)?(?: the)? ?$")
_LANDMARK = re.compile(
    rf"(?P<p>[{PLACE_CLASS}](?:(?:,| and|, and) (?:the )?[{PLACE_CLASS}])*)"
    r"(?: (?:city|town|village|district|suburb|region|settlements|villages|towns)\b)?,?"
    r"(?: (?:which|that))?(?: (?:is|was|are|were|lies|sits|stands|located|situated|just|about|some|around|only))*"
    r"(?:,? the (?:last|only|largest|biggest|main|final)(?: \w+)? (?:town|village|city|district|stronghold) (?:of|in)"
    r"|(?:,? (?:a|an|the|one of the) [^.;,]{0,50}?)?"
    r" (?:near|outside|close to|next to|on the (?:outskirts|edges?) of"
    r"|(?:[\w.]+ (?:kms?|kilomet(?:er|re)s|miles)(?: \([^)]*\))? )?"
    r"(?:to the )?(?:north|south|east|west)\w*(?: of| from)?))"
    rf" (?:the )?(?:[\w-]+ ){{0,4}}(?:[{AREA_CLASS}] )?$"
)
"""A place with another one named to say where it lies: "Arbin, a suburb east of Damascus, is held by"."""
_IN = re.compile(rf"(?:^|[.,;] |\b(?:and|but|while) )in (?:the )?[{PLACE_CLASS}], (?=[{PLACE_CLASS}])", re.IGNORECASE)
"""A region that only says where the next place lies: "in Eastern Ghouta, Douma is held by"."""
AHEAD, AHEAD_OF_LEDE = 2, 4
"""Sentences behind "a rebel-held town" in which its name may follow; the title and lede name things last."""
_JOINING = (" and ", ", ", ", and ")


def places_of(document: Document, rules: ClaimRules, text: ClaimText, match: Match) -> tuple[PlaceHit, ...]:
    """The places that a match speaks of."""
    if "p" in match.groups:
        return _distinct(_named(text, match))
    where = match.rule.place
    if where == "known":
        coming = text.sentence.lede and not _before(document, text, match) and not text.text.startswith("it ")
        where = "next" if coming else "nearest"
    if where == "nearest":
        return _before(document, text, match)[-1:] or _following(document, rules, text.sentence, -1)
    if where == "next" or (where == "told" and text.sentence.lede):
        kind = _A_KIND.search(text.text, match.end, match.last)
        return _following(document, rules, text.sentence, 1, kind and kind[0])
    return ()


def _before(document: Document, text: ClaimText, match: Match) -> tuple[PlaceHit, ...]:
    """The places named before a match, cities only for "the rebel-held east of the city"."""
    named = text.places_in(text.text[: match.start])
    if _OF_THE_CITY.match(text.text, match.end):
        named = tuple(hit for hit in named if is_city(document, hit))
    return named


def _named(text: ClaimText, match: Match) -> tuple[PlaceHit, ...]:
    """The places that a match's patterns named, those alone that it speaks of."""
    first, end = match.spans["p"]
    named = text.places_in(_spoken_of(text, match) or match.groups["p"])
    if _IN.search(text.text, max(0, first - 12), end):
        named = named[1:]
    if first < match.start and _OF_THE_LAST.match(text.text, end):
        return named[-1:]
    return named[:-1] if len(named) > 1 and _HELD_ITSELF.match(text.text, end) else named


def _spoken_of(text: ClaimText, match: Match) -> str | None:
    """The place that a statement behind two of them is about, where the second only says where the first lies."""
    at, end = match.spans["p"]
    if (
        at > match.start
        or _OF_THE_LAST.match(text.text, end)
        or match.rule.relation not in (Relation.HOLDS, Relation.BESIEGES)
    ):
        return None
    found = _LANDMARK.search(text.text, max(0, at - 120), at)
    return found["p"] if found else None


def _following(
    document: Document, rules: ClaimRules, sentence: Sentence, step: int, kind: str | None = None
) -> tuple[PlaceHit, ...]:
    """The first town of the next sentences, or of the one before, with those joined to it; none of another kind."""
    reach = AHEAD_OF_LEDE if sentence.lede else AHEAD
    for away in range(1, (reach if step > 0 else 1) + 1):
        at = sentence.index + step * away
        if not 0 <= at < len(document.sentences):
            return ()
        other = document.sentences[at]
        towns = [hit for hit in other.places if not hit.area or hit.place.name in rules.enclaves]
        towns = [hit for hit in towns if not hit.around and _may_be(document, other, hit, kind)]
        count = min(1, len(towns))
        while 0 < count < len(towns) and other.text[towns[count - 1].end : towns[count].start] in _JOINING:
            count += 1
        if count:
            return tuple(towns[:count])
    return ()


def _may_be(document: Document, sentence: Sentence, hit: PlaceHit, kind: str | None) -> bool:
    """False for a place that is or is called another kind: "a rebel-held village", then "the town of X", or Aleppo."""
    if kind in ("town", "village") and not hit.place.district and _is_capital(document, hit):
        return False
    called = _KIND.search(sentence.text[: hit.start].lower())
    return kind is None or called is None or called[1] == kind or "village" not in (kind, called[1])


def _is_capital(document: Document, hit: PlaceHit) -> bool:
    """True for the seat of a governorate."""
    site = document.theatre.gazetteer.get(hit.place.place_id or "")
    return site is not None and site.feature in ("PPLA", "PPLC")


def _distinct(hits: tuple[PlaceHit, ...]) -> tuple[PlaceHit, ...]:
    """Each town once; a city is left out beside its own neighbourhood."""
    by: dict[tuple[str, str | None], PlaceHit] = {}
    for hit in hits:
        by.setdefault((hit.place.key, hit.place.district), hit)
    districts = {key for key, district in by if district is not None}
    return tuple(hit for (key, district), hit in by.items() if district is not None or key not in districts)
