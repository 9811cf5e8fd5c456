from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schemas.errors import TheatreError
from streams.theatres.scan import TERM, Name
from streams.theatres.theatre import Theatre, load_theatre


@pytest.fixture
def copy(packs: Path, tmp_path: Path) -> Path:
    shutil.copytree(packs / "tigray", tmp_path / "tigray")
    return tmp_path


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_second_war_is_a_second_folder_without_python(packs: Path) -> None:
    theatre = load_theatre("tigray", packs)
    text = "ENDF troops captured Mek'ele and Aksum, said the Ethiopian Human Rights Commission."
    hits = [(hit.kind, hit.ids[0]) for hit in theatre.index([Name(TERM, "capture", "captured")]).scan(text)]
    assert hits == [("actor", "ethiopia"), (TERM, "capture"), ("place", "t:1"), ("place", "t:2"), ("source", "ehrc")]
    assert theatre.table("lexicon/events.yaml") == {"capture": ["seized", "captured"]}
    assert theatre.parameter("lateness_days") == 45


def test_a_theatre_is_loaded_once(theatre: Theatre) -> None:
    assert load_theatre("syria") is theatre


def test_the_version_follows_the_content_and_not_the_folder(copy: Path, packs: Path) -> None:
    before = load_theatre("tigray", packs).version
    assert load_theatre("tigray", copy).version == before
    changed = shutil.copytree(copy, copy.parent / "changed")
    (changed / "tigray" / "control.yaml").write_text("half_life_days: 90\n", encoding="utf-8")
    assert load_theatre("tigray", changed).version != before
    assert before.startswith("tigray-3+")


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("places.csv", "13.497", "north", r"tigray/places\.csv:4: .*north"),
        ("places.csv", "13.497", "130.5", r"tigray/places\.csv:4: .*no position"),
        ("places.csv", "t:2,", "t:1,", r"tigray/places\.csv:5: id 't:1' stands twice"),
        ("places.csv", "Axum,Aksum", "Axum,Aksum,,", r"tigray/places\.csv:5: 12 columns; 10 expected"),
        ("places.csv", "feature_code", "feature", r"tigray/places\.csv:1: columns are"),
        ("actors.yaml", "name: Tigray P", "nam: Tigray P", r"tigray/actors\.yaml:\d+: .*name"),
        ("actors.yaml", "control: tplf", "control: nobody", r"tplf holds towns as 'nobody'; add it"),
        ("actors.yaml", "id: tplf", "id: ethiopia", r"'ethiopia' stands twice"),
        ("actors.yaml", "2020-11-04", "soon", r"tigray/actors\.yaml:16: .*is no date; write 2016"),
        ("outlets.yaml", "affiliation: ethiopia", "affiliation: nobody", r"ena speaks for 'nobody'"),
        ("outlets.yaml", "version: 1", "version: [", r"tigray/outlets\.yaml:\d+: is no YAML"),
        ("theatre.yaml", "name: tigray", "name: donbas", r"calls itself 'donbas'"),
        ("theatre.yaml", "country:Ethiopia", "country:Atlantis", r"has no row for .*Atlantis.*add one"),
        ("theatre.yaml", "lateness_days: 45", "lateness_days: long", r"tigray/theatre\.yaml:5: parameters"),
    ],
)
def test_a_broken_pack_says_where_and_what(copy: Path, file: str, old: str, new: str, complaint: str) -> None:
    rewrite(copy / "tigray" / file, old, new)
    with pytest.raises(TheatreError, match=complaint):
        load_theatre("tigray", copy)


def test_an_unknown_theatre_names_those_that_there_are() -> None:
    with pytest.raises(TheatreError, match=r"no theatre 'atlantis'; there is syria"):
        load_theatre("atlantis")


def test_a_missing_table_names_those_that_there_are(packs: Path) -> None:
    with pytest.raises(TheatreError, match=r"tigray/control\.yaml: the pack has no such file; it has .*lexicon/events"):
        load_theatre("tigray", packs).table("control.yaml")


def test_a_file_that_is_not_utf8_names_the_line(copy: Path) -> None:
    file = copy / "tigray" / "outlets.yaml"
    file.write_bytes(file.read_bytes().replace(b"Ethiopian News", b"\xff\xfe News"))
    with pytest.raises(TheatreError, match=r"outlets\.yaml:3: is not UTF-8"):
        load_theatre("tigray", copy)


def test_a_path_is_no_name_of_a_pack(tmp_path: Path) -> None:
    with pytest.raises(TheatreError, match="no theatre"):
        load_theatre("../syria", tmp_path)


def test_the_pack_carries_the_attribution_of_its_sources(theatre: Theatre) -> None:
    text = theatre.pack.text("SOURCES.md")
    assert all(source in text for source in ("OCHA", "GeoNames", "Who's On First", "UCDP", "OurAirports", "CC BY 4.0"))
