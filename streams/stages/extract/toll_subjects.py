"""Which counted people a word of harm speaks of: those after it, those before it, and those joined to them.

Decides the link between a verb and its people across asides ("including six children"); the readers of tolls decide
which of the two sides to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from streams.stages.extract.people import People, people_at
from streams.stages.extract.toll_text import Anchor, Parsed

_AUXILIARY = re.compile(
    r"(?:[\s,\-–]*(?:who|which|that|have|has|had|were|was|are|is|be|been|being|also|reportedly|allegedly|already|since|so"
    r"|far|confirmed|believed|reported|said|thought|known|feared|to|now|all|both|immediately|instantly|summarily|later"
    r"|found|shot|burned|burnt|either|seriously|severely|critically|slightly|lightly|badly|then|apparently|initially)\b)*"
    r"[\s,\-–]*"
)
_ASIDE = re.compile(
    r"[\s,]*(?:\([^)]{1,60}\)"
    r"|(?:in|from|at|of|on|among|with|aboard|inside|near|belonging to|affiliated with|[a-z]+ing)"
    r"\s[^,.;]{1,90}?"
    r"|(?:including|among them|(?:one|two|some|most|many|half) of them|mostly|mainly|all)"
    r"\s[^.;]{1,100}?)?"
)
_PASSIVE = re.compile(_ASIDE.pattern + _AUXILIARY.pattern)
_AND = re.compile(r"(?:,? (?:and|as well as|along with|together with|plus|or)|,)(?: (?:also|then))? ")
_OF_THEM = re.compile(r"[\w-]+ of (?:them|whom|which)\b")
"""Behind a comma, a part of the people before it: "38 civilians, nine of them children"."""
_KIN = re.compile(r"(?:his|her|their) (?=\w+ )")
"""Before people counted with their relation to others: "a woman and her three children"."""
_AND_ALSO = re.compile(rf"(?: (?:from|of|in|with) [^,.;]{{1,40}}?)?{_AND.pattern}")
_ELIDED = re.compile(r" [\w’'-]+(?: [\w’'-]+)? and (?:at least )?")
"""Between two figures of one noun: "30 regime and 39 rebel fighters"."""
_HURT = re.compile(
    r" ?(?:were |was |have been |had been |are |is )?(?:also |badly |seriously |critically |slightly )?"
    r"(?:wounded|injured|hurt|missing|captured|arrested|killed|dead|displaced|taken|kidnapped|trapped|buried|destroyed)\b",
    re.IGNORECASE,
)


def right_of(parsed: Parsed, anchor: Anchor, stop: int) -> list[People]:
    """The people that follow a verb at once, and those joined to them: "a woman and nine children"."""
    position = anchor.end
    if parsed.text[position : position + 1] != " ":
        return []
    lead = re.compile(r" (?:also |instantly |dead |off |of )?(?:the |all |both )?").match(parsed.text, position)
    first = people_at(parsed.text, lead.end(), stop) or people_at(parsed.text, position + 1, stop) if lead else None
    if first is None or (not first.head and _HURT.match(parsed.text, first.end)):
        return []
    return [first, *joined(parsed.text, first, stop)]


def joined(text: str, first: People, stop: int, *, fates: bool = True) -> Iterator[People]:
    """Groups that "and" or a comma adds to one, unless (with `fates`) they have a fate of their own."""
    group = first
    while (link := _AND.match(text, group.end)) and not _OF_THEM.match(text, link.end()):
        kin = _KIN.match(text, link.end())
        following = people_at(text, kin.end() if kin else link.end(), stop)
        if following is None or not following.head or following.rest:
            return
        if fates and _HURT.match(text, following.end):
            return
        yield following
        group = following


def left_group(parsed: Parsed, anchor: Anchor) -> list[People]:
    """The people that an anchor says something of, standing before it: subject of a passive or of "died"."""
    nearest = parsed.left_of(anchor)
    if nearest is None:
        return []
    for group in _subjects(parsed, anchor, nearest):
        if parsed.between(group.end, anchor.start):
            return []
        if _PASSIVE.fullmatch(parsed.text, group.end, anchor.start):
            return [*_before(parsed, group), group]
    return []


def _subjects(parsed: Parsed, anchor: Anchor, nearest: People) -> Iterator[People]:
    """The nearest group, and those before it that an aside ("including six children") may stand behind."""
    place = parsed.last_before(nearest.start + 1)
    if is_part(parsed.text, nearest):
        for group in reversed(parsed.people[max(0, place - 3) : place]):
            if not is_part(parsed.text, group):
                yield group
                return
        return
    yield nearest


def _before(parsed: Parsed, group: People) -> Iterator[People]:
    """Groups that "and" joins to a subject from the left: "31 jihadists and eight civilians"."""
    place = parsed.last_before(group.start + 1)
    if place == 0 or not group.head or group.rest:
        return
    other = parsed.people[place - 1]
    between = parsed.text[other.end : group.start]
    joined_to = _AND_ALSO.fullmatch(between) if other.head else _ELIDED.fullmatch(between)
    if joined_to and not is_part(parsed.text, other):
        yield from _before(parsed, other)
        yield other


_PART = re.compile(
    r"\b(?:including|among (?:them|whom|those|which)|them|whom|of which|mostly|mainly|include[sd]?|comprising)"
    r"(?: (?:were|are|was|is|at least|were at least))?,? $",
    re.IGNORECASE,
)


_PART_MARKS = ("inclu", "them", "those", "wh", "stly", "mainly", "compris")
"""Where none of these stands, nothing that says so does."""


def is_part(text: str, group: People) -> bool:
    """True for people that are counted in another figure."""
    before = text[max(0, group.start - 80) : group.start].lower()
    if not any(mark in before for mark in _PART_MARKS):
        return False
    if _PART.search(text, max(0, group.start - 36), group.start):
        return True
    if group.rest:
        return False
    link = _PART_LIST.search(text, max(0, group.start - 80), group.start)
    return link is not None and not _HARMED.search(link[0])


_PART_LIST = re.compile(r"(?:\bincluding|\bamong them)\b[^.;]{1,60}(?: and|,) $")
_HARMED = re.compile(r"\b(?:killed|wounded|injured|dead)\b")
