"""Articles without end, made of a few: other dates, towns, tolls and wording each time round.

Each turn takes every text once, some weeks later. Its towns change places with others of the gazetteer, the same way
all through a turn, so that stories still hang together; figures of people grow or shrink; a few words are swapped for
others that mean the same. What comes out depends on the turn and the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import blake2b
from itertools import count

from schemas.article import Article
from schemas.codec import encode
from streams.shells.log import Entry
from streams.theatres.theatre import Theatre

REPEAT = timedelta(days=97)
"""Each turn is younger by this."""
TOWNS = 400
"""Towns that change places with each other: those that news write of most."""
FIRST_ARRIVAL_MS = 1_480_000_000_000

_ALIKE = (
    ("said", "stated"), ("killed", "left dead"), ("clashes", "fighting"), ("several", "a number of"), ("also", "too"),
    ("big", "large"), ("began", "started"), ("near", "close to"), ("city", "town"), ("on Sunday", "Sunday"),
)  # fmt: skip
_TOLL = re.compile(r"\b(\d{1,3})(?= (?:people|civilians|fighters|soldiers|militants|rebels|others|men|women|children))")


def multiplied(read: Sequence[Article], theatre: Theatre) -> Iterator[Entry]:
    """The articles again and again, each time other ones, as they would arrive.

    Args:
        read: What is multiplied; its first turn is left as it is.
        theatre: Knows the towns.
    """
    towns = _towns(read, theatre)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(towns, key=len, reverse=True))) + r")\b")
    for turn in count():
        others = _moved(towns, turn)
        for place, one in enumerate(read):
            article = _varied(one, turn, pattern, others) if turn else one
            yield Entry("articles", article.article_id, encode(article), FIRST_ARRIVAL_MS + turn * len(read) + place)


def _towns(read: Sequence[Article], theatre: Theatre) -> list[str]:
    """Names of towns that the texts have, and of as many others, the most prominent first."""
    text = "\n".join(one.body for one in read)
    sites = (site for site in theatre.gazetteer if site.feature.startswith("PPL") and site.news)
    named = list(dict.fromkeys(site.name for site in sites if site.name.isalpha() and site.district is None))
    there = [name for name in named if re.search(rf"\b{re.escape(name)}\b", text)]
    others = [name for name in named if name not in set(there)]
    return [*there, *others][: max(TOWNS, len(there))]


def _moved(towns: Sequence[str], turn: int) -> Mapping[str, str]:
    step = turn * 7 % len(towns)
    return {name: towns[(at + step) % len(towns)] for at, name in enumerate(towns)}


def _varied(one: Article, turn: int, pattern: re.Pattern[str], towns: Mapping[str, str]) -> Article:
    chance = blake2b(f"{turn} {one.article_id}".encode(), digest_size=16).digest()

    def vary(text: str) -> str:
        moved = pattern.sub(lambda found: towns[found[0]], text)
        told = _TOLL.sub(lambda found: str(max(1, int(found[1]) + chance[0] % 9 - 4)), moved)
        for at, (word, other) in enumerate(_ALIKE):
            if chance[1 + at] % 3 == 0:
                told = re.sub(rf"\b{word}\b", other, told)
        return told

    about = {
        "article_id": f"{one.article_id}-{turn}",
        "published_at": one.published_at + turn * REPEAT,
        "title": vary(one.title) if one.title else None,
        "body": vary(one.body),
    }
    return one.model_copy(update=about)
