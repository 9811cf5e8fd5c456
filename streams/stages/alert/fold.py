"""Which alerts follow from how matches turned, taken in the order in which that became known."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from schemas.alert import SEVERITIES, Severity
from streams.stages.alert.counting import Span, Window, dead, in_sight, is_dated, peak, reach
from streams.stages.alert.meeting import Meeting
from streams.stages.alert.state import Alarm, Folded, Silence
from streams.theatres.alert_rules import Count, Rule

_NAMESPACE = uuid5(NAMESPACE_URL, "frontwire:alert")


def folded(rule: Rule, area: str, start: Folded, turns: Iterable[Meeting]) -> Folded:
    """The alerts after further turns.

    Args:
        rule: The rule.
        area: Where it looks.
        start: The alerts before.
        turns: What became known since, in that order.
    """
    fold = _Fold(rule, area, start)
    for turn in turns:
        fold.take(turn)
    return Folded(fold.upto, fold.now, fold.alarms, fold.silent, tuple(fold.ages))


class _Fold:
    """The alerts of a rule in an area while turns are taken."""

    def __init__(self, rule: Rule, area: str, start: Folded) -> None:
        self._rule, self._area = rule, area
        self._cooldown = timedelta(hours=rule.cooldown_hours)
        self.upto, self.now = start.upto, dict(start.now)
        self.alarms, self.silent, self.ages = dict(start.alarms), dict(start.silent), list(start.ages)

    def take(self, turn: Meeting) -> None:
        """Take in one turn."""
        self.upto = turn.position
        self._hold(turn)
        self._move(turn)
        if alarm := self._on(turn.subject):
            self._look_again(alarm, turn.known_at)
        elif turn.holds:
            self._open(turn, turn.known_at)

    def _hold(self, turn: Meeting) -> None:
        """Let a match stand as it does now."""
        before = self.now.get(turn.subject)
        self.now[turn.subject] = turn
        if before and before.holds:
            del self.ages[bisect_left(self.ages, before.age)]
        if turn.holds:
            insort(self.ages, turn.age)

    def _move(self, turn: Meeting) -> None:
        """Let an alert follow its subject into another one, unless that has an alert of its own."""
        for old in turn.taken_in:
            alarm = self._on(old)
            if alarm and not self._on(turn.subject):
                members, shown = (
                    _sorted(turn.subject if name == old else name for name in names)
                    for names in (alarm.members, alarm.shown)
                )
                self.alarms[alarm.alert_id] = replace(alarm, members=members, shown=shown)
            if gone := self.now.get(old):
                # What the ended record itself says later finds nothing to take back.
                self._hold(replace(gone, holds=False))

    def _open(self, turn: Meeting, at: datetime) -> None:
        """Raise an alert on what meets the rule, or let one that stands take it in."""
        if self._rule.count:
            self._open_wave(self._rule.count, turn, at)
        elif alarm := self._told_lately(at):
            self._look_again(replace(alarm, members=_sorted((*alarm.members, turn.subject))), at)
        else:
            self._raise(turn, (turn,), None, at)

    def _open_wave(self, count: Count, turn: Meeting, at: datetime) -> None:
        if not is_dated(count, turn) or not self._may_suffice(count, turn):
            return
        window = peak(count, self._in_sight(count, (turn.first, turn.last)), around=turn)
        if window is None:
            return
        inside = self._meetings(window.members)
        for alarm in self._open_alarms():
            if _meet(alarm.span, window) and reach(count, inside, self._meetings(alarm.members)):
                members = _sorted((*alarm.members, *window.members))
                return self._look_again(replace(alarm, members=members, span=_joined(alarm.span, window)), at)
        self._raise(turn, inside, window, at)

    def _raise(self, turn: Meeting, members: Sequence[Meeting], window: Window | None, at: datetime) -> None:
        grave = self._gravest(members, window)
        if silence := self._silence(turn.subject, grave, at):
            self.silent[turn.subject] = silence
            return
        self.silent.pop(turn.subject, None)
        name = str(uuid5(_NAMESPACE, f"{self._rule.name} {self._area} {members[0].subject}"))
        subjects = _sorted(one.subject for one in members)
        span = _days(window) if window else None
        # An alert that followed its first subject into another one has the name still, and goes on with both.
        if (before := self.alarms.get(name)) and before.is_open:
            return self._look_again(replace(before, members=_sorted((*before.members, *subjects))), at)
        self.alarms.pop(name, None)
        self.alarms[name] = Alarm(name, subjects, subjects, window, span, grave, True, at, at)

    def _look_again(self, alarm: Alarm, at: datetime) -> None:
        """Bring an open alert in line with what it rests on now."""
        members, window = self._basis(alarm)
        if not members:
            self._cancel(alarm)
            return
        grave, subjects = self._gravest(members, window), _sorted(one.subject for one in members)
        grown = set(alarm.shown) < set(subjects)
        if grown and grave == alarm.severity and at - alarm.told_at < self._cooldown:
            self.alarms[alarm.alert_id] = replace(alarm, members=subjects)
            return
        same = (alarm.shown, alarm.severity, alarm.window) == (subjects, grave, window)
        told_at = alarm.told_at if same else at
        self.alarms[alarm.alert_id] = replace(
            alarm, members=subjects, shown=subjects, window=window, severity=grave, told_at=told_at
        )

    def _cancel(self, alarm: Alarm) -> None:
        """Take an alert back; what was kept silent on its account is told now."""
        self.alarms[alarm.alert_id] = replace(alarm, members=(), is_open=False)
        kept = [self.now[name] for name, silence in self.silent.items() if silence.alert_id == alarm.alert_id]
        for one in sorted(kept, key=lambda one: one.position):
            del self.silent[one.subject]
            if one.holds and not self._on(one.subject) and self.upto:
                self._open(one, self.upto.known_at)

    def _basis(self, alarm: Alarm) -> tuple[Sequence[Meeting], Window | None]:
        """What an alert rests on now; nothing if that no longer carries it."""
        count, before = self._rule.count, self._meetings(alarm.members)
        if count is None:
            return [one for one in before if one.holds], None
        window = peak(count, reach(count, self._in_sight(count, alarm.span), before), span=alarm.span)
        return (self._meetings(window.members), window) if window else ((), None)

    def _silence(self, subject: str, grave: Severity, at: datetime) -> Silence | None:
        """Why nothing is raised: the rule is muted, or has lately said something as grave, or was silent on this."""
        if self._rule.mute_until and at < self._rule.mute_until:
            return Silence(grave, "")
        before = self.silent.get(subject)
        if before and not self._rule.count and _level(grave) <= _level(before.severity):
            return before
        for alarm in self._open_alarms():
            if at - alarm.raised_at < self._cooldown and _level(alarm.severity) >= _level(grave):
                return Silence(grave, alarm.alert_id)
        return None

    def _told_lately(self, at: datetime) -> Alarm | None:
        """The open alert that the rule groups what is new with."""
        latest = next(iter(self._open_alarms()), None)
        pause = timedelta(hours=self._rule.group_hours)
        return latest if latest and pause and at - latest.told_at <= pause else None

    def _gravest(self, members: Sequence[Meeting], window: Window | None) -> Severity:
        levels = [one.severity for one in members]
        if window:
            levels += [one.severity for one in self._rule.escalate if one.at_least and window.level >= one.at_least]
        return max(levels, key=_level)

    def _may_suffice(self, count: Count, turn: Meeting) -> bool:
        """Whether there is enough around its days at all: a quick look before the slow one."""
        near = self._holding(turn.last - count.days + 1, turn.first + count.days - 1)
        return (dead(near) if count.of == "killed" else len(near)) >= count.at_least

    def _in_sight(self, count: Count, days: Span | None) -> list[Meeting]:
        return self._holding(*in_sight(count, *days)) if days else []

    def _holding(self, first: int, last: int) -> list[Meeting]:
        """What meets the rule now and ended within these days, inclusive, by event time."""
        ages = self.ages[bisect_left(self.ages, (first, "")) : bisect_left(self.ages, (last + 1, ""))]
        return [self.now[subject] for _, subject in ages]

    def _meetings(self, subjects: Sequence[str]) -> list[Meeting]:
        return sorted((self.now[name] for name in subjects if name in self.now), key=lambda one: one.age)

    def _open_alarms(self) -> list[Alarm]:
        """The alerts that stand, the latest told first."""
        found = [alarm for alarm in self.alarms.values() if alarm.is_open]
        return sorted(found, key=_told, reverse=True)

    def _on(self, subject: str) -> Alarm | None:
        """The open alert that rests on a subject; of several the latest told."""
        found = [alarm for alarm in self.alarms.values() if alarm.is_open and subject in alarm.members]
        return max(found, key=_told, default=None)


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _told(alarm: Alarm) -> tuple[datetime, str]:
    return alarm.told_at, alarm.alert_id


def _level(severity: Severity) -> int:
    return SEVERITIES.index(severity)


def _meet(span: Span | None, window: Window) -> bool:
    first, last = _days(window)
    return span is not None and first <= span[1] and span[0] <= last


def _joined(span: Span | None, window: Window) -> Span:
    first, last = _days(window)
    return (min(first, span[0]), max(last, span[1])) if span else (first, last)


def _days(window: Window) -> Span:
    return window.first.toordinal(), window.last.toordinal()
