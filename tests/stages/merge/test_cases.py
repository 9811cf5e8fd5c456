"""The cases of `tests/cases/merge`: what articles say, what merging has to make of it, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import encode
from schemas.event import Claim, Event
from schemas.mention import Mention

CASES = sorted((Path(__file__).parents[2] / "cases" / "merge").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_reports_become_the_events_that_the_case_expects(
    path: Path, merge: Callable[..., Any], tell: Callable[..., Mention]
) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    mentions = [tell(number, **given) for number, given in enumerate(case["given"])]
    for order in (mentions, mentions[::-1]):
        found, expected = merge(order).living, case["expect"]
        assert [record.mention_ids for record in found] == [tuple(wish["of"]) for wish in expected]
        assert [as_expected(record, wish) for record, wish in zip(found, expected, strict=True)] == expected
    if "written" in case:
        assert [str(record.kind) for record in merge(mentions).written] == case["written"]


def as_expected(record: Event | Claim, wish: dict[str, Any]) -> dict[str, Any]:
    """Those fields of a record that a case names, in its words."""
    said = record.model_dump(mode="json")
    said |= {"of": list(record.mention_ids), "killed": _figure(said.get("killed"))}
    said |= {"when": [said["when"]["first"], said["when"]["last"]] if said["when"] else None}
    said |= {"at_least": record.confidence >= wish.get("at_least", 0) and wish.get("at_least")}
    said |= {"at_most": record.confidence <= wish.get("at_most", 1) and wish.get("at_most")}
    said |= {"tolls": [f"{t['root_source']} {_figure(t['killed'])}" for t in said.get("tolls", ())]}
    return {name: said[name] for name in wish}


def _figure(toll: dict[str, Any] | None) -> Any:
    if toll is None:
        return None
    return f"{toll['min']}+" if toll["max"] is None else [toll["min"], toll["max"]]


def test_records_of_merging_go_through_the_wire(merge: Callable[..., Any], tell: Callable[..., Mention]) -> None:
    written = merge([tell(0, says="air_strike", killed=3), tell(1, says="holds", actors=["rebels"])]).written
    assert [type(record).model_validate_json(encode(record)) for record in written] == written
