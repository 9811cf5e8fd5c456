"""Where sentences begin and end, in clean text and in text that lost its commas, quotes or line breaks.

Nothing here looks at meaning: only letters, marks and the article's own title. Every cut is found by one pass, so time
grows with length and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]
"""Half-open range of characters."""

LONGEST = 1500
"""Characters after which a sentence is cut at a space: no writer's sentence is as long, only lists and torn text."""
HEAD = 700
"""Characters of the body in which datelines, repeated headlines and notices of publication stand."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ABBREVIATIONS = _words(
    "mr mrs ms dr st gen lt col maj sgt capt brig adm cmdr pvt gov sen rep prof hon rev pres sec min jan feb mar "
    "apr jun jul aug sep sept oct nov dec vol approx est dept inc corp ltd co vs etc al km fig u.s u.n e.g i.e "
)
_STOP = re.compile(r"[.!?…\t•▪●]")
_AFTER_STOP = re.compile(r"[.!?…]*[\"'”’)\]]*(?:\s+(?=[\"'“‘(\[«]*[\w•])|\s*$)")
_GLUED = re.compile(r"[\"”’]*(?=[A-Z][a-z])")
_STAMP = re.compile(
    r"\b(?:(?:AFP|AP|Reuters|Agencies)[ ,/]+)*(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? +)?"
    r"(?:\d{1,2}(?: [A-Z][a-z]{2,8},? ?|[-./]\d{1,2}[-./])(?:19|20)\d\d\b"
    r"|[A-Z][a-z]{2,8} \d{1,2}(?:, ?| )?(?:19|20)\d\d\b)"
    r"(?: +(?:at )?(?:\d{1,2}:\d{2}|\d{4})\b(?: ?[ap]m)?)?(?: by Asharq Al-Awsat English)?[\s.:|-]*"
    r"(?:(?:Regional|Print|Tweet|Views|Get short URL)[\s\d]*)*"
)
_CREDIT = re.compile(
    r"\([^()]{0,40}(?:AFP|AP|Reuters|EPA|Agencies|Photo|photo|Archive|Twitter|Sputnik|Novosti|TASS|Anadolu|AA"
    r"|presstv)"
    r"[^()]{0,30}\)\s*[-–—]?\s*|\[(?:AFP|AP|Reuters|Getty|Twitter|Anadolu|AA)\]\s*"
)
_DATELINE = re.compile(r"\s*[A-Z][A-Z/ ]{3,40}(?:, ?\w+(?:/[A-Z]+)?)?\s*(?:\([^()]{2,30}\)\s*)?[:—–-]+\s*")
_RUN_IN = re.compile(
    r"(?<=[A-Za-z\d]) (?=(?:The|A|An|At least|This|These|In|On) (?:[a-z]|Syrian |Russian |US|UK|Britain|Turkish "
    r"|Local ))"
)
_HEADLINE = re.compile(r"(?:(?:[A-Z\d][\w’'-]*|in|of|on|and|to|at|for|by|with|after|as|from|the|a) ){4,}$")
_STAMPED = re.compile(r"\b(?:AFP|Reuters|AP|Published|Posted on|Updated|publication) *(?:[A-Z][a-z]+day )?$")
_BEFORE_A_DATE = re.compile(r"\b(?:on|of|in|since|from|until|by|and|to|late|early|mid) *$", re.IGNORECASE)


def split(text: str, title: str = "") -> list[Span]:
    """The sentences of a text, in order, without the space around them.

    Args:
        text: Any text.
        title: The article's headline, so that the same words at the head of the body stand alone.
    """
    spans: list[Span] = []
    cuts = iter((*_head_cuts(text, title), len(text) + 1))
    cut = next(cuts)
    for start, end in _lines(text[: page_end(text)]):
        while cut <= start:
            cut = next(cuts)
        while cut < end:
            spans += _of_line(text, start, cut)
            start, cut = cut, next(cuts)
        spans += _of_line(text, start, end)
    return spans


_PAGE_END = re.compile(
    r"\b(?:Related News|Related (?=[A-Z]\w+ [A-Z])|Read Also|READ MORE|Follow us on|Tags murder|Community standards"
    r"|Share this article|posted\nto third-party)"
)
_TAGS = re.compile(
    r"\bTags (?:(?:[\w’'-]+ ){1,14}?(?=(?:The|An?|At least|More than|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten"
    r"|Dozens|Scores|Hundreds|Several) [a-z]+ [a-z]+)|(?:[\w’'-]+ ){1,14}?(?=[A-Z][\w’'-]+ [a-z]+ [a-z]+))"
)


def page_end(text: str) -> int:
    """Where an article ends and the page goes on with other headlines."""
    found = _PAGE_END.search(text, len(text) // 3)
    return found.start() if found else len(text)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def _of_line(text: str, start: int, end: int) -> Iterator[Span]:
    first = start
    for stop in _STOP.finditer(text, start, end):
        if stop.start() < first:
            continue
        after = _end_of(text, first, stop.start(), end)
        if after is not None:
            yield from _pieces(text, first, after)
            first = after
    yield from _pieces(text, first, end)


def _end_of(text: str, first: int, at: int, end: int) -> int | None:
    """Where the sentence that a mark at `at` ends is over; None if the mark ends none."""
    mark = text[at]
    if mark in "\t•▪●":
        return at + 1
    found = _AFTER_STOP.match(text, at, end)
    if found is not None:
        return None if mark in ".…" and _goes_on(text, first, at) else found.end()
    if text[max(first, at - 3) : at].islower() and at - first > 3:
        glued = _GLUED.match(text, at + 1, end)
        return glued.end() if glued else None
    return None


def _goes_on(text: str, first: int, at: int) -> bool:
    """True if a stop only ends an abbreviation or an initial."""
    word = text[text.rfind(" ", first, at) + 1 if " " in text[first:at] else first : at].lstrip('("“‘[')
    if word.lower() in _ABBREVIATIONS:
        return True
    return len(word) == 1 and word.isalpha() and word.isupper()


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = start + LONGEST if cut < 0 else cut
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if any(map(str.isalnum, text[start:end])):
        yield start, end


def _head_cuts(text: str, title: str) -> list[int]:
    """Offsets at the head of a body at which something new begins that no mark announces."""
    head = text[:HEAD]
    cuts = set(_title_cuts(head, title))
    for pattern in (_STAMP, _CREDIT):
        for found in pattern.finditer(head):
            cuts.update(_around(head, found))
    tags = _TAGS.search(head)
    if tags:
        cuts.update((tags.start(), tags.end()))
    dateline = _DATELINE.match(head)
    if dateline:
        cuts.add(dateline.end())
    cuts.update(
        found.end()
        for found in _RUN_IN.finditer(text)
        if _HEADLINE.search(text[max(0, found.end() - 90) : found.end()])
    )
    return sorted(cut for cut in cuts if 0 < cut < len(text))


def _title_cuts(head: str, title: str) -> Iterator[int]:
    at = head.find(title) if len(title) > 15 else -1
    while at >= 0:
        yield at
        yield at + len(title)
        at = head.find(title, at + len(title))


def _around(head: str, found: re.Match[str]) -> Iterator[int]:
    """Cuts around a date stamp or credit that something new follows; "on 4 May 2016 rebels" is no stamp."""
    rest = head[found.end() : found.end() + 1]
    new = not rest or rest.isupper() or rest in '"“('
    if new and not _BEFORE_A_DATE.search(head, max(0, found.start() - 8), found.start()):
        yield found.start()
        yield found.end()
