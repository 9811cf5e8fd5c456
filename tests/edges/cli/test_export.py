"""A spreadsheet that opens an export shows it, and runs nothing of it."""

import pytest

from schemas.topics import TOPICS
from streams.edges.cli.export import _cells, _columns


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert dict(_cells({"title": text, "names": [text, "b"]})) == {"title": f"'{text}", "names": f"'{text}|b"}


def test_figures_and_plain_words_stay_as_they_are() -> None:
    record = {"killed": {"min": -1, "max": None}, "place": {"name": "Raqqa"}, "tolls": [{"min": 1}]}
    cells = {"killed.min": -1, "killed.max": None, "place.name": "Raqqa", "tolls": '[{"min":1}]'}
    assert dict(_cells(record)) == cells


@pytest.mark.parametrize("topic", TOPICS.values(), ids=list(TOPICS))
def test_columns_are_named_once_and_reach_into_objects(topic: object) -> None:
    columns = list(_columns(topic.record.model_json_schema(by_alias=True)))  # type: ignore[attr-defined]
    assert len(columns) == len(set(columns))
    assert ("place.name" in columns) == ("place" in topic.record.model_fields)  # type: ignore[attr-defined]
