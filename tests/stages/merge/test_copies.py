"""Planted reprints are known for what they are, and near misses beside them stay apart."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from streams.stages.merge.step import MergeStage
from tests.bench.stories import KINDS, NEAR_MISSES, Planted, planted

COPIES = int(os.environ.get("FRONTWIRE_TEST_COPIES", "300"))
"""Planted reprints; the figures of streams/README.md are of 2,000."""


class Told:
    """What merging says of planted reports."""

    def __init__(self, stage: MergeStage, given: Planted) -> None:
        states = {}
        for mention in sorted(given.mentions, key=lambda one: (one.published_at, one.mention_id)):
            key = mention.place.key
            states[key], _ = stage.step(states.get(key) or stage.initial(key), mention, mention.published_at)
        clusters = [
            cluster for state in states.values() for lane in state.lanes.values() for cluster in lane.clusters()
        ]
        self.event = {report.mention_id: cluster.id for cluster in clusters for report, _ in cluster.members}
        self.copies = {report.mention_id for cluster in clusters for report, said in cluster.members if said.copy}


@pytest.fixture(scope="module")
def given() -> Planted:
    return planted(COPIES)


@pytest.fixture(scope="module")
def told(stage: MergeStage, given: Planted) -> Told:
    return Told(stage, given)


def test_reprints_are_found(told: Told, given: Planted) -> None:
    original = {name: f"{name.split('-')[0]}#e1" for name in given.copies}
    joined = [name for name in given.copies if told.event[name] == told.event[original[name]]]
    # Of two texts of one hour either may count as the original.
    found = Counter(given.copies[name] for name in joined if not told.copies.isdisjoint((name, original[name])))
    assert found.total() >= 0.95 * len(given.copies), {kind: found[kind] for kind in KINDS}


def test_what_is_no_reprint_is_not_taken_for_one(told: Told, given: Planted) -> None:
    false = [name for name in told.copies if name not in given.copies and name not in _models(given)]
    assert 1 - len(false) / len(told.copies) >= 0.99


def _models(given: Planted) -> set[str]:
    return {name for name in given.attack_of if "-" not in name}


@pytest.mark.parametrize("kind", NEAR_MISSES)
def test_near_misses_stay_apart(told: Told, given: Planted, kind: str) -> None:
    beside = [(name, model) for name, (what, model) in given.near.items() if what == kind]
    joined = [name for name, model in beside if told.event[name] == told.event[model]]
    assert len(joined) <= 0.02 * len(beside)
