"""The API over real HTTP: what it answers, in which form, and how it refuses."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import orjson
import pytest
from pyarrow import parquet

from schemas.record import DateRange
from schemas.topics import ALERTS, CLAIMS, CONTROL, DELIVERIES, EVENTS
from streams.edges.feed import answers
from tests.edges.feed.records import Writer, alert, claim, delivery, event, fill, made, town, until

Serve = Callable[..., str]

ADDRESSES = {
    "/v1/towns": "/v1/towns",
    "/v1/towns/{place_id}": "/v1/towns/ocha:C1007",
    "/v1/events": "/v1/events",
    "/v1/events/{event_id}": "/v1/events/event-1",
    "/v1/claims": "/v1/claims",
    "/v1/claims/{claim_id}": "/v1/claims/claim-1",
    "/v1/changes": "/v1/changes",
    "/v1/alerts": "/v1/alerts",
    "/v1/alerts/{alert_id}": "/v1/alerts/alert-1",
    "/v1/rollups/control": "/v1/rollups/control?as_of=2016-12-23",
    "/v1/rollups/events": "/v1/rollups/events?by=district&period=year",
    "/v1/outlets": "/v1/outlets",
    "/v1/deliveries": "/v1/deliveries",
    "/v1/activity": "/v1/activity",
    "/v1/articles/{article_id}": "/v1/articles/a1",
    "/v1/dead-letters": "/v1/dead-letters",
    "/v1/theatre": "/v1/theatre",
    "/v1/status": "/v1/status",
}


@pytest.fixture
def api(filled: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=filled) as client:
        yield client


@pytest.fixture
def growing(serve: Serve, writer: Writer) -> Iterator[httpx.Client]:
    """Over a log that the test goes on writing."""
    fill(writer)
    with httpx.Client(base_url=serve()) as client:
        yield client


def names(answer: httpx.Response) -> list[str]:
    return [one["place"]["name"] for one in answer.json()["data"]]


def test_every_address_answers_as_the_openapi_document_says(api: httpx.Client) -> None:
    document = api.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["paths"].keys() - {"/v1/feed", "/v1/exports/{kind}", "/v1/session"} == ADDRESSES.keys()
    for path, address in ADDRESSES.items():
        answer = api.get(address)
        assert answer.status_code == 200, address
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), schema | {"components": document["components"]})


def test_a_town_tells_its_state_its_history_and_its_evidence(api: httpx.Client) -> None:
    found = api.get("/v1/towns/ocha:C2889").json()
    assert found["state"]["controller"] == "islamic-state"
    assert found["evidence"][0]["claim"]["claim_id"] == "claim-1"
    assert found["evidence"][0]["reports"][0]["mention"]["evidence"]["text"] == "Troops entered Palmyra on Sunday."
    assert {one["event_id"] for one in found["events"]} == {"event-1"}


def test_a_town_of_a_past_day_tells_what_was_said_by_then_and_makes_up_no_figures(
    growing: httpx.Client, writer: Writer
) -> None:
    for number, day in ((2, date(2016, 3, 1)), (3, date(2016, 12, 30))):
        when = made(DateRange, first=day, last=day, precision="day")
        writer.put(CLAIMS, "ocha:C1007", claim(number, "Aleppo", when=when, mention_ids=("a1#e1",)))
    address = "/v1/towns/ocha:C1007?as_of=2016-12-12"
    until(lambda: growing.get(address).json()["evidence"], "the claims are known")
    found = growing.get(address).json()
    assert [(one["claim"]["claim_id"], one["weight"]) for one in found["evidence"]] == [("claim-2", None)]
    assert found["evidence"][0]["reports"][0]["mention"]["mention_id"] == "a1#e1"
    assert (found["state"]["parties"], found["state"]["shares"]) == (["rebels", "syrian-government"], [])


def test_the_map_of_a_day_is_that_days(api: httpx.Client) -> None:
    before = {one["place"]["name"]: one for one in api.get("/v1/towns?as_of=2016-12-12").json()["data"]}
    assert before["Aleppo"]["status"] == "divided"
    assert before["Aleppo"]["besieged_by"] == ["syrian-government"]
    assert before["Palmyra"]["controller"] == "islamic-state"
    after = {one["place"]["name"]: one for one in api.get("/v1/towns?as_of=2016-12-23").json()["data"]}
    assert after["Aleppo"]["controller"] == "syrian-government"
    assert names(api.get("/v1/towns?as_of=2011-01-01")) == []


def test_a_town_unconfirmed_for_long_is_stale_and_less_sure(api: httpx.Client) -> None:
    at_once = api.get("/v1/towns/ocha:C1007?as_of=2016-12-25").json()["state"]
    later = api.get("/v1/towns/ocha:C1007?as_of=2017-09-25").json()["state"]
    assert (at_once["stale"], later["stale"]) == (False, True)
    assert later["confidence"] < at_once["confidence"]


def test_a_party_is_asked_for_as_of_the_day(api: httpx.Client) -> None:
    assert names(api.get("/v1/towns?as_of=2016-12-12&party=rebels")) == ["Aleppo"]
    assert names(api.get("/v1/towns?as_of=2016-12-23&party=rebels")) == []


def test_what_was_known_earlier_is_another_answer(growing: httpx.Client, writer: Writer) -> None:
    api, address = growing, "/v1/towns/ocha:C1007"
    writer.town("Aleppo", "sdf", revision=2)
    until(lambda: api.get(address).json()["state"]["controller"] == "sdf", "the new revision is known")
    assert api.get(f"{address}?known_at=7").json()["state"]["controller"] == "syrian-government"
    assert api.get(f"{address}?known_at=2016-12-01T00:06:00Z").json()["state"]["controller"] == "syrian-government"
    assert api.get(f"{address}?known_at=2016-12-01").json()["state"]["controller"] == "sdf"
    assert api.get(f"{address}?known_at=2016-11-30").status_code == 404


def test_an_event_shows_its_reports_with_sentence_and_offsets(api: httpx.Client) -> None:
    report = api.get("/v1/events/event-1").json()["reports"][0]
    body = api.get(f"/v1/articles/{report['article']['article_id']}").json()["article"]["body"]
    evidence = report["mention"]["evidence"]
    assert body[evidence["start"] : evidence["end"]] == evidence["text"]
    assert report["mention"]["wording"]["sketch"] == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("place=ocha:C2338", ["Douma"] * 3),
        ("place=homs", ["Palmyra"]),
        ("min_killed=50", ["Douma", "Aleppo"]),
        ("near=33.5,36.3,30", ["Douma"] * 3),
        ("bbox=36.9,36,37.5,36.5", ["Aleppo"] * 2),
        ("type=siege", []),
        ("party=sdf", []),
        ("first=2016-12-16", ["Douma"]),
        ("min_root_sources=2", []),
        ("min_confidence=0.9", []),
        ("known_to=2016-12-01T00:05:00Z", ["Palmyra"]),
    ],
)
def test_events_are_found_by(api: httpx.Client, asked: str, found: list[str]) -> None:
    assert names(api.get(f"/v1/events?{asked}")) == found


def test_paging_ends_and_gives_everything_once(api: httpx.Client) -> None:
    seen, address = [], "/v1/events?limit=2"
    while address:
        answer = api.get(address)
        seen += [one["event_id"] for one in answer.json()["data"]]
        address = answer.links.get("next", {}).get("url", "")
    assert sorted(seen) == [f"event-{number}" for number in range(1, 7)]


def test_towns_are_paged_too(api: httpx.Client) -> None:
    first = api.get("/v1/towns?limit=1").json()
    second = api.get(f"/v1/towns?limit=1&cursor={first['next']}").json()
    assert [first["data"][0]["place"]["name"], second["data"][0]["place"]["name"]] == ["Aleppo", "Palmyra"]
    assert second["next"] is None


def test_each_format_says_the_same(api: httpx.Client) -> None:
    as_json = api.get("/v1/events").json()["data"]
    lines = api.get("/v1/events", headers={"Accept": "application/jsonl"}).text.splitlines()
    assert [orjson.loads(line) for line in lines] == as_json
    features = api.get("/v1/events?format=geojson").json()["features"]
    assert features[0]["geometry"]["coordinates"] == [as_json[0]["place"]["lon"], as_json[0]["place"]["lat"]]
    rows = list(csv.DictReader(io.StringIO(api.get("/v1/events?format=csv").text)))
    assert [row["event_id"] for row in rows] == [one["event_id"] for one in as_json]
    assert rows[0]["killed.min"] == "60"


@pytest.mark.parametrize("kind", ["towns", "events", "claims", "changes", "alerts"])
def test_an_export_is_the_whole_list_in_every_format(api: httpx.Client, kind: str) -> None:
    listed = api.get(f"/v1/{kind}?limit=5000").json()["data"]
    assert listed
    assert api.get(f"/v1/exports/{kind}?format=json").json()["data"] == listed
    lines = api.get(f"/v1/exports/{kind}").text.splitlines()
    assert [orjson.loads(line) for line in lines] == listed
    assert len(api.get(f"/v1/exports/{kind}?format=geojson").json()["features"]) == len(listed)
    assert len(list(csv.DictReader(io.StringIO(api.get(f"/v1/exports/{kind}?format=csv").text)))) == len(listed)
    table = parquet.read_table(io.BytesIO(api.get(f"/v1/exports/{kind}?format=parquet").content))
    assert table.column("place.name").to_pylist() == [one["place"]["name"] for one in listed]


def test_an_export_takes_the_filters_and_both_times(api: httpx.Client) -> None:
    def exported(asked: str) -> list[str]:
        lines = api.get(f"/v1/exports/events?{asked}").text.splitlines()
        return [orjson.loads(line)["event_id"] for line in lines]

    assert exported("min_killed=50") == ["event-6", "event-5"]
    assert exported("as_of=2016-12-12") == ["event-2"]
    assert exported("known_at=8") == ["event-1", "event-2"]
    assert api.get("/v1/exports/events?format=xlsx").status_code == 400
    assert api.get("/v1/exports/rumours").status_code == 400


def test_a_long_export_is_all_of_one_moment(serve: Serve, writer: Writer) -> None:
    for number in range(1300):
        writer.event(number)
    with httpx.stream("GET", f"{serve()}/v1/exports/events") as answer:
        lines = answer.iter_lines()
        first = orjson.loads(next(lines))
        writer.event(5000, day=date(2010, 1, 1))
        ids = [first["event_id"], *(orjson.loads(line)["event_id"] for line in lines)]
    assert sorted(ids) == sorted(f"event-{number}" for number in range(1300))


def test_towns_are_counted_by_area_and_silence_counts_for_nobody(api: httpx.Client) -> None:
    def rolled(day: str) -> dict[str, Any]:
        data = api.get(f"/v1/rollups/control?as_of={day}").json()["data"]
        return {one["name"]: (one["held"], one["stale_held"]) for one in data}

    assert rolled("2016-12-23") == {
        "Aleppo": ([["syrian-government", 1]], []),
        "Homs": ([["islamic-state", 1]], []),
    }
    assert rolled("2017-09-23")["Homs"] == ([], [["islamic-state", 1]])


def test_events_are_counted_by_area_and_period(api: httpx.Client) -> None:
    data = api.get("/v1/rollups/events?period=month").json()["data"]
    told = {(one["period"], one["name"]): (one["events"], one["killed"]) for one in data}
    assert told[("2016-12", "Aleppo")] == (2, 80)
    assert sum(events for events, _ in told.values()) == 6


def test_outlets_tell_what_they_printed(api: httpx.Client) -> None:
    (one,) = api.get("/v1/outlets").json()["data"]
    assert (one["id"], one["name"], one["articles"], one["mentions"]) == ("reuters", "Reuters", 1, 1)


def test_deliveries_tell_the_last_attempt_of_each(growing: httpx.Client, writer: Writer) -> None:
    for attempt, outcome in ((1, "retry"), (2, "delivered")):
        writer.put(DELIVERIES, "d1", delivery("d1", attempt, outcome))
    writer.put(DELIVERIES, "d2", delivery("d2", 1, "exhausted"))
    until(lambda: len(growing.get("/v1/deliveries").json()["data"]) == 2, "both are known")
    told = growing.get("/v1/deliveries?limit=1").json()
    rest = growing.get(f"/v1/deliveries?limit=1&cursor={told['next']}").json()
    assert [(one["delivery_id"], one["attempt"]) for one in told["data"] + rest["data"]] == [("d2", 1), ("d1", 2)]
    assert len(growing.get("/v1/deliveries?alert=alert-1&outcome=delivered").json()["data"]) == 1


def test_an_alert_tells_what_became_of_it(api: httpx.Client) -> None:
    found = api.get("/v1/alerts/alert-1").json()
    assert [one["state"] for one in found["revisions"]] == ["raised"]
    assert found["reports"][0]["mention"]["mention_id"] == "a1#e1"


@pytest.mark.parametrize("head", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_a_formula(serve: Serve, writer: Writer, head: str) -> None:
    hostile = event(1).place.model_copy(update={"name": f"{head}HYPERLINK(1)", "text": f"{head}1+1"})
    writer.put(EVENTS, "x", event(1).model_copy(update={"place": hostile}))
    body = httpx.get(f"{serve()}/v1/events?format=csv").text
    row = next(csv.DictReader(io.StringIO(body, newline="")))
    assert row["place.name"] == f"'{head}HYPERLINK(1)"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


def test_an_answer_that_the_client_has_is_not_sent_again(growing: httpx.Client, writer: Writer) -> None:
    api = growing
    first = api.get("/v1/events")
    again = api.get("/v1/events", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("/v1/events?limit=1").headers["etag"] != first.headers["etag"]
    writer.event(9)
    held = {"If-None-Match": first.headers["etag"]}
    until(lambda: api.get("/v1/events", headers=held).status_code == 200, "the answer is another one")
    assert "event-9" in api.get("/v1/events", headers=held).text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/nothing", 404),
        ("/v1/events/none", 404),
        ("/v1/towns/none", 404),
        ("/v1/articles/none", 404),
        ("/v1/events?limit=0", 400),
        ("/v1/events?min_kiled=10", 400),
        ("/v1/feed?min_kiled=10", 400),
        ("/v1/towns/ocha:C1007?day=2016-12-12", 400),
        ("/v1/exports/events?limit=10", 400),
        ("/v1/events?bbox=1,2", 400),
        ("/v1/events?cursor=zzz", 400),
        ("/v1/events?cursor=WzEsMl0", 400),
        ("/v1/dead-letters?cursor=zzz", 400),
        ("/v1/dead-letters?reason=because", 400),
        ("/v1/towns?as_of=someday", 400),
        ("/v1/feed?kinds=rumours", 400),
        ("/v1/feed?since=yesterday", 400),
        ("/v1/feed?since=events:x", 400),
        ("/v1/feed?since=999999", 410),
    ],
)
def test_every_refusal_is_a_problem_that_says_what_to_do(api: httpx.Client, address: str, status: int) -> None:
    answer = api.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert len(told["detail"]) > 10
    assert "Traceback" not in answer.text
    assert str(Path.cwd()) not in answer.text


def test_an_alert_is_listed_until_it_is_cancelled(growing: httpx.Client, writer: Writer) -> None:
    writer.put(ALERTS, "alert-2", alert(2, severity="minor"))
    until(lambda: growing.get("/v1/alerts?type=minor").json()["data"], "the alert is listed")
    assert [one["alert_id"] for one in growing.get("/v1/alerts?type=major").json()["data"]] == ["alert-1"]
    writer.put(ALERTS, "alert-2", alert(2, revision=2, state="cancelled"))
    until(lambda: len(growing.get("/v1/alerts").json()["data"]) == 1, "the alert is cancelled")


def test_alerts_are_found_by_the_days_of_what_they_fired_on(growing: httpx.Client, writer: Writer) -> None:
    for number, day in ((2, date(2016, 12, 5)), (3, date(2016, 12, 9))):
        when = made(DateRange, first=day, last=day, precision="day")
        writer.put(ALERTS, f"alert-{number}", alert(number, when=when))
    until(lambda: len(growing.get("/v1/alerts").json()["data"]) == 3, "the alerts are listed")
    for asked, found in (("as_of=2016-12-08", ["alert-2"]), ("first=2016-12-06", ["alert-3"]), ("party=sdf", None)):
        ids = [one["alert_id"] for one in growing.get(f"/v1/alerts?{asked}").json()["data"]]
        assert (asked, ids) == (asked, found or ["alert-3", "alert-2", "alert-1"])


def test_a_write_is_refused(api: httpx.Client) -> None:
    answer = api.post("/v1/events", json={})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


def test_a_dead_letter_comes_with_its_bytes(api: httpx.Client) -> None:
    kept = api.get("/v1/dead-letters?reason=encoding").json()["data"]
    assert answers.KeptLetter.model_validate_json(orjson.dumps(kept[0])).letter.raw == b"\xff\x00{"
    assert api.get("/v1/dead-letters?reason=empty").json()["data"] == []


def test_the_status_tells_lag_and_counts(api: httpx.Client) -> None:
    told: dict[str, Any] = api.get("/v1/status").json()
    assert (told["lag"], told["caught_up"]) == (0, True)
    assert told["counts"]["events"] == 6
    assert told["counts"]["control"] == 2


def test_an_id_with_slashes_and_spaces_can_be_asked_for(serve: Serve, writer: Writer) -> None:
    place = town().place.model_copy(update={"place_id": None, "name": "Tal  Asfar / Homs"})
    record = town().model_copy(update={"place": place})
    writer.put(CONTROL, place.key, record)
    answer = httpx.get(f"{serve()}/v1/towns/unresolved:tal%20asfar%20/%20homs")
    assert answer.json()["state"]["place"]["name"] == "Tal  Asfar / Homs"


def test_every_response_forbids_what_it_does_not_need(api: httpx.Client) -> None:
    for address in ("/", "/v1/events", "/v1/nothing", "/app.js"):
        headers = api.get(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_request_for_another_host_is_turned_away(api: httpx.Client) -> None:
    answer = api.get("/v1/events", headers={"Host": "evil.example:80"})
    assert answer.status_code == 421
    assert "event-1" not in answer.text


def test_health_and_readiness_answer(api: httpx.Client) -> None:
    assert api.get("/healthz").status_code == api.get("/readyz").status_code == 200
