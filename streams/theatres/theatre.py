"""A theatre: everything that is particular to one war, loaded from its pack.

A pack is a folder of data: theatre.yaml, places.csv, actors.yaml, outlets.yaml, words.yaml, and whatever tables
the stages keep there. A second war is a second folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.errors import TheatreError
from streams.theatres.actors import Actors, read_actors
from streams.theatres.gazetteer import Gazetteer
from streams.theatres.names import fold
from streams.theatres.outlets import Outlets, read_outlets
from streams.theatres.pack import Pack, read_pack
from streams.theatres.scan import Name, NameIndex, Words
from streams.theatres.sites import read_sites

PATH, WORDS_PATH = "theatre.yaml", "words.yaml"

DEFAULTS: Mapping[str, float] = MappingProxyType({"lateness_days": 30, "parent_km": 15, "news_population": 10_000})
"""Parameters that a pack may leave out."""


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    version: str
    country: str
    parameters: dict[str, float] = Field(default_factory=dict)


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    everyday: tuple[str, ...] = ()
    given_names: tuple[str, ...] = ()
    before_persons: tuple[str, ...] = ()
    settlements: tuple[str, ...] = ()
    placing: tuple[str, ...] = ()
    sites: dict[str, tuple[str, ...]] = Field(default_factory=dict)


_FILE, _WORDS = TypeAdapter(_File), TypeAdapter(_Words)


@dataclass(frozen=True, slots=True)
class Theatre:
    """One war: its places, actors, outlets and words."""

    name: str
    """Name of the pack."""
    title: str
    """Name for readers."""
    version: str
    """Name, version and content hash of the pack: two packs of one version hold the same."""
    gazetteer: Gazetteer
    actors: Actors
    outlets: Outlets
    words: Words
    parameters: Mapping[str, float]
    """Numbers that the stages ask for; units stand in their names."""
    pack: Pack

    def parameter(self, name: str) -> float:
        """A parameter of theatre.yaml.

        Raises:
            TheatreError: If the pack has no such parameter.
        """
        if name not in self.parameters:
            raise TheatreError(f"{self.name}/{PATH}: parameters have no {name!r}; add it")
        return self.parameters[name]

    def table(self, path: str) -> Any:
        """A YAML file of the pack that a stage keeps there, such as `lexicon/events.yaml`.

        Raises:
            TheatreError: If there is no such file, or it is no YAML.
        """
        return self.pack.yaml(path)

    def tables(self, under: str) -> tuple[str, ...]:
        """Paths of the pack's files in a folder, such as `lexicon/`, sorted."""
        return self.pack.paths(under)

    def index(self, terms: Iterable[Name] = ()) -> NameIndex:
        """An index of all names of the theatre and of a stage's own words.

        It takes a good half second to build: build it once.

        Args:
            terms: Words that a stage looks for, in the same pass. They match letter by letter, in any case if they are
                written in lower case.
        """
        names = chain(self.gazetteer.names(self.words), self.actors.names(), self.outlets.names(), terms)
        return NameIndex(names, self.words)


@lru_cache(maxsize=8)
def load_theatre(name: str = "syria", root: Path | None = None) -> Theatre:
    """A theatre by the name of its pack; loaded once.

    Args:
        name: Name of the pack.
        root: Folder that holds the pack; null for the packs that ship with the program.

    Raises:
        TheatreError: If there is no such pack, or it does not hold together; names file and line, and what to do.
    """
    pack = read_pack(name, root)
    about = pack.rows(PATH, _FILE)
    if about.name != name:
        raise TheatreError(f"{name}/{PATH}:1: calls itself {about.name!r}; name and folder must be one")
    parameters = {**DEFAULTS, **about.parameters}
    words = pack.rows(WORDS_PATH, _WORDS) if WORDS_PATH in pack.paths() else _Words()
    sites = read_sites(pack, about.country, parameters["parent_km"], int(parameters["news_population"]), words.sites)
    actors = read_actors(pack)
    return Theatre(
        name=name,
        title=about.title,
        version=f"{name}-{about.version}+{pack.content_hash}",
        gazetteer=Gazetteer(sites, about.country),
        actors=actors,
        outlets=read_outlets(pack, frozenset(actor.id for actor in actors)),
        words=_folded(words),
        parameters=MappingProxyType(parameters),
        pack=pack,
    )


def _folded(words: _Words) -> Words:
    return Words(
        everyday=frozenset(map(str.lower, words.everyday)),
        given_names=frozenset(map(fold, words.given_names)),
        before_persons=frozenset(map(fold, words.before_persons)),
        settlements=frozenset(map(fold, words.settlements)),
        placing=frozenset(map(str.lower, words.placing)),
    )
