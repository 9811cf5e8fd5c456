"""What a stage is, in both shells.

A stage folds the records of one key, one at a time. It reads no clock, no chance, no network and no environment: all
that it knows comes with the record, the state and the theatre it was built for. So the same records in the same order
give the same outputs, byte for byte, wherever it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from schemas.record import Record
from schemas.topics import Topic

S = TypeVar("S")
"""A stage's state for one key."""

Rows = Mapping[str, bytes]
"""A state as it is stored: row name to bytes. Shells write only the rows that changed, so a small change to a large
state stays a small write."""


@dataclass(frozen=True, slots=True)
class Output:
    """A record that a stage puts on a topic."""

    topic: Topic
    key: str
    record: Record


class Stage(Protocol, Generic[S]):
    """One step of the flow."""

    name: str
    """Short name, a verb: `extract`."""
    version: str
    """Version of its rules and of the theatre that it was built for; stands in the headers of each record it makes."""
    inputs: tuple[Topic, ...]
    outputs: tuple[Topic, ...]

    def initial(self, key: str) -> S:
        """The state of a key of which nothing is known."""
        ...

    def step(self, state: S, record: Any, known_at: datetime) -> tuple[S, tuple[Output, ...]]:
        """What follows from one record.

        Args:
            state: What the key's earlier records left.
            record: A record of one of the input topics.
            known_at: Log time of the article that caused it; outputs that speak of known time carry it.

        Returns:
            The next state (the same object if nothing changed) and the outputs in order.
        """
        ...

    def dump(self, state: S) -> Rows:
        """The state as rows. Equal states give equal bytes."""
        ...

    def load(self, key: str, rows: Rows) -> S:
        """The state that `dump` made these rows of."""
        ...

    def digest(self, state: S) -> Any:
        """JSON data that is equal for any order of arrival: the state without the history of its revisions.

        Null if the whole of the state is such history.
        """
        ...
