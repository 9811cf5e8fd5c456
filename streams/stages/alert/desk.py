"""One match's way through its rule: what follows for the alerts, and what is to be told of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from schemas.alert import SEVERITIES, Alert, Match, Severity
from schemas.codec import canonical
from schemas.record import Value
from schemas.vocabulary import AlertState
from streams.stages.alert.counting import Window
from streams.stages.alert.fold import folded
from streams.stages.alert.meeting import Meeting, age_of, meetings, position_of
from streams.stages.alert.state import LATE, MATCHES, Alarm, AreaAlerts, Folded, Told
from streams.stages.alert.wording import said
from streams.theatres.alert_rules import Rule

_About = dict[str, Any]
"""The fields of an alert that follow from what it rests on."""


class Desk:
    """The state of a rule in an area while one match is worked on."""

    def __init__(self, state: AreaAlerts, rule: Rule, area: str, known_at: datetime) -> None:
        self.state, self._rule, self._area, self._known_at = state, rule, area, known_at
        self.said: list[Alert] = []

    def take(self, match: Match) -> None:
        """Take in a match; the last one read of a subject is the one that counts.

        Its revision does not tell: a worker that was killed may have said more than the one after it, which reads its
        topics in another order, and comes to fewer.
        """
        before = self.state.matches.get(match.subject)
        match = _in_sight(match, before, self.state.base)
        if match == before:
            return
        past, self.state = self.state.tip, self._with(match, before)
        self._tell(match, past)
        self.state = trimmed(self.state, self._rule, self._area)

    def _with(self, match: Match, before: Match | None) -> AreaAlerts:
        """The state with a match in it: one step on, or folded again where it tells of what became known earlier."""
        matches = {**self.state.matches, match.subject: match}
        new = _later(match, before, self.state.tip)
        return self._appended(matches, new) if new is not None else self._folded_again(matches, match)

    def _appended(self, matches: Mapping[str, Match], new: tuple[Meeting, ...]) -> AreaAlerts:
        state = self.state
        tip = folded(self._rule, self._area, state.tip, new) if new else state.tip
        recent = (*state.recent, *new)
        midway = tip if new and len(recent) == LATE else state.midway
        return AreaAlerts(matches, state.told, state.base, recent, tip, midway)

    def _folded_again(self, matches: Mapping[str, Match], match: Match) -> AreaAlerts:
        base, told = self.state.base, self.state.told
        since = [turn for turn in meetings(match) if base.upto is None or base.upto < turn.position]
        others = [turn for turn in self.state.recent if turn.subject != match.subject]
        recent = tuple(sorted((*others, *since), key=lambda turn: turn.position))
        return AreaAlerts(matches, told, base, recent, folded(self._rule, self._area, base, recent))

    def _tell(self, match: Match, past: Folded) -> None:
        """Say what is new of the alerts: of those that changed, and of those that tell of the match."""
        alarms = self.state.tip.alarms
        for name, alarm in alarms.items():
            before = past.alarms.get(name)
            if (alarm is not before and alarm != before) or match.subject in alarm.shown:
                self._bring_in_line(alarm, match)
        # What followed from the order of arrival alone is taken back.
        for name in sorted(past.alarms.keys() - alarms.keys()):
            self._take_back(name, match)

    def _bring_in_line(self, alarm: Alarm, match: Match) -> None:
        told = self.state.told.get(alarm.alert_id)
        if not alarm.is_open:
            self._take_back(alarm.alert_id, match)
            return
        about = self._about(alarm.shown, alarm.window, alarm.severity)
        if state := _news(alarm.severity, _signature(about), told):
            self._say(alarm.alert_id, state, alarm.severity, about, alarm.shown)

    def _take_back(self, name: str, match: Match) -> None:
        told = self.state.told.get(name)
        if told and told.state is not AlertState.CANCELLED:
            about = self._about((*told.shown, match.subject), None, told.severity)
            self._say(name, AlertState.CANCELLED, told.severity, about, told.shown)

    def _about(self, subjects: Sequence[str], window: Window | None, grave: Severity) -> _About:
        """What an alert on some of the matches says."""
        found = {name: self.state.matches[name] for name in subjects if name in self.state.matches}
        members = sorted(found.values(), key=lambda match: age_of(match.when, match.subject))
        return said(self._rule, members, grave, window) | {"count": sum(match.holds for match in members)}

    def _say(self, name: str, state: AlertState, grave: Severity, about: _About, shown: tuple[str, ...]) -> None:
        before = self.state.told.get(name)
        told = Told(before.revision + 1 if before else 1, state, grave, _signature(about), shown)
        self.state = replace(self.state, told={**self.state.told, name: told})
        self.said.append(
            Alert(
                alert_id=name,
                revision=told.revision,
                rule=self._rule.name,
                state=state,
                severity=grave,
                area=self._area,
                known_at=self._known_at,
                **about,
            )
        )


def _later(match: Match, before: Match | None, tip: Folded) -> tuple[Meeting, ...] | None:
    """The turns of a match that became known after all that was folded; null if it tells of earlier things as well."""
    said = before.turns if before else ()
    if before and ((match.place, match.group) != (before.place, before.group) or match.turns[: len(said)] != said):
        return None
    new = tuple(meetings(match, len(said)))
    return new if tip.upto is None or all(tip.upto < turn.position for turn in new) else None


def trimmed(state: AreaAlerts, rule: Rule, area: str) -> AreaAlerts:
    """The state with what is settled folded into its base, and without what is too much."""
    if len(state.recent) <= 2 * LATE:
        return state
    base = state.midway or folded(rule, area, state.base, state.recent[:LATE])
    state = replace(state, base=base, recent=state.recent[LATE:], midway=None)
    oldest = sorted(state.base.now.values(), key=lambda turn: turn.position)
    busy = {turn.subject for turn in state.recent}
    gone = [turn.subject for turn in oldest if turn.subject not in busy][: max(0, len(state.matches) - MATCHES)]
    return _without(state, frozenset(gone)) if gone else state


def _without(state: AreaAlerts, gone: frozenset[str]) -> AreaAlerts:
    """The state without some matches, and without the alerts that tell of these alone: they stay as they were."""
    matches = {name: match for name, match in state.matches.items() if name not in gone}
    told = {name: one for name, one in state.told.items() if not gone.issuperset(one.shown)}
    base, tip = (
        Folded(
            part.upto,
            {name: turn for name, turn in part.now.items() if name not in gone},
            {name: alarm for name, alarm in part.alarms.items() if not gone.issuperset(alarm.shown)},
            {name: silence for name, silence in part.silent.items() if name not in gone},
            tuple(age for age in part.ages if age[1] not in gone),
        )
        for part in (state.base, state.tip)
    )
    return AreaAlerts(matches, told, base, state.recent, tip)


def _news(grave: Severity, signature: str, told: Told | None) -> AlertState | None:
    """How an open alert is told, null if nothing is new."""
    if told is None or told.state is AlertState.CANCELLED:
        return AlertState.RAISED
    if SEVERITIES.index(grave) > SEVERITIES.index(told.severity):
        return AlertState.ESCALATED
    return AlertState.UPDATED if (grave, signature) != (told.severity, told.signature) else None


def _signature(about: _About) -> str:
    return blake2b(canonical({name: _plain(value) for name, value in about.items()}), digest_size=8).hexdigest()


def _in_sight(match: Match, before: Match | None, base: Folded) -> Match:
    """A match with what became known before the base, and comes only now, told as if it had become known just after."""
    if base.upto is None:
        return match
    known = before.turns if before else ()
    late = [turn for turn in match.turns if turn not in known and position_of(match, turn) <= base.upto]
    if not late:
        return match
    moved = late[-1].model_copy(update={"known_at": base.upto.known_at + timedelta(microseconds=1)})
    turns = sorted((*(turn for turn in match.turns if turn not in late), moved), key=lambda turn: turn.known_at)
    return match.model_copy(update={"turns": tuple(turns)})


def _plain(value: Any) -> Any:
    """A field as JSON can say it."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.model_dump(mode="json") if isinstance(value, Value) else value
