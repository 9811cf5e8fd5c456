"""States held ready: written as the rows that differ, bounded, and no more than what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.shells.live_states import LiveStates
from streams.shells.log import Changes
from streams.shells.memory_log import MemoryLog
from streams.stages.stage import Rows


class Shelf:
    """A stage whose state is its rows."""

    name, version, inputs, outputs = "shelf", "1", (), ()

    def initial(self, key: str) -> Rows:
        return {}

    def step(self, state: Rows, record: Any, known_at: Any) -> tuple[Rows, tuple[()]]:
        return {**state, **record}, ()

    def dump(self, state: Rows) -> Rows:
        return dict(state)

    def load(self, key: str, rows: Rows) -> Rows:
        return dict(rows)

    def digest(self, state: Rows) -> Any:
        return sorted(state)


class SparingShelf(Shelf):
    """The same, telling what differs."""

    def changes(self, before: Rows, after: Rows) -> Mapping[str, bytes | None]:
        gone: dict[str, bytes | None] = {name: None for name in before if name not in after}
        return {**after, **gone}


STATES = st.dictionaries(st.sampled_from("abcde"), st.binary(max_size=3))


@pytest.mark.parametrize("shelf", [Shelf(), SparingShelf()])
@given(history=st.lists(st.tuples(st.sampled_from(["homs", "hama"]), STATES), max_size=12), limit=st.integers(0, 3_000))
def test_what_is_stored_is_the_last_state_of_each_key(shelf: Any, history: list[tuple[str, Rows]], limit: int) -> None:
    store = MemoryLog()
    live = LiveStates(store, [shelf], limit_bytes=limit)
    for key, state in history:
        live.get(shelf, key)
        commit(store, live, {("shelf", key): state})
    for key, state in dict(history).items():
        assert store.rows("shelf", key) == state
        assert live.get(shelf, key) == state


@pytest.mark.parametrize("shelf", [Shelf(), SparingShelf()])
def test_only_the_rows_that_differ_are_written(shelf: Any) -> None:
    store = MemoryLog()
    live = LiveStates(store, [shelf], limit_bytes=10_000)
    commit(store, live, {("shelf", "homs"): {"a": b"1", "b": b"2", "c": b"3"}})
    (dumped,) = live.dump({("shelf", "homs"): {"a": b"1", "b": b"4"}})
    assert (dumped.change.written, dumped.change.gone) == ({"b": b"4"}, ("c",))


def test_what_was_not_used_for_longest_is_let_go_first() -> None:
    store, shelf, loaded = MemoryLog(), Shelf(), list[str]()
    live = LiveStates(store, [shelf], limit_bytes=2_000)
    for key in ("a", "b", "c"):
        commit(store, live, {("shelf", key): {"row": bytes(400)}})
    shelf.load = lambda key, rows: (loaded.append(key), dict(rows))[1]  # type: ignore[method-assign]
    for key in ("c", "b", "a"):
        live.get(shelf, key)
    assert loaded == ["a"]


def commit(store: MemoryLog, live: LiveStates, states: dict[tuple[str, str], Rows]) -> None:
    dumped = live.dump(states)
    store.commit(Changes(rows=[one.change for one in dumped]))
    live.keep(dumped)
