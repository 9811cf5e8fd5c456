"""A deliberate change of one rule shows exactly its consequences, and none elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from schemas.article import Article
from schemas.mention import Mention
from streams.edges.compare.comparison import Comparison, compare
from streams.edges.compare.page import page_of
from streams.edges.compare.telling import as_json, sections
from streams.pipeline import Pipeline
from streams.shells.log import iterate
from streams.shells.memory_log import MemoryLog
from streams.stages.extract.extracting import extract
from streams.theatres.theatre import Theatre, load_theatre
from tests.edges.compare.conftest import Changed

NOUN = ("lexicon/events.yaml", "nouns: [siege, sieges,", "nouns: [sieges,")
_ADJECTIVE = "rule: hold.adjective, relation: holds, words: ["
HELD = ("lexicon/claims.yaml", f"{_ADJECTIVE}held,", _ADJECTIVE)
SAME = ("merge.yaml", "same:\n  value: 2.5", "same:\n  value: 4.0")
KNOWN = ("control.yaml", "\nbound: 3.5", "\nbound: 1.2")


def compared(articles: MemoryLog, present: MemoryLog, after: tuple[Pipeline, MemoryLog]) -> Comparison:
    return compare(articles, present, after[1], ({}, {}), 0)


def read(sample: list[Article], theatre: Theatre) -> Counter[bytes]:
    """Every mention without its number, by extraction alone."""
    return Counter(content(one) for article in sample for one in extract(article, theatre))


def content(mention: Mention) -> bytes:
    return orjson.dumps(mention.model_dump(mode="json", exclude={"mention_id", "group"}))


@pytest.mark.parametrize("change", [NOUN, HELD])
def test_the_mentions_that_differ_are_those_that_extraction_reads_otherwise(
    sample: list[Article], articles: MemoryLog, present: MemoryLog, changed: Changed, change: Any
) -> None:
    (extracting, *_), _ = changed(*change)
    before, after = read(sample, load_theatre("syria")), read(sample, extracting._theatre)  # type: ignore[attr-defined]
    changes = compared(articles, present, changed(*change)).mentions.changes
    assert changes
    assert Counter(content(one.before) for one in changes if one.before) == before - after
    assert Counter(content(one.after) for one in changes if one.after) == after - before


@pytest.mark.parametrize("change", [NOUN, HELD])
def test_events_claims_and_towns_differ_only_where_a_mention_does(
    articles: MemoryLog, present: MemoryLog, changed: Changed, change: Any
) -> None:
    found = compared(articles, present, changed(*change))
    touched = {side.place.key for one in found.mentions.changes for side in (one.before, one.after) if side}
    assert {one.first.place.key for one in found.merged} <= touched
    assert {one.town.place.key for one in found.towns} <= touched
    assert all(because.mentions for because in (*found.because[0], *found.because[1]))


@pytest.mark.parametrize("change", [NOUN, HELD, SAME, KNOWN])
def test_what_is_not_reported_is_the_same_byte_for_byte(
    articles: MemoryLog, present: MemoryLog, changed: Changed, change: Any
) -> None:
    _, after = changed(*change)
    found = compare(articles, present, after, ({}, {}), 0)
    assert not found.equal
    for topic, reported in (
        ("events", {one.first.place.key for one in found.merged if one.of == "event"}),
        ("claims", {one.first.place.key for one in found.merged if one.of == "claim"}),
        ("control", {one.town.place.key for one in found.towns}),
    ):
        one, other = dict(last(present, topic)), dict(last(after, topic))
        differ = {key for key in {*one, *other} if one.get(key) != other.get(key)}
        assert differ == reported, topic


def test_a_change_of_merging_alone_touches_no_mention(
    articles: MemoryLog, present: MemoryLog, changed: Changed
) -> None:
    found = compared(articles, present, changed(*SAME))
    assert found.mentions.changes == ()
    assert {one.what for one in found.merged} == {"split"}
    for change, because in zip(found.merged, found.because[0], strict=True):
        ids = {name for one in change.before for name in one.mention_ids}
        assert because.reports
        assert {one.mention_id for one in because.reports} <= ids


def test_a_change_of_weighing_alone_touches_no_event(articles: MemoryLog, present: MemoryLog, changed: Changed) -> None:
    found = compared(articles, present, changed(*KNOWN))
    assert (found.mentions.changes, found.merged) == ((), ())
    assert found.towns
    assert all(because.reports for because in found.because[1])


def test_the_same_rules_say_the_same(articles: MemoryLog, present: MemoryLog) -> None:
    found = compare(articles, present, present, ({}, {}), 76)
    assert found.equal
    assert sections(found) == []
    assert "Both versions say the same" in page_of(found)


def test_page_and_json_tell_of_every_change(articles: MemoryLog, present: MemoryLog, changed: Changed) -> None:
    found = compared(articles, present, changed(*HELD))
    told, page = orjson.loads(orjson.dumps(as_json(found))), page_of(found)
    assert len(told["mentions"]) == len(found.mentions.changes)
    assert len(told["towns"]) == len(found.towns)
    assert page.count("<article>") == len(found.mentions.changes) + len(found.merged) + len(found.towns)
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    quoted = {one.mention.evidence.text for section in sections(found) for told in section.told for one in told.quoted}
    assert {one.mention.evidence.text for one in found.mentions.changes} <= quoted


def last(log: MemoryLog, topic: str) -> Iterator[tuple[str, Any]]:
    """What is said last of each place: of control the state, of events and claims all that there are."""
    ended, numbers = {"merge", "retract"}, ("schema_version", "revision", "kind", "supersedes", "late", "group")
    ids = ("event_id", "claim_id", "mention_ids", "evidence")
    found: dict[str, dict[str, Any]] = {}
    for stored in iterate(log, topic):
        record = orjson.loads(stored.value)
        name = record.get("event_id") or record.get("claim_id") or ""
        plain = {key: value for key, value in record.items() if key not in (*numbers, *ids)}
        reports = len(record.get("mention_ids", ()))
        found.setdefault(stored.key, {})[name] = None if record.get("kind") in ended else (plain, reports)
    for key, records in found.items():
        yield key, sorted(orjson.dumps(one) for one in records.values() if one)
