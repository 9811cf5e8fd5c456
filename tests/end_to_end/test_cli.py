"""The command as its users run it: real files, a real log, the real process."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

from schemas.article import Article
from schemas.codec import decode
from schemas.control import TownControl
from schemas.event import Event
from schemas.topics import TOPICS

SAMPLE = Path(__file__).parents[2] / "streams" / "theatres" / "syria" / "examples.jsonl"
ARTICLE = {"outlet": "daily", "published_at": "2016-01-24", "body": "The army captured the town of Rabia on Sunday."}

Done = subprocess.CompletedProcess[bytes]
Command = Callable[..., Done]


def frontwire(*words: str | Path, log: Path | None = None, stdin: bytes = b"", columns: int = 80) -> Done:
    """Run the command in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FRONTWIRE_")}
    environment = {**clean, "COLUMNS": str(columns), **({"FRONTWIRE_LOG": str(log)} if log else {})}
    command = [sys.executable, "-m", "streams.edges.cli", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=120, check=False)


def lines(done: Done) -> list[Any]:
    """The JSON lines of a command that went well."""
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, taken in as if it had come day by day, and run."""
    path = tmp_path_factory.mktemp("cli") / "log.db"
    assert frontwire("ingest", "--log-time", "published", SAMPLE, log=path).returncode == 0
    assert frontwire("run", "--once", log=path).returncode == 0
    return path


@pytest.fixture(scope="module")
def exported(log: Path) -> dict[str, list[bytes]]:
    """Every topic as `export` writes it."""
    done = {topic: frontwire("export", topic, log=log) for topic in TOPICS}
    assert {one.returncode for one in done.values()} == {0}
    return {topic: one.stdout.splitlines() for topic, one in done.items()}


def told_in_words(channel: bytes) -> str:
    """What was printed, out of its frame and on one line."""
    return " ".join(channel.decode().replace("│", " ").split())


def test_articles_go_in_and_come_out_as_they_are(exported: dict[str, list[bytes]]) -> None:
    given = [json.loads(line) for line in SAMPLE.read_bytes().splitlines()]
    articles = [decode(Article, line) for line in exported["articles"]]
    assert [article.article_id for article in articles] == [one["article_id"] for one in given]
    assert [article.body for article in articles] == [one["body"] for one in given]


def test_run_tells_what_the_log_has_come_to(log: Path) -> None:
    (told,) = lines(frontwire("run", "--once", "--json", log=log))
    assert told["read"] == 0
    assert told["articles"] == len(SAMPLE.read_bytes().splitlines())
    assert 0 < told["events"] <= told["event_revisions"] <= told["mentions"] * 2
    assert told["dead_letters"] == 0


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_is_exported_as_its_records(exported: dict[str, list[bytes]], topic: str) -> None:
    for line in exported[topic]:
        decode(TOPICS[topic].record, line)


def test_offsets_count_from_zero_and_stand_beside_the_record(log: Path, exported: dict[str, list[bytes]]) -> None:
    found = lines(frontwire("export", "mentions", "--offsets", log=log))
    assert [one["offset"] for one in found] == list(range(len(found)))
    assert {(one["topic"], one["partition"]) for one in found} == {("mentions", 0)}
    assert [one["record"] for one in found] == [json.loads(line) for line in exported["mentions"]]


def test_the_latest_of_each_event_is_one_line_each(log: Path, exported: dict[str, list[bytes]]) -> None:
    every = [decode(Event, line) for line in exported["events"]]
    last = [decode(Event, line) for line in frontwire("export", "events", "--latest", log=log).stdout.splitlines()]
    assert {event.event_id: event for event in every} == {event.event_id: event for event in last}
    assert len(last) < len(every)


def test_csv_has_a_row_a_record_and_a_column_a_field(log: Path, exported: dict[str, list[bytes]]) -> None:
    done = frontwire("export", "events", "--format", "csv", "--offsets", log=log)
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    events = [decode(Event, line) for line in exported["events"]]
    assert [row["event_id"] for row in rows] == [event.event_id for event in events]
    assert [row["place.name"] for row in rows] == [event.place.name for event in events]
    assert [row["outlets"] for row in rows] == ["|".join(event.outlets) for event in events]


def test_geojson_has_a_point_for_each_placed_record(log: Path, exported: dict[str, list[bytes]]) -> None:
    (found,) = [json.loads(frontwire("export", "events", "--format", "geojson", log=log).stdout)]
    events = [decode(Event, line) for line in exported["events"]]
    points = [(event.place.lon, event.place.lat) for event in events if event.place.lat is not None]
    assert [tuple(feature["geometry"]["coordinates"]) for feature in found["features"]] == points


def test_what_has_no_place_is_no_geojson(log: Path) -> None:
    done = frontwire("export", "articles", "--format", "geojson", log=log)
    assert done.returncode == 2
    assert "articles have no place" in told_in_words(done.stderr)


def test_towns_are_their_records_and_stand_as_of_a_day(log: Path) -> None:
    done = frontwire("towns", "--json", log=log)
    towns = [decode(TownControl, line) for line in done.stdout.splitlines()]
    assert towns
    then = lines(frontwire("towns", "--json", "--as-of", "2011-01-01", log=log))
    assert {town["status"] for town in then} == {"unknown"}
    assert {town["as_of"] for town in then} == {"2011-01-01"}


def test_towns_are_as_they_were_known_at_an_offset_or_a_time(log: Path) -> None:
    assert lines(frontwire("towns", "--json", "--known-at", "0", log=log)) == []
    assert lines(frontwire("towns", "--json", "--known-at", "2012-01-01", log=log)) == []
    now = lines(frontwire("towns", "--json", log=log))
    assert lines(frontwire("towns", "--json", "--known-at", "2030-01-01", log=log)) == now


def test_towns_of_a_governorate_are_those_in_it(log: Path) -> None:
    found = lines(frontwire("towns", "--json", "--place", "Aleppo governorate", log=log))
    assert found
    assert {town["place"]["admin1"] for town in found} == {"Aleppo"}


@pytest.mark.parametrize("columns", [80, 120])
def test_tables_fit_the_terminal_and_cut_no_word_short(log: Path, columns: int) -> None:
    for command in ("towns", "events"):
        told = frontwire(command, log=log, columns=columns).stdout.decode()
        assert max(map(len, told.splitlines())) <= columns
        assert "…" not in told


def test_events_are_chosen_by_every_filter(log: Path) -> None:
    every = [Event.model_validate_json(line) for line in frontwire("events", "--json", log=log).stdout.splitlines()]
    filters = ("--type", "air_strike", "--type", "shelling", "--party", "civilians", "--min-killed", "5")
    more = ("--since", "2013-01-01", "--until", "2018-12-31", "--min-confidence", "0.5", "--min-sources", "1")
    found = frontwire("events", "--json", *filters, *more, log=log).stdout.splitlines()
    chosen = [
        event.event_id
        for event in every
        if event.event_type in ("air_strike", "shelling")
        and "civilians" in (*event.actors, *event.targets)
        and event.killed and event.killed.min >= 5
        and event.when and event.when.last.year >= 2013 and event.when.first.year <= 2018
        and event.confidence >= 0.5
    ]  # fmt: skip
    assert chosen
    assert [Event.model_validate_json(line).event_id for line in found] == chosen


def test_an_event_is_explained_down_to_the_characters(log: Path) -> None:
    events = [decode(Event, line) for line in frontwire("events", "--json", log=log).stdout.splitlines()]
    told = max(events, key=lambda event: len(event.mention_ids))
    (explained,) = lines(frontwire("explain", told.event_id[:8], "--json", log=log))
    bodies = {one["article_id"]: one for one in map(json.loads, SAMPLE.read_bytes().splitlines())}
    mentions = [report["mention"] for report in explained["reports"]]
    assert sorted(mention["mention_id"] for mention in mentions) == list(told.mention_ids)
    for mention in mentions:
        spot = mention["evidence"]
        assert bodies[mention["article_id"]][spot["field"]][spot["start"] : spot["end"]] == spot["text"]
    assert explained["reports"][0]["joined"] is None
    assert all(report["joined"]["reasons"] for report in explained["reports"][1:])
    assert [one["revision"] for one in explained["history"]] == list(range(1, told.revision + 1))
    assert mentions[0]["outlet"] in frontwire("explain", told.event_id, log=log).stdout.decode()


def test_an_article_is_explained_sentence_by_sentence(log: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    body = "Shells killed 12 people in Rabia on Saturday. The army plans to capture <b>Salma</b>."
    file.write_text(json.dumps({**ARTICLE, "body": body}))
    (told,) = lines(frontwire("explain", "--article", file, "--json", log=log))
    assert [body[one["start"] : one["end"]] for one in told["sentences"]] == [one["text"] for one in told["sentences"]]
    assert told["sentences"][0]["mentions"]
    assert [(one["outcome"], one["rule"]) for one in told["sentences"][1]["considered"]] == [("refused", "planned")]
    frontwire("explain", "--article", file, "--html", tmp_path / "page.html", log=log)
    page = (tmp_path / "page.html").read_text()
    assert "planned" in page
    assert "<b>" not in page
    assert "<script" not in page


def test_an_article_of_the_log_is_explained_by_its_id(log: Path) -> None:
    (first, *_) = map(json.loads, SAMPLE.read_bytes().splitlines())
    (told,) = lines(frontwire("explain", "--article", first["article_id"], "--json", log=log))
    assert told["outlet"] == first["outlet"]


def test_a_replay_is_the_run_and_the_hash_proves_it(log: Path) -> None:
    (told,) = lines(frontwire("replay", "--json", log=log))
    assert told["equal"] is True
    (live,) = frontwire("state-hash", log=log).stdout.splitlines()
    assert told["state_hash"] == live.decode()


def test_a_replay_from_a_snapshot_is_the_run_too(log: Path) -> None:
    assert lines(frontwire("snapshot", "--json", log=log))
    (told,) = lines(frontwire("replay", "--from-snapshot", "--json", log=log))
    assert (told["read"], told["equal"]) == (0, True)


def test_another_version_of_a_rule_is_compared_with_the_sentences_responsible(log: Path, tmp_path: Path) -> None:
    pack = tmp_path / "syria"
    shutil.copytree(SAMPLE.parent, pack)
    rules = pack / "lexicon" / "events.yaml"
    rules.write_text(rules.read_text().replace("nouns: [siege, sieges,", "nouns: [sieges,"))
    page = tmp_path / "page.html"
    done = frontwire("replay", "--with", pack, "--compare", "--html", page, "--json", log=log)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert {(one["what"], one["before"]["rule"]) for one in told["mentions"]} == {("lost", "siege.noun")}
    assert (told["claims"], told["towns"]) == ([], [])
    for one in told["events"]:
        assert one["what"] == "lost"
        assert escape(one["because"][0]["before"]["evidence"]["text"]) in page.read_text()


def test_another_version_is_built_beside_takes_over_and_can_be_taken_back(log: Path, tmp_path: Path) -> None:
    path, pack = tmp_path / "log.db", tmp_path / "packs" / "syria"
    shutil.copyfile(log, path)
    shutil.copytree(SAMPLE.parent, pack)
    rules = pack / "lexicon" / "events.yaml"
    rules.write_text(rules.read_text().replace("nouns: [siege, sieges,", "nouns: [sieges,"))
    old, new = lines(frontwire("replay", "--take-over", "--with", pack, "--json", log=path))
    assert (old["live"], new["live"], new["waiting"]) == (False, True, 0)
    assert old["records"] > new["records"]
    assert b"replay --take-over" in frontwire("run", "--once", log=path).stderr
    (only,) = lines(frontwire("generations", "--make-live", "0", "--drop", "1", "--json", log=path))
    assert (only["generation"], only["live"]) == (0, True)


def test_a_replay_of_a_part_reads_that_part(log: Path, tmp_path: Path) -> None:
    (told,) = lines(
        frontwire("replay", "--from", "10", "--to", "25", "--into", tmp_path / "part.db", "--json", log=log)
    )
    assert told["read"] == 15
    assert told["equal"] is None
    (kept,) = frontwire("state-hash", "--log", tmp_path / "part.db").stdout.splitlines()
    assert kept.decode() == told["state_hash"]


def test_a_sound_log_is_verified_and_a_damaged_one_is_told(log: Path, tmp_path: Path) -> None:
    assert frontwire("verify", log=log).returncode == 0
    copy = tmp_path / "log.db"
    raw = bytearray(log.read_bytes())
    spot = raw.index(b"SANA")
    raw[spot : spot + 4] = b"XANA"
    copy.write_bytes(raw)
    done = frontwire("verify", "--json", "--log", copy)
    assert done.returncode == 1
    assert json.loads(done.stdout)["damage"]


def test_a_pipe_is_read_as_it_comes(tmp_path: Path) -> None:
    raw = b"\n".join(json.dumps({**ARTICLE, "article_id": str(number)}).encode() for number in range(3))
    (told,) = lines(frontwire("ingest", "-", "--json", log=tmp_path / "log.db", stdin=gzip.compress(raw)))
    assert (told["articles"], told["dead_letters"]) == (3, 0)


def test_the_same_article_again_is_told_and_changes_nothing(log: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    frontwire("run", "--once", "--articles", SAMPLE, log=path)
    before = frontwire("state-hash", log=path).stdout
    (told,) = lines(frontwire("ingest", SAMPLE, "--json", log=path))
    assert told["repeated"] == told["articles"] == len(SAMPLE.read_bytes().splitlines())
    frontwire("run", "--once", log=path)
    assert frontwire("state-hash", log=path).stdout == before == frontwire("state-hash", log=log).stdout


def test_the_demo_is_a_tour_that_ends_in_ways_on(tmp_path: Path) -> None:
    done = frontwire("demo", log=tmp_path / "log.db")
    told = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "What the first of these rests on" in told
    assert "frontwire replay" in told


def test_the_theatre_tells_what_a_name_means() -> None:
    (told,) = lines(frontwire("theatre", "resolve", "Rabia", "--in", "Latakia", "--json"))
    assert told["places"][0]["admin1"] == "Latakia"
    (about,) = lines(frontwire("theatre", "about", "--json"))
    assert about["places"] > 10_000
