"""Histories and rules of evidence, one file each: what was said in order, and who then held the place on which day."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from schemas.control import ControlChange, TownControl
from schemas.topics import CONTROL, CONTROL_CHANGES
from streams.stages.control.asof import at

CASES = sorted((Path(__file__).parents[2] / "cases" / "control").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_place_stands_as_the_case_says(path: Path, stage, say, run) -> None:
    case = tomllib.loads(path.read_text())
    claims = [say(place=case["place"], **given) for given in case["given"]]
    for expect in case["expect"]:
        _, outputs = run(claims[: expect.get("after", len(claims))])
        told = [output.record for output in outputs if output.topic is CONTROL]
        answer = at(told[-1], date.fromisoformat(expect["on"]), stage.parameters)
        seen = {name: _plain(getattr(answer, name)) for name in expect if name in _COMPARED}
        assert seen == {name: expect[name] for name in seen}, f"{expect['on']}: {case['why']}\n{_story(told[-1])}"
        assert answer.confidence >= expect.get("least", 0), (expect, answer.confidence)
        assert answer.confidence <= expect.get("most", 1), (expect, answer.confidence)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_changes_are_those_of_the_case(path: Path, say, run) -> None:
    case = tomllib.loads(path.read_text())
    _, outputs = run([say(place=case["place"], **given) for given in case["given"]])
    changes = [output.record for output in outputs if output.topic is CONTROL_CHANGES]
    if "changes" in case:
        assert [_told(change) for change in changes] == case["changes"]


_COMPARED = {"status", "controller", "parties", "besieged_by", "stale", "since", "last_confirmed"}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else "" if value is None else value


def _told(change: ControlChange) -> str:
    words = (change.at.isoformat(), change.change, change.to.controller)
    return " ".join(word for word in words if word)


def _story(control: TownControl) -> str:
    return "\n".join(f"{s.first} {s.status} {s.parties} {s.besieged_by} {s.confidence}" for s in control.timeline)
