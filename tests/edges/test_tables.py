"""A spreadsheet that opens a table shows it, and runs nothing of it; a data frame gets types."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from pyarrow import parquet

from schemas.control import TownControl
from schemas.event import Event
from schemas.topics import TOPICS, Topic
from streams.edges.tables import Column, columns, csv_lines, write_parquet

RECORD = {
    "event_id": "e1",
    "first_seen": "2016-12-01T00:00:00Z",
    "when": {"first": "2016-12-15", "last": "2016-12-15", "precision": "day"},
    "actors": ["russia", "syrian-government"],
    "killed": {"min": 12, "max": None, "of": "unknown", "children": None, "women": None},
    "wounded": None,
    "tolls": [{"root_source": "sohr"}],
    "confidence": 0.8,
    "main": True,
}


def csv_row(cells: dict[str, object]) -> dict[str, str]:
    chosen = [Column(name, "text") for name in cells]
    written = b"".join(csv_lines(chosen, [cells])).decode()
    csv.field_size_limit(10_000_000)
    return next(csv.DictReader(io.StringIO(written, newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "＝1", "＠SUM(A1)"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert csv_row({"title": text, "names": [text, "b"]}) == {"title": f"'{text}", "names": f"'{text}|b"}


def test_quotes_commas_and_lines_stay_in_their_cell() -> None:
    hostile = 'x","=HYPERLINK(1)","\r\n=2'
    assert csv_row({"title": hostile, "after": "b"}) == {"title": hostile, "after": "b"}


def test_a_million_marks_and_turned_lines_are_one_cell_like_any_other() -> None:
    hostile = "=z" + "\u0300" * 1_000_000 + "\u202egnp.exe"
    assert csv_row({"title": hostile, "after": "b"}) == {"title": f"'{hostile}", "after": "b"}


def test_figures_and_plain_words_stay_as_they_are() -> None:
    cells = {"killed": -1, "none": None, "name": "Raqqa", "tolls": [{"min": 1}]}
    assert csv_row(cells) == {"killed": "-1", "none": "", "name": "Raqqa", "tolls": '[{"min":1}]'}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))
def test_columns_are_named_once_and_reach_into_objects(topic: Topic) -> None:
    names = [column.name for column in columns(topic.record)]
    assert len(names) == len(set(names))
    assert ("place.name" in names) == ("place" in topic.record.model_fields)


def test_columns_know_what_they_hold() -> None:
    kinds = {column.name: column.kind for column in (*columns(Event), *columns(TownControl))}
    told = [kinds[name] for name in ("when.first", "first_seen", "killed.min", "confidence", "main", "actors", "tolls")]
    assert told == ["day", "moment", "whole", "number", "truth", "words", "json"]
    assert (kinds["event_type"], kinds["controller"], kinds["timeline"]) == ("text", "text", "json")


def test_a_parquet_file_has_typed_columns() -> None:
    out = io.BytesIO()
    write_parquet(out, columns(Event), [RECORD] * 3)
    read = parquet.read_table(out).to_pylist()
    assert len(read) == 3
    assert (read[0]["when.first"], read[0]["killed.min"], read[0]["killed.max"]) == (date(2016, 12, 15), 12, None)
    assert read[0]["first_seen"] == datetime(2016, 12, 1, tzinfo=UTC)
    assert read[0]["actors"] == ["russia", "syrian-government"]
    assert read[0]["tolls"] == '[{"root_source":"sohr"}]'
