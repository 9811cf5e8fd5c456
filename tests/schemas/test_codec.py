"""The codec: bytes to record and back, and what bad bytes become."""

import base64
from datetime import UTC, date, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article, Retraction
from schemas.codec import decode, decode_on, encode
from schemas.control import ControlChange, Standing
from schemas.dead_letter import DeadLetter
from schemas.errors import DecodeError
from schemas.record import DateRange, Place, Toll
from schemas.topics import ARTICLES
from schemas.vocabulary import ChangeKind, ControlStatus, DatePrecision, PlacePrecision, Reason

PALMYRA = Place(
    place_id="x:1", name="Palmyra", admin1="Homs", lat=34.55, lon=38.27, precision=PlacePrecision.TOWN, text="Tadmur"
)


def article(**changes: object) -> Article:
    given = {"article_id": "a1", "outlet": "reuters", "title": None, "body": "Shells fell on Homs."}
    return Article(**{**given, "published_at": datetime(2016, 3, 27, 12, tzinfo=UTC), **changes})


@given(st.text(min_size=1).filter(lambda text: text.strip() and text.isprintable()))
def test_any_article_reads_back_as_it_was_written(body: str) -> None:
    assert decode(Article, encode(article(body=body))) == article(body=body)


def test_a_retraction_is_told_from_an_article_that_speaks_of_one() -> None:
    taken_back = Retraction(retracts="a1", reason="", published_at=datetime(2016, 3, 28, tzinfo=UTC))
    speaks = article(body='The paper wrote "retracts": "a1", and meant it.')
    for record in (taken_back, speaks):
        assert decode_on(ARTICLES, encode(record)) == record


def test_equal_records_have_equal_bytes() -> None:
    assert encode(article()) == encode(decode(Article, encode(article())))


def test_a_dead_letter_keeps_bytes_that_are_no_text() -> None:
    raw = bytes(range(256))
    letter = DeadLetter(topic="articles", partition=0, offset=3, raw=raw, reason=Reason.ENCODING, detail="not text")
    wire = encode(letter)
    assert base64.urlsafe_b64decode(orjson.loads(wire)["raw"]) == raw
    assert decode(DeadLetter, wire).raw == raw


def test_a_control_change_says_from_and_to_on_the_wire() -> None:
    standing = Standing(controller="islamic-state", status=ControlStatus.HELD)
    change = ControlChange(
        place=PALMYRA,
        change=ChangeKind.LOST,
        from_=standing,
        to=Standing(controller=None, status=ControlStatus.UNKNOWN),
        at=date(2016, 3, 27),
        known_at=datetime(2016, 3, 27, tzinfo=UTC),
        evidence=(),
    )
    assert orjson.loads(encode(change))["from"]["controller"] == "islamic-state"
    assert decode(ControlChange, encode(change)) == change


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"  \n", Reason.EMPTY),
        (b"\xff\xfe\x00garbage", Reason.ENCODING),
        (b'{"article_id": "a1", "body": "half', Reason.NOT_JSON),
        (b"[1, 2]", Reason.SCHEMA),
        (b"{}", Reason.SCHEMA),
        (b'{"schema_version": "1"}', Reason.SCHEMA),
        (b'{"schema_version": 99}', Reason.VERSION),
        (encode(article()).replace(b'"title":null', b'"title":7'), Reason.SCHEMA),
        (encode(article()).replace(b'"title":null', b'"headline":null'), Reason.SCHEMA),
        (encode(article()).replace(b"2016-03-27T12:00:00Z", b"2016-03-27T12:00:00"), Reason.SCHEMA),
        (encode(article()).replace(b"Shells fell on Homs.", b"   "), Reason.SCHEMA),
    ],
)
def test_bad_bytes_become_an_error_with_the_reason(raw: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as error:
        decode(Article, raw)
    assert error.value.reason is reason


def test_deeply_nested_json_is_refused_and_does_not_crash() -> None:
    with pytest.raises(DecodeError):
        decode(Article, b'{"schema_version":1,"title":' + b"[" * 100_000)


def test_a_time_in_another_zone_is_kept_in_utc() -> None:
    wire = encode(article()).replace(b"2016-03-27T12:00:00Z", b"2016-03-27T15:00:00+03:00")
    assert decode(Article, wire) == article()


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before the first"):
        DateRange(first=date(2016, 3, 2), last=date(2016, 3, 1), precision=DatePrecision.RANGE)
    with pytest.raises(ValueError, match="below min"):
        Toll(min=90, max=63)


def test_an_unresolved_place_has_a_key_of_its_own_words() -> None:
    place = Place(
        place_id=None, name="Tal  Nowhere", admin1=None, lat=None, lon=None, precision=PlacePrecision.TOWN, text="x"
    )
    assert (place.key, PALMYRA.key) == ("unresolved:tal nowhere", "x:1")
