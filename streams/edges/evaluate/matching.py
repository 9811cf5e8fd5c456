"""When a mention is what the gold says: same kind, same town, same time; and which of several is paired with which.

Towns are one if their names fold to the same, one is another name of the other, or they lie 8 km apart at most. Times
agree if they overlap when widened by a day, or if either is not known. Claims agree on town, family of relation and
party. Pairs are made one to one, the likeliest first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from schemas.mention import Mention
from schemas.record import Place
from schemas.vocabulary import PlacePrecision, Relation
from streams.edges.evaluate.gold import Days, GoldClaim, GoldEvent
from streams.theatres.names import fold
from streams.theatres.theatre import Theatre

SAME_TOWN_KM = 8.0
"""Distance up to which two points are taken for one town."""
SLACK = timedelta(days=1)
_RADIUS_KM = 6371.0

FAMILY: dict[str, str] = {
    Relation.HOLDS: "holds",
    Relation.CAPTURED: "captured",
    Relation.LOST: "lost",
    Relation.WITHDREW: "lost",
    Relation.CONTESTS: "contests",
    Relation.ADVANCES: "contests",
    Relation.ENTERED: "contests",
    Relation.BESIEGES: "besieges",
}
"""Relations that count as one when claims are matched."""

Gold = TypeVar("Gold", GoldEvent, GoldClaim)


class Judge:
    """Says whether gold and mention agree, in the light of a theatre's places and parties.

    Args:
        theatre: Knows spellings, coordinates and parties.
    """

    def __init__(self, theatre: Theatre) -> None:
        self._theatre = theatre

    def events_agree(self, gold: GoldEvent, mention: Mention) -> bool:
        """True if both tell of one event: type, town and time."""
        return gold.type == mention.event_type and self.same_town(gold, mention) and same_time(gold.date, mention)

    def claims_agree(self, gold: GoldClaim, mention: Mention) -> bool:
        """True if both make one claim: town, family of relation, and party if the gold names one."""
        return (
            mention.relation is not None
            and FAMILY[gold.relation] == FAMILY[mention.relation]
            and self.same_town(gold, mention)
            and (not gold.actor or self.share_party(gold.actor, mention.actors))
        )

    def event_likeness(self, gold: GoldEvent, mention: Mention) -> int:
        """How much speaks for a pair of events beyond their agreement."""
        stated = mention.killed and (mention.killed.min, mention.killed.max)
        return (
            3 * same_words(gold.evidence, mention.evidence.text)
            + self.share_party(gold.actor, mention.actors)
            + ((gold.killed or None) == (stated or None))
            + (fold(gold.place or "") == fold(mention.place.text))
        )

    def claim_likeness(self, gold: GoldClaim, mention: Mention) -> int:
        """How much speaks for a pair of claims beyond their agreement."""
        return (gold.relation == mention.relation) + (gold.scope == mention.scope) + same_time(gold.date, mention)

    def share_party(self, some: Sequence[str], others: Sequence[str]) -> bool:
        """True if two lists of actors have a party in common."""
        party = self._theatre.actors.party
        return not {party(actor) for actor in some}.isdisjoint(party(actor) for actor in others)

    def same_town(self, gold: GoldEvent | GoldClaim, mention: Mention) -> bool:
        """True if a mention lies where the gold says; without a town, in the same governorate."""
        place = mention.place
        if gold.town is None:
            towns = (PlacePrecision.EXACT, PlacePrecision.TOWN)
            return place.precision not in towns and (not gold.governorate or _inside(place, gold.governorate))
        return fold(place.name) == fold(gold.town) or self._is_near(place, gold.town, gold.governorate)

    def _is_near(self, place: Place, town: str, governorate: str | None) -> bool:
        if place.lat is None or place.lon is None:
            return False
        sites = self._theatre.gazetteer.candidates(town)
        inside = [site for site in sites if governorate and _one_name(site.admin1, governorate)] or sites
        return any(km(place.lat, place.lon, site.lat, site.lon) <= SAME_TOWN_KM for site in inside)


def _inside(place: Place, governorate: str) -> bool:
    return _one_name(place.admin1 or place.name, governorate)


def _one_name(one: str | None, other: str) -> bool:
    return fold(one or "") == fold(other)


def km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in kilometres (haversine)."""
    north, east = math.radians(other_lat - lat), math.radians(other_lon - lon)
    chord = math.sin(north / 2) ** 2
    chord += math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(east / 2) ** 2
    return 2 * _RADIUS_KM * math.asin(math.sqrt(chord))


def same_time(gold: Days, mention: Mention) -> bool:
    """True if the days overlap when widened by one, or if either side gives none."""
    if gold is None or mention.when is None:
        return True
    return gold[0] - SLACK <= mention.when.last and mention.when.first <= gold[1] + SLACK


def same_words(opening: str, text: str) -> bool:
    """True if the gold's evidence is the mention's: its first words stand in it."""
    return bool(opening) and _words(opening)[:40].strip() in _words(text)


def _words(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower())


def pairs(
    gold: Sequence[Gold],
    mentions: Sequence[Mention],
    agree: Callable[[Gold, Mention], bool],
    likeness: Callable[[Gold, Mention], int],
) -> list[tuple[Gold, Mention]]:
    """One-to-one pairs of what agrees, the likeliest first, earlier ones first among equals."""
    likely = sorted(
        (-likeness(one, other), at, place)
        for at, one in enumerate(gold)
        for place, other in enumerate(mentions)
        if agree(one, other)
    )
    taken_gold: set[int] = set()
    taken: set[int] = set()
    found = []
    for _, at, place in likely:
        if at not in taken_gold and place not in taken:
            taken_gold.add(at)
            taken.add(place)
            found.append((gold[at], mentions[place]))
    return found
