"""What every embedded log must do with state and progress."""

from __future__ import annotations

import pytest

from schemas.errors import LogError
from streams.shells.log import Changes, EndMoved, Entry, Lane, Mark, RowChange, Store


def rows(key: str, gone: tuple[str, ...] = (), **written: bytes) -> RowChange:
    return RowChange("merge", key, written, gone)


def test_rows_are_written_changed_and_taken_away(log: Store) -> None:
    log.commit(Changes(rows=[rows("homs", a=b"1", b=b"2"), rows("hama", a=b"3")]))
    log.commit(Changes(rows=[rows("homs", gone=("a",), b=b"4", c=b"5")]))
    assert log.rows("merge", "homs") == {"b": b"4", "c": b"5"}
    assert list(log.states("merge")) == [("hama", {"a": b"3"}), ("homs", {"b": b"4", "c": b"5"})]
    assert log.rows("merge", "idlib") == log.rows("other", "homs") == {}


def test_a_key_without_rows_is_no_state(log: Store) -> None:
    log.commit(Changes(rows=[rows("homs", a=b"1")]))
    log.commit(Changes(rows=[rows("homs", gone=("a",))]))
    assert list(log.states("merge")) == []


def test_progress_is_kept_by_stage_and_lane(log: Store) -> None:
    first, second = Mark("a", "1", Lane("articles", 0), 5), Mark("a", "1", Lane("articles", 1), 2)
    log.commit(Changes(marks=[first, second]))
    moved = Mark("a", "2", Lane("articles", 1), 9)
    log.commit(Changes(marks=[moved]))
    assert set(log.marks()) == {first, moved}


def test_records_state_and_progress_change_together_or_not_at_all(log: Store) -> None:
    changes = Changes(
        entries=[Entry("events", "homs", b"{}", 1)],
        rows=[rows("homs", a=b"1")],
        marks=[Mark("merge", "1", Lane("mentions", 0), 1)],
        ends={Lane("events", 0): 7},
    )
    with pytest.raises(EndMoved):
        log.commit(changes)
    assert (list(log.states("merge")), list(log.marks())) == ([], [])
    assert all(head.end == 0 for head in log.heads().values())


def test_a_log_begins_where_another_one_was(log: Store) -> None:
    from streams.shells.memory_log import MemoryLog

    entries = [Entry("events", f"k{number}", b"{}", number) for number in range(20)]
    whole, marks = MemoryLog(partitions=3), [Mark("merge", "1", Lane("mentions", 0), 1)]
    whole.append(entries[:12])
    log.begin_at(whole.heads(), [rows("homs", a=b"1")], marks)
    whole.append(entries[12:])
    log.append(entries[12:])
    assert {lane: (head.end, head.chain) for lane, head in log.heads().items()} == {
        lane: (head.end, head.chain) for lane, head in whole.heads().items()
    }
    assert (log.rows("merge", "homs"), list(log.marks())) == ({"a": b"1"}, marks)


def test_only_an_empty_log_begins_elsewhere(log: Store) -> None:
    log.append([Entry("events", "homs", b"{}", 1)])
    with pytest.raises(LogError, match="not empty"):
        log.begin_at(log.heads(), [], [])
