"""One filter means one thing: in memory for the stream, in SQL for the lists."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.edges.feed.facets import Facets
from streams.edges.feed.filters import BadFilter, Filter, distance_km, km, millis
from streams.edges.feed.parameters import wanted

PARTIES = ("russia", "sdf", "sdf-allies", "syrian-government")
DAYS = st.one_of(st.none(), st.dates(date(2016, 1, 1), date(2016, 3, 1)).map(date.isoformat))

RECORDS = st.builds(
    Facets,
    kind=st.sampled_from(["events", "changes", "control", "alerts"]),
    place_key=st.sampled_from(["p1", "p2"]),
    parent=st.sampled_from(["p1", None]),
    admin1=st.sampled_from(["Aleppo", "Homs", None]),
    lat=st.sampled_from([33.5, 35.0, 36.2, None]),
    lon=st.sampled_from([36.3, 38.0, 40.0]),
    parties=st.lists(st.sampled_from(PARTIES), unique=True).map(tuple),
    type=st.sampled_from(["air_strike", "siege", "captured"]),
    killed=st.sampled_from([None, 0, 5, 50]),
    confidence=st.sampled_from([None, 0.2, 0.9]),
    roots=st.sampled_from([None, 0, 1, 3]),
    first=DAYS,
    last=DAYS,
    known=st.integers(0, 10),
)

FILTERS = st.builds(
    Filter,
    place=st.sampled_from([None, "p1", "p2", "aleppo"]),
    bbox=st.sampled_from([None, (36.0, 33.0, 38.0, 36.0)]),
    near=st.sampled_from([None, (35.0, 38.0, 10.0), (35.0, 38.0, 250.0)]),
    parties=st.lists(st.sampled_from(PARTIES), unique=True, max_size=2).map(tuple),
    types=st.sampled_from([(), ("siege",), ("air_strike", "captured")]),
    min_killed=st.sampled_from([None, 0, 5]),
    min_confidence=st.sampled_from([None, 0.0, 0.5]),
    min_root_sources=st.sampled_from([None, 1, 2]),
    first=st.one_of(st.none(), st.dates(date(2016, 1, 1), date(2016, 3, 1))),
    last=st.one_of(st.none(), st.dates(date(2016, 1, 1), date(2016, 3, 1))),
    known_from=st.one_of(st.none(), st.integers(0, 10)),
    known_to=st.one_of(st.none(), st.integers(0, 10)),
)

ANY = Facets("events", "p1", None, "Aleppo", 36.2, 37.1, ("sdf",), "siege", 5, 0.9, 2, "2016-01-01", "2016-01-03", 5)


def in_sql(wanted: Filter, record: Facets) -> bool:
    db = sqlite3.connect(":memory:")
    db.create_function("km", 4, km, deterministic=True)
    columns = {name: getattr(record, name) for name in record.__slots__}
    columns["parties"] = "," + "".join(f"{party}," for party in record.parties)
    place = {"key": record.place_key} | {name: columns.pop(name) for name in ("parent", "admin1", "lat", "lon")}
    for table, row in (("record", columns), ("places", place)):
        db.execute(f"CREATE TABLE {table} ({', '.join(row)})")
        db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    conditions, values = wanted.sql()
    found = db.execute(f"SELECT count(*) FROM record WHERE {' AND '.join([*conditions, '1'])}", values).fetchone()[0]
    db.close()
    return bool(found)


@given(FILTERS, RECORDS)
@settings(max_examples=400, deadline=None)
def test_a_filter_finds_the_same_in_memory_and_in_sql(wanted: Filter, record: Facets) -> None:
    assert in_sql(wanted, record) is wanted(record)


def test_a_party_is_not_found_by_the_beginning_of_its_name() -> None:
    record = replace(ANY, parties=("sdf-allies",))
    assert not Filter(parties=("sdf",))(record)


def test_what_lies_under_a_place_is_found_by_the_place() -> None:
    assert Filter(place="p9")(replace(ANY, place_key="site:dam", parent="p9"))


def test_a_least_number_of_dead_is_asked_of_events_only() -> None:
    assert not Filter(min_killed=10)(ANY)
    assert Filter(min_killed=10)(replace(ANY, kind="changes", killed=None))


def test_an_event_time_range_takes_what_overlaps_it() -> None:
    assert Filter(first=date(2016, 1, 3), last=date(2016, 1, 9))(ANY)
    assert not Filter(first=date(2016, 1, 4))(ANY)


def test_damascus_and_aleppo_are_310_kilometres_apart() -> None:
    assert distance_km(33.51, 36.29, 36.20, 37.16) == pytest.approx(310, abs=2)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"bbox": "1,2,3"}, "west,south,east,north"),
        ({"bbox": "40,33,36,37"}, "from less to more"),
        ({"bbox": "nan,1,2,3"}, "west,south,east,north"),
        ({"near": "91,0,5"}, "degrees"),
        ({"type": "airstrike"}, "air_strike"),
        ({"known_from": "yesterday"}, "2017-04-05T12:00:00Z"),
    ],
)
def test_a_filter_that_cannot_be_read_says_how_to_write_it(asked: dict[str, str], told: str) -> None:
    with pytest.raises(BadFilter, match=told):
        wanted(**asked)


def test_a_time_without_a_zone_is_utc() -> None:
    assert millis("2016-12-22", "since") == millis("2016-12-22T00:00:00+00:00", "since") == 1482364800000
