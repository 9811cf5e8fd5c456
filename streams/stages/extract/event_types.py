"""What kind of act a sentence tells of: by its trigger, else by the means beside it, else by what the article is about.

A sentence gives nuclei, each a trigger with its kind. A word such as "attack" or "killed" that stands by a trigger or a
means belongs to that one; alone, its kind is open, and gathering decides which event it takes up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemas.vocabulary import EventType
from streams.stages.extract.cues import Cue
from streams.stages.extract.document import ActorHit, PlaceHit
from streams.stages.extract.line import Line, Spot
from streams.stages.extract.refusals import refusal

SATELLITE = 16
"""Way within which a generic word belongs to a trigger that names the kind."""
CASUALTY = 26
"""The same for words of death and injury."""
MEANS = 14
"""Way within which a means says what kind an attack was."""

_USUAL = {
    "strike": EventType.AIR_STRIKE, "strikes": EventType.AIR_STRIKE, "struck": EventType.AIR_STRIKE,
    "raid": EventType.AIR_STRIKE, "raids": EventType.AIR_STRIKE, "sortie": EventType.AIR_STRIKE,
    "bombardment": EventType.SHELLING, "bombardments": EventType.SHELLING, "barrage": EventType.SHELLING,
    "bombarded": EventType.SHELLING, "bombing": EventType.AIR_STRIKE, "bombings": EventType.EXPLOSION,
    "bombed": EventType.AIR_STRIKE,
}  # fmt: skip
"""What a generic word means where nothing else is said."""
_FROM_THE_AIR = frozenset((EventType.SHELLING, EventType.EXPLOSION))
_VIOLENT_VERBS = frozenset(("killed", "kills", "kill", "killing", "died", "dead"))


@dataclass(frozen=True, slots=True)
class Nucleus:
    """A trigger in a sentence, with the kind of act it tells of."""

    cue: Cue
    type: EventType | None
    """None if the words leave it open: "the attack", "12 people were killed"."""
    rule: str
    failed: bool = False
    """True for an attack that was repelled or failed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A trigger that tells of no event, and why."""

    cue: Cue
    reason: str


def nuclei(line: Line) -> tuple[list[Nucleus], list[Refused]]:
    """The acts that a sentence tells of, and the triggers that were considered and refused."""
    refused: list[Refused] = []
    strong = [n for cue in line.cues if cue.kind == "trigger" for n in _strong(line, cue, refused)]
    strong = [_by_means(line, nucleus) for nucleus in strong]
    weak = [n for cue in line.cues if cue.kind in ("generic", "casualty") for n in _weak(line, cue, strong, refused)]
    return sorted(_one_of_a_kind(line, [*strong, *_joined(line, weak)]), key=lambda n: n.cue.first), refused


def _joined(line: Line, weak: list[Nucleus]) -> Iterator[Nucleus]:
    """Attack words and casualties of one sentence that speak of one act: "targeted the suburb, killing 26"."""
    kept: list[Nucleus] = []
    for nucleus in sorted(weak, key=lambda n: (n.type is None, n.rule.endswith(".usual"), n.cue.first)):
        if not any(_same_act(line, nucleus, other) for other in kept):
            kept.append(nucleus)
    return iter(kept)


def _same_act(line: Line, nucleus: Nucleus, other: Nucleus) -> bool:
    fits = nucleus.type is None or nucleus.type is other.type or nucleus.rule.endswith(".usual")
    cue, first = nucleus.cue, other.cue
    return fits and line.way(cue.first, cue.last, first.first, first.last) <= SATELLITE


def _strong(line: Line, cue: Cue, refused: list[Refused]) -> Iterator[Nucleus]:
    kind = EventType(cue.type)
    reason = refusal(line, cue) or _unfit(line, cue, kind)
    failed = reason in ("planned", "negated") and _failed(line, cue)
    if reason and not failed:
        refused.append(Refused(cue, reason))
    elif failed and kind in (EventType.TERRITORY_CAPTURED, EventType.ARMED_CLASH, EventType.SIEGE):
        yield Nucleus(cue, EventType.ARMED_CLASH, "armed_clash.failed", failed=True)
    elif not failed:
        vague = line.words[cue.first].startswith(("massacre", "killing")) and not line.tolls
        yield Nucleus(cue, None, "attack") if vague else Nucleus(cue, kind, f"{kind}.{_form(cue)}")
    else:
        refused.append(Refused(cue, reason or ""))


def _weak(line: Line, cue: Cue, strong: list[Nucleus], refused: list[Refused]) -> Iterator[Nucleus]:
    reason = refusal(line, cue)
    if reason:
        refused.append(Refused(cue, reason))
        return
    reach = SATELLITE if cue.kind == "generic" and line.words[cue.first] not in _VIOLENT_VERBS else CASUALTY
    if any(line.way(cue.first, cue.last, n.cue.first, n.cue.last) <= reach for n in strong if _takes(n)):
        return
    kind = _means_near(line, cue)
    word = line.words[cue.first]
    rule = f"{kind}.means" if kind else "casualty" if cue.kind == "casualty" else "attack"
    if kind is None and cue.type == "with_means":
        return
    if kind is None and cue.kind == "generic" and word in _USUAL:
        kind = EventType.SHELLING if _by_army(line, cue) else _USUAL[word]
        rule = f"{kind}.bombing.usual" if word.startswith("bombing") else f"{kind}.usual"
    yield Nucleus(cue, kind, rule)


def _by_army(line: Line, cue: Cue) -> bool:
    """True for strikes that ground forces carried out."""
    return not _GROUND.isdisjoint(line.before(cue.first, 7)) and "air" not in line.before(cue.first, 7)


_GROUND = frozenset(("army", "units", "unit"))


def _takes(nucleus: Nucleus) -> bool:
    """True for acts that an attack word or a casualty beside them may speak of."""
    return nucleus.type not in _QUIET


_QUIET = frozenset(
    (EventType.AGREEMENT, EventType.DISPLACEMENT, EventType.ARREST, EventType.PROTEST, EventType.TERRITORY_TRANSFERRED,
     EventType.SIEGE, EventType.TERRITORY_CAPTURED, EventType.PROPERTY_DESTRUCTION)
)  # fmt: skip


def _means_near(line: Line, cue: Cue) -> EventType | None:
    near = [
        (line.way(cue.first, cue.last, c.first, c.last) - 3 * (c.type == "chemical_attack"), c.first, c.type)
        for c in line.cues
        if c.kind == "means"
    ]
    close = {kind: way for way, _, kind in sorted(near, reverse=True) if way <= MEANS}
    if not close:
        return None
    best = min(close, key=lambda kind: (close[kind], kind))
    # Missiles and bombs may come from above; then the jets that stand by them say so.
    return EventType.AIR_STRIKE if best in _FROM_THE_AIR and "air_strike" in close else EventType(best)


def _by_means(line: Line, nucleus: Nucleus) -> Nucleus:
    """A trigger whose means say otherwise: missiles fired by jets, a car bomb with an attacker in it, barrels of gas."""
    cue, kind = nucleus.cue, nucleus.type
    near = {
        c.type
        for c in line.cues
        if c.kind in ("means", "trigger") and line.way(cue.first, cue.last, c.first, c.last) <= 8
    }
    if kind is EventType.EXPLOSION and "suicide_bomb" in near:
        return replace(nucleus, type=EventType.SUICIDE_BOMB, rule="suicide_bomb.means")
    if kind in (EventType.AIR_STRIKE, EventType.SHELLING, EventType.ATTACK_ON_CIVILIANS) and "chemical_attack" in near:
        return replace(nucleus, type=EventType.CHEMICAL_ATTACK, rule="chemical_attack.means")
    if kind in _FROM_THE_AIR and "air_strike" in near and not _two_kinds(line, cue):
        return replace(nucleus, type=EventType.AIR_STRIKE, rule="air_strike.means")
    return nucleus


_KILLING = frozenset((*_FROM_THE_AIR, EventType.AIR_STRIKE, EventType.CHEMICAL_ATTACK, EventType.ATTACK_ON_CIVILIANS))


def _two_kinds(line: Line, cue: Cue) -> bool:
    """True for "air strikes and shelling": two kinds of act side by side."""
    return cue.form != "phrase" and ("and" in line.before(cue.first, 2) or line.word(cue.last) == "and")


def _one_of_a_kind(line: Line, found: list[Nucleus]) -> Iterator[Nucleus]:
    """Nuclei with those left out that only say again what another of the sentence says."""
    kinds = {nucleus.type for nucleus in found}
    for nucleus in found:
        if nucleus.type is EventType.EXPLOSION and EventType.SUICIDE_BOMB in kinds:
            continue
        if line.words[nucleus.cue.first].startswith("advanc") and len(found) > 1:
            continue
        if line.words[nucleus.cue.first].startswith("massacre") and len(kinds & _KILLING) > 1:
            continue
        # A fight for a place that ends in its capture is the capture, unless it has a toll of its own.
        if nucleus.type is EventType.ARMED_CLASH and EventType.TERRITORY_CAPTURED in kinds and not line.tolls:
            continue
        yield nucleus


def _unfit(line: Line, cue: Cue, kind: EventType) -> str | None:
    """Why a trigger of a kind that needs more than its word has not got it."""
    rule = _NEEDS.get(kind)
    return rule(line, cue) if rule else None


_AGREED = frozenset(
    "agreed reached signed brokered struck announced implemented declared negotiated sealed concluded finalised finalized had "
    "following under hold holding took takes".split()
)


def _agreement(line: Line, cue: Cue) -> str | None:
    around = line.words[max(0, cue.first - 4) : cue.first] + line.words[cue.last : cue.last + 3]
    if not _AGREED.intersection(around):
        return "no deal made"
    return None if any(not spot.hit.area for spot in line.places if isinstance(spot.hit, PlaceHit)) else "no place"


def _siege(line: Line, cue: Cue) -> str | None:
    if line.words[cue.first] in ("cut", "cuts", "cutting", "severed", "sever", "severing", "severs"):
        after = line.words[cue.last : cue.last + 8]
        return None if any(word in _ROADS or re.fullmatch(r"[mn]\d+", word) for word in after) else "not a road"
    if line.words[cue.first].startswith("surround"):
        return None if cue.form in ("past", "part") and line.word(cue.last) == "by" else "state"
    if cue.form == "phrase":
        return "state" if line.words[cue.first] == "under" else None
    if cue.form == "noun":
        around = line.words[max(0, cue.first - 5) : cue.first]
        return None if _SIEGE_VERBS.intersection(around) else "state"
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


_ROADS = frozenset("road roads highway route routes supply supplies lines motorway link".split())
_SIEGE_VERBS = frozenset(
    ["broke", "broken", "break", "breaking", "lifted", "lift", "lifting", "ended", "end", "ending", "imposed", "imposing", "impose", "tightened", "tightening", "tighten", "began", "laid"]
)


def _displacement(line: Line, cue: Cue) -> str | None:
    if cue.form not in ("past", "part", "phrase") or line.word(cue.first - 1) in ("who", "that"):
        return "state"
    around = line.words[max(0, cue.first - 6) : cue.first]
    counted = _MANY.intersection(around)
    return None if _PEOPLE.intersection(around) and counted else "not of civilians"


_MANY = frozenset("thousands hundreds families dozens tens residents".split())
_PEOPLE = frozenset(
    ["civilians", "residents", "people", "families", "thousands", "hundreds", "inhabitants", "villagers", "refugees", "locals", "population", "women"]
)


def _transferred(line: Line, cue: Cue) -> str | None:
    if line.words[cue.first].startswith("evacuat"):
        around = line.words[max(0, cue.first - 6) : cue.last + 8]
        return "rescue" if {"wounded", "injured", "victims", "patients", "bodies", "casualties"} & set(around) else None
    return None


def _captured(line: Line, cue: Cue) -> str | None:
    word = line.words[cue.first]
    if word.startswith(_DRIVEN):
        return _driven(line, cue)
    if line.before(cue.first, 2) in (["they", "had"], ["he", "had"], ["it", "had"]) and not _place_at_once(line, cue):
        return "things or people"
    if not _PICTURES.isdisjoint(line.before(cue.first, 5)):
        return "a picture"
    if line.word(cue.last) in _NOT_TAKEN:
        return "no place taken"
    if line.sentence.lede and line.word(cue.last) in ("it", "the", "an", "a") and not any(_is_town(s) for s in line.places):
        return None
    if not _place_next(line, cue, before=True):
        return "no place taken"
    if not _THINGS.isdisjoint(line.words[cue.last : cue.last + 3]):
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


_DRIVEN = ("oust", "expel", "evict", "eject", "driv", "drov")


def _driven(line: Line, cue: Cue) -> str | None:
    """A holder driven out of a place: "expelled the rebels from Zabadani"."""
    after = line.words[cue.last : cue.last + 8]
    if "from" not in after and ("out" not in after or "of" not in after):
        return "nobody driven out of a place"
    return None if any(0 <= spot.first - cue.last <= 12 for spot in line.places) else "no place taken"


def _is_town(spot: Spot) -> bool:
    return isinstance(spot.hit, PlaceHit) and not spot.hit.area


_PICTURES = frozenset("photo photos picture image images video footage camera".split())
_NOT_TAKEN = frozenset("to part place off up away refuge responsibility advantage him them her soldiers prisoners hostage".split())
_THINGS = frozenset(
    "weapons ammunition tanks tank vehicles vehicle soldiers soldier fighters fighter pilot him them her mood attention "
    "equipment drugs militants terrorists prisoners rifles imagination".split()
)


def _place_at_once(line: Line, cue: Cue) -> bool:
    return any(0 <= spot.first - cue.last <= 3 for spot in line.places)


def _place_next(line: Line, cue: Cue, *, before: bool = False) -> bool:
    after = any(spot.first >= cue.last and line.way(cue.first, cue.last, spot.first, spot.last) <= 9 for spot in line.places)
    return after or (before and any(0 <= cue.first - spot.last <= 9 for spot in line.places))


def _armed(line: Line) -> bool:
    """True if the sentence names a party that fights, or counts victims."""
    return bool(line.tolls) or any(not s.hit.neutral for s in line.actors if isinstance(s.hit, ActorHit))


def _clash(line: Line, cue: Cue) -> str | None:
    if cue.form not in ("noun", "either"):
        return None if _armed(line) else "no parties"
    before = line.words[max(0, cue.first - 4) : cue.first]
    if _FLIGHT.intersection(before):
        return "scene"
    vague = line.words[cue.first] in _VAGUE
    if line.words[cue.first] == "fighting" and not any(0 <= s.first - cue.last <= 8 for s in line.places) and not line.tolls:
        return "scene"
    return "scene" if vague and not (line.tolls or any(spot.hit.neutral is False for spot in line.actors if isinstance(spot.hit, ActorHit))) else None


_FLIGHT = frozenset("fled flee fleeing escape escaping recent amid years months despite because displaced".split())
_VAGUE = frozenset("fighting battle battles operation operations offensive offensives campaign assault clash violence onslaught".split())

def _suicide(line: Line, cue: Cue) -> str | None:
    """Bombers that are killed, counted or listed blew nobody up."""
    if "bomber" not in line.words[cue.last - 1] and "attacker" not in line.words[cue.last - 1]:
        return None
    before = line.before(cue.first, 6)
    return "killed before" if not _KILLED_FIRST.isdisjoint(before) else None


_KILLED_FIRST = frozenset("including eliminated shot roster trained dead arrested captured".split())

def _abduction(line: Line, cue: Cue) -> str | None:
    """Soldiers taken prisoner are no abduction."""
    around = line.words[max(0, cue.first - 7) : cue.last + 4]
    return "prisoners of war" if not _SOLDIERS.isdisjoint(around) else None


_SOLDIERS = frozenset("soldiers soldier troops fighters rebels pilot pilots militants officers".split())

_NEEDS = {
    EventType.ABDUCTION: _abduction,
    EventType.SUICIDE_BOMB: _suicide,
    EventType.ARMED_CLASH: _clash,
    EventType.AGREEMENT: _agreement,
    EventType.SIEGE: _siege,
    EventType.DISPLACEMENT: _displacement,
    EventType.TERRITORY_TRANSFERRED: _transferred,
    EventType.TERRITORY_CAPTURED: _captured,
}


def _failed(line: Line, cue: Cue) -> bool:
    return any(c.kind == "failed" and 0 <= cue.first - c.last <= 3 for c in line.cues)


def _form(cue: Cue) -> str:
    return {"noun": "noun", "either": "noun", "phrase": "phrase"}.get(cue.form, "verb")
