"""A YAML file checked against a shape, every mistake told with its line."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from schemas.errors import FrontwireError

T = TypeVar("T")
Location = tuple[int | str, ...]
"""Where something stands: keys of mappings and places in lists, from the outside in."""

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where PyYAML was built with it: ten times as fast."""


class YamlFile:
    """Data of a YAML file, and where things stand in it."""

    def __init__(self, name: str, content: bytes, error: type[FrontwireError], *, shows_values: bool = True) -> None:
        """Parse.

        Args:
            name: How messages name the file.
            content: Its bytes.
            error: What is raised for every mistake, with the line.
            shows_values: Repeat what was written; false where it may be a secret.
        """
        self.name, self._error, self._shows_values = name, error, shows_values
        self.text = decoded(name, content, error)
        try:
            self.data: Any = yaml.load(self.text, Loader=_LOADER)  # noqa: S506 - a safe loader
        except yaml.MarkedYAMLError as problem:
            line = problem.problem_mark.line + 1 if problem.problem_mark else 1
            raise error(f"{name}:{line}: is no YAML: {problem.problem}; mend that line") from None
        except yaml.reader.ReaderError as problem:
            line = self.text[: problem.position].count("\n") + 1
            raise error(f"{name}:{line}: holds a character that YAML does not allow; take it out") from None
        except (ValueError, RecursionError) as problem:  # A day that there is not, brackets without end.
            raise error(
                f"{name}: holds something that cannot be read ({problem}); look at its dates and brackets"
            ) from None

    def shaped(self, shape: TypeAdapter[T]) -> T:
        """The data in a shape. Raises the file's error with a line for each mistake."""
        try:
            return shape.validate_python(self.data)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False)
            self.refuse([self.fault(one["loc"], self._told(one["msg"], one["input"])) for one in faults])

    def fault(self, location: Location, what: str) -> str:
        """One mistake, as a line that names its place."""
        where = ".".join(map(str, location)) or "the file"
        return f"{self.name}:{self.line(location)}: {where}: {what}"

    def line(self, location: Location) -> int:
        """Line, from 1, of the innermost part of a location that the file has."""
        node = yaml.compose(self.text, Loader=_LOADER)
        for step in location:
            inner = _child(node, step)
            if inner is None:
                break
            node = inner
        return node.start_mark.line + 1 if node else 1

    def refuse(self, faults: list[str]) -> NoReturn:
        """Raise the file's error for what `fault` made."""
        raise self._error("\n".join(faults)) from None

    def _told(self, what: str, written: object) -> str:
        shown = self._shows_values and not isinstance(written, dict | list)
        return f"{what}, not {written!r}" if shown else what


def decoded(name: str, content: bytes, error: type[FrontwireError]) -> str:
    """A file's text. Raises `error` with the line if it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise error(f"{name}:{line}: is not UTF-8; save it as UTF-8") from None


def _child(node: Any, step: int | str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None
