"""A YAML file checked against a shape, every mistake told with its line and without the value.

A value may be a secret that stands where only its name should, so no message repeats what was written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from schemas.errors import FrontwireError

T = TypeVar("T")
Location = tuple[int | str, ...]


class TargetsError(FrontwireError):
    """A file of targets does not hold together."""


class Lines:
    """Where things stand in a YAML file."""

    def __init__(self, path: Path, content: bytes) -> None:
        """Parse. Raises TargetsError if it is no YAML."""
        self.path = path
        try:
            self._text = content.decode("utf-8-sig")
            self.data: Any = yaml.safe_load(self._text)
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise TargetsError(f"{path}:{line}: is not UTF-8; save it as UTF-8") from None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise TargetsError(f"{path}:{line}: is no YAML: {error.problem}") from None

    def shaped(self, shape: TypeAdapter[T]) -> T:
        """The data in a shape. Raises TargetsError with a line for each mistake."""
        try:
            return shape.validate_python(self.data)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            raise TargetsError("\n".join(self.fault(fault["loc"], fault["msg"]) for fault in faults)) from None

    def fault(self, location: Location, what: str) -> str:
        """One mistake, as a line that names its place."""
        where = ".".join(map(str, location)) or "the file"
        return f"{self.path}:{self._line(location)}: {where}: {what}"

    def _line(self, location: Location) -> int:
        node = yaml.compose(self._text, Loader=yaml.SafeLoader)
        for step in location:
            inner = _child(node, step)
            if inner is None:
                break
            node = inner
        return node.start_mark.line + 1 if node else 1


def _child(node: Any, step: int | str) -> Any:
    if isinstance(node, yaml.MappingNode):
        # The line of the key, for a mistake may be that the key is there at all.
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None
