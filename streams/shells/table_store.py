"""The state of a stage in a Faust table: rows, changed together or not at all.

A table writes each of its entries to the changelog by itself, so a crash can leave some of a record's rows written and
others not. Therefore each key has a *head*: one entry that holds the rows which the last records changed. A change
first puts the rows of the old head where they belong, then writes a new head. Wherever that is cut off, the last head
laid over the stored rows is the state after a whole number of records. What is written does not grow with a town's
past: the changed rows, twice, and the names of the rows.

A stage's position in each partition stands in the table as well. It is written after the heads that it follows from, so
it can only lag behind them; the records read again then change nothing, as stages ignore what they have seen.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from struct import Struct
from typing import Any

from faust.streams import _current_event
from faust.types import EventT

from streams.shells.log import RowChange
from streams.stages.stage import Rows

Table = MutableMapping[bytes, bytes]

_LENGTHS = Struct(">HI")
_SEPARATOR = b"\x1f"
_NAMES, _WRITTEN, _GONE = b"n", b"+", b"-"


class TableStore:
    """Rows and positions of one stage, in the table of one worker."""

    def __init__(self, table: Table) -> None:
        self._table = table

    @contextmanager
    def at(self, event: EventT[Any]) -> Iterator[None]:
        """Read and write the part of the table that belongs to an event's partition."""
        # Faust finds the partition by this variable of its own, which it does not set for a batch of events.
        token = _current_event.set(weakref.ref(event))
        try:
            yield
        finally:
            _current_event.reset(token)

    def rows(self, stage: str, key: str) -> Rows:
        """The stored state of one key; empty if there is none."""
        head = unpack(self._table.get(key.encode()) or b"")
        names = head.pop(_NAMES, b"")
        laid_over = {name[1:]: value for name, value in head.items() if name[:1] == _WRITTEN}
        return {
            name.decode(): laid_over[name] if name in laid_over else self._table[_row(key, name)]
            for name in names.split(_SEPARATOR)
            if name
        }

    def save(self, change: RowChange, names: Iterable[str]) -> None:
        """Make a change of one key's rows; `names` are those of all its rows after it."""
        for name, value in unpack(self._table.get(change.key.encode()) or b"").items():
            if name[:1] == _WRITTEN:
                self._table[_row(change.key, name[1:])] = value
            elif name[:1] == _GONE:
                self._table.pop(_row(change.key, name[1:]), None)
        key, head = head_entry(change.key, change.written, change.gone, names)
        self._table[key] = head

    def position(self, topic: str, partition: int) -> int | None:
        """First offset that the state does not yet contain; null if it contains nothing of the partition."""
        stored = self._table.get(_position(topic, partition))
        return None if stored is None else int(stored)

    def move(self, topic: str, partition: int, offset: int) -> None:
        """Write down the first offset that the state does not yet contain."""
        key, value = position_entry(topic, partition, offset)
        self._table[key] = value


def head_entry(
    key: str, written: Rows, gone: Iterable[str] = (), names: Iterable[str] | None = None
) -> tuple[bytes, bytes]:
    """A key's head as a table has it.

    Args:
        key: Key of the state.
        written: Rows that changed.
        gone: Names of rows that are no more.
        names: Names of all rows; those written if None.
    """
    head = {_NAMES: _SEPARATOR.join(name.encode() for name in (written if names is None else names))}
    head |= {_WRITTEN + name.encode(): value for name, value in written.items()}
    head |= {_GONE + name.encode(): b"" for name in gone}
    return key.encode(), pack(head)


def position_entry(topic: str, partition: int, offset: int) -> tuple[bytes, bytes]:
    """A position as a table has it."""
    return _position(topic, partition), b"%d" % offset


def pack(parts: Mapping[bytes, bytes]) -> bytes:
    """Named bytes as bytes."""
    return b"".join(
        part for name, value in parts.items() for part in (_LENGTHS.pack(len(name), len(value)), name, value)
    )


def unpack(packed: bytes) -> dict[bytes, bytes]:
    """The named bytes that `pack` made these of."""
    parts, at = {}, 0
    while at < len(packed):
        name, value = _LENGTHS.unpack_from(packed, at)
        middle = at + _LENGTHS.size + name
        parts[packed[at + _LENGTHS.size : middle]] = packed[middle : middle + value]
        at = middle + value
    return parts


def _row(key: str, name: bytes) -> bytes:
    return key.encode() + _SEPARATOR + name


def _position(topic: str, partition: int) -> bytes:
    return _SEPARATOR + f"{topic}:{partition}".encode()
