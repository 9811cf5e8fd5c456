"""State as entries of a changelog."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.shells.changelog import ChangelogStates, position_entry, prefix, row_entries, split
from streams.shells.log import Lane, Mark, RowChange

KEYS = st.text(max_size=6)


def change(key: str, gone: tuple[str, ...] = (), **written: bytes) -> RowChange:
    return RowChange("merge", key, written, gone)


def test_the_last_word_on_each_row_and_position_is_what_a_changelog_says() -> None:
    entries = [
        *row_entries(change("homs", a=b"1", b=b"2")),
        position_entry(Mark("merge", "1", Lane("mentions", 3), 7)),
        *row_entries(change("homs", gone=("b",), a=b"3")),
        *row_entries(change("idlib", gone=("a",))),
        position_entry(Mark("merge", "2", Lane("mentions", 3), 9)),
    ]
    states = ChangelogStates({"merge": entries})
    assert list(states.states("merge")) == [("homs", {"a": b"3"})]
    assert states.marks == [Mark("merge", "2", Lane("mentions", 3), 9)]
    assert (states.rows("merge", "homs"), states.rows("merge", "nowhere")) == ({"a": b"3"}, {})


@given(KEYS, KEYS, KEYS)
def test_rows_of_one_key_are_never_taken_for_those_of_another(key: str, other: str, row: str) -> None:
    entry = prefix(key) + row.encode()
    assert split(entry) == (key, row)
    assert entry.startswith(prefix(other)) == (key == other)


def test_what_is_written_does_not_grow_with_what_a_town_has_been_through() -> None:
    small = [*row_entries(change("homs", c7=b"x" * 500))]
    # The change alone is written, whatever else the key has: no list of its rows, no row beside.
    assert len(small) == 1
    assert sum(len(key) + len(value or b"") for key, value in small) < 520
