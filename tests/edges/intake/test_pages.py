"""The article in a page is read; a page that would not let go is let go of."""

from collections.abc import Iterator

import pytest

from schemas.errors import RefusedArticle
from streams.edges.intake.pages import MAX_PAGE_BYTES, PageReader

STORY = "".join(
    f"<p>Planes struck the market of the town on the {day} day, residents said, and people fled to the fields.</p>"
    for day in ("first", "second", "third", "fourth")
)


def page(head: str = "", story: str = STORY) -> bytes:
    return (
        f"<!doctype html><html lang='en-GB'><head><title>Market struck</title>{head}</head><body><nav><a>Home</a></nav>"
        f"<article><h1>Market struck</h1>{story}</article><footer>All rights reserved</footer></body></html>"
    ).encode()


@pytest.fixture(scope="module")
def reader() -> Iterator[PageReader]:
    with PageReader() as reader:
        yield reader


def test_the_story_is_read_without_what_stands_around_it(reader: PageReader) -> None:
    read = reader.read(page())
    assert read.title == "Market struck"
    assert read.text is not None
    assert "fourth day" in read.text
    assert "Home" not in read.text
    assert "rights reserved" not in read.text


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2016-01-24T10:00:00+02:00">',
        '<meta itemprop="datePublished" content="2016-01-24T10:00:00+02:00">',
        '<script type="application/ld+json">{"@graph": [{"datePublished": "2016-01-24T10:00:00+02:00"}]}</script>',
        '<script type="application/ld+json">{broken</script><meta name="pubdate" content="2016-01-24T10:00:00+02:00">',
    ],
)
def test_the_time_that_a_page_states_is_its_own_data(reader: PageReader, head: str) -> None:
    read = reader.read(page(head))
    assert (read.published, read.published_from) == ("2016-01-24T10:00:00+02:00", "given")


def test_a_page_without_a_date_has_none(reader: PageReader) -> None:
    assert reader.read(page()).published is None


def test_a_declared_encoding_is_used(reader: PageReader) -> None:
    raw = page("<meta charset='windows-1256'>", STORY.replace("residents", "ناشطون")).decode().encode("cp1256")
    read = reader.read(raw)
    assert read.text is not None
    assert "ناشطون" in read.text


def test_a_page_that_takes_too_long_is_refused_and_the_next_one_is_read() -> None:
    endless = b"<html><body><p " + b" ".join(b"a%d=1" % number for number in range(120_000)) + b">x"
    with PageReader(seconds=0.5) as reader:
        reader.read(page())
        with pytest.raises(RefusedArticle, match=r"more than 0\.5 s") as refused:
            reader.read(endless)
        assert refused.value.reason == "failed"
        assert reader.read(page()).title == "Market struck"


def test_a_page_that_breaks_its_reader_is_refused_and_the_next_one_is_read(reader: PageReader) -> None:
    reader.read(page())
    assert reader._process is not None
    reader._process.kill()
    with pytest.raises(RefusedArticle, match="broke its reader"):
        reader.read(page())
    assert reader.read(page()).title == "Market struck"


def test_a_page_above_the_limit_is_not_even_begun(reader: PageReader) -> None:
    with pytest.raises(RefusedArticle) as refused:
        reader.read(page() + b" " * MAX_PAGE_BYTES)
    assert refused.value.reason == "too_large"


@pytest.mark.parametrize("raw", [b"<html></html>", b"<!doctype html>", b"<html>" + b"<div>" * 100_000, b"<p>\x00</p>"])
def test_a_page_without_a_story_has_no_text(reader: PageReader, raw: bytes) -> None:
    assert not reader.read(raw).text
