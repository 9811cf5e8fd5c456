"""One mention for each event that an article tells of, however often it comes back to it.

Candidates arrive in the order of reading. Each either takes up an event told before (then it adds figures, parties,
sources and a nearer place or time) or opens a new one. This is where an article's title, lede and later paragraphs
become one report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from schemas.vocabulary import EventType
from streams.stages.extract.candidates import VIOLENT, Candidate
from streams.stages.extract.document import Document, PlaceHit
from streams.stages.extract.draft import Draft
from streams.stages.extract.opening import FRESH, distinct, open_events
from streams.stages.extract.sameness import (
    beside,
    best_fit,
    inside,
    narrower,
    one_time,
    one_type,
    place_fit,
    places_better,
)

MOST_EVENTS = 400
"""Events after which no more are opened: no article tells of as many, only a list or an archive in one file."""


def gather(document: Document, found: Iterable[Candidate]) -> list[Draft]:
    """The events of an article, in the order in which they were first told."""
    drafts: list[Draft] = []
    titles: list[Candidate] = []
    loose: list[Candidate] = []
    for candidate in found:
        if candidate.sentence.field == "title":
            titles.append(candidate)
        elif (left := _take_up(drafts, candidate)) is not None:
            opened = open_events(document, drafts, left) if len(drafts) < MOST_EVENTS else []
            drafts.extend(opened)
            if opened:
                loose = _tie(opened, loose)
            elif left.sentence.lede and left.tolls:
                loose.append(left)
    # A headline is read last: the body says the same with kind, place and figures more exact.
    for candidate in titles:
        told = any(draft.type is candidate.type for draft in drafts)
        fresh = [draft for draft in drafts if draft.when is None or draft.when.last >= document.published - FRESH]
        if _take_up(fresh, candidate) is not None and candidate.type is not None and candidate.places and not told:
            drafts.extend(open_events(document, drafts, candidate))
    for draft in drafts:
        draft.actors = draft.actors or _same_hand(draft, drafts)
        if draft.place is None and not any(other.type is draft.type and other.place for other in drafts):
            draft.place = _headlined(document)
    kept = [draft for draft in drafts if draft.place is not None and not _absorbed(draft, drafts)]
    for draft in drafts:
        if not any(draft is other for other in kept):
            _hand_on(draft, kept)
    return kept


A_NIGHT = timedelta(days=1)
"""Longest time of a whole that is surely that of its parts."""


def _hand_on(total: Draft, drafts: list[Draft]) -> None:
    """Give the parts of a total the time that was told of the whole."""
    if total.when is None or total.when.last - total.when.first > A_NIGHT:
        return
    for draft in drafts:
        if draft.type is total.type and draft.when is None and not draft.aside:
            draft.when = total.when


def _same_hand(draft: Draft, drafts: list[Draft]) -> tuple[str, ...]:
    """Who did it, where the article names one party for acts of this kind at that time."""
    if draft.type not in _OF_ONE_HAND:
        return ()
    hands = {
        other.actors
        for other in drafts
        if other.type is draft.type and other.actors and one_time(other.time, draft.time)
    }
    return hands.pop() if len(hands) == 1 else ()


_OF_ONE_HAND = frozenset(
    (EventType.AIR_STRIKE, EventType.SHELLING, EventType.CHEMICAL_ATTACK, EventType.TERRITORY_CAPTURED)
)
"""Kinds that one party does all over an article; bombs and clashes may be anybody's."""


def _tie(opened: list[Draft], loose: list[Candidate]) -> list[Candidate]:
    """Give the dead of the lede, of whom it did not say how they died, to the event that is told next."""
    left: list[Candidate] = []
    for candidate in loose:
        fits = (
            len(opened) == 1
            and not _is_total(opened[0], candidate)
            and opened[0].type in VIOLENT
            and one_time(opened[0].when, candidate.when)
        )
        if fits and opened[0].last - candidate.sentence.index <= TIED and not _elsewhere(opened[0], candidate):
            _add(opened[0], candidate, None)
            opened[0].sentences.sort(key=lambda sentence: sentence.index)
        else:
            left.append(candidate)
    return left


def _is_total(draft: Draft, candidate: Candidate) -> bool:
    """True if the lede counts more dead than the event has of its own: a day's total over several."""
    own = [toll.toll.min for toll, _ in draft.tolls if toll.harm == "killed" and not toll.update]
    total = [toll.toll.min for toll in candidate.tolls if toll.harm == "killed"]
    return bool(own) and bool(total) and max(total) > max(own)


def _elsewhere(draft: Draft, candidate: Candidate) -> bool:
    places = candidate.places
    return bool(places) and draft.place is not None and all(place_fit(draft, hit, candidate) == 0 for hit in places)


TIED = 4
"""Sentences within which the lede's dead find their event."""


def _headlined(document: Document) -> PlaceHit | None:
    """The place that the headline names, for a story whose lede names none."""
    for sentence in document.sentences:
        if sentence.field == "title" or sentence.lede:
            named = sorted(sentence.places, key=lambda hit: hit.area)
            if named and named[0].place.precision != "country":
                return named[0]
    return None


# ---------------------------------------------------------------------------------------------- taking up


def _take_up(drafts: list[Draft], candidate: Candidate) -> Candidate | None:
    """Add a candidate to the events that it speaks of again.

    Returns:
        What is left of it: the candidate with the places of which nothing was told; None if nothing is left.
    """
    if candidate.definite and len(candidate.places) > 1 and _spread(drafts, candidate):
        return None
    if len(candidate.places) > 1 and not candidate.definite:
        return _take_up_each(drafts, candidate)
    draft = best_fit(drafts, candidate, candidate.places)
    if draft is None:
        return candidate
    _add(draft, candidate, candidate.places[0] if candidate.places else None)
    return None


def _take_up_each(drafts: list[Draft], candidate: Candidate) -> Candidate | None:
    left: list[PlaceHit] = []
    for hit in candidate.places:
        draft = best_fit(drafts, candidate, (hit,))
        if draft is None:
            left.append(hit)
        else:
            _add(draft, candidate, hit)
    return replace(candidate, places=tuple(left)) if left else None


def _spread(drafts: list[Draft], candidate: Candidate) -> bool:
    """Put an event of a whole province at the towns that "the raids" are then said to have hit, its toll shared."""
    for at in range(len(drafts) - 1, -1, -1):
        draft = drafts[at]
        towns = [hit for hit in distinct(candidate.places) if _within(hit, draft.place)]
        if len(towns) > 1 and one_type(draft, candidate) and one_time(draft.time, candidate.when):
            group = f"{draft.sentence.index}.{candidate.cue.first}"
            drafts[at : at + 1] = [_at_town(draft, candidate, hit, group) for hit in towns]
            return True
    return False


def _within(hit: PlaceHit, outer: PlaceHit | None) -> bool:
    """True for a town of a province, also where a city's name stands for its province."""
    if outer is None:
        return True
    named_alike = outer.place.admin1 is not None and outer.place.name == outer.place.admin1
    if outer.area:
        return inside(hit, outer)
    return named_alike and hit.place.admin1 == outer.place.admin1 and hit.place.key != outer.place.key


def _at_town(draft: Draft, candidate: Candidate, hit: PlaceHit, group: str) -> Draft:
    return replace(
        draft,
        place=hit,
        explicit=True,
        sentence=candidate.sentence,
        actors=candidate.roles.actors or draft.actors,
        tolls=list(draft.tolls),
        sentences=[*draft.sentences, candidate.sentence],
        shared=bool(draft.tolls),
        group=group if draft.tolls else None,
    )


def _add(draft: Draft, candidate: Candidate, hit: PlaceHit | None) -> None:
    if draft.group is not None and candidate.tolls and hit is not None and draft.last < candidate.sentence.index:
        # The figure of this one town takes the place of the one it shared with others.
        draft.tolls, draft.group, draft.shared = [], None, False
    headline = candidate.sentence.field == "title" and draft.place is not None
    if hit is not None and not headline and places_better(draft.place, hit):
        if draft.place is None or draft.place.area or draft.place.around:
            draft.sentence = candidate.sentence
        draft.place, draft.explicit = hit, True
    if (
        draft.sentence.field == "title"
        and candidate.sentence.field == "body"
        and (hit is not None or not draft.explicit)
    ):
        draft.sentence = candidate.sentence
    if candidate.type is None and not candidate.tolls:
        pass
    elif draft.when is None or (candidate.when is not None and narrower(candidate.when, draft.when)):
        draft.when = candidate.when or draft.when
    if candidate.type is EventType.SUICIDE_BOMB and draft.type is EventType.EXPLOSION:
        draft.type, draft.rule = candidate.type, candidate.rule
    elif draft.usual and candidate.type is not None and not candidate.rule.endswith(".usual"):
        draft.type, draft.rule, draft.usual = candidate.type, candidate.rule, False
    draft.actors = draft.actors or candidate.roles.actors
    draft.targets = draft.targets or candidate.roles.targets
    draft.tolls += [(toll, candidate.sentence) for toll in candidate.tolls]
    draft.shared |= candidate.shared
    draft.sentences.append(candidate.sentence)


def _absorbed(draft: Draft, drafts: list[Draft]) -> bool:
    """True for a whole province's or country's strikes where the article names the towns that were hit."""
    if draft.place is None or draft.further:
        return False
    if not draft.place.area and not draft.place.outskirts:
        return _sum_of_parts(draft, drafts)
    if draft.place.place.precision == "country":
        return draft.type is not EventType.AGREEMENT
    return any(
        other is not draft
        and other.type is draft.type
        and other.place is not None
        and not other.place.area
        and (inside(other.place, draft.place) or (draft.place.outskirts and beside(other.place, draft.place)))
        and one_time(other.when, draft.when)
        for other in drafts
    )


def _sum_of_parts(draft: Draft, drafts: list[Draft]) -> bool:
    """True for a city's total whose quarters are told one by one."""
    total = _dead(draft)
    if total is None or draft.place is None or draft.place.place.district:
        return False
    parts = [
        _dead(other) or 0
        for other in drafts
        if other is not draft
        and other.type is draft.type
        and other.place is not None
        and other.place.place.district
        and other.place.place.key == draft.place.place.key
        and one_time(other.when, draft.when)
    ]
    return len(parts) > 1 and sum(parts) == total


def _dead(draft: Draft) -> int | None:
    return max((toll.toll.min for toll, _ in draft.tolls if toll.harm == "killed" and not toll.part), default=None)
