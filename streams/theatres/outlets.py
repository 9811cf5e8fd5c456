"""Outlets, and the primary sources that they quote: who prints, who says so, and whose side they are on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.errors import TheatreError
from streams.theatres.names import TOKEN, fold
from streams.theatres.pack import Pack
from streams.theatres.scan import OUTLET, SOURCE, Name

PATH = "outlets.yaml"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    type: str
    lean: str
    country: str | None = None
    domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    affiliation: str | None = None
    lean_note: str | None = None
    label: str | None = None
    generic: bool = False


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    outlets: tuple[_Row, ...]
    primary_sources: tuple[_Row, ...]


_FILE = TypeAdapter(_File)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who prints."""

    id: str
    name: str
    type: str
    """wire, newspaper, broadcaster, online, aggregator, or a kind of primary source."""
    lean: str
    """Editorial position on the war; no score of reliability."""
    affiliation: str | None
    """Actor that it speaks for, null if none."""
    copies: tuple[str, ...]
    """Ids of agencies whose text it commonly reprints."""
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Who is quoted."""

    id: str
    label: str
    """The short form that readers see: "SOHR", "White Helmets"."""
    affiliation: str | None
    """Actor that it speaks for, null if none."""
    type: str
    lean: str
    generic: bool = False
    """True for people rather than a body ("residents"): shown in the article's own word."""


class Outlets:
    """Outlets and primary sources by any of their names.

    Args:
        outlets: Outlets with the names that texts use, and the codes and domains that only look-ups know.
        sources: Primary sources with their other names.
    """

    def __init__(
        self,
        outlets: Iterable[tuple[Outlet, tuple[str, ...], tuple[str, ...]]],
        sources: Iterable[tuple[Source, tuple[str, ...]]],
    ) -> None:
        self._outlets: dict[str, Outlet] = {}
        self._sources: dict[str, Source] = {}
        self._outlet_ids: dict[str, str] = {}
        self._source_ids: dict[str, str] = {}
        self._names: list[Name] = []
        for source, names in sources:
            self._sources[source.id] = source
            for name in (source.id, *names):
                self._source_ids.setdefault(_key(name), source.id)
            self._names += (Name(SOURCE, source.id, name) for name in names)
        for outlet, names, codes in outlets:
            self._outlets[outlet.id] = outlet
            for name in (outlet.id, *codes, *names):
                self._outlet_ids.setdefault(_key(name), outlet.id)
            self._names += (Name(OUTLET, outlet.id, name) for name in names)
        self._by_id = {known: self._source(known) for known in (*self._sources, *self._outlets)}

    def __iter__(self) -> Iterator[Outlet]:
        return iter(self._outlets.values())

    def get(self, id_or_name: str) -> Outlet | None:
        """The outlet of an id, name, alias, web domain or collection's code; hyphens and underscores are one.

        Null if the theatre does not know it. A primary source that prints is found as well.
        """
        return self._outlets.get(self._outlet_ids.get(_key(id_or_name), ""))

    def source(self, name: str) -> Source | None:
        """Who is quoted under a name: a primary source, else an outlet; null if the theatre does not know it."""
        return self._by_id[name] if name in self._by_id else self._source(name)

    def _source(self, name: str) -> Source | None:
        key = _key(name)
        if found := self._sources.get(self._source_ids.get(key, "")):
            return found
        outlet = self._outlets.get(self._outlet_ids.get(key, ""))
        return Source(outlet.id, outlet.name, outlet.affiliation, outlet.type, outlet.lean) if outlet else None

    def agency(self, name: str) -> str | None:
        """Id of the agency that a credit line names ("AFP", "Agence France-Presse"); null if it names none."""
        outlet = self.get(name)
        return outlet.id if outlet and outlet.type == "wire" else None

    def names(self) -> Iterator[Name]:
        """All names for `scan.NameIndex`: primary sources, then outlets."""
        return iter(self._names)


def read_outlets(pack: Pack, actors: frozenset[str]) -> Outlets:
    """The outlets and primary sources of a pack, from outlets.yaml.

    Args:
        pack: The pack.
        actors: Ids of the actors that one may speak for.

    Raises:
        TheatreError: If the file has another shape, an id stands twice, or one refers to nobody.
    """
    data = pack.rows(PATH, _FILE)
    printing = {row.id for row in data.outlets}
    for rows in (data.outlets, data.primary_sources):
        seen: set[str] = set()
        for row in rows:
            if row.id in seen:
                raise TheatreError(f"{pack.name}/{PATH}: {row.id!r} stands twice; ids are unique")
            seen.add(row.id)
            if row.affiliation is not None and row.affiliation not in actors:
                raise TheatreError(f"{pack.name}/{PATH}: {row.id} speaks for {row.affiliation!r}, which is no actor")
            if unknown := [agency for agency in row.copies if agency not in printing]:
                raise TheatreError(f"{pack.name}/{PATH}: {row.id} copies {unknown[0]!r}, which is no outlet")
    printers = [*data.outlets, *(row for row in data.primary_sources if row.keys and row.id not in printing)]
    return Outlets(
        ((_outlet(row), (row.name, *row.aliases), (*row.keys, *row.domains)) for row in printers),
        ((_source(row), (row.name, *row.aliases)) for row in data.primary_sources),
    )


def _outlet(row: _Row) -> Outlet:
    return Outlet(row.id, row.name, row.type, row.lean, row.affiliation, row.copies, row.domains)


def _source(row: _Row) -> Source:
    return Source(row.id, row.label or row.name, row.affiliation, row.type, row.lean, row.generic)


def _key(name: str) -> str:
    """A name in the form it is looked up by; a short one in capitals as it is, since "WHO" is not "who"."""
    bare = name.replace(".", "")
    if bare.isupper() and bare.isascii() and len(TOKEN.findall(name)) == 1:
        return bare
    return fold(name.replace("_", "-").removeprefix("the ").removeprefix("The "))
