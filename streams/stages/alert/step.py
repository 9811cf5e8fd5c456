"""The alert stage: what meets a rule in, alerts out.

It is keyed by rule and area, so that all that a rule looks at together, a place, a governorate or everything, is in one
partition in both shells. An alert lives through *raised, updated, escalated, cancelled*. It follows its evidence: an
event that is merged takes its alert along; one that is retracted or no longer meets the rule takes it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from schemas.alert import Match
from schemas.codec import canonical
from schemas.topics import ALERTS, MATCHES, Topic
from streams.stages.alert import state as kept
from streams.stages.alert.desk import Desk
from streams.stages.alert.fold import folded
from streams.stages.alert.state import AreaAlerts
from streams.stages.stage import Output, Rows
from streams.theatres.alert_rules import Rule, theatre_rules
from streams.theatres.theatre import Theatre

RULES = "3"
"""Version of the stage: changes with every change that gives other records."""


class AlertStage:
    """Watches an area by a rule. Implements `streams.stages.stage.Stage`."""

    name = "alert"
    inputs: tuple[Topic, ...] = (MATCHES,)
    outputs: tuple[Topic, ...] = (ALERTS,)

    def __init__(self, theatre: Theatre, rules: tuple[Rule, ...] | None = None) -> None:
        """A stage for a theatre.

        Args:
            theatre: Whose rules are in force where there are no others.
            rules: The rules; those that ship with the theatre if None.
        """
        self.rules = theatre_rules(theatre) if rules is None else rules
        self._by_name = {rule.name: rule for rule in self.rules}
        digest = blake2b(canonical([rule.model_dump(mode="json") for rule in self.rules]), digest_size=8)
        self.version = f"{RULES}+{theatre.version}+{digest.hexdigest()}"

    def initial(self, key: str) -> AreaAlerts:
        """An area in which nothing meets the rule."""
        return AreaAlerts()

    def step(self, state: AreaAlerts, record: Match, known_at: datetime) -> tuple[AreaAlerts, tuple[Output, ...]]:
        """The area's alerts after a match, and those that changed."""
        if (rule := self._by_name.get(record.rule)) is None:
            return state, ()
        desk = Desk(state, rule, record.area, known_at)
        desk.take(record)
        return desk.state, tuple(Output(ALERTS, alert.alert_id, alert) for alert in desk.said)

    def dump(self, state: AreaAlerts) -> Rows:
        """The state as rows."""
        return kept.dump(state)

    def changes(self, before: AreaAlerts, after: AreaAlerts) -> Mapping[str, bytes | None]:
        """The rows in which two states differ, null for those that go."""
        return kept.changes(before, after)

    def load(self, key: str, rows: Rows) -> AreaAlerts:
        """The state that `dump` made these rows of."""
        state, (name, _, area) = kept.load(rows), key.partition("/")
        rule = self._by_name.get(name)
        return replace(state, tip=folded(rule, area, state.base, state.recent)) if rule else state

    def digest(self, state: AreaAlerts) -> Any:
        """Nothing: alerts tell of what changed as it changed, and that is a matter of arrival."""
        return None
