"""When an article was printed is read as written, found at its head, or unknown."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.errors import RefusedArticle
from streams.edges.intake.dates import Printed, find_in_text, read_time

NOON = datetime(2013, 8, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2013-08-07", "20130807", "2013-08-07T12:00:00Z", "2013-08-07 12:00", "2013-08-07T15:00:00+03:00",
        "Wed, 07 Aug 2013 12:00:00 GMT", "Wed, 07 Aug 2013 08:00:00 -0400", "Wednesday 7 Aug 2013", "August 7, 2013",
        "7 August 2013", "Aug. 7, 2013 12:00 PM", " 2013-08-07 ",
    ],
)  # fmt: skip
def test_a_time_is_read_as_newspapers_and_feeds_write_it(written: str) -> None:
    assert read_time(written).at == NOON


def test_a_day_is_known_to_be_no_more_than_a_day() -> None:
    assert not read_time("2013-08-07").exact
    assert read_time("2013-08-07T00:00:00Z").exact


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("06/08/2013", "two different days"), ("6.8.13", "two different days"), ("2013", "lacks"),
        ("Aug 2013", "lacks"), ("7 August", "lacks"), ("yesterday", "no date"), ("2013-02-30", "no date"),
        ("0001-01-01", "filler"),         ("9" * 40, "no date"), ("0001-01-01T00:00:00+14:00", "no date"),
    ],
)  # fmt: skip
def test_a_time_that_is_open_or_none_is_refused(written: str, fault: str) -> None:
    with pytest.raises(RefusedArticle, match=fault) as refused:
        read_time(written)
    assert refused.value.reason == "schema"


def test_a_numeric_day_is_read_where_it_can_only_be_one() -> None:
    assert read_time("26/08/2013").at == datetime(2013, 8, 26, 12, tzinfo=UTC)
    assert read_time("08/08/2013").at == datetime(2013, 8, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        "Wednesday 7 Aug 2013\nFighting went on.", "Published: August 7, 2013 at 10:15\nFighting went on.",
        "2013-08-07 Fighting went on.", "By our staff\n7 August 2013\nFighting", "DAMASCUS, 7 Aug 2013 (Agency) - It",
        "Last updated on 7th August 2013 | Syria", "Wed 07/08/2013 - Fighting",
    ],
)  # fmt: skip
def test_a_date_at_the_head_of_a_text_is_when_it_was_printed(body: str) -> None:
    found = find_in_text(None, body)
    assert found == Printed(NOON, exact=False)


@pytest.mark.parametrize(
    "body",
    [
        "On 7 August 2013, shells fell on the town.", "Shells fell on 7 August 2013.", "7 August 2013 was a dark day.",
        "Thursday 7 Aug 2013\nThe weekday is wrong.", "06-08-2013 It may be June or August.",
        "31 Feb 2013\nNo such day.",
        "Fighting.\n" * 60 + "7 August 2013\n", "",
    ],
)  # fmt: skip
def test_a_date_of_something_else_is_not_taken_for_it(body: str) -> None:
    assert find_in_text(None, body) is None


def test_a_day_lies_ahead_only_if_it_has_begun_nowhere() -> None:
    now = datetime(2013, 8, 7, 9, tzinfo=UTC)
    assert not read_time("2013-08-07").lies_ahead_of(now)
    assert read_time("2013-08-08").lies_ahead_of(now)
    assert not read_time("2013-08-08").lies_ahead_of(now + timedelta(hours=2))


def test_a_moment_lies_ahead_beyond_the_skew_of_clocks() -> None:
    now = datetime(2013, 8, 7, 9, tzinfo=UTC)
    assert not read_time("2013-08-07T09:05:00Z").lies_ahead_of(now)
    assert read_time("2013-08-07T09:30:00Z").lies_ahead_of(now)
