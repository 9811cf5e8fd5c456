"""One hash over all that the stages know.

`state_hash` is equal for any order of arrival, batch size, partitions and shell: it proves that two systems know the
same. `exact_hash` is over the stored bytes: it proves that a replay is the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, Protocol

from schemas.codec import canonical
from streams.shells.log import Mark
from streams.stages.stage import Rows, Stage

HASH_BYTES = 16


class States(Protocol):
    """Where stored states are: an embedded log, or the tables of a cluster."""

    def states(self, stage: str) -> Iterator[tuple[str, Rows]]:
        """Every key that has a stored state, in order, with its rows."""
        ...


def state_hash(states: States, stages: Iterable[Stage[Any]]) -> str:
    """Hash over what every stage knows, whatever the order of arrival: `Stage.digest` of each key, by key.

    A digest that is null counts for nothing: the state is all history, such as what people were told, and when.

    Returns:
        32 hexadecimal digits.
    """
    hashed = blake2b(digest_size=HASH_BYTES)
    for stage in stages:
        for key, rows in states.states(stage.name):
            if (digest := stage.digest(stage.load(key, rows))) is not None:
                hashed.update(canonical([stage.name, key, digest]))
                hashed.update(b"\n")
    return hashed.hexdigest()


def exact_hash(states: States, stages: Iterable[str], marks: Iterable[Mark] = ()) -> str:
    """Hash over the stored bytes of every state, and over how far the stages have read, if that is given.

    Returns:
        32 hexadecimal digits.
    """
    hashed = blake2b(digest_size=HASH_BYTES)
    for stage in sorted(stages):
        for key, rows in states.states(stage):
            for row in sorted(rows):
                head = canonical([stage, key, row, len(rows[row])])
                hashed.update(head + rows[row])
    for mark in sorted(marks, key=lambda mark: (mark.stage, mark.lane)):
        hashed.update(canonical([mark.stage, mark.version, *mark.lane, mark.offset]))
    return hashed.hexdigest()
