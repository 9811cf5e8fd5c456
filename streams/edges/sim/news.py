"""What outlets send in a simulation: the sample's articles, made-up ones about the same days, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Any, Literal

import orjson

from schemas.article import Article
from schemas.codec import decode
from streams.edges.sim.faults import Faults

LATENESS = timedelta(days=25)
"""How late a late article is at most: within the window in which order does not matter."""
SAMPLE, MADE_UP = 5, 7
"""Articles of each kind in one simulation."""

Kind = Literal["article", "retraction", "conflict", "piece", "record"]
"""A readable article or retraction, another text under the same id and revision, bytes that are neither."""

_TOWNS = ("Palmyra", "Raqqa", "Manbij", "Kobani", "Deir ez-Zor", "Maaret al-Numan", "Afrin", "Tabqa", "Douma", "Azaz")
_OUTLETS = ("reuters", "afp", "sana", "aljazeera", "enab baladi", "the nowhere gazette")
_SENTENCES = (
    "Syrian government forces recaptured {town} from Islamic State on {day}, the Syrian Observatory said.",
    "The Syrian Democratic Forces said on {day} that their fighters had captured {town}.",
    "Air strikes on {town} killed {killed} civilians on {day}, rescue workers said.",
    "Shelling of {town} by government forces killed at least {killed} people on {day}, activists said.",
    "A car bomb exploded in {town} on {day}, killing {killed} people and wounding {wounded}.",
    "Rebels withdrew from {town} on {day}, a rebel commander said.",
    "Clashes between rebels and government forces went on in {town} on {day}.",
    "The mayor of {town} opened a flower market on {day}.",
)
_UNREADABLE = (
    b"\xff\xfe\x00",
    b"{",
    b'{"title": "no text"}',
    b'{"body": "A text without a day.", "outlet": "afp"}',
    b'{"body": "Printed in a year to come.", "outlet": "afp", "published_at": "2999-01-01"}',
    b"[" * 3_000,
    b'{"body": 1e400, "outlet": "afp", "published_at": "2016-01-01"}',
)
_NO_RECORDS = (b"", b"\x00", b"null", b"{", b"\xff{", b'{"schema_version": 99}', b'{"article_id": "a"}', b"[" * 100_000)


@dataclass(slots=True)
class Given:
    """Something that an outlet sends, and how often it was told that it is kept."""

    kind: Kind
    raw: bytes
    key: str
    """Id of the article; the key of a record."""
    printed: datetime
    due: datetime
    """Orders the arrivals."""
    acked: int = 0


def news(seed: int, faults: Faults) -> list[Given]:
    """All that arrives, in the order of arrival. Repeats are the same object."""
    chance = Random(f"{seed} news")
    sample = sorted(_sample(), key=lambda one: one["published_at"])
    begin = chance.randrange(len(sample) - SAMPLE)
    chosen = sample[begin : begin + SAMPLE]
    first = datetime.fromisoformat(chosen[chance.randrange(SAMPLE)]["published_at"])
    made_up = [_made_up(chance, number, first) for number in range(MADE_UP)]
    given = [one for fields in (*chosen, *made_up) for one in _sent(fields, chance, faults)]
    return sorted([*given, *_spoilt(chance, faults, first)], key=lambda one: one.due)


@lru_cache(maxsize=1)
def _sample() -> Sequence[dict[str, Any]]:
    lines = (files("streams.theatres") / "syria" / "examples.jsonl").read_bytes().splitlines()
    return [decode(Article, line).model_dump(mode="json") for line in lines]


def _made_up(chance: Random, number: int, first: datetime) -> dict[str, Any]:
    printed = first + timedelta(minutes=chance.randrange(10 * 1440))
    day = (printed - timedelta(days=chance.randrange(3))).strftime("%A")
    town = chance.choice(_TOWNS)
    facts = {"town": town, "day": day, "killed": chance.randrange(2, 40), "wounded": chance.randrange(2, 90)}
    body = " ".join(sentence.format(**facts) for sentence in chance.sample(_SENTENCES, chance.randrange(1, 4)))
    return {
        "article_id": f"made-up-{number}",
        "outlet": chance.choice(_OUTLETS),
        "title": chance.choice((None, f"News of {town}")),
        "body": body,
        "published_at": printed.isoformat(),
    }


def _sent(fields: dict[str, Any], chance: Random, faults: Faults) -> Iterator[Given]:
    printed = datetime.fromisoformat(fields["published_at"])
    late = LATENESS * chance.random() if faults.fire("article-late") else timedelta(0)
    original = Given("article", orjson.dumps(fields), fields["article_id"], printed, printed + late)
    yield original
    if faults.fire("article-revised"):
        revised = orjson.dumps({**fields, "body": fields["body"] + " The toll is disputed.", "revision": 2})
        yield Given("article", revised, original.key, printed, printed + LATENESS * chance.random())
    if faults.fire("article-retracted"):
        said = orjson.dumps({"retracts": original.key, "reason": "it was wrong", "published_at": printed.isoformat()})
        yield Given("retraction", said, original.key, printed, printed + LATENESS * chance.random())
    if faults.fire("article-conflicts"):
        other = orjson.dumps({**fields, "body": "Nobody was hurt in the market. " + fields["body"]})
        yield Given("conflict", other, original.key, printed, original.due + timedelta(seconds=1))
    if faults.fire("article-again"):
        for _ in range(chance.randrange(1, 5)):
            again = Given("article", original.raw, original.key, printed, original.due + 2 * LATENESS * chance.random())
            yield again


def _spoilt(chance: Random, faults: Faults, first: datetime) -> Iterator[Given]:
    for number in range(6):
        due = first + timedelta(hours=chance.randrange(400))
        if faults.fire("unreadable-piece"):
            yield Given("piece", chance.choice(_UNREADABLE), f"piece-{number}", first, due)
        if faults.fire("unreadable-record"):
            raw = chance.choice((*_NO_RECORDS, chance.randbytes(40)))
            yield Given("record", raw, f"record-{number}", first, due)
