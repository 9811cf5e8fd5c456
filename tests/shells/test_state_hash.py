"""One hash over all that is known: equal for equal knowledge, and for nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from streams.shells.log import Changes, Lane, Mark, RowChange, Store
from streams.shells.memory_log import MemoryLog
from streams.shells.state_hash import exact_hash, state_hash


def put(log: Store, key: str, seen: int, trace: bytes) -> None:
    log.commit(Changes(rows=[RowChange("count", key, {"seen": b"%d" % seen, "trace": trace}, ())]))


def test_the_history_of_a_state_counts_in_the_exact_hash_only(log: Store, stages: Any) -> None:
    other = MemoryLog()
    put(log, "homs", 2, b"ab"), put(log, "hama", 1, b"c")
    put(other, "hama", 1, b"c"), put(other, "homs", 2, b"ba")
    assert state_hash(log, stages) == state_hash(other, stages)
    assert exact_hash(log, ["count"]) != exact_hash(other, ["count"])


@pytest.mark.parametrize(("key", "seen"), [("homs", 3), ("hims", 2)])
def test_other_knowledge_has_another_hash(log: Store, stages: Any, key: str, seen: int) -> None:
    other = MemoryLog()
    put(log, "homs", 2, b"ab"), put(other, key, seen, b"ab")
    assert state_hash(log, stages) != state_hash(other, stages)


def test_what_has_no_digest_counts_for_nothing(log: Store, stages: Any) -> None:
    empty = state_hash(log, stages)
    put(log, "homs", 2, b"ab")
    stages[1].digest = lambda state: None
    assert state_hash(log, stages) == empty


def test_progress_counts_in_the_exact_hash(log: Store) -> None:
    marks = [[Mark("count", "1", Lane("articles", 0), offset)] for offset in (4, 5)]
    assert exact_hash(log, [], marks[0]) != exact_hash(log, [], marks[1])


def test_rows_cannot_be_shifted_between_names_without_notice(log: Store) -> None:
    other = MemoryLog()
    log.commit(Changes(rows=[RowChange("count", "k", {"a": b"xy", "b": b""}, ())]))
    other.commit(Changes(rows=[RowChange("count", "k", {"a": b"x", "b": b"y"}, ())]))
    assert exact_hash(log, ["count"]) != exact_hash(other, ["count"])
