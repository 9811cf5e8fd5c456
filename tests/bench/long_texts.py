"""Texts far longer than any article: a made-up war diary, and a list of place names; and how long extraction takes.

python tests/bench/long_texts.py
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle, islice
from time import process_time

from schemas.article import Article
from streams.stages.extract.extracting import extract
from streams.theatres.theatre import Theatre, load_theatre


def diary(theatre: Theatre, characters: int) -> str:
    """A text in which each sentence tells of another act at another town."""
    towns = cycle(names(theatre))
    told, length = [], 0
    while length < characters:
        number = len(told)
        town = next(towns)
        sentence = _ACTS[number % len(_ACTS)].format(town=town, number=number % 50 + 2, day=number % 27 + 1)
        told.append(sentence)
        length += len(sentence) + 1
    return " ".join(told)[:characters]


_ACTS = (
    "Rebels shelled {town} on Thursday, killing {number} people, residents said.",
    "The market of {town} had been busy until noon, and {number} shops stayed open.",
    "The army captured {town} from Islamic State on August {day}, state television reported.",
    "Air strikes hit the town of {town} overnight and wounded {number} civilians, according to the Observatory.",
)


def listing(theatre: Theatre, count: int) -> str:
    """So many place names in a row."""
    return " ".join(islice(cycle(names(theatre)), count))


def names(theatre: Theatre) -> list[str]:
    """Towns that the news knows."""
    return [site.name for site in theatre.gazetteer if site.news and ":" not in site.name][:400]


def article(body: str) -> Article:
    """A text as an article of 2016."""
    return Article(
        article_id="long",
        outlet="arabnews",
        url=None,
        title=None,
        body=body,
        language="en",
        published_at=datetime(2016, 8, 12, 12, tzinfo=UTC),
    )


def seconds(body: str, theatre: Theatre) -> float:
    """Processor time that extraction takes over a text."""
    began = process_time()
    extract(article(body), theatre)
    return process_time() - began


def main() -> None:
    """Print seconds by length."""
    theatre = load_theatre("syria")
    seconds("Warm up.", theatre)
    for size in (1_250_000, 2_500_000, 5_000_000):
        print(f"{size:,} characters of a diary: {seconds(diary(theatre, size), theatre):.1f} s")
    for count in (25_000, 50_000, 100_000):
        print(f"{count:,} place names: {seconds(listing(theatre, count), theatre):.1f} s")


if __name__ == "__main__":
    main()
