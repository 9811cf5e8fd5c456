"""The match stage: what is known of a place in, what meets the alert rules out.

It is keyed by place, as what it reads is, and says of each record which rules it meets, and later, if its evidence
changes, that it does so no more. What rules do with that, counting, grouping and keeping silent, may be about many
places and is the alert stage's, which is keyed by rule and area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from schemas.alert import Match
from schemas.codec import canonical
from schemas.control import ControlChange
from schemas.event import Event
from schemas.mention import Mention, Withdrawal
from schemas.record import Place
from schemas.topics import CLAIMS, CONTROL_CHANGES, EVENTS, MATCHES, MENTIONS, Topic
from schemas.vocabulary import ChangeKind, EventType, Relation
from streams.stages.match import state as kept
from streams.stages.match.conditions import Watch
from streams.stages.match.desk import Desk
from streams.stages.match.state import PlaceMatches, Seen
from streams.stages.stage import Output, Rows
from streams.theatres.alert_rules import Rule, Watched, theatre_rules
from streams.theatres.theatre import Theatre

RULES = "2"
"""Version of the stage: changes with every change that gives other records."""

_KINDS: dict[Watched, Sequence[str]] = {
    "events": tuple(EventType),
    "claims": tuple(Relation),
    "changes": tuple(ChangeKind),
}
_About = dict[str, list[Watch]]
"""Rules by the kind of record that they may be about."""


class MatchStage:
    """Holds the records of a place against rules. Implements `streams.stages.stage.Stage`."""

    name = "match"
    inputs: tuple[Topic, ...] = (MENTIONS, EVENTS, CLAIMS, CONTROL_CHANGES)
    outputs: tuple[Topic, ...] = (MATCHES,)

    def __init__(self, theatre: Theatre, rules: tuple[Rule, ...] | None = None) -> None:
        """A stage for a theatre.

        Args:
            theatre: Whose places and parties the rules name.
            rules: The rules; those that ship with the theatre if None.
        """
        self._theatre = theatre
        self.rules = theatre_rules(theatre) if rules is None else rules
        self._watches = {rule.name: Watch(rule) for rule in self.rules}
        self._by_place: dict[tuple[object, ...], _About] = {}
        rules_hash = _hash([rule.model_dump(mode="json") for rule in self.rules])
        self.version = f"{RULES}+{theatre.version}+{rules_hash}"

    def initial(self, key: str) -> PlaceMatches:
        """A place of which nothing is known."""
        return PlaceMatches()

    def step(
        self, state: PlaceMatches, record: Mention | Withdrawal | Seen, known_at: datetime
    ) -> tuple[PlaceMatches, tuple[Output, ...]]:
        """What is kept of the place after a record, and which rules are met, or met no more."""
        if isinstance(record, Withdrawal):
            # What rested on it follows in events, claims and changes of their own, and may be read later.
            return state, ()
        if not (about := self._about(record.place)):
            return state, ()
        desk = Desk(state, self._theatre, lambda seen: about.get(_kind(seen), ()), self._watches)
        desk.take(record, known_at)
        return desk.state, tuple(Output(MATCHES, key(match), match) for match in desk.said)

    def dump(self, state: PlaceMatches) -> Rows:
        """The state as rows."""
        return kept.dump(state)

    def changes(self, before: PlaceMatches, after: PlaceMatches) -> Mapping[str, bytes | None]:
        """The rows in which two states differ, null for those that go."""
        return kept.changes(before, after)

    def load(self, key: str, rows: Rows) -> PlaceMatches:
        """The state that `dump` made these rows of."""
        return kept.load(rows)

    def digest(self, state: PlaceMatches) -> Any:
        """Nothing: what was said when is a matter of arrival."""
        return None

    def _about(self, place: Place) -> _About:
        """The rules that look at a place; worked out once for each."""
        at = place.place_id, place.precision, place.lat, place.lon
        if (known := self._by_place.get(at)) is None:
            chain = frozenset(self._theatre.gazetteer.within(place.place_id) if place.place_id else ())
            there = [watch for watch in self._watches.values() if watch.is_there(place, chain)]
            known = self._by_place[at] = _by_kind(there)
        return known


def key(match: Match) -> str:
    """Key of a match: all that a rule has to look at together has the same."""
    return f"{match.rule}/{match.area}"


def _by_kind(watches: Sequence[Watch]) -> _About:
    about: _About = {}
    for watch in watches:
        for kind in watch.kinds or _KINDS[watch.rule.watch]:
            about.setdefault(f"{watch.rule.watch} {kind}", []).append(watch)
    return about


def _kind(record: Seen) -> str:
    if isinstance(record, Event):
        return f"events {record.event_type}"
    return f"changes {record.change}" if isinstance(record, ControlChange) else f"claims {record.relation}"


def _hash(data: object) -> str:
    return blake2b(canonical(data), digest_size=8).hexdigest()
