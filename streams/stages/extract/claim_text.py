"""A sentence with its names as single characters, so that a pattern can say "a party", "a place", "a time".

Party, place and time hits each become one character of a private range; all other text is lower case. Patterns over
such a text are short, and no name can be mistaken for a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from schemas.record import DateRange
from schemas.vocabulary import PlacePrecision
from streams.stages.extract.dates import DateHit
from streams.stages.extract.document import ActorHit, Document, PlaceHit, Sentence

ACTOR, PLACE, AREA, TIME = 0xE000, 0xE100, 0xE200, 0xE300
"""First characters of the four ranges, 256 each; hits beyond that stay words."""
ACTOR_CLASS, PLACE_CLASS, AREA_CLASS, TIME_CLASS = "\ue000-\ue0ff", "\ue100-\ue1ff", "\ue200-\ue2ff", "\ue300-\ue3ff"
"""The ranges, as they stand in a character class of a pattern."""

_IN_TIME = re.compile(r"\b(?:after|since|before|when|as)\b[^.;]*$")
_BEGAN = re.compile(
    r"\b(?:uprising|revolt|revolution|war|conflict|protests|demonstrations|unrest|crackdown)(?: [\w’'-]+){0,4}"
    r" (?:began|begun|started|erupted|broke out)(?: [\w-]+){0,2} $"
)
"""What stands before the day on which a war broke out: "where the uprising began in"."""
_TIME = re.compile(f"[{TIME_CLASS}]")
_QUALIFYING = ("held", "controlled", "run", "occupied", "dominated", "besieged", "ruled")
_QUALIFIER = re.compile(rf"[- ](?:{'|'.join(_QUALIFYING)})$", re.IGNORECASE)
_SAME_AGAIN = re.compile(rf" ?[(\[][{ACTOR_CLASS}][)\]]")


@dataclass(frozen=True, slots=True)
class ClaimText:
    """One sentence for the rules of claims."""

    sentence: Sentence
    text: str
    actors: tuple[ActorHit, ...]
    places: tuple[PlaceHit, ...]
    """Towns, sites and districts of towns: what can be held."""
    times: tuple[DateHit, ...]
    left_out: tuple[PlaceHit, ...] = ()
    """Places that a statement leaves out, which the text no longer shows: "except for"."""

    def actors_in(self, part: str) -> tuple[ActorHit, ...]:
        """The parties whose characters stand in a stretch of the text."""
        return tuple(self.actors[ord(char) - ACTOR] for char in part if ACTOR <= ord(char) < ACTOR + 256)

    def places_in(self, part: str) -> tuple[PlaceHit, ...]:
        """The places whose characters stand in a stretch of the text."""
        return tuple(self.places[ord(char) - PLACE] for char in part if PLACE <= ord(char) < PLACE + 256)

    def is_aside(self, at: int) -> bool:
        """True if a word at an offset stands in a clause of time: "… after", "… two weeks after"."""
        before = self.text[max(0, at - 90) : at]
        counted = (self.times[ord(found[0]) - TIME] for found in _TIME.finditer(before))
        return _IN_TIME.search(before) is not None or any(hit.rule == "date.after" for hit in counted)

    def marked_times(self) -> Iterator[tuple[int, DateRange]]:
        """Where the text speaks of a time, and the days that it means; when a war began dates nothing else."""
        for found in _TIME.finditer(self.text):
            if _BEGAN.search(self.text, max(0, found.start() - 80), found.start()):
                continue
            yield found.start(), self.times[ord(found[0]) - TIME].when


class Qualifiers(Protocol):
    """The words of a theatre's claims that decide what becomes a character."""

    @property
    def holders(self) -> Mapping[str, str]:
        """Actor of each plain word for a side."""

    @property
    def holder(self) -> re.Pattern[str]:
        """Such a word before what it qualifies."""

    @property
    def holding(self) -> frozenset[str]:
        """The plain words by themselves: without one of them `holder` finds nothing."""

    @property
    def enclaves(self) -> frozenset[str]:
        """Names of areas that stand as towns."""


_THEM = re.compile(
    r"\b(?:the|both|these|those)(?: (?:two|three|four|five|six|neighbouring))?"
    r" (?:towns|villages|areas|cities|neighbou?rhoods|districts)\b"
    r"(?! (?:of|in|near|around|on|to|held|controlled|that|which|where|from)\b)"
)
"""Several places named in a sentence before."""
_LEAVES_OUT = frozenset(("except", "apart", "exception", "besides", "excluding"))
_EXCEPT = re.compile(
    r",? (?:except|apart from|with the exception of|besides|excluding)(?: for)?"
    rf" (?:the )?(?:[\w-]+ ){{0,4}}[{PLACE_CLASS}](?:,? and (?:the )?(?:[\w-]+ ){{0,3}}[{PLACE_CLASS}])?"
)
"""Places that a statement leaves out."""


def claim_text(
    document: Document, sentence: Sentence, words: Qualifiers, before: tuple[PlaceHit, ...] = ()
) -> ClaimText:
    """A sentence with its names as characters. Civilians are no party that holds or takes a town.

    Args:
        document: The article.
        sentence: One of its sentences.
        words: Plain words for sides, and areas that stand as towns.
        before: Places of the sentence before, which "the two towns" takes up.
    """
    actors = tuple(_parties(document, sentence, words))[:256]
    places = tuple(hit for hit in sentence.places if not hit.area or hit.place.name in words.enclaves)[:256]
    areas = tuple(hit for hit in sentence.places if hit.area and hit.place.name not in words.enclaves)[:256]
    times = sentence.dates[:256]
    marks = sorted(
        [
            *((hit.start, _cut(sentence.text, hit), chr(ACTOR + at)) for at, hit in enumerate(actors)),
            *((hit.start, hit.end, chr(PLACE + at)) for at, hit in enumerate(places)),
            *((hit.start, hit.end, chr(AREA + at)) for at, hit in enumerate(areas)),
            *((hit.start, hit.end, chr(TIME + at)) for at, hit in enumerate(times)),
        ]
    )
    text = "".join(_written(sentence.text, marks))
    if "(" in text or "[" in text:
        text = _SAME_AGAIN.sub("", text)
    left_out: tuple[PlaceHit, ...] = ()
    if not _LEAVES_OUT.isdisjoint(sentence.words):
        out = "".join(found[0] for found in _EXCEPT.finditer(text))
        left_out = tuple(places[ord(char) - PLACE] for char in out if PLACE <= ord(char) < PLACE + 256)
        text = _EXCEPT.sub("", text)
    if before and len(places) + len(before) <= 256 and (them := _THEM.search(text)):
        before = tuple(hit for hit in before if "village" not in them[0] or not is_city(document, hit))
        named = ", ".join(chr(PLACE + len(places) + at) for at in range(len(before)))
        text = f"{text[: them.start()]}{named}{text[them.end() :]}"
        places = (*places, *before)
    return ClaimText(sentence, text, actors, places, times, left_out)


def _parties(document: Document, sentence: Sentence, words: Qualifiers) -> Iterator[ActorHit]:
    """The parties that a sentence names, and sides by a plain word where it names them no closer."""
    taken = [(hit.start, hit.end) for hit in sentence.actors] + [(hit.start, hit.end) for hit in sentence.places]
    for found in () if words.holding.isdisjoint(sentence.words) else words.holder.finditer(sentence.text):
        start, end = found.span()
        if not any(first < end and start < last for first, last in taken):
            yield ActorHit(start, end, (words.holders[found[0].lower()],), found[0], owner=True)
    yield from (hit for hit in sentence.actors if _fights(document, hit) and not _is_vague(document, sentence, hit))


_BACKED = re.compile(r"[\w-]+-(?:backed|supported|funded|allied) $", re.IGNORECASE)
_OF_WHOM = re.compile(r" (?:from|of|belonging to|loyal to|allied (?:to|with)|affiliated (?:to|with)) (?:the )?[A-Z]")
_OF_PEOPLE = re.compile(r"\b(?:Arab|Kurdish|Turkmen|Assyrian|Druze|Iraqi|Lebanese|Iranian|Afghan) $")
"""A people before a vague word: "Kurdish and Arab fighters" are nobody named before."""
_HOLDS = re.compile(r"[- ](?:held|controlled|run|control|hands|rule|stronghold|bastion)\b", re.IGNORECASE)


def _is_vague(document: Document, sentence: Sentence, hit: ActorHit) -> bool:
    """True for a word like "militants" that may mean another than who was named last.

    So it is if somebody is said to back them, or if they hold a place in an article that names several groups.
    """
    if not hit.inferred:
        return False
    if _BACKED.search(sentence.text, max(0, hit.start - 30), hit.start):
        return True
    if _OF_WHOM.match(sentence.text, hit.end) or _OF_PEOPLE.search(sentence.text, max(0, hit.start - 30), hit.start):
        return True
    if any(other.ids == hit.ids and not other.inferred for other in sentence.actors):
        return False
    return _HOLDS.match(sentence.text, hit.end) is not None and len(_groups(document, sentence)) > 1


AROUND = 60
"""Sentences on either side in which the groups that a vague word may mean are looked for."""


def _groups(document: Document, sentence: Sentence) -> set[str]:
    """The parties beside the states' own that an article names, around a sentence."""
    actors = document.theatre.actors
    near = document.sentences[max(0, sentence.index - AROUND) : sentence.index + AROUND]
    named = {actor for other in near for hit in other.actors if not hit.inferred for actor in hit.ids}
    return {actors.party(actor) for actor in named if actors.side(actor) in ("opposition", "jihadist", "islamic_state")}


def is_city(document: Document, hit: PlaceHit) -> bool:
    """True for the seat of a governorate or district, which nobody calls a village."""
    site = document.theatre.gazetteer.get(hit.place.place_id or "")
    return site is not None and site.feature.startswith("PPL") and site.feature[3:4] in ("A", "C")


def _fights(document: Document, hit: ActorHit) -> bool:
    actors = document.theatre.actors
    return bool(hit.ids) and any(actors.side(actor) != "none" for actor in hit.ids)


def _cut(text: str, hit: ActorHit) -> int:
    """End of a party's name, without the "-held" that a hit may take in."""
    tail = _QUALIFIER.search(text, hit.start, hit.end) if hit.text.lower().endswith(_QUALIFYING) else None
    return tail.start() if tail else hit.end


def _written(text: str, marks: list[tuple[int, int, str]]) -> Iterator[str]:
    position = 0
    for start, end, mark in marks:
        if start < position:
            continue
        yield text[position:start].lower()
        yield mark
        position = end
    yield text[position:].lower()


def is_site(hit: PlaceHit) -> bool:
    """True for a place below a town: a neighbourhood."""
    return hit.place.precision is PlacePrecision.EXACT and hit.place.district is not None
