"""Which days the words of a text speak of: a closed grammar of news English, resolved against the day of publication.

Decides what stretch of days a phrase of time covers; what happened then is left to the readers of events and claims.
A phrase is found by its head ("Monday", "June", "2012", "week", "ago", "overnight"), and the few words before the head
say which one is meant. What does not resolve stays out: nothing is guessed. Dates that only say when the text was
printed (bylines, "Last updated at") stay out too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from ahocorasick_rs import AhoCorasick, MatchKind

from schemas.record import DateRange
from schemas.vocabulary import DatePrecision
from streams.stages.extract import date_absolute as absolute
from streams.stages.extract import date_relative as relative
from streams.stages.extract.calendar import span
from streams.stages.extract.date_reading import DAY_NAMES, MONTH_NAMES, SHORT_MONTHS, Found, Reading


@dataclass(frozen=True, slots=True)
class DateHit:
    """A phrase of time and the days that it covers."""

    start: int
    end: int
    """Half-open range of characters of the text."""
    when: DateRange
    """The days. They lie after publication where the text announces something."""
    rule: str
    """Name of the rule that read it, such as `date.weekday`."""


_KINDS: dict[str, tuple[str, ...]] = {
    "weekday": DAY_NAMES,
    "month": (*MONTH_NAMES, *SHORT_MONTHS),
    "year": tuple(str(year) for year in range(1970, 2100)),
    "unit": tuple(f"{unit}{plural}" for unit in ("hour", "day", "week", "month", "year") for plural in ("", "s")),
    "season": ("spring", "summer", "autumn", "winter"),
    "today": ("today", "tonight", "this morning", "this afternoon", "this evening"),
    "yesterday": ("yesterday",),
    "overnight": ("overnight", "last night"),
    "earlier": ("earlier in the day", "earlier on the day", "earlier today"),
    "since-then": ("since then",),
    "weekend": ("weekend",),
}
"""The words that a phrase of time cannot do without, by the reader that they go to."""

_HEADS = tuple(
    (form, kind)
    for kind, words in _KINDS.items()
    for word in words
    for form in dict.fromkeys((word, word.capitalize()))
)
_AUTOMATON = AhoCorasick([form for form, _ in _HEADS], matchkind=MatchKind.LeftmostLongest)
_FIRST_WORDS = frozenset(f"{form.lower().split()[0]}{lost}" for form, _ in _HEADS for lost in ("", "s"))
"""With a lost apostrophe: "Mondays raid"."""

_WINDOW = 48
"""Characters before a head that may belong to its phrase."""

_OPENED = re.compile(r"\b(?:ever )?since (?:(?:at least|about|around|the|early|late|last|mid)[ -])*(?:on )?$", re.I)
_REFUSED = re.compile(
    r"\b(?:next|coming|every|each|by|until|till|before|black|good|the following|beyond) (?:on |this |the )?$", re.I
)


def find_dates(text: str, published: date) -> tuple[DateHit, ...]:
    """The phrases of time in a text, in order, none overlapping another.

    Args:
        text: A sentence or a whole body.
        published: Day that the text was printed; relative words count from it.

    Returns:
        Phrases with their days. Bylines, future-only words ("next week"), habits ("every Friday") and whatever does not
        resolve are left out.
    """
    hits: list[DateHit] = []
    for found in _phrases(text, published, hits):
        start, end, when, rule = found
        if hits and start < hits[-1].end:
            start = hits[-1].end
        hits.append(DateHit(start, end, when, rule))
    return tuple(_joined(text, [_opened(text, hit, published) for hit in hits]))


def may_date(words: Iterable[str]) -> bool:
    """True if any word, in lower case, may open a phrase of time; most sentences have none."""
    return not _FIRST_WORDS.isdisjoint(words)


def _phrases(text: str, published: date, hits: list[DateHit]) -> Iterator[tuple[int, int, DateRange, str]]:
    """Resolved phrases in the order of their heads. Reads `hits`, as "a day earlier" takes up the phrase before."""
    for index, start, end in _AUTOMATON.find_matches_as_indexes(text):
        floor = hits[-1].end if hits else 0
        if start < floor or not _is_word(text, start, end):
            continue
        form, kind = _HEADS[index]
        floor = max(floor, start - _WINDOW)
        last = hits[-1].when if hits else None
        try:
            found = _READERS[kind](Reading(text, published, form, start, end, floor, text[floor:start], last))
        except (OverflowError, ValueError):  # no such day: "June 31", or beyond the calendar
            found = None
        if found and not _is_refused(text, found[0]):
            yield found


def _is_word(text: str, start: int, end: int) -> bool:
    """True if the head is a word of its own, or one whose apostrophe was lost ("Mondays raid", "yesterdays strike")."""
    if start and text[start - 1].isalnum():
        return False
    after = text[end : end + 2]
    return not after[:1].isalnum() or (after[0] == "s" and not after[1:].isalnum())


def _is_refused(text: str, start: int) -> bool:
    return _REFUSED.search(text, max(0, start - 24), start) is not None


_READERS: dict[str, Callable[[Reading], Found]] = {
    "weekday": absolute.weekday,
    "month": absolute.month,
    "year": absolute.year,
    "season": absolute.season,
    "unit": relative.unit,
    "today": relative.today,
    "yesterday": relative.yesterday,
    "overnight": relative.overnight,
    "earlier": relative.earlier,
    "since-then": relative.since_then,
    "weekend": relative.weekend,
}
"""The reader of each kind of head."""


# ------------------------------------------------------------------------------------------- since, and from … to …


def _opened(text: str, hit: DateHit, published: date) -> DateHit:
    """A phrase after "since" runs to the day of publication."""
    lead = _OPENED.search(text, max(0, hit.start - 32), hit.start)
    own = re.match(r"since ", text[hit.start : hit.end], re.I)
    if hit.when.first > published or hit.rule == "date.since-then" or not (lead or own):
        return hit
    precision = hit.when.precision if hit.when.precision is DatePrecision.YEAR else None
    when = span(hit.when.first, published, precision)
    return replace(hit, start=lead.start() if lead else hit.start, when=when, rule="date.since")


_BETWEEN = re.compile(r"\b(?:from|between)(?: the| late| early)?(?: night)?(?: of)? $", re.I)
_LINK = re.compile(r" ?(?:to|until|till|through|and|–|-) ?(?:on |the |late |early )?")


def _joined(text: str, hits: list[DateHit]) -> Iterator[DateHit]:
    """One phrase for "from Friday to Sunday" and "between May and June"."""
    position = 0
    while position < len(hits):
        hit = hits[position]
        following = hits[position + 1] if position + 1 < len(hits) else None
        position += 1
        if following and _is_range(text, hit, following):
            start = min(hit.when.first, following.when.first)
            hit = replace(hit, end=following.end, when=span(start, following.when.last), rule="date.from-to")
            position += 1
        yield hit


def _is_range(text: str, hit: DateHit, following: DateHit) -> bool:
    between = text[hit.end : following.start]
    if len(between) > 16 or not _LINK.fullmatch(between):
        return False
    return (
        _BETWEEN.search(text, max(0, hit.start - 24), hit.start) is not None and hit.when.first <= following.when.last
    )
