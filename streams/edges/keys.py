"""Who may ask the feed: keys with scopes, kept as hashes in a file that can change while the feed runs.

Without a file there are no keys, everybody may ask for everything, and the feed listens to its own machine only.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import FrontwireError

PREFIX = "fw_"
"""How every key begins, so that it is known for one wherever it turns up."""

BYTES = 32
"""Random bytes of a key: too many to guess, so a plain hash is enough to keep."""


class Scope(StrEnum):
    """What a key is good for."""

    READ = "read"
    """Everything that is known, and the stream."""
    OPERATE = "operate"
    """Dead letters, deliveries and metrics as well."""


class KeysError(FrontwireError):
    """The file of keys cannot be used. The message says why, and never what stands in it."""


class Key(BaseModel):
    """A key as the file has it: never itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[\w .@-]{1,60}$")]
    """Whose it is, for people."""
    scopes: tuple[Scope, ...] = (Scope.READ,)
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Hash of the key."""
    rate: float | None = Field(default=None, gt=0)
    """Requests a second; null for the usual."""
    streams: int | None = Field(default=None, ge=0)
    """Streams and exports at once; null for the usual."""

    def may(self, scope: Scope) -> bool:
        """Whether it is good for something. Who operates may read."""
        return scope in self.scopes or Scope.OPERATE in self.scopes


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: tuple[Key, ...] = ()


class KeyRing:
    """The keys of a file. A change of the file takes effect with the next request."""

    def __init__(self, path: Path, unreadable: Callable[[str], None]) -> None:
        """Read them.

        Args:
            path: The file.
            unreadable: Hears why a changed file cannot be used; the keys from before go on then.

        Raises:
            KeysError: If the file cannot be used to begin with.
        """
        self._path, self._unreadable = path, unreadable
        self._stamp = _stamp(path)
        self._by_hash = _by_hash(read_keys(path))

    def of(self, secret: str) -> Key | None:
        """The key that somebody shows; null if there is none like it, or no more."""
        if (stamp := _stamp(self._path)) != self._stamp:
            self._stamp = stamp
            try:
                self._by_hash = _by_hash(read_keys(self._path))
            except KeysError as error:
                # Half-written by hand, perhaps: nobody who was let in is turned away for it, and nobody else is let in.
                self._unreadable(str(error))
        return self._by_hash.get(_hash(secret))


def new_key(name: str, scopes: Sequence[Scope]) -> tuple[str, Key]:
    """A key for somebody, which is told once, and what is kept of it."""
    secret = PREFIX + secrets.token_urlsafe(BYTES)
    return secret, Key(name=name, scopes=tuple(scopes), sha256=_hash(secret))


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys of a file.

    Raises:
        KeysError: If it cannot be read, or two keys have one name.
    """
    try:
        found = _File.model_validate(yaml.safe_load(path.read_text()) or {}, strict=False)
    except OSError as error:
        raise KeysError(f"{path}: {error.strerror}; make one with: frontwire keys new NAME") from error
    except (yaml.YAMLError, UnicodeDecodeError):
        raise KeysError(f"{path} is no YAML; make keys with: frontwire keys new NAME") from None
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise KeysError(f"{path}: {where}: {error.errors()[0]['msg']}") from None
    names = [key.name for key in found.keys]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise KeysError(f"{path}: two keys are called {twice!r}; each needs a name of its own")
    return found.keys


def write_keys(path: Path, keys: Sequence[Key]) -> None:
    """Write a file of keys whole or not at all, for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.touch(mode=0o600)
    plain = [key.model_dump(mode="json", exclude_none=True) for key in keys]
    beside.write_text(yaml.safe_dump({"keys": plain}, sort_keys=False))
    beside.replace(path)


def _by_hash(keys: Sequence[Key]) -> dict[str, Key]:
    return {key.sha256: key for key in keys}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
