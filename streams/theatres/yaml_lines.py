"""A YAML file checked against a shape, every mistake told with its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from schemas.errors import FrontwireError

T = TypeVar("T")
Location = tuple[int | str, ...]
"""Where something stands: keys of mappings and places in lists, from the outside in."""

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where PyYAML was built with it: ten times as fast."""

_IN_YAML = {
    "tuple_type": "should be a list, [one, another]",
    "model_type": "should be names with values, name: value",
    "dict_type": "should be names with values, name: value",
    "extra_forbidden": "is not known here",
    "missing": "is missing",
}
"""Kinds of mistake whose message would speak of Python."""


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
            loader = _LOADER(self.text)
            self._root: Any = loader.get_single_node()
            twice = list(_twice(self._root))
            self.data: Any = loader.construct_document(self._root) if self._root else None
        except yaml.MarkedYAMLError as problem:
            line = problem.problem_mark.line + 1 if problem.problem_mark else 1
            raise error(f"{name}:{line}: is no YAML: {problem.problem}; mend that line") from None
        except yaml.reader.ReaderError as problem:
            line = self.text[: problem.position].count("\n") + 1
            raise error(f"{name}:{line}: holds a character that YAML does not allow; take it out") from None
        except ValueError as problem:
            raise error(f"{name}:{_impossible(self._root)}: {problem}; mend that line") from None
        except RecursionError:
            raise error(f"{name}: has brackets within brackets without end; close them") from None
        if twice:
            self.refuse([f"{name}:{line}: {key} stands here twice; leave one out" for line, key in twice])

    def shaped(self, shape: TypeAdapter[T]) -> T:
        """The data in a shape. Raises the file's error with a line for each mistake."""
        try:
            return shape.validate_python(self.data)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False)
            self.refuse([self.fault(one["loc"], self._told(one["type"], one["msg"], one["input"])) for one in faults])

    def fault(self, location: Location, what: str) -> str:
        """One mistake, as a line that names its place."""
        where = ".".join(map(str, location)) or "the file"
        return f"{self.name}:{self.line(location)}: {where}: {what}"

    def line(self, location: Location) -> int:
        """Line, from 1, of the innermost part of a location that the file has."""
        node = self._root
        for step in location:
            inner = _child(node, step)
            if inner is None:
                break
            node = inner
        return node.start_mark.line + 1 if node else 1

    def refuse(self, faults: list[str]) -> NoReturn:
        """Raise the file's error for what `fault` made."""
        raise self._error("\n".join(faults)) from None

    def _told(self, kind: str, said: str, written: object) -> str:
        what = _IN_YAML.get(kind, said.removeprefix("Value error, "))
        shown = self._shows_values and not isinstance(written, dict | list)
        return f"{what}, not {written!r}" if shown else what


def decoded(name: str, content: bytes, error: type[FrontwireError]) -> str:
    """A file's text. Raises `error` with the line if it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise error(f"{name}:{line}: is not UTF-8; save it as UTF-8") from None


def _twice(node: Any) -> Iterator[tuple[int, str]]:
    """Keys that a mapping has more than once, with their lines: YAML would take the last one in silence."""
    if isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from _twice(inner)


def _impossible(node: Any) -> int:
    """Line of the first value that looks like a day or time and is none."""
    for scalar in _scalars(node):
        try:
            yaml.safe_load(scalar.value)
        except ValueError:
            return int(scalar.start_mark.line) + 1
        except yaml.YAMLError:
            continue
    return 1


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
        return
    for inner in node.value:
        yield from (one for part in inner for one in _scalars(part)) if isinstance(inner, tuple) else _scalars(inner)


def _child(node: Any, step: int | str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None
