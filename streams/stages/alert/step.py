"""The alert stage: events and control changes in, alerts out.

An alert belongs to a rule and to what it fired on, and lives through *raised, updated, escalated, cancelled*. It
follows its evidence: an event that is merged takes its alert along, one that is retracted or no longer meets the rule
cancels it, and so does a correction of the change that it was raised on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas.alert import Alert
from schemas.codec import canonical
from schemas.control import ControlChange
from schemas.control import Standing as ControlStanding
from schemas.event import Event
from schemas.topics import ALERTS, CONTROL_CHANGES, EVENTS, Topic
from schemas.vocabulary import AlertState, ChangeKind, RevisionKind
from streams.stages.alert.conditions import root_sources, severity
from streams.stages.alert.rules import SEVERITIES, Rule, Severity, theatre_rules
from streams.stages.alert.state import PlaceAlerts, Standing, dump, load
from streams.stages.alert.wording import worded
from streams.stages.stage import Output, Rows
from streams.theatres.theatre import Theatre

RULES = "1"
"""Version of the stage: changes with every change that gives other records."""

_NAMESPACE = uuid5(NAMESPACE_URL, "frontwire:alert")
_ENDED = frozenset({RevisionKind.MERGE, RevisionKind.RETRACT})


@dataclass(frozen=True, slots=True)
class _Turn:
    """One record and its known time."""

    record: Event | ControlChange
    known_at: datetime


_Written = tuple[PlaceAlerts, tuple[Alert, ...]]


class AlertStage:
    """Watches a place by rules. Implements `streams.stages.stage.Stage`."""

    name = "alert"
    inputs: tuple[Topic, ...] = (EVENTS, CONTROL_CHANGES)
    outputs: tuple[Topic, ...] = (ALERTS,)

    def __init__(self, theatre: Theatre, rules: tuple[Rule, ...] | None = None) -> None:
        """A stage for a theatre.

        Args:
            theatre: Whose places and parties the rules name.
            rules: The rules; those that ship with the theatre if None.
        """
        self._theatre = theatre
        self.rules = theatre_rules(theatre) if rules is None else rules
        rules_hash = _hash([rule.model_dump(mode="json") for rule in self.rules])
        self.version = f"{RULES}+{theatre.version}+{rules_hash}"

    def initial(self, key: str) -> PlaceAlerts:
        """A place without alerts."""
        return PlaceAlerts({})

    def step(
        self, state: PlaceAlerts, record: Event | ControlChange, known_at: datetime
    ) -> tuple[PlaceAlerts, tuple[Output, ...]]:
        """The place's alerts after a record, and those that changed."""
        turn = _Turn(record, known_at)
        written = self._correct(state, turn)
        for rule in self.rules:
            written = _also(written, self._apply(rule, written[0], turn))
        return written[0], tuple(Output(ALERTS, record.place.key, alert) for alert in written[1])

    def dump(self, state: PlaceAlerts) -> Rows:
        """The state as rows, one an alert."""
        return dump(state)

    def load(self, key: str, rows: Rows) -> PlaceAlerts:
        """The state that `dump` made these rows of."""
        return load(rows)

    def digest(self, state: PlaceAlerts) -> Any:
        """Nothing: alerts tell of what changed as it changed, and that is a matter of arrival."""
        return None

    def _apply(self, rule: Rule, state: PlaceAlerts, turn: _Turn) -> _Written:
        standing = state.about(rule.name, (_subject(turn.record), *_taken_in(turn.record)))
        grave = None if _ended(turn.record) else severity(rule, turn.record, self._theatre)
        if standing is None or standing.state is AlertState.CANCELLED:
            if grave is None or _is_cooling(rule, state, turn.known_at, grave):
                return state, ()
            return self._write(rule, state, turn, standing or _new(rule, turn, grave), AlertState.RAISED, grave)
        if grave is None:
            return self._write(rule, state, turn, standing, AlertState.CANCELLED, standing.severity)
        if SEVERITIES.index(grave) > SEVERITIES.index(standing.severity):
            return self._write(rule, state, turn, standing, AlertState.ESCALATED, grave)
        return self._update(rule, state, turn, standing, grave)

    def _update(self, rule: Rule, state: PlaceAlerts, turn: _Turn, standing: Standing, grave: Severity) -> _Written:
        subject = _subject(turn.record)
        if self._signature(rule, turn.record) != standing.signature or grave != standing.severity:
            return self._write(rule, state, turn, standing, AlertState.UPDATED, grave)
        return state if standing.subject == subject else state.holding(replace(standing, subject=subject)), ()

    def _write(
        self, rule: Rule, state: PlaceAlerts, turn: _Turn, before: Standing, to: AlertState, grave: Severity
    ) -> _Written:
        after = replace(
            before,
            subject=_subject(turn.record),
            revision=before.revision + 1,
            state=to,
            severity=grave,
            signature=self._signature(rule, turn.record),
            raised_at=turn.known_at if to is AlertState.RAISED else before.raised_at,
        )
        return state.holding(after), (self._alert(rule, after, turn.record, turn.known_at),)

    def _alert(self, rule: Rule, standing: Standing, record: Event | ControlChange, known_at: datetime) -> Alert:
        title, text = worded(rule, record, self._theatre)
        return Alert(
            alert_id=standing.alert_id,
            revision=standing.revision,
            rule=rule.name,
            state=standing.state,
            severity=standing.severity,
            title=title,
            text=text,
            place=record.place,
            subjects=_subjects(record),
            mention_ids=record.mention_ids if isinstance(record, Event) else (),
            root_sources=root_sources(record),
            known_at=known_at,
        )

    def _signature(self, rule: Rule, record: Event | ControlChange) -> str:
        return _hash([*worded(rule, record, self._theatre), *root_sources(record)])

    def _correct(self, state: PlaceAlerts, turn: _Turn) -> _Written:
        """Cancel what was raised on the change that a correction takes back."""
        written: _Written = state, ()
        if not isinstance(turn.record, ControlChange) or turn.record.change is not ChangeKind.CORRECTED:
            return written
        withdrawn, rules = _standing_key(turn.record.from_), {rule.name: rule for rule in self.rules}
        for _, alert in sorted(state.alerts.items()):
            if alert.since == withdrawn and alert.state is not AlertState.CANCELLED and alert.rule in rules:
                after = replace(alert, revision=alert.revision + 1, state=AlertState.CANCELLED, signature="")
                said = self._alert(rules[alert.rule], after, turn.record, turn.known_at)
                written = _also(written, (written[0].holding(after), (said,)))
        return written


def _also(before: _Written, after: _Written) -> _Written:
    return after[0], before[1] + after[1]


def _new(rule: Rule, turn: _Turn, grave: Severity) -> Standing:
    subject = _subject(turn.record)
    alert_id = str(uuid5(_NAMESPACE, f"{rule.name} {turn.record.place.key} {subject}"))
    since = "" if isinstance(turn.record, Event) else _standing_key(turn.record.to)
    return Standing(alert_id, rule.name, subject, since, 0, AlertState.RAISED, grave, "", turn.known_at)


def _is_cooling(rule: Rule, state: PlaceAlerts, known_at: datetime, grave: Severity) -> bool:
    """Whether the place raised an alert of this rule, as grave as this one, a short while ago."""
    pause = timedelta(hours=rule.cooldown_hours)
    return any(
        alert.rule == rule.name
        and known_at - alert.raised_at < pause
        and SEVERITIES.index(alert.severity) >= SEVERITIES.index(grave)
        for alert in state.alerts.values()
    )


def _subject(record: Event | ControlChange) -> str:
    if isinstance(record, Event):
        return record.event_id
    return f"{record.change} {record.at} {_standing_key(record.to)}"


def _subjects(record: Event | ControlChange) -> tuple[str, ...]:
    if isinstance(record, Event):
        return (record.event_id,)
    return tuple(sorted(claim.claim_id for claim in record.evidence))


def _taken_in(record: Event | ControlChange) -> tuple[str, ...]:
    # A merge is written before what ended: by then the alert has moved on, and is not cancelled.
    if isinstance(record, ControlChange) or record.kind is RevisionKind.SPLIT:
        return ()
    return record.supersedes


def _ended(record: Event | ControlChange) -> bool:
    return isinstance(record, Event) and record.kind in _ENDED


def _standing_key(standing: ControlStanding) -> str:
    return " ".join((standing.status, standing.controller or "-", *standing.besieged_by))


def _hash(data: object) -> str:
    return blake2b(canonical(data), digest_size=8).hexdigest()
