"""A town's history, two days against each other, sums by area, and pictures: from a log as people ask for them."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
from typer.testing import CliRunner

from schemas.codec import encode
from schemas.control import ControlChange, Holding, Segment, Standing, TownControl
from schemas.record import Place
from schemas.vocabulary import ChangeKind, ControlStatus, PlacePrecision
from streams.edges.cli import app
from streams.shells.log import Entry
from streams.shells.sqlite_log import open_log

SVG = "{http://www.w3.org/2000/svg}"


def town(place_id: str, name: str, lat: float, lon: float) -> Place:
    return Place(
        place_id=place_id, name=name, admin1=name, lat=lat, lon=lon, precision=PlacePrecision.TOWN, text=name
    )  # fmt: skip


ALEPPO = town("ocha:C1007", "Aleppo", 36.2, 37.16)
RAQQA = town("ocha:C5710", "Raqqa", 35.95, 39.01)


def segment(first: date, last: date | None, *parties: str, besieged_by: tuple[str, ...] = ()) -> Segment:
    status = ControlStatus.HELD if len(parties) == 1 else ControlStatus.DIVIDED
    holder = parties[0] if len(parties) == 1 else None
    return Segment(
        first=first, last=last, controller=holder, status=status, confidence=0.9, parties=parties,
        besieged_by=besieged_by,
    )  # fmt: skip


def town(place: Place, revision: int, *timeline: Segment) -> TownControl:
    head = timeline[-1]
    return TownControl(
        place=place, revision=revision, controller=head.controller, status=head.status,
        shares=tuple(Holding(party=party, share=1 / len(head.parties)) for party in head.parties),
        besieged_by=head.besieged_by, besieged_since=None, districts=(), since=head.first, last_confirmed=head.first,
        stale=False, confidence=0.9, timeline=timeline, evidence=(),
    )  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    divided = segment(date(2012, 7, 20), None, "rebels", "syrian-government", besieged_by=("syrian-government",))
    past = divided.model_copy(update={"last": date(2016, 12, 21)})
    taken = segment(date(2016, 12, 22), None, "syrian-government")
    change = ControlChange(
        place=ALEPPO, change=ChangeKind.CAPTURED, from_=Standing(controller=None, status=ControlStatus.DIVIDED),
        to=Standing(controller="syrian-government", status=ControlStatus.HELD), at=date(2016, 12, 22),
        known_at=datetime(2016, 12, 23, tzinfo=UTC), evidence=(),
    )  # fmt: skip
    raqqa = town(RAQQA, 1, segment(date(2016, 1, 10), None, "islamic-state"))
    with closing(open_log(tmp_path / "log.db")) as store:
        store.append(
            [
                Entry("control", ALEPPO.key, encode(town(ALEPPO, 1, divided)), 1_470_000_000_000),
                Entry("control", RAQQA.key, encode(raqqa), 1_471_000_000_000),
                Entry("control", ALEPPO.key, encode(town(ALEPPO, 2, past, taken)), 1_482_500_000_000),
                Entry("control-changes", ALEPPO.key, encode(change), 1_482_500_000_000),
            ]
        )
    return tmp_path / "log.db"


def asked(log: Path, *words: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, [*words, "--log", str(log), "--json"])
    assert result.exit_code == 0, result.output
    return [orjson.loads(line) for line in result.stdout.splitlines()]


def test_a_history_is_the_timeline_and_how_it_came_to_be_known(log: Path) -> None:
    (told,) = asked(log, "history", "Aleppo", "--revisions")
    assert [one["controller"] for one in told["timeline"]] == [None, "syrian-government"]
    assert [(one["change"], one["at"]) for one in told["changes"]] == [("captured", "2016-12-22")]
    assert [one["control"]["revision"] for one in told["revisions"]] == [1, 2]


def test_a_history_as_known_earlier_knows_nothing_of_what_came_later(log: Path) -> None:
    (told,) = asked(log, "history", "Aleppo", "--known-at", "2016-09-01", "--revisions")
    assert [one["status"] for one in told["timeline"]] == ["divided"]
    assert told["changes"] == []
    assert len(told["revisions"]) == 1


def test_two_days_differ_in_the_towns_that_stood_otherwise(log: Path) -> None:
    (aleppo,) = asked(log, "diff", "2016-11-01", "2016-12-30")
    assert (aleppo["place"]["name"], aleppo["before"]["status"], aleppo["after"]["controller"]) == (
        "Aleppo",
        "divided",
        "syrian-government",
    )
    assert asked(log, "diff", "2016-12-25", "2016-12-30") == []


def test_a_roll_up_counts_towns_by_area_and_leaves_the_stale_to_nobody(log: Path) -> None:
    aleppo, raqqa = asked(log, "rollup", "--as-of", "2016-12-30")
    assert (aleppo["name"], aleppo["held"]) == ("Aleppo", [["syrian-government", 1]])
    assert (raqqa["name"], raqqa["held"], raqqa["stale"]) == ("Raqqa", [], 1)
    by_district = asked(log, "rollup", "--by", "district", "--as-of", "2016-12-30")
    assert [one["unit"].partition(":")[0] for one in by_district] == ["admin2", "admin2"]


def test_areas_of_another_kind_are_refused(log: Path) -> None:
    result = CliRunner().invoke(app, ["rollup", "--by", "planet", "--log", str(log)])
    assert result.exit_code == 2


def test_a_chart_shows_each_holder_and_besieger_of_a_town(log: Path, tmp_path: Path) -> None:
    picture = tmp_path / "aleppo.svg"
    asked(log, "history", "Aleppo", "--svg", str(picture))
    drawn = ElementTree.fromstring(picture.read_text())
    words = [node.text for node in drawn.iter(f"{SVG}text")]
    assert {"rebels", "syrian-government", "Aleppo: who held it"} <= set(words)
    notes = [node.text or "" for node in drawn.iter(f"{SVG}title")]
    assert sum("2012-07-20 to 2016-12-21: divided" in note for note in notes) == 2
    assert any(node.get("stroke-dasharray") for node in drawn.iter(f"{SVG}line"))


def test_a_map_shows_what_is_known_on_the_day_and_leaves_out_what_is_not(log: Path, tmp_path: Path) -> None:
    picture = tmp_path / "day.svg"
    for day, names in (("2013-01-01", {"Aleppo"}), ("2016-02-01", {"Aleppo", "Raqqa"})):
        asked(log, "towns", "--as-of", day, "--svg", str(picture))
        drawn = ElementTree.fromstring(picture.read_text())
        told = {(node.text or "").partition(":")[0] for node in drawn.iter(f"{SVG}title") if node.text}
        assert told == names


def test_words_from_outside_cannot_leave_their_place_in_a_picture(log: Path, tmp_path: Path) -> None:
    nasty = ALEPPO.model_copy(update={"name": 'A<b>&"quot'})
    with closing(open_log(log)) as store:
        record = town(nasty, 3, segment(date(2016, 12, 22), None, "rebels"))
        store.append([Entry("control", nasty.key, encode(record), 1_483_000_000_000)])
    picture = tmp_path / "nasty.svg"
    asked(log, "towns", "--as-of", "2016-12-30", "--svg", str(picture))
    drawn = ElementTree.fromstring(picture.read_text())
    assert any(node.text == nasty.name for node in drawn.iter(f"{SVG}text"))
