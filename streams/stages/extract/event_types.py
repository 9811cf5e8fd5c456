"""What kind of act a sentence tells of: by its trigger, else by the means beside it, else by what the article is about.

A sentence gives nuclei, each a trigger with its kind. A word such as "attack" or "killed" that stands by a trigger or a
means belongs to that one; alone, its kind is open, and gathering decides which event it takes up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemas.vocabulary import EventType
from streams.stages.extract.cues import Cue
from streams.stages.extract.line import Line
from streams.stages.extract.needs import unmet
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


ASSAULT = "attack.assault"
"""Rule of "attacked" with no means beside it: by a party on the ground it is a clash."""


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
    reach = CASUALTY if nucleus.rule == "casualty" else SATELLITE
    if cue.form == "ing" and cue.kind == "casualty" and first.last <= cue.first:
        return fits
    return fits and line.way(cue.first, cue.last, first.first, first.last) <= reach


def _strong(line: Line, cue: Cue, refused: list[Refused]) -> Iterator[Nucleus]:
    kind = EventType(cue.type)
    reason = refusal(line, cue) or unmet(line, cue, kind)
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
    reach = (
        SATELLITE if cue.kind == "generic" and line.words[cue.first] not in line.lists["violent_verbs"] else CASUALTY
    )
    both = line.words[cue.first] == "bombing" and line.words[cue.last : cue.last + 2] == ["and", "shelling"]
    if not both and any(line.way(cue.first, cue.last, n.cue.first, n.cue.last) <= reach for n in strong if _takes(n)):
        return
    if cue.form == "ing" and cue.kind == "casualty" and any(n.cue.last <= cue.first for n in strong if _takes(n)):
        return  # "struck the base, the army said, killing three"
    kind = _means_near(line, cue)
    word = line.words[cue.first]
    rule = f"{kind}.means" if kind else "casualty" if cue.kind == "casualty" else "attack"
    if kind is None and word in ("attacked", "attacking", "raided"):
        rule = ASSAULT
    if kind is None and word in ("targeted", "targeting") and _by_army(line, cue):
        kind, rule = EventType.SHELLING, "shelling.usual"
    if kind is None and cue.type == "with_means":
        return
    if kind is None and cue.kind == "generic" and word in _USUAL:
        kind = EventType.SHELLING if _by_army(line, cue) else _USUAL[word]
        sort = next((f"{stem}." for stem in ("bombing", "bombardment") if word.startswith(stem)), "")
        rule = f"{kind}.{sort}usual"
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
        if c.kind == "means" and line.lists["support"].isdisjoint(line.before(c.first, 3))
    ]
    close = {kind: way for way, _, kind in sorted(near, reverse=True) if way <= MEANS}
    if not close:
        return None
    if "chemical_attack" in close:
        return EventType.CHEMICAL_ATTACK
    best = min(close, key=lambda kind: (close[kind], kind))
    # Missiles and bombs may come from above; then the jets that stand by them say so.
    return EventType.AIR_STRIKE if best in _FROM_THE_AIR and "air_strike" in close else EventType(best)


def _by_means(line: Line, nucleus: Nucleus) -> Nucleus:
    """A trigger whose means say otherwise: missiles fired by jets, a car with an attacker in it, barrels of gas."""
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
    if kind is EventType.ATTACK_ON_CIVILIANS and "air_strike" in near and line.words[cue.first] in _BY_ANY_MEANS:
        return replace(nucleus, type=EventType.AIR_STRIKE, rule="air_strike.means")
    if kind in _FROM_THE_AIR and "air_strike" in near and not _two_kinds(line, cue):
        return replace(nucleus, type=EventType.AIR_STRIKE, rule="air_strike.means")
    return nucleus


_BY_ANY_MEANS = frozenset(("massacre", "massacres", "killing", "killings"))
_KILLING = frozenset((*_FROM_THE_AIR, EventType.AIR_STRIKE, EventType.CHEMICAL_ATTACK, EventType.ATTACK_ON_CIVILIANS))


def _two_kinds(line: Line, cue: Cue) -> bool:
    """True for "air strikes and shelling": two kinds of act side by side."""
    return cue.form != "phrase" and ("and" in line.before(cue.first, 2) or line.word(cue.last) == "and")


def _near(line: Line, one: Cue, other: Cue) -> bool:
    return line.way(one.first, one.last, other.first, other.last) <= SATELLITE


def _one_of_a_kind(line: Line, found: list[Nucleus]) -> Iterator[Nucleus]:
    """Nuclei with those left out that only say again what another of the sentence says."""
    kinds = {nucleus.type for nucleus in found}
    for nucleus in found:
        if nucleus.type is EventType.EXPLOSION and EventType.SUICIDE_BOMB in kinds:
            continue
        if line.words[nucleus.cue.first].startswith("advanc") and len(found) > 1:
            continue
        if line.words[nucleus.cue.first].startswith("massacre") and any(
            other.type in _KILLING and other is not nucleus and _near(line, nucleus.cue, other.cue) for other in found
        ):
            continue
        # A fight for a place that ends in its capture is the capture, unless it has a toll of its own.
        if nucleus.type is EventType.ARMED_CLASH and EventType.TERRITORY_CAPTURED in kinds and not line.tolls:
            continue
        yield nucleus


def _failed(line: Line, cue: Cue) -> bool:
    return any(c.kind == "failed" and 0 <= cue.first - c.last <= 3 for c in line.cues)


def _form(cue: Cue) -> str:
    return {"noun": "noun", "either": "noun", "phrase": "phrase"}.get(cue.form, "verb")
