"""What merging asks of the theatre: who is whose party, who fought beside whom, and what each source is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from streams.theatres.actors import Actors
from streams.theatres.outlets import Outlets

_PAIRS = 20_000
"""Pairs of parties and days whose alliance is kept in mind."""
_NO_VOWELS = str.maketrans("", "", "aeiou")


@dataclass(frozen=True, slots=True)
class Teller:
    """An outlet or a primary source."""

    name: str
    """Its one name among root sources: `sohr`, or `outlet:bbc` for who prints, also where others quote it."""
    kind: str
    """Type in the theatre's list: `wire`, `ngo_monitor`, `state_body` …; `party`, or `other` if it is not there."""
    party: str | None = None
    """Party to the war that it speaks for, null if none."""
    agencies: frozenset[str] = frozenset()
    """Whose text it may print: its own, and that of agencies that it commonly reprints, by id."""


class Knowledge:
    """The theatre, as merging asks it. What is asked often is looked up once."""

    def __init__(self, actors: Actors, outlets: Outlets, generic: frozenset[str] = frozenset()) -> None:
        self._generic = generic
        self._outlets = outlets
        self.allied = lru_cache(maxsize=_PAIRS)(actors.allied)
        """Whether two parties fought on one side on a day."""
        self._party = {actor.id: actor.party for actor in actors}
        self._tellers: dict[str, Teller] = {}

    def parties_of(self, actors: tuple[str, ...]) -> frozenset[str]:
        """The parties that actors count as; an unknown one stands for itself."""
        return frozenset([self._party.get(actor, actor) for actor in actors])

    def quarter(self, district: str) -> frozenset[str]:
        """The words of a neighbourhood's folded name that tell it from others, without their vowels.

        So Akrameh, Ikrima and "the school in Ikrima" have what they share, and "the eastern district" has nothing.
        """
        if not district:
            return frozenset()
        words = (word.translate(_NO_VOWELS) for word in district.split() if word not in self._generic)
        return frozenset(word for word in words if len(word) > 1)

    def teller(self, root: str) -> Teller:
        """What is known of a root source, such as `sohr`, or `outlet:bbc` for an outlet's own voice."""
        found = self._tellers.get(root)
        if found is None:
            found = self._look_up(root)
            if found.kind != "other":
                # Only what the theatre knows is kept, so that articles cannot make this grow.
                self._tellers[root] = found
        return found

    def _look_up(self, root: str) -> Teller:
        if root.startswith("party:"):
            actor = root.removeprefix("party:")
            return Teller(root, "party", self._party.get(actor, actor))
        bare = root.removeprefix("outlet:")
        if outlet := self._outlets.get(bare):
            party = outlet.affiliation and self._party.get(outlet.affiliation, outlet.affiliation)
            return Teller(f"outlet:{outlet.id}", outlet.type, party, frozenset((outlet.id, *outlet.copies)))
        if source := self._outlets.source(bare):
            party = source.affiliation and self._party.get(source.affiliation, source.affiliation)
            return Teller(source.id, source.type, party)
        return Teller(root, "other")
