"""One match's way through its rule: which alert it raises, joins, changes or takes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas.alert import SEVERITIES, Alert, Match, Severity
from schemas.codec import canonical
from schemas.record import DateRange
from schemas.vocabulary import AlertState
from streams.stages.alert.counting import Window, dead, in_sight, peak, reach
from streams.stages.alert.state import AreaAlerts, Held, Standing
from streams.stages.alert.wording import said
from streams.theatres.alert_rules import Count, Rule

Span = tuple[date, date]

_NAMESPACE = uuid5(NAMESPACE_URL, "frontwire:alert")


@dataclass(frozen=True, slots=True)
class _Basis:
    """What an alert rests on now."""

    members: tuple[Match, ...]
    window: Window | None
    grave: Severity
    said: Mapping[str, Any]
    """Fields of the alert that says so."""
    signature: str

    @property
    def subjects(self) -> tuple[str, ...]:
        """What it rests on, sorted."""
        return tuple(sorted(match.subject for match in self.members))


class Desk:
    """The state of a rule in an area while one match is worked on."""

    def __init__(self, state: AreaAlerts, rule: Rule, known_at: datetime) -> None:
        self.state, self._rule, self._known_at = state, rule, known_at
        self.said: list[Alert] = []

    def take(self, match: Match) -> None:
        """Take in a match; what is older than what is known of its subject changes nothing."""
        before = self.state.matches.get(match.subject)
        if before and match.revision <= before.match.revision:
            return
        self.state = self.state.hearing(Held(match, before.silenced if before else None))
        self._move(match)
        if alert := self.state.on(match.subject):
            self._look_again(alert, match)
        elif match.holds:
            self._open(match)

    def _move(self, match: Match) -> None:
        """Let an alert follow its subject into another one, unless that has an alert of its own."""
        for old in match.taken_in:
            alert = self.state.on(old)
            if alert and not self.state.on(match.subject):
                members = sorted({match.subject, *alert.members} - {old})
                self.state = self.state.saying(replace(alert, members=tuple(members)))
            if gone := self.state.matches.get(old):
                # What the ended record itself says later finds nothing to take back.
                self.state = self.state.hearing(Held(gone.match.model_copy(update={"holds": False}), gone.silenced))

    def _open(self, match: Match) -> None:
        """Raise an alert on a match, or let one that stands take it in."""
        if self._rule.count:
            self._open_wave(self._rule.count, match)
        elif alert := self._told_lately():
            self._look_again(replace(alert, members=tuple(sorted({*alert.members, match.subject}))), match)
        else:
            self._raise(match, self._basis((match,), None))

    def _open_wave(self, count: Count, match: Match) -> None:
        if match.when is None or not self._may_suffice(count, match.when):
            return
        window = peak(count, self._in_sight(count, match.when), around=match)
        if window is None:
            return
        inside = self._matches(window.members)
        for alert in self.state.open_alerts():
            if _meet(alert.span, window) and reach(count, inside, self._matches(alert.members)):
                members = tuple(sorted({*alert.members, *window.members}))
                return self._look_again(replace(alert, members=members, span=_joined(alert.span, window)), match)
        self._raise(match, self._basis(inside, window))

    def _told_lately(self) -> Standing | None:
        """The open alert that the rule groups a new match with."""
        latest = next(iter(self.state.open_alerts()), None)
        pause = timedelta(hours=self._rule.group_hours)
        return latest if latest and pause and self._known_at - latest.told_at <= pause else None

    def _raise(self, match: Match, basis: _Basis) -> None:
        held = self.state.matches[match.subject]
        first = basis.members[0].subject
        named = str(uuid5(_NAMESPACE, f"{self._rule.name} {match.area} {first}"))
        if self._is_silent(basis.grave, held):
            self.state = self.state.hearing(replace(held, silenced=None if basis.window else basis.grave))
            return
        before = self.state.alerts.get(named)
        span = (basis.window.first, basis.window.last) if basis.window else None
        revision = before.revision if before else 0
        now = self._known_at
        alert = Standing(named, (), span, revision, AlertState.RAISED, basis.grave, "", now, now)
        self._say(alert, AlertState.RAISED, basis)

    def _look_again(self, alert: Standing, match: Match) -> None:
        """Bring an open alert in line with what it rests on now; if that is nothing, `match` is why."""
        basis = self._basis_of(alert)
        if basis is None:
            self._say(alert, AlertState.CANCELLED, self._based((match,), None, alert.severity))
        elif SEVERITIES.index(basis.grave) > SEVERITIES.index(alert.severity):
            self._say(alert, AlertState.ESCALATED, basis)
        elif self._is_news(alert, basis):
            self._say(alert, AlertState.UPDATED, basis)
        else:
            self.state = self.state.saying(replace(alert, members=basis.subjects))

    def _is_news(self, alert: Standing, basis: _Basis) -> bool:
        """Whether an alert says something new, and not just that there is more of it while the rule cools down."""
        if basis.grave == alert.severity and basis.signature == alert.signature:
            return False
        grown = set(self.state.alerts[alert.alert_id].members) < set(basis.subjects)
        return not (grown and self._known_at - alert.told_at < timedelta(hours=self._rule.cooldown_hours))

    def _basis_of(self, alert: Standing) -> _Basis | None:
        """What an alert rests on now; null if that no longer carries it."""
        count, before = self._rule.count, self._matches(alert.members)
        if count is None:
            members = [match for match in before if match.holds]
            return self._basis(members, None) if members else None
        window = peak(count, reach(count, self._in_sight(count, alert.span), before), span=alert.span)
        return self._basis(self._matches(window.members), window) if window else None

    def _may_suffice(self, count: Count, when: DateRange) -> bool:
        """Whether there is enough around these days at all: a quick look before the slow one."""
        near = self.state.holding(when.first.toordinal() - count.days, when.last.toordinal() + count.days)
        return (dead(near) if count.of == "killed" else len(near)) >= count.at_least

    def _in_sight(self, count: Count, days: DateRange | Span | None) -> list[Match]:
        if days is None:
            return []
        first, last = (days.first, days.last) if isinstance(days, DateRange) else days
        return self.state.holding(*in_sight(count, first, last))

    def _basis(self, members: Sequence[Match], window: Window | None) -> _Basis:
        levels = [match.severity for match in members]
        if window:
            levels += [one.severity for one in self._rule.escalate if one.at_least and window.level >= one.at_least]
        return self._based(tuple(members), window, max(levels, key=SEVERITIES.index))

    def _based(self, members: tuple[Match, ...], window: Window | None, grave: Severity) -> _Basis:
        told = said(self._rule, members, grave, window)
        signature = blake2b(canonical([told["title"], told["text"], told["root_sources"]]), digest_size=8)
        return _Basis(members, window, grave, told, signature.hexdigest())

    def _is_silent(self, grave: Severity, held: Held) -> bool:
        """Whether the rule is muted, or has lately said something as grave, or kept silent on this already."""
        if self._rule.mute_until and self._known_at < self._rule.mute_until:
            return True
        if held.silenced and SEVERITIES.index(grave) <= SEVERITIES.index(held.silenced):
            return True
        pause = timedelta(hours=self._rule.cooldown_hours)
        return any(
            self._known_at - alert.raised_at < pause and SEVERITIES.index(alert.severity) >= SEVERITIES.index(grave)
            for alert in self.state.open_alerts()
        )

    def _say(self, alert: Standing, state: AlertState, basis: _Basis) -> None:
        standing = replace(
            alert,
            members=basis.subjects,
            revision=alert.revision + 1,
            state=state,
            severity=basis.grave,
            signature=basis.signature,
            told_at=self._known_at,
        )
        self.state = self.state.saying(standing)
        self.said.append(
            Alert(
                alert_id=standing.alert_id,
                revision=standing.revision,
                rule=self._rule.name,
                state=state,
                severity=basis.grave,
                area=basis.members[0].area,
                count=sum(match.holds for match in basis.members),
                known_at=self._known_at,
                **basis.said,
            )
        )

    def _matches(self, subjects: Sequence[str]) -> tuple[Match, ...]:
        held = [self.state.matches[subject] for subject in subjects if subject in self.state.matches]
        return tuple(one.match for one in sorted(held, key=lambda one: one.age))


def _meet(span: Span | None, window: Window) -> bool:
    return span is not None and window.first <= span[1] and span[0] <= window.last


def _joined(span: Span | None, window: Window) -> Span:
    first, last = span or (window.first, window.last)
    return min(first, window.first), max(last, window.last)
