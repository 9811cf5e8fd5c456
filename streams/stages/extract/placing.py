"""Which of the places in a sentence an act is told of: the nearest fitting one to its verb, and those joined to it."""

from __future__ import annotations

from schemas.vocabulary import PlacePrecision
from streams.stages.extract.cues import Cue
from streams.stages.extract.document import PlaceHit
from streams.stages.extract.line import Line, Spot

FARTHEST = 30
"""Way beyond which a place of the sentence has nothing to do with a verb."""
BEFORE = 3
"""What it costs that a place stands before the verb: "in Raqqa, jets struck" is rarer than "jets struck Raqqa"."""
AREA = 14
"""What it costs to be an area: the town in it is meant where there is one."""
REACH = {"armed_clash": 24, "territory_captured": 16, "siege": 26, "displacement": 14, "attack_on_civilians": 20}
"""The same for kinds whose words are told of many things."""
_WIDE = {
    PlacePrecision.EXACT: 0,
    PlacePrecision.TOWN: 0,
    PlacePrecision.DISTRICT: 6,
    PlacePrecision.GOVERNORATE: AREA,
    PlacePrecision.COUNTRY: 30,
}
CUE_COST = {
    "from": 7,
    "to": 2,
    "toward": 3,
    "towards": 3,
    "between": 2,
    "of": 1,
    "via": 8,
    "than": 9,
    "like": 9,
    "by": 9,
    "and": 0,
}
"""What the word before a place costs; no word, or an unlisted one, costs `BARE`."""
BARE = 2
_TOWARD = frozenset(("toward", "towards"))
_FROM_AFAR = frozenset(("air_strike", "shelling", "chemical_attack"))
HEADED_FOR = 12
"""What a place costs that somebody moves toward while bombs fall: they fall where he is."""

EDGE = 8
"""What it costs to be only a city's edge: the place that lies there is meant where one is named."""
_MOST_JOINED = 12


def places_of(line: Line, cue: Cue) -> tuple[PlaceHit, ...]:
    """The places of an act, the nearest first; none if the sentence has none that fits."""
    # A country is no place of an act: what is told of "northern Syria" waits for a name.
    best = min(((cost(line, cue, spot), at) for at, spot in enumerate(line.places) if not _country(spot)), default=None)
    if best is None or best[0] > REACH.get(cue.type, FARTHEST) + _allowance(line.places[best[1]]):
        return ()
    if _of_others(line, cue, line.places[best[1]]):
        return ()
    return _counted(line) or _joined(line, _named_part(line, best[1]))


def _of_others(line: Line, cue: Cue, spot: Spot[PlaceHit]) -> bool:
    """True for a place before what is told of others: "a blast in Aleppo as the evacuation of four towns resumes"."""
    behind = line.words[cue.last : cue.last + 6]
    others = behind[:1] == ["of"] and not line.lists["settlements"].isdisjoint(behind)
    return others and spot.last <= cue.first and cue.form == "noun"


def _counted(line: Line) -> tuple[PlaceHit, ...]:
    """The places of "three villages south of the city, A, B and C": as many in a row as the text counts."""
    at = next((at for at, word in enumerate(line.words[:-1]) if word in _COUNTS), None)
    if at is None or line.lists["settlements"].isdisjoint(line.words[at + 1 : at + 4]):
        return ()
    for first in range(len(line.places)):
        row = [first]
        while row[-1] + 1 < len(line.places) and _in_row(line, row[-1], row[-1] + 1):
            row.append(row[-1] + 1)
        if len(row) == _COUNTS[line.words[at]] and line.places[first].first > at:
            return tuple(line.places[n].hit for n in row)
    return ()


def _in_row(line: Line, left: int, right: int) -> bool:
    a, b = line.places[left], line.places[right]
    return not (a.hit.area or b.hit.area) and all(word == "and" for word in line.words[a.last : b.first])


_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}


def _named_part(line: Line, at: int) -> int:
    """A place, or the first of those that the text names in it: "towns north of Hama, including Suran and Tibah"."""
    if at + 1 == len(line.places):
        return at
    between = line.words[line.places[at].last : line.places[at + 1].first]
    wide = line.places[at].hit.area or line.places[at].hit.around
    return at + 1 if wide and len(between) <= 6 and not line.lists["naming"].isdisjoint(between) else at


def _country(spot: Spot[PlaceHit]) -> bool:
    return spot.hit.place.precision is PlacePrecision.COUNTRY


def _allowance(spot: Spot[PlaceHit]) -> int:
    return _WIDE[spot.hit.place.precision] if spot.hit.area else 0


def cost(line: Line, cue: Cue, spot: Spot[PlaceHit]) -> int:
    """Way from a trigger to a place, in tokens, with what speaks against the place."""
    hit = spot.hit
    way = line.way(cue.first, cue.last, spot.first, spot.last)
    way += BEFORE if spot.last <= cue.first else 0
    way += _WIDE[hit.place.precision] if hit.area else 0
    way += 0 if hit.cue in line.lists["placed"] else CUE_COST.get(hit.cue, BARE)
    way += EDGE if hit.outskirts else 0
    way += HEADED_FOR if hit.cue in _TOWARD and cue.type in _FROM_AFAR else 0
    return way + (DESCRIBING if _describes(line, spot) or _based(line, spot) else 0)


def _describes(line: Line, spot: Spot[PlaceHit]) -> bool:
    """True for a place that only says where another lies: "Saraqib near Idlib", "6 km north of Aleppo"."""
    if not _DISTANCE.isdisjoint(line.before(spot.first, 4)):
        return True
    if not line.lists["linking"].isdisjoint(line.before(spot.first, 6)):
        return True
    at = line.places.index(spot)
    if at == 0:
        return False
    before = line.places[at - 1]
    if before.hit.area and not spot.hit.area and spot.hit.cue not in _BY:
        return False  # "the Latakia town of Salma"
    between = line.words[before.last : spot.first]
    same = before.hit.place.key == spot.hit.place.key if isinstance(before.hit, PlaceHit) else True
    return 0 < len(between) <= 6 and not same and line.lists["lying"].issuperset(between) and "and" not in between


_BY = frozenset(("near", "outside", "around"))


def _based(line: Line, spot: Spot[PlaceHit]) -> bool:
    """True for where those lie who act elsewhere: "gunmen positioned in Ghouta fired at the city"."""
    at = line.places.index(spot)
    while at and _coordinated(line, at - 1, at):
        at -= 1
    return not line.lists["based"].isdisjoint(line.before(line.places[at].first, 4))


_DISTANCE = frozenset(("km", "kilometers", "kilometres", "miles"))
DESCRIBING = 12
"""What it costs a place to stand only behind another."""


def _joined(line: Line, at: int) -> tuple[PlaceHit, ...]:
    """A place and those coordinated with it, in order of the text, the first reached first."""
    chosen = [at]
    step = at + 1
    while step < len(line.places) and len(chosen) < _MOST_JOINED and _coordinated(line, step - 1, step):
        chosen.append(step)
        step += 1
    step = at - 1
    while step >= 0 and len(chosen) < _MOST_JOINED and _coordinated(line, step, step + 1):
        chosen.append(step)
        step -= 1
    return tuple(line.places[n].hit for n in sorted(chosen))


def _coordinated(line: Line, left: int, right: int) -> bool:
    a, b = line.places[left], line.places[right]
    between = line.words[a.last : b.first]
    if a.hit.area != b.hit.area or len(between) > 9 or not line.lists["places_joined"].issuperset(between):
        return False
    joined = "and" in between or "or" in between or "well" in between
    comma = "," in line.sentence.text[a.hit.end : b.hit.start]
    if a.hit.area and "in" in between:  # "in Idlib province, in Hama and in Latakia"
        return True
    return joined or comma or (not between and a.hit.place.place_id != b.hit.place.place_id)
