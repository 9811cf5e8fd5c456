"""The states that are held ready between records, and what of them changed since they were stored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from streams.shells.log import RowChange
from streams.stages.stage import Rows, Stage

About = tuple[str, str]
"""Name of the stage, and key."""


class RowStore(Protocol):
    """Where states are stored, whatever the shell."""

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class _Live:
    state: Any
    rows: Rows
    """As they stand in the store."""
    size: int


@dataclass(frozen=True, slots=True)
class Dumped:
    """A state on its way into the store."""

    state: Any
    rows: Rows
    change: RowChange


@runtime_checkable
class Sparing(Protocol):
    """A stage that can tell which rows differ without writing them all anew."""

    def changes(self, before: Any, after: Any) -> Mapping[str, bytes | None]:
        """Rows of the one state that the other one lacks or has otherwise, null for those that go."""
        ...


class LiveStates:
    """States by stage and key, the ones used last, up to a number of stored bytes."""

    def __init__(self, store: RowStore, stages: Iterable[Stage[Any]], *, limit_bytes: int) -> None:
        self._store, self._stages, self._limit = store, {stage.name: stage for stage in stages}, limit_bytes
        self._live: OrderedDict[About, _Live] = OrderedDict()
        self._bytes = 0

    def get(self, stage: Stage[Any], key: str) -> Any:
        """The stored state of a key, or the initial one."""
        about = (stage.name, key)
        if live := self._live.get(about):
            self._live.move_to_end(about)
            return live.state
        rows = self._store.rows(stage.name, key)
        if not rows:
            return stage.initial(key)
        return self._hold(about, stage.load(key, rows), rows)

    def knows(self, stage: str, key: str) -> bool:
        """Whether the state of a key is another one than the initial."""
        return (stage, key) in self._live or bool(self._store.rows(stage, key))

    def dump(self, states: Mapping[About, Any]) -> list[Dumped]:
        """These states as rows, each with the rows that differ from the stored ones."""
        return [self._dump(about, state) for about, state in states.items()]

    def keep(self, dumped: Iterable[Dumped]) -> None:
        """Take over states whose changes were committed, and let go of those that nobody used for longest."""
        for one in dumped:
            about = (one.change.stage, one.change.key)
            if one.rows:
                self._hold(about, one.state, one.rows)
            else:
                self._drop(about)
        while self._bytes > self._limit and len(self._live) > 1:
            self._drop(next(iter(self._live)))

    def forget(self) -> None:
        """Let go of everything: the store is right."""
        self._live.clear()
        self._bytes = 0

    def _dump(self, about: About, state: Any) -> Dumped:
        stage, live = self._stages[about[0]], self._live.get(about)
        before = live.rows if live else self._store.rows(*about)
        if live and isinstance(stage, Sparing):
            differ = stage.changes(live.state, state)
            written = {name: row for name, row in differ.items() if row is not None and before.get(name) != row}
            gone = tuple(name for name, row in differ.items() if row is None and name in before)
            rows: Rows = {name: row for name, row in {**before, **written}.items() if name not in gone}
        else:
            rows = stage.dump(state)
            written = {name: row for name, row in rows.items() if before.get(name) != row}
            gone = tuple(name for name in before if name not in rows)
        return Dumped(state, rows, RowChange(*about, written, gone))

    def _hold(self, about: About, state: Any, rows: Rows) -> Any:
        self._drop(about)
        live = _Live(state, rows, _OVERHEAD_BYTES + sum(map(len, rows.values())))
        self._live[about] = live
        self._bytes += live.size
        return state

    def _drop(self, about: About) -> None:
        if gone := self._live.pop(about, None):
            self._bytes -= gone.size


_OVERHEAD_BYTES = 512
"""What an entry costs besides its rows, roughly."""
