"""One mention for each event that an article tells of, however often it comes back to it.

Candidates arrive in the order of reading. Each either takes up an event told before (then it adds figures, parties,
sources and a nearer place or time) or opens a new one. This is where an article's title, lede and later paragraphs
become one report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from schemas.record import DateRange
from schemas.vocabulary import DatePrecision, EventType, PlacePrecision
from streams.stages.extract.candidates import VIOLENT, Candidate
from streams.stages.extract.document import Document, PlaceHit, Sentence
from streams.stages.extract.toll_text import TollHit

FROM_THE_AIR = frozenset(("us-coalition", "usa", "russia", "israel"))
"""Parties that kill from the air where nothing else is said."""
RECENT = 4
"""Sentences within which "the attack" or "12 died" without a place still speaks of the event told last."""
FRESH = timedelta(days=4)
"""Days before publication that an undated story of the lede may be of."""
PENDING = 3
"""Sentences within which the lede's story finds the place that the lede did not name."""
SLACK = timedelta(days=1)
"""Two times this far apart may be one: outlets date a night by either day."""
_LOOSE = (
    EventType.AIR_STRIKE,
    EventType.SHELLING,
    EventType.CHEMICAL_ATTACK,
    EventType.EXPLOSION,
    EventType.SUICIDE_BOMB,
)


@dataclass(slots=True)
class Draft:
    """An event while the article is read."""

    type: EventType
    rule: str
    place: PlaceHit | None
    """None while the lede has not said where."""
    when: DateRange | None
    sentence: Sentence
    """The sentence that states it best: the first that names its place, after the title."""
    explicit: bool
    """False if its place was taken from another sentence."""
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    tolls: list[tuple[TollHit, Sentence]] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    aside: bool = False
    shared: bool = False
    group: str | None = None
    further: bool = False
    """True if it was opened for further victims, beside those told before."""
    usual: bool = False
    """True if its kind is only what the word usually means."""

    news: DateRange | None = None
    """Days of an undated story of the lede: the days up to publication."""

    @property
    def time(self) -> DateRange | None:
        """When it happened, as far as told."""
        return self.when or self.news

    @property
    def last(self) -> int:
        """Index of the sentence that spoke of it last."""
        return self.sentences[-1].index


def gather(document: Document, found: Iterable[Candidate]) -> list[Draft]:
    """The events of an article, in the order in which they were first told."""
    drafts: list[Draft] = []
    titles: list[Candidate] = []
    loose: list[Candidate] = []
    for candidate in found:
        if candidate.sentence.field == "title":
            titles.append(candidate)
        elif (left := _take_up(drafts, candidate)) is not None:
            opened = _open(document, drafts, left)
            drafts.extend(opened)
            if opened:
                loose = _tie(opened, loose)
            elif left.sentence.lede and left.tolls:
                loose.append(left)
    # A headline is read last: the body says the same with kind, place and figures more exact.
    for candidate in titles:
        told = any(draft.type is candidate.type for draft in drafts)
        if _take_up(drafts, candidate) is not None and candidate.type is not None and candidate.places and not told:
            drafts.extend(_open(document, drafts, candidate))
    for draft in drafts:
        draft.actors = draft.actors or _same_hand(draft, drafts)
        if draft.place is None and not any(other.type is draft.type and other.place for other in drafts):
            draft.place = _headlined(document)
    return [draft for draft in drafts if draft.place is not None and not _absorbed(draft, drafts)]


def _same_hand(draft: Draft, drafts: list[Draft]) -> tuple[str, ...]:
    """Who did it, where the article names one party for acts of this kind at that time."""
    if draft.type not in _LOOSE or draft.type in (EventType.EXPLOSION, EventType.SUICIDE_BOMB):
        return ()
    hands = {other.actors for other in drafts if other.type is draft.type and other.actors and _one_time(other.time, draft.time)}
    return hands.pop() if len(hands) == 1 else ()


def _tie(opened: list[Draft], loose: list[Candidate]) -> list[Candidate]:
    """Give the dead of the lede, of whom it did not say how they died, to the event that is told next."""
    left: list[Candidate] = []
    for candidate in loose:
        fits = len(opened) == 1 and opened[0].type in VIOLENT and _one_time(opened[0].when, candidate.when)
        if fits and opened[0].last - candidate.sentence.index <= TIED and not _elsewhere(opened[0], candidate):
            _add(opened[0], candidate, None)
            opened[0].sentences.sort(key=lambda sentence: sentence.index)
        else:
            left.append(candidate)
    return left


def _elsewhere(draft: Draft, candidate: Candidate) -> bool:
    places = candidate.places
    return bool(places) and draft.place is not None and all(_place_fit(draft, hit, candidate) == 0 for hit in places)


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
    draft = _best(drafts, candidate, candidate.places)
    if draft is None:
        return candidate
    _add(draft, candidate, candidate.places[0] if candidate.places else None)
    return None


def _take_up_each(drafts: list[Draft], candidate: Candidate) -> Candidate | None:
    left: list[PlaceHit] = []
    for hit in candidate.places:
        draft = _best(drafts, candidate, (hit,))
        if draft is None:
            left.append(hit)
        else:
            _add(draft, candidate, hit)
    return replace(candidate, places=tuple(left)) if left else None


def _spread(drafts: list[Draft], candidate: Candidate) -> bool:
    """Put an event of a whole province at the towns that "the raids" are then said to have hit, its toll shared."""
    for at in range(len(drafts) - 1, -1, -1):
        draft = drafts[at]
        towns = [hit for hit in _distinct(candidate.places) if _within(hit, draft.place)]
        if len(towns) > 1 and _one_type(draft, candidate) and _one_time(draft.time, candidate.when):
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
        return _inside(hit, outer)
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


def _best(drafts: list[Draft], candidate: Candidate, places: tuple[PlaceHit, ...]) -> Draft | None:
    best, best_fit = None, 0
    for draft in drafts:
        fit = _fit(draft, candidate, places)
        if fit and fit >= best_fit:
            best, best_fit = draft, fit
    return best


def _fit(draft: Draft, candidate: Candidate, places: tuple[PlaceHit, ...]) -> int:
    """How well a candidate speaks of an event: 0 for not at all."""
    if not _one_type(draft, candidate) or not _one_time(draft.time, candidate.when) or _own_part(draft, candidate, places):
        return 0
    if _far_off(draft, candidate) or _other_act(draft, candidate):
        return 0
    if draft.place is None:
        near = candidate.sentence.index - draft.last <= PENDING and draft.type is candidate.type
        return 12 if near or candidate.definite else 0
    if not places:
        near = candidate.sentence.index - draft.last <= RECENT or draft.sentence.lede
        return 20 + (draft.type is candidate.type) * 5 if near else 0
    fit = max(_place_fit(draft, hit, candidate) for hit in places)
    return fit + (draft.type is candidate.type) * 5 if fit else 0


def _other_act(draft: Draft, candidate: Candidate) -> bool:
    """True for further victims ("another 27 were killed"), and for an act of other hands, with its own dead."""
    if not draft.tolls or not any(toll.harm == "killed" for toll in candidate.tolls):
        return False
    if candidate.sentence.index == draft.last:
        return False
    if _additional(candidate) or _days_apart(draft.when, candidate.when):
        return True
    actors = set(candidate.roles.actors)
    return bool(draft.actors) and bool(actors) and actors.isdisjoint(draft.actors)


def _days_apart(one: DateRange | None, other: DateRange | None) -> bool:
    """True for two days that the article itself tells apart."""
    if one is None or other is None or one.first != one.last or other.first != other.last:
        return False
    return one.first != other.first


_FURTHER = re.compile(r"(?:another|a further|\d+ others?\b|\w+ (?:others?|more)\b)", re.IGNORECASE)


def _additional(candidate: Candidate) -> bool:
    text = candidate.sentence.text
    return any(toll.harm == "killed" and _FURTHER.match(text, toll.start, toll.end) for toll in candidate.tolls)


def _far_off(draft: Draft, candidate: Candidate) -> bool:
    """True for a figure so much greater that it must be of something else: a month's toll, a campaign's."""
    own = max((toll.toll.min for toll in candidate.tolls if toll.harm == "killed" and not toll.update), default=0)
    told = max((toll.toll.min for toll, _ in draft.tolls if toll.harm == "killed"), default=0)
    return told > 3 and own > TIMES * told


TIMES = 4
"""Rival figures of one event differ by less than this factor."""


def _one_type(draft: Draft, candidate: Candidate) -> bool:
    if candidate.type is None:
        return draft.type in VIOLENT
    if candidate.type is draft.type:
        return True
    if candidate.rule.endswith(".usual"):
        return draft.type in _LOOSE
    if {candidate.type, draft.type} == {EventType.EXPLOSION, EventType.SUICIDE_BOMB}:
        return True
    return draft.usual and candidate.type in _LOOSE and draft.type in _LOOSE


def _one_time(one: DateRange | None, other: DateRange | None) -> bool:
    if one is None or other is None:
        return True
    return one.first - SLACK <= other.last and other.first <= one.last + SLACK


def _place_fit(draft: Draft, hit: PlaceHit, candidate: Candidate) -> int:
    one, other = draft.place, hit
    if one is None:
        return 0
    if one.place.key == other.place.key:
        if one.place.district and other.place.district and one.place.district != other.place.district:
            return 0 if candidate.tolls and draft.tolls else 25
        return 40
    if hit.place.inferred and candidate.definite:
        return 15
    if one.around and not other.around and candidate.definite and _beside(other, one):
        return 16
    headline = candidate.sentence.field == "title"
    if headline and other.place.name == other.place.admin1 and one.place.admin1 == other.place.admin1:
        return 15
    if one.area and _inside(other, one):
        return 15 if draft.sentence.lede or candidate.sentence.index - draft.last <= 2 else 0
    if other.area and _inside(one, other):
        return 15
    return 0


def _beside(inner: PlaceHit, outer: PlaceHit) -> bool:
    """True for a place that "a town near Damascus" may turn out to be."""
    one, other = inner.place.admin1, outer.place.admin1
    return one is not None and (one == other or {one, other} <= {"Damascus", "Rif Dimashq"})


def _inside(inner: PlaceHit, outer: PlaceHit) -> bool:
    place, area = inner.place, outer.place
    if area.precision == "country":
        return True
    if area.precision == "governorate":
        return place.admin1 == area.admin1
    return place.parent == area.place_id


def _add(draft: Draft, candidate: Candidate, hit: PlaceHit | None) -> None:
    if draft.group is not None and candidate.tolls and hit is not None and draft.last < candidate.sentence.index:
        # The figure of this one town takes the place of the one it shared with others.
        draft.tolls, draft.group, draft.shared = [], None, False
    if hit is not None and _places_better(draft.place, hit):
        if draft.place is None or draft.place.area or draft.place.around:
            draft.sentence = candidate.sentence
        draft.place, draft.explicit = hit, True
    if draft.sentence.field == "title" and candidate.sentence.field == "body" and (hit is not None or not draft.explicit):
        draft.sentence = candidate.sentence
    if candidate.type is None and not candidate.tolls:
        pass
    elif draft.when is None or (candidate.when is not None and _narrower(candidate.when, draft.when)):
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


_WIDTH = {precision: width for width, precision in enumerate(PlacePrecision)}
"""Places from the exact to the country, the narrowest first."""


def _places_better(old: PlaceHit | None, new: PlaceHit) -> bool:
    """True if a later sentence says more exactly where."""
    if old is None or (old.area and _WIDTH[new.place.precision] < _WIDTH[old.place.precision]):
        return True
    if old.around and not new.around and old.place.key != new.place.key:
        return not new.area
    return old.place.key == new.place.key and not old.place.district and bool(new.place.district)


def _own_part(draft: Draft, candidate: Candidate, places: tuple[PlaceHit, ...]) -> bool:
    """True for one place's own figure under a greater one of the whole city or province."""
    nearer = [hit for hit in places if not hit.place.inferred and _nearer(hit, draft.place)]
    own = min((toll.toll.min for toll in candidate.tolls if toll.harm == "killed" and not toll.part), default=None)
    whole = max((toll.toll.min for toll, _ in draft.tolls if toll.harm == "killed" and not toll.part), default=None)
    return bool(nearer) and own is not None and whole is not None and own < whole


def _nearer(hit: PlaceHit, other: PlaceHit | None) -> bool:
    """True if a place is a part of another: a quarter of the city, a town of the province."""
    if other is None:
        return False
    if hit.place.key == other.place.key:
        return hit.place.district is not None and other.place.district is None
    return other.area and _inside(hit, other)


def _narrower(one: DateRange, other: DateRange) -> bool:
    return one.last - one.first < other.last - other.first


# ------------------------------------------------------------------------------------------------- opening


def _open(document: Document, drafts: list[Draft], candidate: Candidate) -> list[Draft]:
    """New events for a candidate: one for each place; none if it has no kind, or no place can be found for it."""
    kind = candidate.type or _kind(drafts, candidate)
    if candidate.rule.endswith(".bombing.usual"):  # of cars or from the air: as the article has it
        kind = next((draft.type for draft in reversed(drafts) if draft.type in _LOOSE), kind)
    if kind is None:
        return []
    places = _distinct(candidate.places) or _inherited(document, drafts, candidate)
    group = f"{candidate.sentence.index}.{candidate.cue.first}" if len(places) > 1 and candidate.tolls else None
    found = [_draft(candidate, kind, hit, group) for hit in places]
    if not found and _opens_story(candidate):
        found = [_draft(candidate, kind, None, None)]
    if candidate.sentence.lede:
        day = document.published
        for draft in found:
            draft.news = DateRange(first=day - FRESH, last=day, precision=DatePrecision.RANGE)
    return found


def _opens_story(candidate: Candidate) -> bool:
    """True for a lede that tells what happened and to whom, and leaves where to the next sentence."""
    told = candidate.tolls or candidate.roles.actors or candidate.when
    return candidate.sentence.lede and candidate.sentence.field == "body" and not candidate.definite and bool(told)


def _draft(candidate: Candidate, kind: EventType, hit: PlaceHit | None, group: str | None) -> Draft:
    return Draft(
        type=kind,
        rule=candidate.rule if candidate.type else f"{kind}.killing",
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
        further=_additional(candidate),
    )


def _kind(drafts: list[Draft], candidate: Candidate) -> EventType | None:
    """What an attack or killing was of which only the victims are told."""
    if not candidate.roles.actors:
        return _kind_at_hand(drafts, candidate) or _kind_of_killing(candidate)
    return _kind_of_killing(candidate) or _kind_at_hand(drafts, candidate)


def _kind_of_killing(candidate: Candidate) -> EventType | None:
    """What killing was told of where no means is: a clash of armed parties, or an attack on people."""
    victims = {toll.toll.of for toll in candidate.tolls}
    if set(candidate.roles.actors) & FROM_THE_AIR and (candidate.tolls or candidate.places):
        return EventType.AIR_STRIKE
    if not candidate.tolls:
        return EventType.ARMED_CLASH if candidate.roles.actors and candidate.roles.foes and candidate.places else None
    if "combatants" in victims:
        return EventType.ARMED_CLASH
    if candidate.roles.actors:
        return EventType.ATTACK_ON_CIVILIANS
    return None


def _kind_at_hand(drafts: list[Draft], candidate: Candidate) -> EventType | None:
    """The kind of what was told just before, for more victims elsewhere: "five more were killed in Saqba"."""
    if not candidate.tolls or not candidate.places or candidate.sentence.field == "title":
        return None
    near = [
        draft.type
        for draft in reversed(drafts)
        if draft.type in VIOLENT
        and (candidate.sentence.index - draft.last <= 3 or _same_city(draft, candidate))
        and _one_time(draft.time, candidate.when)
    ]
    return next((kind for kind in near if kind in _LOOSE), near[0] if near else None)


def _same_city(draft: Draft, candidate: Candidate) -> bool:
    lede = draft.place is not None and draft.sentences[0].lede
    return lede and any(draft.place and hit.place.key == draft.place.place.key for hit in candidate.places)


def _distinct(hits: tuple[PlaceHit, ...]) -> tuple[PlaceHit, ...]:
    """Places of different towns: several neighbourhoods of one city make one event."""
    by = {hit.place.key: hit for hit in reversed(hits)}
    towns = [hit for hit in hits if by.get(hit.place.key) is hit]
    return tuple(hit for hit in towns if not hit.area) or tuple(towns)


def _inherited(document: Document, drafts: list[Draft], candidate: Candidate) -> tuple[PlaceHit, ...]:
    """The place of what was told just before, for an act told without one."""
    if candidate.definite or candidate.type not in _INHERITING or candidate.sentence.field == "title":
        return ()
    if not (candidate.tolls or candidate.roles.actors or candidate.roles.targets):
        return ()
    for draft in reversed(drafts):
        if candidate.sentence.index - draft.last <= 2 and draft.place is not None and not draft.place.area:
            return (draft.place,)
    for before in document.before(candidate.sentence, 2):
        towns = [hit for hit in before.places if not hit.area]
        if towns:
            return (towns[0],)
    return ()


_INHERITING = frozenset((*_LOOSE, EventType.ATTACK_ON_CIVILIANS))
"""Kinds that are told on under the place named before; "fighting" and the like are too vague for that."""


def _absorbed(draft: Draft, drafts: list[Draft]) -> bool:
    """True for a whole province's or country's strikes where the article names the towns that were hit."""
    if draft.place is None or not draft.place.area or draft.further:
        return False
    if draft.place.place.precision == "country":
        return True
    return any(
        other is not draft
        and other.type is draft.type
        and other.place is not None
        and not other.place.area
        and _inside(other.place, draft.place)
        and _one_time(other.when, draft.when)
        for other in drafts
    )
