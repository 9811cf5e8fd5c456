"""Actors: aliases to parties, by date. Who an alias means in a sentence of doubt is left to extraction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.errors import TheatreError
from streams.theatres.dating import FirstDay, LastDay, Span
from streams.theatres.names import TOKEN, fold
from streams.theatres.pack import Pack
from streams.theatres.scan import ACTOR, Name, Standing

PATH = "actors.yaml"


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Dates(_Shape):
    first: FirstDay = Field(default=None, alias="from")
    last: LastDay = Field(default=None, alias="to")

    @property
    def span(self) -> Span:
        return Span(self.first, self.last)


class _Ally(_Dates):
    id: str


class _ActorRow(_Shape):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    kind: str
    side: str
    aliases: tuple[str, ...]
    active: _Dates
    weak: tuple[str, ...] = ()
    parent: str | None = None
    party: str | None = None
    control: str | None = None
    members: tuple[str, ...] = ()
    successor: str | None = None
    territorial: _Dates | None = None
    notes: str | None = None
    allies: tuple[_Ally, ...] = ()


class _File(_Shape):
    version: int
    actors: tuple[_ActorRow, ...]
    control_labels: dict[str, str]


_FILE = TypeAdapter(_File)


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone who acts in the war."""

    id: str
    name: str
    kind: str
    """state, non_state, coalition, civilian or organisation."""
    side: str
    """Camp that it fights in: government, opposition, jihadist, …; "none" outside all."""
    party: str
    """The belligerent that it counts as; itself where it stands alone."""
    control: str | None
    """Label of a town that it holds; null if it holds none in its own name."""
    parent: str | None
    """What it is part of."""
    members: tuple[str, ...]
    """What it is made of."""
    active: Span
    successor: str | None
    """Who goes on under another name."""
    allies: tuple[tuple[str, Span], ...]


class Actors:
    """The theatre's actors and the names that they go by.

    Args:
        actors: Actors with their aliases and their weak aliases.
        control_labels: What each label of a holder stands for.
    """

    def __init__(
        self, actors: Iterable[tuple[Actor, tuple[str, ...], tuple[str, ...]]], control_labels: dict[str, str]
    ) -> None:
        rows = tuple(actors)
        self.control_labels = control_labels
        self._actors = {actor.id: actor for actor, _, _ in rows}
        self._before = {actor.successor: actor.id for actor, _, _ in rows if actor.successor}
        self._aliases: dict[str, dict[str, None]] = {}
        self._names: list[Name] = []
        for weak in (False, True):
            for actor, aliases, weaker in rows:
                for alias in weaker if weak else (actor.name, *aliases):
                    self._aliases.setdefault(_key(alias), {})[actor.id] = None
                    self._names.append(Name(ACTOR, actor.id, alias, Standing.WEAK if weak else Standing.FIRM))
        self._weak = {_key(name.text) for name in self._names if name.standing is Standing.WEAK}
        self._weak -= {_key(name.text) for name in self._names if name.standing is Standing.FIRM}

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._actors.values())

    def get(self, actor_id: str) -> Actor | None:
        """The actor of an id, null if there is none."""
        return self._actors.get(actor_id)

    def party(self, actor_id: str) -> str:
        """The belligerent that an actor counts as; an unknown id stands for itself."""
        actor = self._actors.get(actor_id)
        return actor.party if actor else actor_id

    def side(self, actor_id: str) -> str:
        """The camp that an actor fights in, "none" if it is in none or not known."""
        actor = self._actors.get(actor_id)
        return actor.side if actor else "none"

    def is_weak(self, alias: str) -> bool:
        """True if the alias alone is not enough to go by: "the army", "militants"."""
        return _key(alias) in self._weak

    def resolve(self, alias: str, *, on: date | None = None) -> str | None:
        """Who goes by an alias.

        Args:
            alias: A name as written. One in capitals means what it means only in capitals ("IS", "US").
            on: Day that is spoken of; null if not known.

        Returns:
            Actor id, null if nobody goes by it. Of several the one active on that day, or active nearest to it; a name
            used outside its time falls to whoever went on under another name then, or had gone before.
        """
        return self.choose(self._aliases.get(_key(alias), ()), on=on)

    def choose(self, actor_ids: Iterable[str], *, on: date | None = None) -> str | None:
        """Of those who go by one alias, such as the ids of a hit, the one meant on a day; see `resolve`."""
        known = [self._actors[actor_id] for actor_id in actor_ids if actor_id in self._actors]
        if not known or on is None:
            return known[0].id if known else None
        return self._bearer(min(known, key=lambda actor: actor.active.days_from(on)), on).id

    def allied(self, a: str, b: str, on: date | None = None) -> bool:
        """True if two actors fight as one on a day (ever, if no day is given): same, of one party, or allies."""
        if a == b or self.party(a) == self.party(b):
            return True
        return self._has_ally(a, b, on) or self._has_ally(b, a, on)

    def control_label(self, party: str) -> str | None:
        """The label of a town that this party or actor holds; null if it holds none in its own name."""
        actor = self._actors.get(party)
        if actor is not None:
            return actor.control
        return party if party in self.control_labels else None

    def names(self) -> Iterator[Name]:
        """All aliases for `scan.NameIndex`, the strong ones first."""
        return iter(self._names)

    def _bearer(self, actor: Actor, on: date) -> Actor:
        while on not in actor.active:
            late = actor.active.last is not None and on > actor.active.last
            other = actor.successor if late else self._before.get(actor.id)
            # Between two actors of one line neither may be active; then the name stays where it is.
            if other is None or self._actors[other].active.days_from(on) >= actor.active.days_from(on):
                return actor
            actor = self._actors[other]
        return actor

    def _has_ally(self, a: str, b: str, on: date | None) -> bool:
        family = {b, self.party(b)}
        own = (self._actors.get(a), self._actors.get(self.party(a)))
        return any(
            ally in family and (on is None or on in span) for actor in own if actor for ally, span in actor.allies
        )


def read_actors(pack: Pack) -> Actors:
    """The actors of a pack, from actors.yaml.

    Raises:
        TheatreError: If the file has another shape, an id stands twice, or one refers to nobody.
    """
    data = pack.rows(PATH, _FILE)
    known = {row.id for row in data.actors}
    if len(known) < len(data.actors):
        twice = sorted(row.id for row in data.actors if sum(other.id == row.id for other in data.actors) > 1)
        raise TheatreError(f"{pack.name}/{PATH}: actor {twice[0]!r} stands twice; ids are unique")
    for row in data.actors:
        for other in (row.parent, row.successor, row.party, *row.members, *(ally.id for ally in row.allies)):
            if other is not None and other not in known:
                raise TheatreError(f"{pack.name}/{PATH}: {row.id} names {other!r}, which is no actor; add or mend it")
        if row.control is not None and row.control not in data.control_labels:
            raise TheatreError(f"{pack.name}/{PATH}: {row.id} holds towns as {row.control!r}; add it to control_labels")
    return Actors(((_actor(row), row.aliases, row.weak) for row in data.actors), data.control_labels)


def _actor(row: _ActorRow) -> Actor:
    allies = tuple((ally.id, ally.span) for ally in row.allies)
    return Actor(
        row.id, row.name, row.kind, row.side, row.party or row.id, row.control, row.parent, row.members,
        row.active.span, row.successor, allies,
    )  # fmt: skip


def _key(alias: str) -> str:
    """An alias in the form it is looked up by: abbreviations in capitals as they are, all else folded."""
    bare = alias.replace(".", "")
    if bare.isupper() and bare.isascii() and len(TOKEN.findall(alias)) == 1:
        return bare
    return fold(alias.removeprefix("the "))
