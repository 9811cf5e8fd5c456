"""The files of a pack: found, hashed, parsed, and checked against the shape that the code expects.

What the files mean is left to gazetteer, actors and outlets.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from schemas.errors import FrontwireError, TheatreError
from streams.theatres.yaml_lines import YamlFile, decoded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack's files, read once.

    Equal content gives an equal hash, on any machine and wherever the pack lies.
    """

    name: str
    content: tuple[tuple[str, bytes], ...]
    """Path inside the pack and bytes, sorted by path."""
    content_hash: str
    """First 12 hexadecimal digits of a BLAKE2b over all files."""

    def paths(self, under: str = "") -> tuple[str, ...]:
        """Paths of the pack's files, sorted, of one folder if asked."""
        return tuple(path for path, _ in self.content if path.startswith(under))

    def text(self, path: str) -> str:
        """A file's text.

        Raises:
            TheatreError: If the pack has no such file, or it is not UTF-8.
        """
        return decoded(f"{self.name}/{path}", self._raw(path), TheatreError)

    def yaml(self, path: str) -> Any:
        """A YAML file's data, parsed anew at each call.

        Raises:
            TheatreError: If there is no such file or it is no YAML; names the line.
        """
        return self.yaml_file(path).data

    def rows(self, path: str, shape: TypeAdapter[T]) -> T:
        """A YAML file's data in the shape that is expected.

        Raises:
            TheatreError: If it has another shape; names each line and what is wrong with it.
        """
        return self.yaml_file(path).shaped(shape)

    def yaml_file(self, path: str, error: type[FrontwireError] = TheatreError) -> YamlFile:
        """A YAML file with its lines. Raises TheatreError if there is none, `error` if it is no YAML."""
        return YamlFile(f"{self.name}/{path}", self._raw(path), error)

    def _raw(self, path: str) -> bytes:
        raw = dict(self.content).get(path)
        if raw is None:
            raise TheatreError(f"{self.name}/{path}: the pack has no such file; it has {', '.join(self.paths())}")
        return raw

    def csv(self, path: str, header: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
        """A CSV file's rows with their line numbers, the header checked and left out.

        Raises:
            TheatreError: If the header or a row has other columns.
        """
        reader = csv.reader(self.text(path).splitlines())
        if (found := tuple(next(reader, []))) != header:
            raise TheatreError(
                f"{self.name}/{path}:1: columns are {','.join(found)}; they should be {','.join(header)}"
            )
        for row in reader:
            if len(row) != len(header):
                raise TheatreError(f"{self.name}/{path}:{reader.line_num}: {len(row)} columns; {len(header)} expected")
            yield reader.line_num, row


def read_pack(name: str, root: Path | None = None) -> Pack:
    """A pack's files.

    Args:
        name: Name of the pack: a folder.
        root: Folder that holds it; null for the packs that ship with the program.

    Raises:
        TheatreError: If there is no such pack.
    """
    home: Traversable = root if root is not None else files("streams.theatres")
    folder = home / name
    if not name.isidentifier() or not (folder / "theatre.yaml").is_file():
        known = sorted(entry.name for entry in home.iterdir() if entry.is_dir() and (entry / "theatre.yaml").is_file())
        raise TheatreError(f"there is no theatre {name!r}; there is {', '.join(known) or 'none'} under {home}")
    content = tuple(sorted(_walk(folder, "")))
    return Pack(name, content, _hash(content))


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _hash(content: tuple[tuple[str, bytes], ...]) -> str:
    digest = blake2b(digest_size=6)
    for path, raw in content:
        # Lengths first, so that bytes cannot move from one file into the next unseen.
        digest.update(b"%d %d " % (len(path.encode()), len(raw)) + path.encode() + raw)
    return digest.hexdigest()
