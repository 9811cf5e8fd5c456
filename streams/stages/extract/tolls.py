"""How many were killed and wounded, as a text states it.

Decides which counted people a word of death or injury speaks of, in active ("killed 18 people"), passive ("18 people
were killed"), participial ("leaving 12 dead") and nominal form ("the death toll rose to 63"). Which event a toll
belongs to, and which of rival figures come from whom, is left to the reader of events.

Counts of captured, missing or displaced people, ages, and "dozens killed and wounded" in one figure make no toll.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from ahocorasick_rs import AhoCorasick, MatchKind

from schemas.record import Toll
from schemas.vocabulary import Victims
from streams.stages.extract.people import SINGULAR, WHO, People, find_people, people_at
from streams.stages.extract.toll_figures import hit, hits
from streams.stages.extract.toll_subjects import joined, left_group, right_of
from streams.stages.extract.toll_text import ENDS, REACH, Anchor, Harm, Parsed, TollHit

_WORDS: dict[str, tuple[str, ...]] = {
    "killed": (
        "killed",
        "martyred",
        "slain",
        "massacred",
        "executed",
        "beheaded",
        "slaughtered",
        "gassed to death",
        "eliminated",
        "neutralised",
        "neutralized",
        "shot dead",
    ),
    "kill": ("kill", "kills", "killing", "martyring", "executing", "beheading", "massacring", "eliminating"),
    "wounded": ("wounded", "injured", "hurt", "hospitalised", "hospitalized"),
    "wound": ("wound", "wounds", "wounding", "injure", "injures", "injuring"),
    "dead": ("dead", "killed dead"),
    "died": ("died", "die", "dies", "dying", "perished", "succumbed", "drowned", "lost their lives", "lost his life"),
    "lives": ("lives", "the life of"),
    "toll": ("death toll", "toll", "number of dead", "number of deaths", "number killed", "number of those killed"),
    "deaths": ("deaths", "fatalities", "martyrs", "bodies", "corpses", "death of"),
    "injuries": ("injuries", "injury", "wounding of"),
    "none": (
        "no casualties",
        "no deaths",
        "no injuries",
        "no fatalities",
        "no one was killed",
        "nobody was killed",
        "no human casualties",
        "without casualties",
        "without any human casualties",
        "without any casualties",
        "no one was hurt",
        "no one was injured",
    ),
    "refused": ("captured", "missing", "detained", "arrested", "kidnapped", "abducted", "displaced"),
}
"""Words of death and injury, by the reader that they go to."""

_HEADS = tuple(
    (form, kind)
    for kind, words in _WORDS.items()
    for word in words
    for form in dict.fromkeys((word, word.capitalize()))
)
_AUTOMATON = AhoCorasick([form for form, _ in _HEADS], matchkind=MatchKind.LeftmostLongest)

_NEGATED = re.compile(
    r"\b(?:to|will|would|could|may|might|can|not|\w+n['’]t|never|without|avoid) "
    r"(?:have |be |been |also )?$",
    re.IGNORECASE,
)


def find_tolls(text: str) -> tuple[TollHit, ...]:
    """The figures of killed and wounded people in a text, in order.

    Args:
        text: A sentence or a whole body.

    Returns:
        One hit for each figure; a group of people is read once for each harm. Empty for a text without figures.
    """
    anchors = tuple(_anchors(text))
    if not anchors:
        return ()
    parsed = Parsed(text, tuple(find_people(text)), anchors)
    found: dict[tuple[int, Harm], TollHit] = {}
    for place, anchor in enumerate(anchors):
        for toll in _READERS[anchor.kind](parsed, anchor, place):
            found.setdefault((toll.start, toll.harm), toll)
    return tuple(_who(text, [found[key] for key in sorted(found)]))


def _who(text: str, hits_found: list[TollHit]) -> Iterator[TollHit]:
    """Figures without a noun, of whom the next one tells: "killed 28 and wounded 30 militants"."""
    for one, other in pairwise((*hits_found, None)):
        if one is None:
            return
        of = other.toll.of if other is not None and _AND_WOUNDED.fullmatch(text, one.end, other.start) else None
        nameless = one.toll.of is Victims.UNKNOWN and text[one.end - 1].isdigit()
        yield replace(one, toll=one.toll.model_copy(update={"of": of})) if of and nameless else one


_AND_WOUNDED = re.compile(r"(?: and|,)? (?:wound|injur)(?:ed|ing) (?:about |at least |another )?")


def _anchors(text: str) -> Iterator[Anchor]:
    for index, start, end in _AUTOMATON.find_matches_as_indexes(text):
        if (text[start - 1 : start].isalnum() and start) or text[end : end + 1].isalnum():
            continue
        if not _NEGATED.search(text, max(0, start - 24), start):
            yield Anchor(_HEADS[index][1], start, end)


# ---------------------------------------------------------------------------------------------------------- readers


_AUX_END = re.compile(
    r"\b(?:was|were|is|are|been|being|be|got)"
    r"(?: (?:also|reportedly|summarily|later|all|both|shot|either|then|seriously|critically))? $"
)
_NUMBER_OF = re.compile(r"\bnumber of [\w ]{1,30}$")


def _past(harm: Harm) -> Callable[[Parsed, Anchor, int], Iterator[TollHit]]:
    """Reader of "killed" or "wounded", active or passive."""

    def read(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
        if _is_together(parsed, anchor, place):
            return
        if _NOUN.search(parsed.text, max(0, anchor.start - 20), anchor.start):
            yield from _among_the(parsed, anchor, harm)
            return
        if _NUMBER_OF.search(parsed.text, max(0, anchor.start - 48), anchor.start):
            yield from _toll(parsed, anchor, place)
            return
        passive = _AUX_END.search(parsed.text, max(0, anchor.start - 40), anchor.start)
        groups = [] if passive else right_of(parsed, anchor, _next(parsed, place))
        rule = "toll.active"
        if not groups:
            groups, rule = left_group(parsed, anchor), "toll.passive"
        yield from hits(parsed, anchor, harm, groups, rule)
        if groups:
            told = max(anchor.end, groups[-1].end)
            yield from _elided(parsed, replace(anchor, end=told), harm)

    return read


def _elided(parsed: Parsed, anchor: Anchor, harm: Harm) -> Iterator[TollHit]:
    """Reader of figures whose verb was said before: "five were killed in Saqba and one in Harasta"."""
    position = anchor.end
    while (link := _ELSEWHERE.match(parsed.text, position)) is not None:
        group = people_at(parsed.text, link.end(), min(len(parsed.text), link.end() + 40))
        if group is None or group.head in _ONE_NOUN or _AT.match(parsed.text, group.end) is None:
            return
        yield hit(parsed, anchor, harm, group, "toll.elided")
        position = group.end


_ONE_NOUN = frozenset(("his", "her"))
_ELSEWHERE = re.compile(
    r"(?: [a-z]+ [a-z]+)? (?:in|at|near|around) [^.;:,]{2,70}?(?:,? and|, while|,|(?= \d+ in [A-Z])) (?=\w)"
)
"""From a place to the next figure, also in a text that has lost its commas."""
_AT = re.compile(
    r" (?:others? |more |mostly [\w ]{4,30}? )?"
    r"(?:in|at|near|around) (?:the |nearby |neighbou?ring )?(?:\w+ of )?[A-Zae]"
)


def _present(harm: Harm) -> Callable[[Parsed, Anchor, int], Iterator[TollHit]]:
    """Reader of "killing", "kills", "wounding": the people follow."""

    def read(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
        if _is_together(parsed, anchor, place):
            return
        groups = right_of(parsed, anchor, _next(parsed, place))
        if not groups and (inside := _INSIDE.match(parsed.text, anchor.end)):
            yield hit(
                parsed, anchor, harm, People(anchor.end, inside.end(), 1, None, Victims.UNKNOWN, "", False), "toll.all"
            )
        headline = parsed.text[anchor.start : anchor.end].lower() in ("kills", "wounds", "injures")
        if headline and not groups and (one := _HEADLINED.match(parsed.text, anchor.end)):
            who = WHO.get(one["who"].lower(), Victims.UNKNOWN)
            yield hit(
                parsed, anchor, harm, People(one.start("who"), one.end(), 1, 1, who, one["who"], False), "toll.one"
            )
        yield from hits(parsed, anchor, harm, groups, "toll.active")
        if groups:
            yield from _elided(parsed, replace(anchor, end=groups[-1].end), harm)

    return read


_HEADLINED = re.compile(rf" (?:[A-Z][a-z]+ )?(?P<who>{'|'.join(SINGULAR)})\b(?! in law\b|-)")
"""One person as headlines have it: "bomb kills woman"."""
_INSIDE = re.compile(r" (?:all|everyone|everybody)(?: (?:inside|aboard|on board|in it|those inside|of its \w+ \w+))?\b")
_TOGETHER = re.compile(r" |,? ?(?:and|or|and/or|/|&) ?(?:(?:were|was|been) )?")


def _is_together(parsed: Parsed, anchor: Anchor, place: int) -> bool:
    """True for "killed and wounded" with one figure for both."""
    near = parsed.anchors[max(0, place - 1) : place + 2]
    for left, right in pairwise(near):
        kinds = {left.kind[:4], right.kind[:4]}
        if kinds in ({"kill", "woun"}, {"dead", "woun"}) and _TOGETHER.fullmatch(parsed.text, left.end, right.start):
            return anchor in (left, right)
    return False


def _next(parsed: Parsed, place: int) -> int:
    """Where the people of an anchor must have ended: the next word of harm, or its reach."""
    anchor = parsed.anchors[place]
    limit = parsed.anchors[place + 1].start if place + 1 < len(parsed.anchors) else len(parsed.text)
    return min(max(limit, anchor.end), anchor.end + REACH) if limit > anchor.end + 12 else anchor.end + REACH


_NOUN = re.compile(r"\b(?:the|those|of) $")


def _among_the(parsed: Parsed, anchor: Anchor, harm: Harm) -> Iterator[TollHit]:
    """Reader of parts: "five children were among the dead"."""
    nearest = parsed.left_of(anchor)
    among = re.search(r"among(?:st)? (?:the|those) $", parsed.text[max(0, anchor.start - 20) : anchor.start])
    if nearest is not None and among and anchor.start - nearest.end < 28:
        yield replace(hit(parsed, anchor, harm, nearest, "toll.among"), part=True)


def _dead(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    """Reader of "left 12 dead" and "12 dead"."""
    if _is_together(parsed, anchor, place):
        return
    if _NOUN.search(parsed.text, max(0, anchor.start - 20), anchor.start):
        yield from _among_the(parsed, anchor, "killed")
    else:
        yield from hits(parsed, anchor, "killed", left_group(parsed, anchor), "toll.dead")


def _died(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    yield from hits(parsed, anchor, "killed", left_group(parsed, anchor), "toll.died")


_CLAIMED = re.compile(
    r"\b(?:claim(?:ed|s|ing)?|t(?:ook|aken|akes|aking)|cost(?:ing)?)(?: away)? (?:the )?(?P<people>[^.;]{0,40})$"
)


def _lives(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    """Reader of "claimed the lives of 18 people" and "claimed 17 lives"."""
    verb = _CLAIMED.search(parsed.text, max(0, anchor.start - 56), anchor.start)
    if verb is None:
        return
    inner = people_at(parsed.text, verb.start("people"), anchor.end)
    tail = re.compile(r" of ").match(parsed.text, anchor.end)
    if anchor.end - anchor.start > 5:  # "the life of"
        tail = re.compile(r" ").match(parsed.text, anchor.end)
    outer = people_at(parsed.text, tail.end(), min(len(parsed.text), tail.end() + REACH)) if tail else None
    groups = [outer, *joined(parsed.text, outer, len(parsed.text))] if outer else [inner] if inner else []
    yield from hits(parsed, anchor, "killed", groups, "toll.lives")


_UPDATED = re.compile(
    r"\b(?:r(?:ose|isen|ises|ising)|climb\w*|increas\w*|jump\w*|rais\w+|up|bring\w*|brought|revis\w*|new|updat\w*)\b",
    re.I,
)
_BROUGHT = re.compile(
    r"\b(?:bring\w*|brought|rais\w+|puts?|putting) (?:to |up to )?(?P<people>[^.;]{1,40}?) (?:the )?(?:total )?$", re.I
)


def _toll(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    """Reader of "the death toll rose to 63", "a toll of 31 killed", "bringing to 45 the number killed"."""
    text = parsed.text
    stop = min(len(text), anchor.end + REACH)
    updated = _UPDATED.search(text, max(0, anchor.start - 40), min(stop, anchor.end + 110)) is not None
    brought = _BROUGHT.search(text, max(0, anchor.start - 60), anchor.start)
    if brought and (group := people_at(text, brought.start("people"), anchor.start)):
        yield replace(hit(parsed, anchor, "killed", group, "toll.number"), update=True)
        return
    end = ENDS.search(text, anchor.end, stop)
    group = _after_rise(text, anchor.end, end.start() if end else stop)
    if group is not None and not re.match(r" ?(?:wounded|injured)", text[group.end : group.end + 9]):
        yield replace(hit(parsed, anchor, "killed", group, "toll.number"), update=updated)


def _after_rise(text: str, position: int, stop: int) -> People | None:
    """The number that a toll is said to have reached."""
    for verb in re.compile(r"\b(?:to|at|of|is|was|reached|reaches|passed|exceeded|hit|become|becomes|from) ").finditer(
        text, position, stop
    ):
        group = people_at(text, verb.end(), stop)
        if group is None or (group.head and group.head not in WHO):
            continue
        if verb[0] == "from " and (to := re.compile(r" to ").match(text, group.end)):
            group = people_at(text, to.end(), stop) or group
        elif verb[0] == "from ":
            continue
        return group
    return None


def _deaths(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    """Reader of "12 deaths", "the deaths of 12 people", "30 bodies"."""
    near = parsed.last_before(anchor.end)
    own = parsed.people[near] if near >= 0 and parsed.people[near].end == anchor.end else None
    if own is None:
        tail = re.compile(r" of |(?<= of) ").match(parsed.text, anchor.end)
        own = people_at(parsed.text, tail.end(), min(len(parsed.text), tail.end() + REACH)) if tail else None
    yield from hits(parsed, anchor, "killed", [own] if own else [], "toll.deaths")


def _injuries(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    tail = re.compile(r" (?:to|of|among) ").match(parsed.text, anchor.end)
    own = people_at(parsed.text, tail.end(), min(len(parsed.text), tail.end() + REACH)) if tail else None
    if own is None:
        own = parsed.left_of(anchor)
        own = own if own and not own.head and anchor.start - own.end <= 1 else None
    yield from hits(parsed, anchor, "wounded", [own] if own else [], "toll.injuries")


def _none(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    """Reader of "no casualties": zero is a figure, unlike silence."""
    if re.search(r"\breport", parsed.text[max(0, anchor.start - 16) : anchor.start]):
        return
    word = parsed.text[anchor.start : anchor.end].lower()
    harms: tuple[Harm, ...] = ("wounded",) if "injur" in word or "hurt" in word else ("killed",)
    for harm in ("killed", "wounded") if "casualties" in word else harms:
        zero = Toll(min=0, max=0)
        yield TollHit(anchor.start, anchor.end, harm, zero, anchor.start, anchor.end, "toll.none")


def _refused(parsed: Parsed, anchor: Anchor, place: int) -> Iterator[TollHit]:
    """Reader of "captured", "missing": their numbers are no toll; they only keep other words from taking them."""
    return iter(())


_READERS: dict[str, Callable[[Parsed, Anchor, int], Iterator[TollHit]]] = {
    "killed": _past("killed"),
    "kill": _present("killed"),
    "wounded": _past("wounded"),
    "wound": _present("wounded"),
    "dead": _dead,
    "died": _died,
    "lives": _lives,
    "toll": _toll,
    "deaths": _deaths,
    "injuries": _injuries,
    "none": _none,
    "refused": _refused,
}
"""The reader of each kind of word."""
