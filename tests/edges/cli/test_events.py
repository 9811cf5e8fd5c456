"""Days, figures and parties are told as short as they can be, and never cut."""

from datetime import UTC, date, datetime

import pytest

from schemas.event import Event
from schemas.record import DateRange, Place, Toll
from schemas.vocabulary import DatePrecision, EventType, Modality, PlacePrecision, RevisionKind
from streams.edges.cli.events import days, parties, toll, where


def event(first: str | None = None, last: str | None = None, **fields: object) -> Event:
    seen = datetime(2017, 10, 29, tzinfo=UTC)
    place = Place(
        place_id="x:1", name="Raqqa", admin1="Raqqa", lat=0, lon=0, precision=PlacePrecision.TOWN, text="Raqqa"
    )
    when = None
    if first:
        span = (date.fromisoformat(first), date.fromisoformat(last or first))
        when = DateRange(first=span[0], last=span[1], precision=DatePrecision.RANGE)
    given = {
        "revision": 1, "kind": RevisionKind.NEW, "place": place, "when": when, "actors": (), "targets": (),
        "modality": Modality.REPORTED, "mention_ids": ("m",), "outlets": ("o",), "root_sources": ("o",), "copies": 0,
        "confidence": 0.5, "first_seen": seen, "last_seen": seen, "event_id": "e", "tolls": (), "main": True,
        "event_type": EventType.SHELLING, "killed": None, "wounded": None,
    }  # fmt: skip
    return Event(**{**given, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2016-01-22", "2016-01-22", "2016-01-22"),
        ("2016-01-22", "2016-01-24", "2016-01-22..24"),
        ("2016-01-22", "2016-02-03", "2016-01-22..02-03"),
        ("2016-12-30", "2017-01-02", "2016-12-30..2017-01-02"),
        ("2016-02-01", "2016-02-29", "2016-02"),
        ("2016-01-01", "2016-12-31", "2016"),
        ("2016-01-01", "2017-12-31", "2016-01-01..2017-12-31"),
        ("2016-01-01", "2017-01-31", "2016-01-01..2017-01-31"),
        (None, None, "by 2017-10-29"),
    ],
)
def test_days_are_told_short_and_whole(first: str | None, last: str | None, told: str) -> None:
    assert days(event(first, last)).plain == told


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (None, ""),
        (Toll(min=0, max=0), "0"),
        (Toll(min=63, max=90), "63-90"),
        (Toll(min=63, max=None), "63+"),
        (Toll(min=1400, max=1400), "1,400"),
    ],
)
def test_not_stated_and_zero_are_two_things(figure: Toll | None, told: str) -> None:
    assert toll(figure) == told


def test_an_actor_that_is_not_said_is_a_question() -> None:
    assert parties(event(targets=("civilians",))).plain == "? → civilians"
    assert parties(event(actors=("russia",), targets=("rebels", "civilians"))).plain == "russia → rebels, civilians"


def test_a_governorate_of_the_same_name_is_not_said_twice() -> None:
    assert where(event()).plain == "Raqqa"
