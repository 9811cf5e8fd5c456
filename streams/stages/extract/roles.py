"""Who did it, and to whom: by voice, preposition and nearness."""

from __future__ import annotations

from dataclasses import dataclass

from streams.stages.extract.cues import Cue
from streams.stages.extract.document import ActorHit
from streams.stages.extract.line import Line, Spot

NEAR = 16
"""Way beyond which an actor has no part in a verb."""
AGENT_WORDS = frozenset(("by",))
CLASH_NOUNS = frozenset(("armed_clash",))


@dataclass(frozen=True, slots=True)
class Roles:
    """The parties to an act, as far as the sentence says."""

    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    foes: bool = False
    """True if it was done to fighters, be they named or only called "terrorists"."""


def passive(line: Line, cue: Cue) -> bool:
    """True for "was shelled", "killed by", "captured in" as against "shelled", "killed them"."""
    if cue.form not in ("past", "part", "phrase"):
        return False
    before = line.before(cue.first, 3)
    if line.lists["be"].intersection(before):
        return True
    return cue.form != "phrase" and line.word(cue.last) == "by"


def roles(line: Line, cue: Cue) -> Roles:
    """Actors and targets of an act: the nearest fitting party of each kind, and those coordinated with it."""
    nominal = cue.form == "noun" or (cue.form == "either" and _is_noun(line, cue))
    is_passive = passive(line, cue)
    if cue.type == "agreement":
        return Roles(_ids([spot for spot in line.actors if not spot.hit.neutral and not _speaks(line, spot)]))
    parts = [(_part(line, cue, spot, nominal, is_passive), spot) for spot in line.actors]
    agents = _nearest(line, cue, [spot for part, spot in parts if part == "agent"])
    actors = _ids(agents) or _speaker(line, cue)
    targets = _ids(_nearest(line, cue, [spot for part, spot in parts if part == "target"]))
    if line.words[cue.first].startswith(_BEATEN_BACK) and not is_passive:
        return _beaten_back(line, cue)
    if line.words[cue.first] in ("lost", "loss", "losing"):
        return Roles((), actors or targets)
    foes = any(part == "target" and not s.hit.neutral for part, s in parts)
    return Roles(actors, tuple(target for target in targets if target not in actors), foes)


def _beaten_back(line: Line, cue: Cue) -> Roles:
    """Who attacked stands behind "repelled", who held out before it."""
    near = [
        spot for spot in line.actors if line.way(cue.first, cue.last, spot.first, spot.last) <= NEAR and not _owns(spot)
    ]
    attackers = _ids(_nearest(line, cue, [spot for spot in near if spot.first >= cue.last]))
    holders = _ids(_nearest(line, cue, [spot for spot in near if spot.last <= cue.first]))
    return Roles(attackers, tuple(holder for holder in holders if holder not in attackers))


def _nearest(line: Line, cue: Cue, spots: list[Spot[ActorHit]]) -> list[Spot[ActorHit]]:
    best = min(
        ((line.way(cue.first, cue.last, spot.first, spot.last), at) for at, spot in enumerate(spots)), default=None
    )
    if best is None:
        return []
    chosen = [spots[best[1]]]
    at = line.actors.index(chosen[0])
    for spot in line.actors[at + 1 :]:
        if not _coordinated(line, line.words[chosen[-1].last : spot.first]) or _owns(spot):
            break
        chosen.append(spot)
    for spot in reversed(line.actors[:at]):
        if not _coordinated(line, line.words[spot.last : chosen[0].first]) or _owns(spot):
            break
        chosen.insert(0, spot)
    return chosen


def _owns(spot: Spot[ActorHit]) -> bool:
    return spot.hit.owner or spot.hit.neutral


def _coordinated(line: Line, between: list[str]) -> bool:
    """True for words that join two parties: "and the", "backed by", "fighters and allied"."""
    return (
        len(between) <= 5
        and bool(between)
        and not line.lists["party_joined"].isdisjoint(between)
        and line.lists["party_links"].issuperset(between)
    )


def _ids(spots: list[Spot[ActorHit]]) -> tuple[str, ...]:
    found = (actor for spot in spots for actor in spot.hit.ids)
    return tuple(dict.fromkeys(found))


def _speaker(line: Line, cue: Cue) -> tuple[str, ...]:
    """Who says of itself: "the group said it had shot down a jet"."""
    for other in line.cues:
        if other.kind != "speaking" or other.last > cue.first:
            continue
        if line.word(other.last) in _ITSELF or line.word(other.last + 1) in _ITSELF:
            for spot in line.actors:
                if 0 <= other.first - spot.last <= 2 and not _owns(spot):
                    return spot.hit.ids
    return ()


_FIRED = ("shelling", "air_strike", "armed_clash", "explosion")
"""Kinds that come "from army posts"."""
_BEATEN_BACK = ("repel", "repuls", "thwart", "foil", "frustrat")
"""Verbs whose subject was attacked."""
_ITSELF = frozenset(("it", "they", "its", "their"))


def _part(line: Line, cue: Cue, spot: Spot[ActorHit], nominal: bool, is_passive: bool) -> str | None:
    """`agent`, `target` or nothing, for one actor of the sentence."""
    hit = spot.hit
    way = line.way(cue.first, cue.last, spot.first, spot.last)
    if way > NEAR or _speaks(line, spot):
        return None
    part = _of_way(line, cue, spot, nominal, is_passive)
    return None if part == "agent" and hit.neutral else part


def _of_way(line: Line, cue: Cue, spot: Spot[ActorHit], nominal: bool, is_passive: bool) -> str | None:
    hit = spot.hit
    lead = _lead(line, spot)
    after = spot.first >= cue.last
    if lead in line.lists["blame"] or (lead == "on" and line.word(spot.first - 2) in line.lists["blame"]):
        return "agent"
    if lead == "from" and nominal and after and cue.type in _FIRED:
        return "agent"
    if lead == "to" and after and line.words[cue.first] in ("fall", "fell", "fallen", "falls"):
        return "agent"
    if lead == "by" and after and nominal and _verb_between(line, cue, spot):
        return None  # "shelling after a pilot was killed by rebels"
    if lead == "by" and not hit.owner:
        return "agent" if after or nominal or is_passive else _by_another(line, spot)
    if lead == "with" and not line.lists["allying"].isdisjoint(line.before(spot.first, 5)):
        return "agent" if nominal else None
    if cue.type == "armed_clash" and nominal and lead in ("between", "with", "and"):
        return "agent" if lead == "between" else "target"
    if after:
        return _part_after(line, lead, hit, nominal, is_passive)
    return _part_before(line, cue, spot, hit, nominal, is_passive)


def _verb_between(line: Line, cue: Cue, spot: Spot[ActorHit]) -> bool:
    passives = (c for c in line.cues if c.form in ("past", "part") and line.word(c.first - 1) in line.lists["be"])
    return any(cue.last <= c.first and c.last <= spot.first <= c.last + 3 for c in passives)


def _by_another(line: Line, spot: Spot[ActorHit]) -> str | None:
    """Who stands behind a "by" before an active verb: a holder who is hit, or somebody's backer, who has no part."""
    return None if not line.lists["backing"].isdisjoint(line.before(spot.first, 5)) else "target"


def _part_after(line: Line, lead: str, hit: ActorHit, nominal: bool, is_passive: bool) -> str | None:
    if nominal:
        return "target" if lead in line.lists["target_words"] or hit.owner else None
    if is_passive:
        return "target" if lead == "from" or hit.owner else None
    return "target"


def _part_before(
    line: Line, cue: Cue, spot: Spot[ActorHit], hit: ActorHit, nominal: bool, is_passive: bool
) -> str | None:
    between = line.words[spot.last : cue.first]
    if not is_passive and not nominal and _lead(line, spot) in line.lists["opposing"]:
        return None
    if nominal:
        if all(word in line.lists["determiners"] for word in between) and len(between) <= 3:
            return "agent"
        return "agent" if line.lists["carry"].intersection(between) and not hit.owner else None
    if hit.owner:
        return "target" if is_passive else None
    return "target" if is_passive else "agent"


def _lead(line: Line, spot: Spot[ActorHit]) -> str:
    """The word before an actor, articles and epithets left out."""
    at = spot.first - 1
    while (
        line.word(at)
        in (
            "the",
            "a",
            "an",
            "so",
            "called",
            "s",
            "of",
            "government",
            "members",
            "fighters",
            "forces",
            "its",
            "their",
            "positions",
            "terrorist",
        )
        and at > spot.first - 5
    ):
        if line.word(at) == "of":
            break
        at -= 1
    return line.word(at)


def _speaks(line: Line, spot: Spot[ActorHit]) -> bool:
    """True for who only reports: "the army said", "according to rebels"."""
    for other in line.cues:
        if other.kind == "speaking":
            if 0 <= other.first - spot.last <= 2 and line.word(other.first) not in ("called", "accused", "blamed"):
                return True
            if line.words[other.first] == "according" and 0 <= spot.first - other.last <= 2:
                return True
    return False


def _is_noun(line: Line, cue: Cue) -> bool:
    before = line.word(cue.first - 1)
    return (
        before in line.lists["determiners"]
        or before in ("to", "in", "by", "of", "under", "from", "after", "and")
        or line.word(cue.last) in ("by", "on", "against", "in", "of", "that", "which", "and", "at")
    )
