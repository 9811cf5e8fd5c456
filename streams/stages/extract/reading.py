"""An article made into a `Document`: cut into sentences, its names found in one pass and resolved in reading order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from schemas.article import Article
from streams.stages.extract.actors import ActorReader
from streams.stages.extract.cues import tokens
from streams.stages.extract.dates import find_dates, may_date
from streams.stages.extract.document import Document, Field, Sentence, SourceHit
from streams.stages.extract.equipment import ADJECTIVE, equip
from streams.stages.extract.places import PlaceReader, provinces
from streams.stages.extract.sentences import split
from streams.theatres.scan import ACTOR, OUTLET, PLACE, SOURCE, Hit
from streams.theatres.theatre import Theatre

LEDE = 2
"""Sentences of the body, after datelines and repeated headlines, that tell the story."""
LEDE_WORDS = 8
"""Words from which a sentence is told, not a notice or a caption's stub."""
SLURRING = ("pro_government", "pro_russia", "pro_iran")
"""Leans of outlets to which every enemy is a terrorist."""


def read(article: Article, theatre: Theatre) -> Document:
    """An article as the rules read it."""
    equipment = equip(theatre)
    title = article.title or ""
    outlet = theatre.outlets.get(article.outlet)
    hits = {name: equipment.index.scan(text) for name, text in (("title", title), ("body", article.body)) if text}
    published = _told_on(article)
    named = {name: [hit for hit in found if hit.kind == PLACE] for name, found in hits.items()}
    whole = provinces(theatre.gazetteer, ((title if name == "title" else article.body, named[name]) for name in named))
    places = PlaceReader(theatre.gazetteer, [hit for found in named.values() for hit in found], whole)
    actors = ActorReader(equipment, published, slurs=outlet is not None and outlet.lean in SLURRING)
    sentences = [
        _sentence(index, cut, own, places, actors, published)
        for index, (cut, own) in enumerate(_with_hits(_cuts(article, title), hits))
    ]
    return Document(
        article_id=article.article_id,
        outlet=article.outlet,
        published_at=article.published_at,
        published=published,
        title=title,
        body=article.body,
        sentences=tuple(sentences),
        theatre=theatre,
    )


def _told_on(article: Article) -> date:
    """The day that relative times count from.

    A stamp of last update that is earlier than the article's own time shows that time to be of a later crawl. A later
    one mostly says that the text was touched again; but where the lede's weekday fits it and not the given day, the
    given day was too early. A lede that speaks of "Tuesday" in a text dated on Monday was written a day later.
    """
    given = article.published_at.date()
    stamp = printed(article.body)
    near = stamp is not None and abs(given - stamp) <= MISDATED
    if stamp is not None and near and (stamp < given or _fits_better(article.body, stamp, given)):
        return stamp
    return given + timedelta(days=1) if _days_back(article.body, given) == 6 else given


def _fits_better(body: str, stamp: date, given: date) -> bool:
    return _days_back(body, stamp) < STALE <= _days_back(body, given)


def _days_back(body: str, day: date) -> int:
    """How many days before a day the first weekday of a text's head lies; 0 if it names none."""
    found = _WEEKDAY.search(body[:LEDE_REACH])
    return (day.weekday() - WEEKDAYS.index(found[1])) % 7 if found else 0


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})s?\b(?!,? \d{{1,2}}[ -]\w+[ -]20)")
LEDE_REACH = 600
"""Characters in which a story says on what day it is told."""
STALE = 3
"""Days before publication that no story's lede speaks of: its weekday then is a later one."""


def printed(body: str) -> date | None:
    """The day that a text says it was printed on, in the stamp at its head; None if it has none."""
    stamp = _STAMP.search(body[:STAMP_REACH])
    if stamp is None:
        return None
    name, day = (stamp["month"], stamp["day"]) if stamp["month"] else (stamp["month2"], stamp["day2"])
    month = MONTHS.find(name[:3].lower())
    try:
        return date(int(stamp["year"]), month // 3 + 1, int(day)) if month >= 0 else None
    except ValueError:
        return None


MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
STAMP_REACH = 160
MISDATED = timedelta(days=31)
"""A stamp further than this from the article's own time is of something else."""
_STAMP = re.compile(
    r"(?:updated at|Updated|Published|Posted on|publication) (?:(?P<month>[A-Z][a-z]{2,8}) (?P<day>\d{1,2}),? ?|"
    r"(?P<day2>\d{1,2}) (?P<month2>[A-Z][a-z]{2,8}) )(?P<year>20\d\d)"
)


class _Cut(NamedTuple):
    """A sentence before its words and names are read."""

    field: Field
    start: int
    end: int
    text: str
    paragraph: int
    repeats: bool
    lede: bool


def _sentence(
    index: int, cut: _Cut, hits: list[Hit], places: PlaceReader, actors: ActorReader, published: date
) -> Sentence:
    """A sentence with its words, times and names."""
    words, starts = tokens(cut.text)
    return Sentence(
        index,
        *cut[:5],
        words,
        starts,
        find_dates(cut.text, published) if may_date(words) else (),
        places.read(cut.text, _places(hits)),
        actors.read(cut.text, hits),
        _sources(cut.text, hits),
        cut.repeats,
        cut.lede,
    )


def _cuts(article: Article, title: str) -> Iterator[_Cut]:
    """The title's sentences, then the body's."""
    told, seen = 0, set[str]()
    names: tuple[tuple[Field, str], ...] = (("title", title), ("body", article.body))
    for name, text in names:
        paragraph, line_end = -1, -1
        for start, end in split(text, title if name == "body" else ""):
            if name == "body" and start > line_end:
                paragraph += 1
                line_end = text.find("\n", start)
                line_end = len(text) if line_end < 0 else line_end
            words = text[start:end]
            if words.startswith("Tags "):
                continue
            form = words.casefold().rstrip(".!? ")
            repeats = form in seen
            seen.add(form)
            tells = name == "body" and not repeats and words.count(" ") >= LEDE_WORDS - 1
            told += tells
            yield _Cut(name, start, end, words, paragraph, repeats, name == "title" or (tells and told <= LEDE))


def _with_hits(cuts: Iterator[_Cut], hits: dict[str, tuple[Hit, ...]]) -> Iterator[tuple[_Cut, list[Hit]]]:
    """Each sentence with its hits, offsets counting from its start."""
    starts = {name: [hit.start for hit in found] for name, found in hits.items()}
    for cut in cuts:
        first = bisect_left(starts[cut.field], cut.start)
        last = bisect_left(starts[cut.field], cut.end, first)
        own = hits[cut.field][first:last]
        yield cut, [_moved(hit, cut.start) for hit in own if hit.end <= cut.end]


def _places(hits: Sequence[Hit]) -> list[Hit]:
    """The place hits, those left out whose words name a party or a source as well."""
    others = {hit.start for hit in hits if hit.kind in (ACTOR, ADJECTIVE, SOURCE) and not hit.weak}
    return [hit for hit in hits if hit.kind == PLACE and (hit.start not in others or hit.ids[0].startswith("country:"))]


def _moved(hit: Hit, by: int) -> Hit:
    return Hit(hit.start - by, hit.end - by, hit.kind, hit.ids, hit.weak)


def _sources(text: str, hits: Sequence[Hit]) -> tuple[SourceHit, ...]:
    return tuple(
        SourceHit(
            hit.start, hit.end, hit.ids[0], text[hit.start : hit.end], "source" if hit.kind == SOURCE else "outlet"
        )
        for hit in hits
        if hit.kind in (SOURCE, OUTLET)
    )
