"""What a trigger needs besides its word: a truce that was made, a place that was taken, people who fled.

Words of these kinds are told of many things. Each rule here names what is missing, or nothing.
"""

from __future__ import annotations

import re

from schemas.vocabulary import EventType
from streams.stages.extract.cues import Cue
from streams.stages.extract.document import PlaceHit
from streams.stages.extract.line import Line, Spot


def unmet(line: Line, cue: Cue, kind: EventType) -> str | None:
    """Why a trigger of a kind that needs more than its word has not got it."""
    rule = _NEEDS.get(kind)
    return rule(line, cue) if rule else None


def _agreement(line: Line, cue: Cue) -> str | None:
    around = line.words[max(0, cue.first - 4) : cue.first] + line.words[cue.last : cue.last + 3]
    if not line.lists["agreed"].intersection(around):
        return "no deal made"
    return None


def _siege(line: Line, cue: Cue) -> str | None:
    unmet_need = _siege_state(line, cue)
    return None if unmet_need == "state" and "since" in line.words[cue.last : cue.last + 7] else unmet_need


def _siege_state(line: Line, cue: Cue) -> str | None:
    if line.words[cue.first] in ("cut", "cuts", "cutting", "severed", "sever", "severing", "severs"):
        after = line.words[cue.last : cue.last + 8]
        if not line.lists["be"].isdisjoint(line.before(cue.first, 3)):
            after = line.before(cue.first, 8)
        return (
            None
            if any(word in line.lists["roads"] or re.fullmatch(r"[mn]\d+", word) for word in after)
            else "not a road"
        )
    if line.words[cue.first].startswith("surround"):
        return None if cue.form in ("past", "part") and line.word(cue.last) == "by" else "state"
    if cue.form == "phrase":
        return "state" if line.words[cue.first] == "under" else None
    if cue.form == "noun":
        around = line.words[max(0, cue.first - 5) : cue.first]
        return None if line.lists["siege_verbs"].intersection(around) else "state"
    if (
        cue.form in ("past", "part")
        and line.word(cue.last) == "by"
        and line.lists["be"].isdisjoint(line.before(cue.first, 3))
    ):
        return "state"  # "districts besieged by the army"
    attributive = line.word(cue.first - 1) in (
        "the",
        "in",
        "of",
        "a",
        "on",
        "to",
        "and",
        "into",
        "from",
        "for",
        "several",
        "other",
        "s",
        "rebel",
    )
    return "state" if cue.form in ("past", "part") and attributive else None


def _displacement(line: Line, cue: Cue) -> str | None:
    if cue.form not in ("past", "part", "phrase") or line.word(cue.first - 1) in ("who", "that"):
        return "state"
    around = line.words[max(0, cue.first - 6) : cue.first]
    counted = line.lists["many"].intersection(around)
    return None if line.lists["people"].intersection(around) and counted else "not of civilians"


def _transferred(line: Line, cue: Cue) -> str | None:
    if not _RUBBLE.isdisjoint(line.words[cue.last : cue.last + 4]):
        return "rescue"
    if not _HANDED.isdisjoint(line.before(cue.first, 4)):
        return "things or people"
    if line.words[cue.first].startswith("evacuat"):
        around = line.words[max(0, cue.first - 6) : cue.last + 8]
        return "rescue" if {"wounded", "injured", "victims", "patients", "bodies", "casualties"} & set(around) else None
    return None


_RUBBLE = frozenset(("rubble", "debris", "ruins", "wreckage"))
_HANDED = frozenset(
    ("information", "documents", "evidence", "data", "bodies", "prisoners", "weapons", "list", "report")
)
"""What is handed over besides places."""


def _captured(line: Line, cue: Cue) -> str | None:
    word = line.words[cue.first]
    if word.startswith(_DRIVEN):
        return _driven(line, cue)
    if line.before(cue.first, 2) in (["they", "had"], ["he", "had"], ["it", "had"]) and not _place_at_once(line, cue):
        return "things or people"
    if (
        cue.form in ("past", "part")
        and line.word(cue.last) in line.lists["held_areas"]
        and line.word(cue.first - 1) in _ARTICLES
    ):
        return "only whose they are"
    if not line.lists["pictures"].isdisjoint(line.before(cue.first, 5)):
        return "a picture"
    if line.word(cue.last).isdigit() or line.word(cue.last) in line.lists["not_taken"]:
        return "no place taken"
    if (
        line.sentence.lede
        and line.word(cue.last) in ("it", "the", "an", "a")
        and not any(_is_town(s) for s in line.places)
    ):
        return None
    if cue.last - cue.first == 1 and word in ("took", "takes", "taking") and not _place_at_once(line, cue):
        return "no place taken"
    if not _place_next(line, cue, before=True) and not _taken_up(line, cue):
        return "no place taken"
    if line.word(cue.last) != "by" and not line.lists["things"].isdisjoint(line.words[cue.last : cue.last + 3]):
        return "things or people"
    if (
        cue.form == "phrase"
        and word in ("took", "takes", "taken", "has", "have", "was", "were")
        and not _place_next(line, cue)
    ):
        return "no place taken"
    if word == "secured" and not _place_next(line, cue):
        return "no place taken"
    if word in ("fell", "fallen", "fall", "falls", "have", "has", "returned") and not _place_next(
        line, cue, before=True
    ):
        return "no place fell"
    return None


_ARTICLES = frozenset(("the", "its", "their", "in", "of", "newly", "all", "some"))
_DRIVEN = ("oust", "expel", "evict", "eject", "driv", "drov")


def _driven(line: Line, cue: Cue) -> str | None:
    """A holder driven out of a place: "expelled the rebels from Zabadani"."""
    after = line.words[cue.first + 1 : cue.last + 8]
    if "from" not in after and ("out" not in after or "of" not in after):
        named = any(0 <= cue.first - spot.last <= 20 for spot in line.places)
        whom = any(0 <= spot.first - cue.last <= 3 for spot in line.actors)
        return None if named and whom and word_of_driving(line, cue) else "nobody driven out of a place"
    if any(0 <= spot.first - cue.last <= 12 for spot in line.places):
        return None
    named_before = not {"its", "their"}.isdisjoint(after) and any(spot.last <= cue.first for spot in line.places)
    return None if named_before else "no place taken"


def word_of_driving(line: Line, cue: Cue) -> bool:
    """True for verbs that need no "from": "the city, after it evicted the army"."""
    return line.words[cue.first].startswith(("oust", "expel", "evict", "eject"))


def _is_town(spot: Spot[PlaceHit]) -> bool:
    return not spot.hit.area


def _place_at_once(line: Line, cue: Cue) -> bool:
    return any(0 <= spot.first - cue.last <= 3 for spot in line.places)


def _place_next(line: Line, cue: Cue, *, before: bool = False) -> bool:
    after = any(
        spot.first >= cue.last and line.way(cue.first, cue.last, spot.first, spot.last) <= 9 for spot in line.places
    )
    return after or (before and any(0 <= cue.first - spot.last <= 9 for spot in line.places))


def _taken_up(line: Line, cue: Cue) -> bool:
    """True for "until it was taken over": a place named before in the sentence."""
    before = line.before(cue.first, 3)
    passive = not line.lists["be"].isdisjoint(before) and not {"it", "which", "they"}.isdisjoint(before)
    return passive and any(spot.last <= cue.first for spot in line.places)


def _armed(line: Line) -> bool:
    """True if the sentence names a party that fights, or counts victims."""
    return bool(line.tolls) or any(not s.hit.neutral for s in line.actors)


def _clash(line: Line, cue: Cue) -> str | None:
    if cue.form not in ("noun", "either"):
        return None if _armed(line) else "no parties"
    before = line.words[max(0, cue.first - 4) : cue.first]
    if line.lists["flight"].intersection(before):
        return "scene"
    if "between" in line.words[cue.last : cue.last + 8] and _two_sides(line, cue):
        return None
    vague = line.words[cue.first] in line.lists["vague"]
    if (
        line.words[cue.first] == "fighting"
        and not any(0 <= s.first - cue.last <= 8 for s in line.places)
        and not line.tolls
    ):
        return "scene"
    return "scene" if vague and not (line.tolls or any(not spot.hit.neutral for spot in line.actors)) else None


def _two_sides(line: Line, cue: Cue) -> bool:
    """True if two parties are named behind a word of fighting: "between the army and rebels"."""
    return sum(0 <= spot.first - cue.last <= 16 and not spot.hit.neutral for spot in line.actors) > 1


def _chemical(line: Line, cue: Cue) -> str | None:
    """ "Used chemical weapons" is told in many quarrels; where it names no place it tells of no attack."""
    if cue.form != "phrase" or cue.last - cue.first == 1:
        return None
    denied = any(c.kind == "refusal" and c.type == "negated" and c.first < cue.first for c in line.cues)
    return "no place" if denied or not line.places else None


def _protest(line: Line, cue: Cue) -> str | None:
    """ "A demonstration of strength" is no crowd."""
    shown = line.words[cue.first] == "demonstration" and line.word(cue.last) == "of"
    return "no crowd" if shown and line.lists["people"].isdisjoint(line.words[cue.last : cue.last + 4]) else None


def _suicide(line: Line, cue: Cue) -> str | None:
    """Bombers that are killed, counted or listed blew nobody up."""
    if "bomber" not in line.words[cue.last - 1] and "attacker" not in line.words[cue.last - 1]:
        return None
    before = line.before(cue.first, 6)
    return "killed before" if not line.lists["killed_first"].isdisjoint(before) else None


def _abduction(line: Line, cue: Cue) -> str | None:
    """Soldiers taken prisoner are no abduction."""
    around = line.words[max(0, cue.first - 7) : cue.last + 4]
    return "prisoners of war" if not line.lists["soldiers"].isdisjoint(around) else None


_NEEDS = {
    EventType.ABDUCTION: _abduction,
    EventType.PROTEST: _protest,
    EventType.SUICIDE_BOMB: _suicide,
    EventType.CHEMICAL_ATTACK: _chemical,
    EventType.ARMED_CLASH: _clash,
    EventType.AGREEMENT: _agreement,
    EventType.SIEGE: _siege,
    EventType.DISPLACEMENT: _displacement,
    EventType.TERRITORY_TRANSFERRED: _transferred,
    EventType.TERRITORY_CAPTURED: _captured,
}
