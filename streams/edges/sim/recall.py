"""Reading a text takes long and depends on nothing else: what was read once is remembered over simulations."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from streams.pipeline import Pipeline
from streams.stages.stage import Output, Stage

READ_AGAIN = 16
"""Every so many times a text is read again all the same: it must say what it said."""


class Recalled:
    """A stage that remembers what it made of a record in a state."""

    def __init__(self, stage: Stage[Any]) -> None:
        self._stage, self._said = stage, dict[Any, tuple[Any, tuple[Output, ...]]]()
        self._asked = 0
        self.changed_its_mind: list[str] = []
        """Keys of records that said another thing the second time."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)

    def step(self, state: Any, record: Any, known_at: datetime) -> tuple[Any, tuple[Output, ...]]:
        """What the stage makes of a record; the log time counts for nothing, which is looked at as well."""
        about = (state, record)
        self._asked += 1
        if about not in self._said or self._asked % READ_AGAIN == 0:
            said = self._stage.step(state, record, known_at)
            if self._said.setdefault(about, said) != said:
                self.changed_its_mind.append(str(getattr(record, "article_id", record)))
        return self._said[about]


def recalling(stages: Pipeline) -> Pipeline:
    """The same stages, of which the first one remembers."""
    first, *others = stages
    return [cast("Stage[Any]", Recalled(first)), *others]
