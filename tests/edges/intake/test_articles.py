"""A piece becomes an article, or is refused with a reason that says what to do."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.article import MAX_BODY_CHARS, Article
from schemas.codec import encode
from schemas.errors import RefusedArticle
from streams.edges.intake.articles import MAX_ARTICLE_BYTES, ArticleReader, Defaults
from streams.edges.intake.dates import read_time
from streams.edges.intake.pages import PageReader
from streams.edges.intake.sources import Piece, pieces_of_bytes

NOW = datetime(2020, 1, 1, tzinfo=UTC)
GIVEN = {"article_id": "a-1", "outlet": "The Daily", "title": "T", "published_at": "2017-04-05", "body": "Shells fell."}
KNOWN = {"The Daily": "daily", "daily.example": "daily"}


def read(raw: bytes | dict[str, Any], name: str = "news.jsonl", **defaults: Any) -> Article:
    piece = next(pieces_of_bytes(json.dumps(raw).encode() if isinstance(raw, dict) else raw, name))
    assert isinstance(piece, Piece)
    with PageReader() as pages:
        return ArticleReader(KNOWN.get, pages, Defaults(**defaults)).read(piece, NOW)


def test_the_fields_of_an_article_are_taken_and_others_dropped() -> None:
    article = read({**GIVEN, "record_date": "2017-04-04", "crowd": {"killed": "18"}, "date_from": "head"})
    assert article == Article(
        article_id="a-1",
        outlet="daily",
        title="T",
        body="Shells fell.",
        published_at=datetime(2017, 4, 5, 12, tzinfo=UTC),
    )


def test_an_exported_article_is_read_in_again_as_it_was() -> None:
    article = read(GIVEN | {"published_from": "text", "url": "https://daily.example/1", "language": "ar"})
    assert encode(read(encode(article))) == encode(article)


@pytest.mark.parametrize(
    ("fields", "reason", "told"),
    [
        ({"body": 42}, "schema", "body is a number"),
        ({"title": ["T"]}, "schema", "title is a list"),
        ({"published_at": 1491393600}, "schema", "published_at is a number"),
        ({"published_at": "05/04/2017"}, "schema", "two different days"),
        ({"article_id": True}, "schema", "true or false"),
        ({"article_id": "x" * 600}, "schema", "at most 512"),
        ({"body": None}, "schema", "body is missing; the fields it has: article_id"),
        ({"body": " \u200b\n"}, "no_text", "no words"),
        ({"body": "x" * (MAX_BODY_CHARS + 1)}, "too_large", "5,000,001"),
        ({"published_at": "2021-01-01"}, "future_date", "2020-01-01"),
        ({"published_at": None}, "no_publication_date", "--published-at"),
        ({"outlet": ""}, "schema", "--outlet"),
    ],
)
def test_an_article_that_is_none_is_refused_with_what_to_do(fields: dict[str, Any], reason: str, told: str) -> None:
    with pytest.raises(RefusedArticle, match=told) as refused:
        read(GIVEN | fields)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"article_id": "a", "bo', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"body": ' + b'{"a":' * 100_000, "not_json"),
        (b'{"body": NaN}', "not_json"),
        (b"17", "schema"),
        (b"null", "schema"),
        (b'{"body": "' + b"x" * MAX_ARTICLE_BYTES + b'"}', "too_large"),
    ],
)
def test_bytes_that_are_no_article_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(RefusedArticle) as refused:
        read(raw)
    assert refused.value.reason == reason


def test_json_in_another_encoding_is_read() -> None:
    raw = json.dumps({**GIVEN, "body": "The town’s mayor"}, ensure_ascii=False).encode("cp1252")
    assert read(raw).body == "The town’s mayor"


def test_half_a_character_does_not_cost_the_article() -> None:
    assert read(json.dumps(GIVEN).replace("Shells", "\\ud83d").encode()).body == "\ufffd fell."


def test_an_id_is_derived_from_the_content_alone() -> None:
    nameless = {name: value for name, value in GIVEN.items() if name != "article_id"}
    first, again = read(nameless), read(gzip.compress(json.dumps(nameless).encode()))
    assert first.article_id == again.article_id
    assert first.article_id.startswith("daily-20170405-")
    assert read({**nameless, "body": "Shells fell!"}).article_id != first.article_id


def test_an_options_date_is_marked_and_the_articles_own_goes_before_it() -> None:
    dateless = {**GIVEN, "published_at": ""}
    article = read(dateless, published_at=read_time("2016-01-24"))
    assert (article.published_at.year, article.published_from) == (2016, "option")
    article = read(GIVEN, published_at=read_time("2016-01-24"))
    assert (article.published_at.year, article.published_from) == (2017, "given")


def test_a_date_at_the_head_of_the_text_is_found_and_marked() -> None:
    article = read({**GIVEN, "published_at": None, "body": "Wednesday 7 Aug 2013\nShells fell."})
    assert (article.published_at.date().isoformat(), article.published_from) == ("2013-08-07", "text")


def test_plain_text_takes_its_headline_from_the_first_line_if_told_so() -> None:
    raw = b"\nMarket struck\n\n7 Aug 2013\nShells fell."
    article = read(raw, "a.txt", outlet="The Daily", title_from_first_line=True)
    assert (article.title, article.body) == ("Market struck", "7 Aug 2013\nShells fell.")
    assert read(raw, "a.txt", outlet="The Daily").title is None


@pytest.mark.parametrize("url", ["https://www.daily.example/1", "http://en.daily.example:80/x"])
def test_an_outlet_is_known_by_its_address(url: str) -> None:
    assert read({**GIVEN, "outlet": None, "url": url}).outlet == "daily"


def test_an_outlet_that_the_theatre_does_not_know_keeps_its_name() -> None:
    assert read({**GIVEN, "outlet": " The Other "}).outlet == "The Other"
    assert read({**GIVEN, "outlet": None, "url": "https://www.other.example/1"}).outlet == "other.example"


def test_a_page_gives_title_text_time_and_language() -> None:
    story = "".join(f"<p>Planes struck the market of the town on the {day} day, residents said.</p>" for day in "12345")
    page = f"""<!doctype html><html lang="en-GB"><head><title>Market struck</title>
        <meta property="article:published_time" content="2016-01-24T10:00:00+02:00">
        <link rel="canonical" href="https://daily.example/market"></head>
        <body><article><h1>Market struck</h1>{story}</article></body></html>"""
    article = read(page.encode(), "page.html")
    assert (article.title, article.outlet, article.language) == ("Market struck", "daily", "en")
    assert article.published_at == datetime(2016, 1, 24, 8, tzinfo=UTC)
    assert article.body.startswith("Planes struck")
