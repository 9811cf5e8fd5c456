"""Events are held against each other by the reports under them, whatever they are called."""

from __future__ import annotations

from typing import Any

from streams.edges.compare.merged import MergedChange, compare_merged
from tests.edges.cli.test_events import event


def of(name: str, *reports: str, **fields: Any) -> Any:
    return event(event_id=name, mention_ids=reports, **fields)


def told(found: tuple[MergedChange, ...]) -> list[Any]:
    return [(one.what, [x.event_id for x in one.before], [x.event_id for x in one.after], one.fields) for one in found]


def test_an_event_under_another_id_is_the_same_event() -> None:
    assert compare_merged([of("a", "x#e2")], [of("b", "x#e1")], {"x#e1": "x#e2"}) == ()


def test_one_event_that_becomes_two_was_split_and_two_that_become_one_were_joined() -> None:
    whole, parts = [of("a", "x", "y")], [of("a", "x"), of("b", "y")]
    assert told(compare_merged(whole, parts, {})) == [("split", ["a"], ["a", "b"], ())]
    assert told(compare_merged(parts, whole, {})) == [("joined", ["a", "b"], ["a"], ())]


def test_reports_that_change_partners_are_grouped_otherwise() -> None:
    before, after = [of("a", "x", "y"), of("b", "z")], [of("c", "x"), of("d", "y", "z")]
    assert told(compare_merged(before, after, {})) == [("regrouped", ["a", "b"], ["c", "d"], ())]


def test_an_event_of_one_side_is_lost_or_gained_though_ids_repeat() -> None:
    changes = compare_merged([of("a", "x#e1")], [of("b", "x#e1")], {"x#e1": "+x#e1"})
    assert sorted(one.what for one in changes) == ["gained", "lost"]


def test_fields_that_differ_are_named_and_revisions_are_none() -> None:
    assert compare_merged([of("a", "x")], [of("a", "x", revision=7)], {}) == ()
    assert told(compare_merged([of("a", "x")], [of("a", "x", confidence=0.9)], {}))[0][3] == ("confidence",)
    assert told(compare_merged([of("a", "x")], [of("a", "x", "y")], {"y": "+y"}))[0][3] == ("reports",)
