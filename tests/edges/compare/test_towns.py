"""Days on which two versions name another holder."""

from __future__ import annotations

from datetime import date

from schemas.control import Segment
from schemas.vocabulary import ControlStatus
from streams.edges.compare.towns import stretches


def held(first: int, last: int | None, by: str | None, confidence: float = 0.9) -> Segment:
    status = ControlStatus.HELD if by else ControlStatus.UNKNOWN
    ends = None if last is None else date(2016, 1, last)
    return Segment(first=date(2016, 1, first), last=ends, controller=by, status=status, confidence=confidence)


def told(before: list[Segment], after: list[Segment]) -> list[tuple[int, int | None, str | None, str | None]]:
    return [
        (
            one.first.day,
            one.last.day if one.last else None,
            one.before.controller if one.before else "nothing",
            one.after.controller if one.after else "nothing",
        )
        for one in stretches(before, after)
    ]


def test_equal_timelines_differ_nowhere() -> None:
    line = [held(1, 5, "rebels"), held(6, None, "sdf")]
    assert told(line, line) == []


def test_a_capture_that_one_dates_later_differs_in_between() -> None:
    before = [held(1, 5, "rebels"), held(6, None, "sdf")]
    after = [held(1, 9, "rebels"), held(10, None, "sdf")]
    assert told(before, after) == [(6, 9, "sdf", "rebels")]


def test_a_past_that_only_one_knows_differs_while_it_lasts() -> None:
    assert told([held(4, None, "sdf")], [held(1, 3, None), held(4, None, "sdf")]) == [(1, 3, "nothing", None)]
    assert told([], [held(4, None, "sdf")]) == [(4, None, "nothing", "sdf")]


def test_stretches_that_follow_each_other_are_one_and_confidence_is_no_difference() -> None:
    before = [held(1, 5, "rebels"), held(6, None, "rebels", confidence=0.2)]
    assert told(before, [held(1, None, "sdf")]) == [(1, None, "rebels", "sdf")]
    assert told(before, [held(1, None, "rebels")]) == []
