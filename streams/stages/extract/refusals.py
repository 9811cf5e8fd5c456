"""What is told, yet no event: planned, feared, demanded, conditional, negated, general, alluded to, of the whole war.

Each rule looks at a trigger and the words that govern it, and gives the name of its reason or nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from streams.stages.extract.cues import Cue
from streams.stages.extract.line import Line

REACH = {
    "planned": 4,
    "feared": 6,
    "demanded": 3,
    "conditional": 10,
    "negated": 4,
    "general": 8,
    "mentioned": 8,
}
"""How many tokens before a trigger a word of each sort still governs it."""
SAME_CLAUSE = 6
"""Breaks that cost less than this leave two words in one clause."""
_VERBS = ("base", "s", "past", "part", "ing", "either")


def refusal(line: Line, cue: Cue) -> str | None:
    """Why a trigger tells of no event; None if it does."""
    for rule in RULES:
        reason = rule(line, cue)
        if reason is not None:
            return reason
    return None


def governed(line: Line, cue: Cue) -> str | None:
    """A word of refusal shortly before the trigger, in its clause.

    "The strikes" are told as known: nobody condemns, or asks who flew, what did not happen.
    """
    presupposed = cue.form in ("noun", "either") and not _KNOWN.isdisjoint(line.before(cue.first, 2))
    for other in line.cues:
        if other.kind != "refusal" or other.first >= cue.first or (presupposed and other.type in _YIELDING):
            continue
        gap = cue.first - other.last
        if gap < 0 or gap > REACH[other.type] or _apart(line, other.first, cue.first):
            continue
        if other.type == "planned" and not _plan_binds(line, other, cue, gap):
            continue
        if other.type == "demanded" and not _demand_binds(cue, gap):
            continue
        if line.words[other.first] == "support" and cue.type == "armed_clash":
            continue  # "strikes in support of an offensive": the offensive is under way
        if other.type == "general" and not _general_binds(line, other, cue, gap):
            continue
        if not _resumed(line, other, cue):
            return other.type
    return None


_KNOWN = frozenset(("the", "these", "those", "this"))
_YIELDING = frozenset(("conditional", "demanded", "feared", "general"))


def undone(line: Line, cue: Cue) -> str | None:
    """ "An attack was feared", "strikes were called off": it did not come to it."""
    if cue.form not in ("noun", "either"):
        return None
    if cue.type == "territory_captured" and not _WOULD.isdisjoint(line.words[cue.last : cue.last + 9]):
        return "conditional"
    after = line.words[cue.last : cue.last + 7]
    hit = next((at for at, word in enumerate(after) if word in line.lists["undone"]), None)
    return "undone" if hit is not None and not line.lists["be"].isdisjoint(after[:hit]) else None


_WOULD = frozenset(("would", "could", "might", "may", "will"))


def infinitive(line: Line, cue: Cue) -> str | None:
    """ "To capture": a purpose, unless somebody managed to."""
    if cue.form in ("noun", "s", "ing") or (cue.form == "phrase" and not cue.type.startswith("territory")):
        return None
    at = cue.first - 1
    while line.word(at) in line.lists["adverbs"]:
        at -= 1
    if line.word(at) == "and" and (cue.form in ("base", "either") or line.words[cue.first] in _ONE_FORM):
        at = _joined_infinitive(line, at)
    if line.word(at) != "to":
        return None
    resumed = any(c.kind == "resumed" and c.last in (at, at + 1) for c in line.cues)
    return None if resumed else "planned"


def _joined_infinitive(line: Line, at: int) -> int:
    """Where "to" stands of "to encircle the area and cut its roads"; the same index if no such word is near."""
    for back in range(at - 2, max(0, at - JOINED) - 1, -1):
        if line.word(back) == "to" and any(c.first == back + 1 and c.form in ("base", "either") for c in line.cues):
            return back
    return at


_ONE_FORM = frozenset(("cut", "hit", "overrun"))
"""Verbs whose past is like their base."""
JOINED = 14
"""Tokens over which "and" joins two aims."""


def later(line: Line, cue: Cue) -> str | None:
    """Dated after publication."""
    for spot in line.dates:
        if spot.hit.when.first > line.published and _near(line, cue, spot.first):
            return "planned"
    return None


def another_war(line: Line, cue: Cue) -> str | None:
    """Dated before the war began."""
    for spot in line.dates:
        if spot.hit.when.last.year < line.first_year and _near(line, cue, spot.first):
            return "another war"
    return None


def whole_war(line: Line, cue: Cue) -> str | None:
    """The toll or course of the whole war."""
    for other in line.cues:
        if other.kind == "whole_war" and not _apart(line, *sorted((other.first, cue.first))):
            return "whole war"
    return None


def cumulative(line: Line, cue: Cue) -> str | None:
    """A toll of months or years: "600 have been killed in coalition strikes since September 2014"."""
    if not line.tolls or "since" not in line.words:
        return None
    at = line.words.index("since")
    if line.way(cue.first, cue.last, at, at + 1) > SINCE_REACH and not 0 < at - cue.last <= 2 * SINCE_REACH:
        return None
    spans = [s.hit.when for s in line.dates if 0 <= s.first - at <= 14]
    return "cumulative" if not spans or any((when.last - when.first).days >= LONG for when in spans) else None


SINCE_REACH = 22
LONG = 20
"""Days from which on a toll "since" then is of no single event."""


def in_sum(line: Line, cue: Cue) -> str | None:
    """What was done time and again: "has killed hundreds", with no day."""
    if cue.form not in ("past", "part") or line.dates or not _in_perfect(line, cue):
        return None
    round_figure = any(spot.hit.toll.min >= MANY and spot.hit.toll.max is None for spot in line.tolls)
    return "cumulative" if round_figure else None


def _in_perfect(line: Line, cue: Cue) -> bool:
    """True for "has killed", and for "has documented hundreds of people killed in"."""
    before = [line.word(cue.first - 1), *(line.word(at - 1) for at in _counting(line, cue))]
    return not _PERFECT.isdisjoint(before)


def _counting(line: Line, cue: Cue) -> list[int]:
    return [at for at in range(max(1, cue.first - 8), cue.first) if line.word(at) in _COUNTS_UP]


_PERFECT = frozenset(("has", "have"))
_COUNTS_UP = frozenset(("reported", "recorded", "documented", "counted", "registered", "verified"))
"""What a monitor does over the years."""


MANY = 100
"""Round figure of dead ("hundreds") that a party "has killed" over the years."""


def compound(line: Line, cue: Cue) -> str | None:
    """A trigger that only qualifies the next noun: "ceasefire talks", "rebel-besieged town"."""
    start = line.starts[cue.first]
    if cue.form in ("past", "part") and start and line.sentence.text[start - 1] == "-":
        return "compound"
    if cue.form not in ("noun", "either", "ing"):
        return None
    return "compound" if any(other.kind == "compound" and other.first == cue.last for other in line.cues) else None


def support(line: Line, cue: Cue) -> str | None:
    """Supporting fire: "backed by air strikes"."""
    before = line.before(cue.first, 6 if line.word(cue.first - 1) in ("led", "backed") else 4)
    return "support" if not line.lists["support"].isdisjoint(before) and cue.form in ("noun", "either") else None


def imagined(line: Line, cue: Cue) -> str | None:
    """ "Where missiles might strike": the arms stand before the verb that only may come."""
    return "planned" if cue.kind == "means" and line.word(cue.last) in _WOULD else None


RULES: tuple[Callable[[Line, Cue], str | None], ...] = (
    compound,
    governed,
    undone,
    infinitive,
    later,
    another_war,
    whole_war,
    cumulative,
    in_sum,
    support,
    imagined,
)
"""Asked in this order."""


def _apart(line: Line, first: int, last: int) -> bool:
    return line.toll_of_way[last] - line.toll_of_way[first] >= SAME_CLAUSE


def _plan_binds(line: Line, plan: Cue, cue: Cue, gap: int) -> bool:
    if cue.form in ("noun", "either") and cue.form != "either":
        return gap <= 2
    return True


def _demand_binds(cue: Cue, gap: int) -> bool:
    return cue.form in ("noun", "either", "ing") and gap <= 3


def _general_binds(line: Line, other: Cue, cue: Cue, gap: int) -> bool:
    if "by" in line.words[other.last : cue.first]:  # "repeatedly struck by rocket fire"
        return True
    return gap <= 1 or (gap <= AT_ONCE and cue.form in ("past", "part", "s", "base"))


AT_ONCE = 4
"""Tokens over which "often" governs a verb; farther off it governs only by what something was often done."""


def _resumed(line: Line, other: Cue, cue: Cue) -> bool:
    return any(c.kind == "resumed" and other.first <= c.first < cue.first for c in line.cues)


def _near(line: Line, cue: Cue, at: int) -> bool:
    first, last = sorted((cue.first, at))
    return last - first < 12 and not _apart(line, first, last)
