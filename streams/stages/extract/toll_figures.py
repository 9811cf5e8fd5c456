"""Figures of killed and wounded people as hits: who they were, how many children, and whether they are one event's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from schemas.record import Toll
from schemas.vocabulary import Victims
from streams.stages.extract.people import People, people_at
from streams.stages.extract.toll_subjects import is_part, joined
from streams.stages.extract.toll_text import ENDS, Anchor, Harm, Parsed, TollHit


def hits(parsed: Parsed, anchor: Anchor, harm: Harm, groups: list[People], rule: str) -> Iterator[TollHit]:
    """One figure of the groups that a word of harm speaks of, their numbers added."""
    if not groups:
        return
    first, last = groups[0], groups[-1]
    most = None if any(group.most is None for group in groups) else sum(group.most or 0 for group in groups)
    whole = replace(first, end=last.end, least=sum(group.least for group in groups), most=most, of=_mixed(groups))
    part = len(groups) == 1 and is_part(parsed.text, first)
    yield replace(hit(parsed, anchor, harm, whole, rule, tuple(groups)), part=part)


def _mixed(groups: list[People]) -> Victims:
    kinds = {group.of for group in groups if group.head}
    if len(kinds) == 1:
        return kinds.pop()
    return Victims.MIXED if kinds >= {Victims.CIVILIANS, Victims.COMBATANTS} else Victims.UNKNOWN


def hit(
    parsed: Parsed, anchor: Anchor, harm: Harm, people: People, rule: str, groups: tuple[People, ...] = ()
) -> TollHit:
    """One figure, with what the words around it say of the people."""
    children, women = _among(parsed, anchor, people, groups or (people,))
    of = people.of
    if of is Victims.UNKNOWN and _MOSTLY.match(parsed.text, people.end):
        of = Victims.CIVILIANS
    toll = Toll(min=people.least, max=people.most, of=of, children=children, women=women)
    cumulative = _is_cumulative(parsed.text, people, anchor)
    return TollHit(people.start, people.end, harm, toll, anchor.start, anchor.end, rule, cumulative=cumulative)


_MOSTLY = re.compile(
    r"(?: killed| dead)?,? \(?(?:mostly|mainly|all|most|(?:all|most|many|the majority) of (?:them|whom))(?: are| were)?"
    r" (?:civilians?|children|women|students|schoolchildren|school students)"
)
_INCLUDED = re.compile(
    r"(?: [a-z]+)?,? ?\(?(?:including|among them|among whom(?: were)?|of whom|of them)(?: at least)? "
)


def _among(parsed: Parsed, anchor: Anchor, people: People, groups: tuple[People, ...]) -> tuple[int | None, int | None]:
    """Children and women among the people: by head noun, or named after "including"."""
    members = list(groups)
    if lead := _INCLUDED.match(parsed.text, people.end) or _INCLUDED.match(parsed.text, anchor.end):
        stop = min(len(parsed.text), lead.end() + 100)
        if first := people_at(parsed.text, lead.end(), stop):
            members += [first, *joined(parsed.text, first, stop, fates=False)]
    children = [group.children for group in members if group.children is not None]
    women = [group.women for group in members if group.women is not None]
    return (sum(children) if children else None), (sum(women) if women else None)


_WAR = re.compile(
    r"\b(?:war|conflict|uprising|revolution|crisis|revolt)\b(?: [\w-]+){0,6}? "
    r"(?:has|have|had|that|which|killing|claiming)(?: \w+)? $",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"[^.;]{0,110}\bsince (?:(?:the|its|syria\w*|anti-\w+|early|late|mid)[ -]){0,3}"
    r"(?:(?:civil |peaceful |brutal )?(?:war|conflict|uprising|revolt|revolution|crisis|fighting|protests)\b"
    r"|(?:[A-Z][a-z]+ )?20\d\d|(?:it |they )?(?:began|started|erupted|broke)"
    r"|the (?:start|beginning|outbreak|eruption))",
    re.IGNORECASE,
)
_TOO_MANY = 5000
"""Number of dead from which no single event is meant."""


def _is_cumulative(text: str, people: People, anchor: Anchor) -> bool:
    """True if the figure is of the whole war, or counts from the war's beginning or from a past year."""
    if people.least >= _TOO_MANY:
        return True
    first, last = min(people.start, anchor.start), max(people.end, anchor.end)
    before = re.split(ENDS, text[max(0, first - 110) : first])[-1]
    return bool(_WAR.search(before) or _SINCE.match(text, last, min(len(text), last + 160)))
