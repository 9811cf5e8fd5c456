"""Whether a sentence speaks of an event told before: of one kind, place, time and toll with it."""

from __future__ import annotations

import re
from datetime import timedelta

from schemas.record import DateRange
from schemas.vocabulary import EventType, PlacePrecision
from streams.stages.extract.candidates import VIOLENT, Candidate
from streams.stages.extract.document import PlaceHit
from streams.stages.extract.draft import FROM_AFAR, Draft

RECENT = 4
"""Sentences within which "the attack" or "12 died" without a place still speaks of the event told last."""
PENDING = 5
"""Sentences within which the lede's story finds the place that the lede did not name."""
SIGHT = 60
"""Events that a sentence may speak of again: the latest, and those of the lede. Keeps time even in endless texts."""
LEDE_EVENTS = 6
_ALSO = re.compile(r"\balso (?:wounded|injured|hurt)\b")


def _also_there(draft: Draft, candidate: Candidate) -> bool:
    """True for "also wounded three in the Abbasids quarter": an act of its own beside one of the same city."""
    if draft.place is None or not _ALSO.search(candidate.sentence.text):
        return False
    own = {hit.place.district for hit in candidate.places if hit.place.key == draft.place.place.key}
    return bool(own - {None, draft.place.place.district})


CAMPAIGN = timedelta(days=4)
"""Days from which on a toll "since" then is not that of one of them."""
SLACK = timedelta(days=1)
"""Two times this far apart may be one: outlets date a night by either day."""


def best_fit(drafts: list[Draft], candidate: Candidate, places: tuple[PlaceHit, ...]) -> Draft | None:
    """The event that a candidate speaks of again, of equals the latest (a headline, the first); None if of none."""
    best, best_score = None, 0
    for draft in drafts if len(drafts) <= SIGHT else (*drafts[:LEDE_EVENTS], *drafts[LEDE_EVENTS - SIGHT :]):
        score = fit(draft, candidate, places)
        if score > best_score or (score and score == best_score and candidate.sentence.field == "body"):
            best, best_score = draft, score
    return best


def fit(draft: Draft, candidate: Candidate, places: tuple[PlaceHit, ...]) -> int:
    """How well a candidate speaks of an event: 0 for not at all."""
    if (
        not one_type(draft, candidate)
        or not one_time(draft.time, candidate.when)
        or _own_part(draft, candidate, places)
    ):
        return 0
    if candidate.flies is False and draft.type is EventType.AIR_STRIKE:
        return 0
    if _far_off(draft, candidate) or _other_act(draft, candidate):
        return 0
    if draft.place is None:
        alike = draft.type is candidate.type or candidate.rule.endswith(".usual")
        near = candidate.sentence.index - draft.last <= PENDING and alike
        return 12 if near or candidate.definite else 0
    if not places and not (candidate.type in (None, draft.type) or candidate.definite or _of_bombs(draft, candidate)):
        return 0
    if not places:
        near = candidate.sentence.index - draft.last <= RECENT or draft.sentence.lede
        return 20 + (draft.type is candidate.type) * 5 if near else 0
    score = max(place_fit(draft, hit, candidate) for hit in places)
    return score + (draft.type is candidate.type) * 5 if score else 0


def _other_act(draft: Draft, candidate: Candidate) -> bool:
    """True for further victims ("another 27 were killed"), and for an act of other hands, with its own dead."""
    if candidate.sentence.index == draft.last or not candidate.tolls:
        return False
    if not draft.tolls:
        return _days_apart(draft.when, candidate.when) and not candidate.definite
    if not any(toll.harm == "killed" for toll in candidate.tolls):
        return _also_there(draft, candidate)
    if candidate.another or additional(candidate) or _days_apart(draft.when, candidate.when):
        return True
    actors = set(candidate.roles.actors)
    others = bool(draft.actors) and bool(actors) and actors.isdisjoint(draft.actors)
    return others and not _same_dead(draft, candidate)


def _days_apart(one: DateRange | None, other: DateRange | None) -> bool:
    """True for two days that the article itself tells apart."""
    if one is None or other is None:
        return False
    if one.first == one.last and other.first == other.last:
        return one.first != other.first
    return one.first == one.last and other.last - other.first >= CAMPAIGN


_FURTHER = re.compile(r"(?:another|a further|\d+ others?\b|\w+ (?:others?|more)\b)", re.IGNORECASE)


def additional(candidate: Candidate) -> bool:
    """True for further victims: "another 27 were killed"."""
    text = candidate.sentence.text
    return any(toll.harm == "killed" and _FURTHER.match(text, toll.start, toll.end) for toll in candidate.tolls)


def _far_off(draft: Draft, candidate: Candidate) -> bool:
    """True for a figure so much greater that it must be of something else: a month's toll, a campaign's."""
    own = max((toll.toll.min for toll in candidate.tolls if toll.harm == "killed" and not toll.update), default=0)
    told = max((toll.toll.min for toll, _ in draft.tolls if toll.harm == "killed"), default=0)
    return told > 3 and own > TIMES * told


TIMES = 4
"""Rival figures of one event differ by less than this factor."""


def one_type(draft: Draft, candidate: Candidate) -> bool:
    """True if a candidate may tell of an event of this kind."""
    if candidate.type is None:
        return draft.type in VIOLENT
    if candidate.type is draft.type:
        return True
    if candidate.rule.endswith(".usual"):
        return draft.type in FROM_AFAR
    if candidate.definite and draft.type is EventType.CHEMICAL_ATTACK and candidate.type in FROM_AFAR:
        return True  # "the air strikes" that dropped the gas
    if _of_bombs(draft, candidate):
        return True
    if candidate.type in _SET_OFF and draft.usual and not draft.rule.endswith(".bombing.usual"):
        return False
    return draft.usual and candidate.type in FROM_AFAR and draft.type in FROM_AFAR


_SET_OFF = (EventType.EXPLOSION, EventType.SUICIDE_BOMB)
"""What no gun or jet fires."""


def _of_bombs(draft: Draft, candidate: Candidate) -> bool:
    """True for a bomb of which one sentence says that somebody blew himself up with it, and another does not."""
    return {candidate.type, draft.type} == {EventType.EXPLOSION, EventType.SUICIDE_BOMB}


def one_time(one: DateRange | None, other: DateRange | None) -> bool:
    """True if two times may be one; what is not dated may be any."""
    if one is None or other is None:
        return True
    return one.first - SLACK <= other.last and other.first <= one.last + SLACK


def place_fit(draft: Draft, hit: PlaceHit, candidate: Candidate) -> int:
    """How well a place fits an event's: 0 for another place, most for the same."""
    one, other = draft.place, hit
    if one is None:
        return 0
    if one.place.key == other.place.key:
        if one.place.district and other.place.district and one.place.district != other.place.district:
            return 0 if candidate.tolls and draft.tolls else 25
        return 40
    if hit.place.inferred and candidate.definite:
        return 15
    if one.around and not other.around and beside(other, one) and (candidate.definite or _same_dead(draft, candidate)):
        return 16
    headline = candidate.sentence.field == "title"
    if headline and other.place.name == other.place.admin1 and one.place.admin1 == other.place.admin1:
        return 15
    if one.area and inside(other, one):
        return 15 if draft.sentence.lede or candidate.sentence.index - draft.last <= 2 else 0
    if other.area and inside(one, other):
        return 15
    return 0


def _same_dead(draft: Draft, candidate: Candidate) -> bool:
    """True if both count the same dead: in one article that is no chance."""
    own = {toll.toll.min for toll in candidate.tolls if toll.harm == "killed"}
    return bool(own) and own == {toll.toll.min for toll, _ in draft.tolls if toll.harm == "killed"}


def beside(inner: PlaceHit, outer: PlaceHit) -> bool:
    """True for a place that "a town near Damascus" may turn out to be."""
    one, other = inner.place.admin1, outer.place.admin1
    return one is not None and (one == other or {one, other} <= {"Damascus", "Rif Dimashq"})


def inside(inner: PlaceHit, outer: PlaceHit) -> bool:
    """True if a place lies in an area, as far as governorate and country say."""
    place, area = inner.place, outer.place
    if area.precision == "country":
        return True
    if area.precision == "governorate":
        return place.admin1 == area.admin1
    return place.parent == area.place_id


_WIDTH = {precision: width for width, precision in enumerate(PlacePrecision)}
"""Places from the exact to the country, the narrowest first."""


def places_better(old: PlaceHit | None, new: PlaceHit) -> bool:
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
    return other.area and inside(hit, other)


def narrower(one: DateRange, other: DateRange) -> bool:
    """True if one time is stated more exactly than another."""
    return one.last - one.first < other.last - other.first
