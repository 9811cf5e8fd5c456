"""The acts that one sentence tells of, each with its place, time, parties and figures as far as the sentence says."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.record import DateRange
from schemas.vocabulary import DatePrecision, EventType, Victims
from streams.stages.extract.cues import Cue
from streams.stages.extract.dates import DateHit
from streams.stages.extract.document import PlaceHit, Sentence
from streams.stages.extract.event_types import Nucleus, Refused, nuclei
from streams.stages.extract.line import Line, Spot
from streams.stages.extract.placing import places_of
from streams.stages.extract.roles import Roles, roles
from streams.stages.extract.toll_text import TollHit

DATE_REACH = 22
"""Way beyond which a time of the sentence dates another of its verbs."""
TOLL_REACH = 30
WHOLE_WAR = 1500
"""Dead from which on a figure is of the war, not of an event."""
COORDINATED = 5
"""Way within which two kinds of act stand together and share a figure: "air strikes and shelling killed 40"."""

VIOLENT = frozenset(
    (
        EventType.AIR_STRIKE,
        EventType.SHELLING,
        EventType.SUICIDE_BOMB,
        EventType.EXPLOSION,
        EventType.CHEMICAL_ATTACK,
        EventType.ARMED_CLASH,
        EventType.ATTACK_ON_CIVILIANS,
    )
)
"""Kinds of act that kill."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One act as one sentence tells it."""

    sentence: Sentence
    cue: Cue
    type: EventType | None
    rule: str
    failed: bool
    places: tuple[PlaceHit, ...]
    when: DateRange | None
    roles: Roles
    tolls: tuple[TollHit, ...]
    definite: bool
    """True for "the attack", "these raids": something told before."""
    aside: bool
    """True behind "meanwhile", "elsewhere"."""
    another: bool = False
    """True for "another strike", "a separate attack": not one told before."""
    flies: bool | None = None
    """True if those who act kill from the air, false if none of them has aircraft, null if either may be."""
    shared: bool = False
    """True if its figure is told of another act of the sentence as well."""


def candidates(line: Line) -> tuple[list[Candidate], list[Refused]]:
    """The acts of a sentence in order of their triggers, and the triggers that were refused."""
    found, refused = nuclei(line)
    tolls = _tolls(line, found)
    aside = any(cue.kind == "aside" and cue.first <= 3 for cue in line.cues)
    told = [_of_fighters(_candidate(line, nucleus, tolls.get(at, ()), aside)) for at, nucleus in enumerate(found)]
    return [part for candidate in told for part in _by_place(line, _placed(candidate, told))], refused


def _of_fighters(candidate: Candidate) -> Candidate:
    """A killing of nobody but fighters, "the killing of 40 militants", is a fight; an execution is none."""
    killing = candidate.type is EventType.ATTACK_ON_CIVILIANS and candidate.rule.endswith(".noun")
    if not (killing and candidate.tolls and all(toll.toll.of is Victims.COMBATANTS for toll in candidate.tolls)):
        return candidate
    return replace(candidate, type=EventType.ARMED_CLASH, rule=f"{EventType.ARMED_CLASH}.killing")


def _placed(candidate: Candidate, told: list[Candidate]) -> Candidate:
    """A kind of act with the place of the attack word that it explains: "hit before, on June 19 by a car bomb"."""
    if candidate.places or candidate.type not in VIOLENT:
        return candidate
    for other in told:
        if other.type is None and other.places and other.when == candidate.when:
            return replace(candidate, places=other.places)
    return candidate


def _by_place(line: Line, candidate: Candidate) -> list[Candidate]:
    """One candidate for each place that has a figure of its own: "11 were killed in Saraqib and two in Sarmin"."""
    spots = [spot for spot in line.tolls if spot.hit in candidate.tolls]
    dead = [spot for spot in spots if spot.hit.harm == "killed" and not spot.hit.part]
    if len(dead) < 2:
        return [candidate]
    parts: list[Candidate] = []
    for at, spot in enumerate(dead):
        end = dead[at + 1].first if at + 1 < len(dead) else len(line.words)
        towns = [p.hit for p in line.places if spot.last <= p.first < end and p.first - spot.last <= OWN_PLACE]
        own = tuple(hit for hit in towns if not hit.area)[:1]
        hits = tuple(s.hit for s in spots if spot.first <= s.first < end)
        parts.append(replace(candidate, places=own, tolls=hits))
    keys = [(p.places[0].place.key, p.places[0].place.district) for p in parts if p.places]
    return parts if len(keys) == len(dead) == len(set(keys)) else [candidate]


OWN_PLACE = 12
"""Tokens behind a figure within which its own place stands."""


def _candidate(line: Line, nucleus: Nucleus, tolls: tuple[tuple[TollHit, bool], ...], aside: bool) -> Candidate:
    parties = _roles(line, nucleus)
    return Candidate(
        sentence=line.sentence,
        cue=nucleus.cue,
        type=nucleus.type,
        rule=nucleus.rule,
        failed=nucleus.failed,
        places=places_of(line, nucleus.cue),
        when=_when(line, nucleus.cue),
        roles=parties,
        tolls=tuple(hit for hit, _ in tolls),
        definite=_definite(line, nucleus.cue),
        aside=aside,
        another=not _ANOTHER.isdisjoint(line.before(nucleus.cue.first, 2)),
        flies=_flies(line, parties.actors),
        shared=any(shared for _, shared in tolls),
    )


_ANOTHER = frozenset(("another", "separate"))


def _flies(line: Line, actors: tuple[str, ...]) -> bool | None:
    if not line.lists["from_the_air"].isdisjoint(actors):
        return True
    return False if actors and line.lists["grounded"].issuperset(actors) else None


def _roles(line: Line, nucleus: Nucleus) -> Roles:
    """The parties to an act; who has no aircraft flew no air strike."""
    found = _parties(line, nucleus)
    if nucleus.type is EventType.AIR_STRIKE and _flies(line, found.actors) is False:
        return replace(found, actors=())
    return found


def _parties(line: Line, nucleus: Nucleus) -> Roles:
    """Parties by an act's own word, else by the attack words and casualties that belong to it."""
    own = roles(line, nucleus.cue)
    if nucleus.type is not None and nucleus.type not in VIOLENT:
        return own
    for cue in line.cues:
        if own.actors and own.targets:
            break
        if cue.kind in ("generic", "casualty") and line.way(cue.first, cue.last, *nucleus.cue[:2]) <= BELONGING:
            other = roles(line, cue)
            actors = own.actors or tuple(a for a in other.actors if a not in own.targets)
            targets = own.targets or tuple(t for t in other.targets if t not in actors)
            own = Roles(actors, targets, own.foes or other.foes)
    return own


BELONGING = 20
"""Way within which "killed" or "attack" speaks of the act beside it."""


def _when(line: Line, cue: Cue) -> DateRange | None:
    """The time nearest to a verb; one before it costs no more than one after."""
    best = min(
        (
            (line.way(cue.first, cue.last, spot.first, spot.last) + _of_another(line, cue, spot), at)
            for at, spot in enumerate(line.dates)
            if not _runs_on(line, spot)
        ),
        default=None,
    )
    if best is None:
        return None
    if best[0] > DATE_REACH:
        return _of_opening_clause(line, cue)
    return line.dates[best[1]].hit.when


def _of_another(line: Line, cue: Cue, spot: Spot[DateHit]) -> int:
    """What a time costs that says when somebody spoke, or when something else was made: "the truce agreed in May"."""
    made = {line.word(spot.first - 1), line.word(spot.first - 2)}
    if not line.lists["made"].isdisjoint(made) and not 0 <= spot.first - cue.last <= 3:
        return SAID
    said = any(c.kind == "speaking" and 0 <= spot.first - c.last <= 1 for c in line.cues)
    return SAID if said and spot.first > cue.last else 0


SAID = 8
"""What it costs a time to stand by a verb of speech."""


def _of_opening_clause(line: Line, cue: Cue) -> DateRange | None:
    """The only time of a sentence that opens with it: "As the group advanced on the city in 2015, it killed dozens"."""
    if len(line.dates) != 1 or line.word(0) not in _OPENING or _runs_on(line, line.dates[0]):
        return None
    return line.dates[0].hit.when if line.dates[0].last <= cue.first else None


_OPENING = frozenset(("as", "when", "while", "after", "during", "in", "on"))


def _runs_on(line: Line, spot: Spot[DateHit]) -> bool:
    """True for "this year": it dates nothing that is told as news."""
    hit = spot.hit
    return hit.when.precision is DatePrecision.YEAR and hit.when.last >= line.published


def _definite(line: Line, cue: Cue) -> bool:
    if cue.form not in ("noun", "either"):
        return False
    return bool({"the", "these", "those", "this", "that", "both"}.intersection(line.before(cue.first, 2)))


def _tolls(line: Line, found: list[Nucleus]) -> dict[int, tuple[tuple[TollHit, bool], ...]]:
    """Figures by the nucleus that they belong to, each with whether others share it."""
    by: dict[int, tuple[tuple[TollHit, bool], ...]] = {}
    for spot in line.tolls:
        hit = spot.hit
        if hit.cumulative or hit.toll.min >= WHOLE_WAR:
            continue
        owners = _owners(line, found, spot.first, spot.last)
        for at in owners:
            by[at] = (*by.get(at, ()), (hit, len(owners) > 1))
    return by


def _owners(line: Line, found: list[Nucleus], first: int, last: int) -> list[int]:
    ways = [
        (line.way(n.cue.first, n.cue.last, first, last), at)
        for at, n in enumerate(found)
        if n.type is None or n.type in VIOLENT
    ]
    best = min(ways, default=None)
    if best is None or best[0] > TOLL_REACH:
        return []
    own = found[best[1]]
    return [at for _, at in sorted(ways, key=lambda w: w[1]) if at == best[1] or _together(line, own, found[at])]


def _together(line: Line, one: Nucleus, other: Nucleus) -> bool:
    if one.type is None or other.type is None or one.type is other.type:
        return False
    first, second = sorted((one.cue, other.cue))
    between = line.words[first.last : second.first]
    return len(between) <= COORDINATED and "and" in between
