"""Whatever is asked, the answer is an answer or a problem: never a failure of the server."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATHS = ("towns", "events", "claims", "changes", "alerts", "activity", "dead-letters", "towns/", "events/", "articles/")
NAMES = (
    *("place", "bbox", "near", "party", "type", "min_killed", "min_confidence", "min_root_sources", "first", "last"),
    *("known_from", "known_to", "known_at", "as_of", "limit", "cursor", "format", "reason"),
)
TEXT = st.text(max_size=40)
LIKELY = st.sampled_from(
    [
        *("", "0", "1", "-1", "1e400", "nan", "inf", "99999999999999999999", "2016-12-22", "2016-02-30", "9999-12-31"),
        *("0001-01-01", "2016-12-22T25:00Z", "2016-12-01T00:00:00+23:59", "1,2,3", "1,2,3,4", "-180,-90,180,90"),
        *("90,180,1e5", "events:1", "csv", "jsonl", "geojson", "%00", "\x00", "\ud7ff", "' OR 1=1 --", "ocha:C1007"),
        *("WyIiLCIiXQ", "WyJhIiwiYiJd", "W10", "air_strike,siege", "٣", "²"),
    ]
)


@given(
    path=st.sampled_from(PATHS),
    tail=st.one_of(LIKELY, TEXT),
    asked=st.dictionaries(st.sampled_from(NAMES), st.one_of(LIKELY, TEXT), max_size=4),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_question_breaks_the_server(filled: str, path: str, tail: str, asked: dict[str, str]) -> None:
    one = quote(tail, safe="/") if path.endswith("/") else ""
    answer = httpx.get(f"{filled}/v1/{path}{one}", params=asked)
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("cursor", ["events:1.1", "changes:0", "events:99", "control:0;events:0", "x" * 1900])
def test_a_strange_cursor_is_refused_before_the_stream_begins(filled: str, cursor: str) -> None:
    answer = httpx.get(f"{filled}/v1/feed", params={"kinds": "events,claims"}, headers={"Last-Event-ID": cursor})
    assert answer.status_code in (400, 410)
    assert answer.json()["detail"]
