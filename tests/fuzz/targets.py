"""What reads bytes that somebody else wrote: each takes any, and raises nothing but what it says that it raises."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import orjson

from schemas.article import MAX_BODY_CHARS, Article
from schemas.codec import decode_on, encode, version_of
from schemas.errors import DecodeError, RefusedArticle, RulesError
from schemas.mention import Mention
from schemas.topics import TOPICS
from schemas.upcasters import UPCASTERS, upcast
from streams.edges.feed.cursor import BadCursor, Position
from streams.edges.feed.filters import BadFilter
from streams.edges.feed.parameters import kinds_of, known, wanted
from streams.edges.intake import text
from streams.edges.intake.articles import ArticleReader
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import Form, Piece, pieces_of_bytes
from streams.pipeline import Pipeline, pipeline
from streams.theatres.alert_rules import own_rules
from streams.theatres.theatre import Theatre, load_theatre

NOW = datetime(2020, 1, 1, tzinfo=UTC)
FORMS = (None, Form.JSON, Form.JSONL, Form.TEXT)
TEXTS = ("place", "bbox", "near", "party", "type", "known_from", "known_to")
ASKED = b"place=ocha:C1007&bbox=36,33,40,37&near=35,37,20&kinds=events,claims&known_at=2017-04-05&since=events:1"
SAMPLE = Path(__file__).parents[2] / "streams/theatres/syria/examples.jsonl"


@cache
def theatre() -> Theatre:
    return load_theatre("syria")


@cache
def stages() -> Pipeline:
    return pipeline(theatre())


def decoding(raw: bytes) -> None:
    """Bytes on a topic, which the first one names. What is read is written as it was read."""
    topic = list(TOPICS.values())[raw[0] % len(TOPICS)] if raw else TOPICS["articles"]
    with suppress(DecodeError):
        record = decode_on(topic, raw[1:])
        assert decode_on(topic, encode(record)) == record


def cleaning(raw: bytes) -> None:
    """Bytes of any encoding, which the first ones may name."""
    declared, _, rest = raw.partition(b"\n")
    with suppress(RefusedArticle):
        read, _ = text.decode(rest, declared.decode("latin-1"))
        text.repair(read).encode()


def taking_in(raw: bytes) -> None:
    """A file, of the form that the first byte names or that its content shows."""
    reader = ArticleReader({"afp": "afp"}.get, PageReader())
    for piece in pieces_of_bytes(raw[1:], "a file", form=FORMS[raw[0] % len(FORMS)] if raw else None):
        if isinstance(piece, Piece) and piece.form is not Form.HTML:
            with suppress(RefusedArticle):
                encode(reader.read(piece, NOW))


def extracting(raw: bytes) -> None:
    """The body of an article. Each mention's sentence stands where it says."""
    body = raw.decode("utf-8", "replace")[:MAX_BODY_CHARS]
    if not body.strip():
        return  # Refused by the contract.
    article = Article(article_id="a", outlet="afp", title=None, body=body, published_at=NOW)
    extract = stages()[0]
    _, outputs = extract.step(extract.initial("a"), article, NOW)
    for output in outputs:
        encode(output.record)
        if isinstance(output.record, Mention):
            evidence = output.record.evidence
            assert body[evidence.start : evidence.end] == evidence.text


def upcasting(raw: bytes) -> None:
    """The JSON object of an old record, which is left as it is."""
    names = {topic.record.__name__: topic.record for topic in TOPICS.values()}
    name = sorted(UPCASTERS)[raw[0] % len(UPCASTERS)] if raw else "Article"
    with suppress(orjson.JSONDecodeError):
        data = orjson.loads(raw[1:])
        if isinstance(data, dict):
            before = deepcopy(data)
            upcast(name, 1, version_of(names[name]), data)
            assert data == before


def ruling(raw: bytes) -> None:
    """A file of alert rules."""
    with suppress(RulesError):
        own_rules(theatre(), Path("rules.yaml"), raw, lambda name: raw)


def filtering(raw: bytes) -> None:
    """What is asked of the feed: filter, kinds and cursor."""
    asked = dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=None))
    with suppress(BadFilter):
        wanted(**{name: asked.get(name) for name in TEXTS})
    for read, name in ((known, "known_at"), (kinds_of, "kinds"), (Position.parse, "since")):
        with suppress(BadFilter, BadCursor):
            read(asked.get(name, ""))


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (decoding, cleaning, taking_in, extracting, upcasting, ruling, filtering)
}


def seeds(name: str) -> list[bytes]:
    """Good inputs to begin with."""
    lines = SAMPLE.read_bytes().splitlines()[:20]
    bodies = [orjson.loads(line)["body"].encode() for line in lines]
    places = list(TOPICS)
    rules = [path.read_bytes() for path in (Path(__file__).parents[2] / "deploy/alerts").glob("*.yaml")]
    given = {
        "decoding": [bytes([places.index("articles")]) + line for line in lines],
        "cleaning": [b"windows-1256\n" + body for body in bodies],
        "taking_in": [bytes([form]) + line for form in range(len(FORMS)) for line in lines],
        "extracting": bodies,
        "upcasting": [b"\x01" + line for line in lines],
        "ruling": rules,
        "filtering": [ASKED],
    }
    return given[name]
