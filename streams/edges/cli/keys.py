"""`frontwire keys`: who may ask the feed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.edges.cli import screen
from streams.edges.cli.options import AsJson
from streams.edges.keys import KeysError, Scope, new_key, read_keys, write_keys
from streams.edges.settings import settings

keys = typer.Typer(no_args_is_help=True)

DEFAULT = Path(".frontwire/keys.yaml")

KeysFile = Annotated[
    Path | None,
    typer.Option("--keys", metavar="FILE", help=f"The file of keys. Without it FRONTWIRE_KEYS, else {DEFAULT}."),
]
Name = Annotated[str, typer.Argument(help="Whose key it is, for people.")]


@keys.command("new")
def make(
    name: Name,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="read: everything known, and the stream. operate: dead letters, deliveries, metrics too."),
    ] = None,
    file: KeysFile = None,
) -> None:
    """Make a key and print it, this once: the file keeps only its hash. A running feed knows it at once."""
    path = _path(file)
    held = read_keys(path) if path.exists() else ()
    if any(key.name == name for key in held):
        raise KeysError(f"there is a key called {name!r}; take it back first: frontwire keys revoke {name!r}")
    try:
        secret, key = new_key(name, scope or [Scope.READ])
    except ValueError as error:
        raise typer.BadParameter("a name has letters, digits, spaces and . @ -, at most 60") from error
    write_keys(path, (*held, key))
    screen.err().print(f"Key of {name}, kept as a hash in {path}:", markup=False, soft_wrap=True)
    screen.lines([secret.encode()])


@keys.command("list")
def show(file: KeysFile = None, as_json: AsJson = False) -> None:
    """List whose keys there are, and what they are good for."""
    held = read_keys(_path(file))
    if as_json:
        for key in held:
            screen.json_line(key.model_dump(mode="json", exclude={"sha256"}))
        return
    table = screen.table("name", "scopes", ">requests/s", ">streams")
    for key in held:
        table.add_row(key.name, " ".join(key.scopes), str(key.rate or "usual"), str(key.streams or "usual"))
    screen.out().print(table)


@keys.command("revoke")
def take_back(name: Name, file: KeysFile = None) -> None:
    """Take a key back. A running feed turns it away from the next request on."""
    path = _path(file)
    held = read_keys(path)
    kept = tuple(key for key in held if key.name != name)
    if kept == held:
        raise KeysError(f"there is no key called {name!r}; see: frontwire keys list")
    write_keys(path, kept)
    screen.err().print(f"The key of {name} is good for nothing any more.", markup=False)


def _path(option: Path | None) -> Path:
    return option or settings().keys or DEFAULT
