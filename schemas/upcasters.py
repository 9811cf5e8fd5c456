"""Old records into new shapes: one small pure function for each step of version.

A log is never rewritten. When a record's shape changes, its `schema_version` goes up by one, and a function here turns
the JSON object of the version before into the next. `schemas.codec` applies them in order on reading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the JSON object of one version and gives that of the next, without touching its argument."""


def _same(data: dict[str, Any]) -> dict[str, Any]:
    """What came new has a default."""
    return data


def _turnless(data: dict[str, Any]) -> dict[str, Any]:
    """A match that did not say when it became what it is: no alert is worked out from it any more."""
    return {**{name: value for name, value in data.items() if name != "taken_in"}, "turns": []}


UPCASTERS: dict[str, dict[int, Upcaster]] = {
    "Alert": {1: _same},
    "Article": {1: _same},
    "Match": {1: _turnless},
    "Mention": {1: _same},
}
"""Record name to version to the function that leads on from that version."""


def upcast(
    name: str, version: int, to: int, data: dict[str, Any], table: dict[str, dict[int, Upcaster]] = UPCASTERS
) -> dict[str, Any]:
    """A record's JSON object, carried from one version to another.

    Args:
        name: Class name of the record, such as `Mention`.
        version: Version that `data` has.
        to: Version wanted, at least `version`.
        data: JSON object; left as it is.
        table: The steps.

    Returns:
        The JSON object in version `to`.

    Raises:
        KeyError: If a step is missing.
    """
    for step in range(version, to):
        data = {**table[name][step](data), "schema_version": step + 1}
    return data
