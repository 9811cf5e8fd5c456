"""New events for what nothing was told of before: their kind, and the places they are told of."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from schemas.record import DateRange
from schemas.vocabulary import DatePrecision, EventType
from streams.stages.extract.candidates import VIOLENT, Candidate
from streams.stages.extract.document import Document, PlaceHit
from streams.stages.extract.draft import FROM_AFAR, Draft
from streams.stages.extract.event_types import ASSAULT
from streams.stages.extract.sameness import additional, one_time

FRESH = timedelta(days=4)
"""Days before publication that an undated story of the lede may be of."""


def open_events(document: Document, drafts: list[Draft], candidate: Candidate) -> list[Draft]:
    """New events for a candidate: one for each place; none if it has no kind, or no place can be found for it."""
    kind = candidate.type or _kind(drafts, candidate)
    if candidate.rule.endswith(".bombing.usual"):  # of cars or from the air: as the article has it
        told = next((draft.type for draft in reversed(drafts) if draft.type in FROM_AFAR), None)
        kind = told or (EventType.EXPLOSION if _of_planted_bombs(document) else kind)
    elif candidate.rule.endswith(".bombardment.usual"):
        kind = next((draft.type for draft in reversed(drafts) if draft.type in _BOMBARDING), kind)
    if kind is EventType.AIR_STRIKE and candidate.flies is False:
        kind = EventType.SHELLING if candidate.rule.endswith(".usual") else None
    if kind is None:
        return []
    places = distinct(candidate.places) or _inherited(document, drafts, candidate)
    if kind is EventType.AGREEMENT and not places:
        places = _nationwide(document)
    group = f"{candidate.sentence.index}.{candidate.cue.first}" if len(places) > 1 and candidate.tolls else None
    found = [_draft(candidate, kind, hit, group) for hit in places]
    if not found and _opens_story(candidate):
        found = [_draft(candidate, kind, None, None)]
    if candidate.sentence.lede:
        day = document.published
        for draft in found:
            draft.news = DateRange(first=day - FRESH, last=day, precision=DatePrecision.RANGE)
    return found


def _of_planted_bombs(document: Document) -> bool:
    """True for an article that speaks of bombs that were laid, and of no aircraft."""
    texts = [sentence.text for sentence in document.sentences]
    return any(map(_PLANTED.search, texts)) and not any(map(_AIRCRAFT.search, texts))


_PLANTED = re.compile(
    r"\b(?:(?:car|truck) bombs?|bombers?|explosive devices?|detonated|exploded|blast)\b", re.IGNORECASE
)
_AIRCRAFT = re.compile(
    r"\b(?:air ?strikes?|air raids?|warplanes?|jets?|aircraft|helicopters?|barrel bombs?|planes?|airplanes?)\b",
    re.IGNORECASE,
)


def _nationwide(document: Document) -> tuple[PlaceHit, ...]:
    """The theatre's country, for a truce that is told of no town."""
    gazetteer = document.theatre.gazetteer
    country = gazetteer.get(gazetteer.country)
    return (PlaceHit(0, 0, gazetteer.as_place(country, country.name, inferred=True), area=True),) if country else ()


_BOMBARDING = (EventType.AIR_STRIKE, EventType.SHELLING)


def _opens_story(candidate: Candidate) -> bool:
    """True for a lede that tells what happened and to whom, and leaves where to the next sentence."""
    told = candidate.tolls or candidate.roles.actors or candidate.when
    return candidate.sentence.lede and candidate.sentence.field == "body" and not candidate.definite and bool(told)


def _draft(candidate: Candidate, kind: EventType, hit: PlaceHit | None, group: str | None) -> Draft:
    return Draft(
        type=kind,
        rule=candidate.rule if candidate.type else f"{kind}.{_open_rule(candidate)}",
        place=hit,
        when=candidate.when,
        sentence=candidate.sentence,
        explicit=bool(candidate.places),
        actors=candidate.roles.actors,
        targets=candidate.roles.targets,
        tolls=[(toll, candidate.sentence) for toll in candidate.tolls],
        sentences=[candidate.sentence],
        aside=candidate.aside,
        shared=candidate.shared or group is not None,
        group=group,
        usual=candidate.rule.endswith(".usual"),
        further=additional(candidate),
    )


def _open_rule(candidate: Candidate) -> str:
    """How an act without a word for its kind was read: by who was killed, or by what was told before it."""
    return "killing" if candidate.tolls or candidate.roles.actors else "also"


def _kind(drafts: list[Draft], candidate: Candidate) -> EventType | None:
    """What an attack or killing was of which only the victims are told."""
    if not candidate.roles.actors:
        return _kind_at_hand(drafts, candidate) or _kind_of_killing(candidate)
    return _kind_of_killing(candidate) or _kind_at_hand(drafts, candidate)


def _kind_of_killing(candidate: Candidate) -> EventType | None:
    """What killing was told of where no means is: a clash of armed parties, or an attack on people."""
    victims = {toll.toll.of for toll in candidate.tolls}
    if candidate.flies and (candidate.tolls or candidate.places):
        return EventType.AIR_STRIKE
    if not candidate.tolls:
        armed = candidate.roles.foes or candidate.rule == ASSAULT
        named = candidate.roles.actors or (candidate.rule == ASSAULT and candidate.roles.foes)
        return EventType.ARMED_CLASH if named and armed and candidate.places else None
    if "combatants" in victims:
        return EventType.ARMED_CLASH
    if candidate.roles.actors:
        return EventType.ATTACK_ON_CIVILIANS
    return None


def _kind_at_hand(drafts: list[Draft], candidate: Candidate) -> EventType | None:
    """The kind of what was told just before, for more of it elsewhere: "five more were killed in Saqba"."""
    if not candidate.places or candidate.sentence.field == "title":
        return None
    if not candidate.tolls:
        return _kind_of_neighbour(drafts, candidate)
    also = _ALSO.search(candidate.sentence.text) is not None
    near = [
        draft.type
        for draft in reversed(drafts)
        if draft.type in VIOLENT
        and (candidate.sentence.index - draft.last <= 3 or _same_city(draft, candidate))
        and (also or one_time(draft.time, candidate.when))
        and not (candidate.flies is False and draft.type is EventType.AIR_STRIKE)
    ]
    return next((kind for kind in near if kind in FROM_AFAR), near[0] if near else None)


def _kind_of_neighbour(drafts: list[Draft], candidate: Candidate) -> EventType | None:
    """The kind of fire that the sentence before told of, for what "was hit, too"."""
    if candidate.definite or not _ALSO.search(candidate.sentence.text):
        return None
    near = [d.type for d in reversed(drafts) if d.type in FROM_AFAR and 0 < candidate.sentence.index - d.last <= 2]
    return near[0] if near else None


_ALSO = re.compile(r"\b(?:also|too|as well|likewise)\b")


def _same_city(draft: Draft, candidate: Candidate) -> bool:
    lede = draft.place is not None and draft.sentences[0].lede
    return lede and any(draft.place and hit.place.key == draft.place.place.key for hit in candidate.places)


def distinct(hits: tuple[PlaceHit, ...]) -> tuple[PlaceHit, ...]:
    """Places of different towns: several neighbourhoods of one city make one event, of the city."""
    towns: dict[str, PlaceHit] = {}
    for hit in hits:
        known = towns.get(hit.place.key)
        if known is None:
            towns[hit.place.key] = hit
        elif known.place.district and known.place.district != hit.place.district:
            towns[hit.place.key] = replace(known, place=known.place.model_copy(update={"district": None}))
    return tuple(hit for hit in towns.values() if not hit.area) or tuple(towns.values())


def _inherited(document: Document, drafts: list[Draft], candidate: Candidate) -> tuple[PlaceHit, ...]:
    """The place of what was told just before, for an act told without one."""
    if candidate.definite or candidate.type not in _INHERITING or candidate.sentence.field == "title":
        return ()
    if not (candidate.tolls or candidate.when) or _abroad(candidate):
        return ()
    for draft in reversed(drafts):
        if candidate.sentence.index - draft.last <= 2 and draft.place is not None and not draft.place.area:
            return (draft.place,)
    for before in document.before(candidate.sentence, 2):
        towns = [hit for hit in before.places if not hit.area]
        if towns and not before.repeats:  # the headline's place waits: the story may yet name its own
            return (towns[0],)
    return ()


def _abroad(candidate: Candidate) -> bool:
    """True if the sentence itself says where, though only by a country: "fired across the border into Syria"."""
    return any(hit.cue in _INTO and hit.place.precision == "country" for hit in candidate.sentence.places)


_INTO = frozenset(("into", "inside", "across"))
_INHERITING = frozenset((*FROM_AFAR, EventType.ATTACK_ON_CIVILIANS))
"""Kinds that are told on under the place named before; "fighting" and the like are too vague for that."""
