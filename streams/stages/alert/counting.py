"""Windows and counts: so many records within so many days and kilometres, and how far that stands out.

A window is a stretch of whole days of event time. What is dated less exactly than a window is long is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from schemas.alert import Match
from streams.stages.alert.meeting import Meeting
from streams.theatres.alert_rules import Count
from streams.theatres.sites import km

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of days that meets a count."""

    first: date
    last: date
    level: int
    """What was counted."""
    usual: float
    """Mean of the windows before it; zero if the rule does not look there."""
    members: tuple[str, ...]
    """Subjects in it, sorted."""


class _Dated(NamedTuple):
    match: Meeting
    first: date
    last: date


def in_sight(count: Count, first: date, last: date) -> tuple[int, int]:
    """The days (proleptic ordinals) that matter to windows that touch these: the windows, and the time before them."""
    before = count.days + (count.rise.over_days if count.rise else 0)
    return first.toordinal() - before, last.toordinal() + count.days


def dead(matches: Iterable[Meeting | Match]) -> int:
    """The dead that are certain; a toll that several events share counts once."""
    shared: dict[str, int] = {}
    for match in matches:
        name = match.group or f"own {match.subject}"
        shared[name] = max(match.killed, shared.get(name, 0))
    return sum(shared.values())


def peak(
    count: Count, matches: Sequence[Meeting], *, around: Meeting | None = None, span: tuple[date, date] | None = None
) -> Window | None:
    """The window with the highest level; of several the earliest.

    Args:
        count: What makes a window.
        matches: Everything that meets the rule.
        around: Only windows that it lies in.
        span: Only windows within these days.

    Returns:
        The window, or null if none reaches the level and, where the rule asks for one, the rise.
    """
    dated = [one for match in matches if (one := _dated(count, match))]
    centre = next((one for one in dated if around and one.match.subject == around.subject), None)
    if around and centre is None:
        return None
    found = [window for near in _neighbourhoods(count, dated, centre) for window in _windows(count, near, centre, span)]
    return min(found, key=lambda window: (-window.level, window.first, window.members), default=None)


def reach(count: Count, matches: Sequence[Meeting], members: Sequence[Meeting]) -> list[Meeting]:
    """The matches that lie near enough to some of these to be counted with them."""
    if count.within_km is None:
        return list(matches)
    return [match for match in matches if any(_is_near(match, one, count.within_km) for one in members)]


def _dated(count: Count, match: Meeting) -> _Dated | None:
    if match.when is None or (match.when.last - match.when.first).days >= count.days:
        return None
    return _Dated(match, match.when.first, match.when.last)


def _neighbourhoods(count: Count, dated: Sequence[_Dated], centre: _Dated | None) -> Iterable[list[_Dated]]:
    """What lies so near to one of them; with a centre, only neighbourhoods that it lies in."""
    if count.within_km is None:
        yield list(dated)
        return
    for one in dated:
        if centre is None or _is_near(one.match, centre.match, count.within_km):
            yield [other for other in dated if _is_near(one.match, other.match, count.within_km)]


def _is_near(one: Meeting, other: Meeting, within_km: float) -> bool:
    a, b = one.place, other.place
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return False
    return km((a.lat, a.lon), (b.lat, b.lon)) <= within_km


def _windows(
    count: Count, near: Sequence[_Dated], centre: _Dated | None, span: tuple[date, date] | None
) -> Iterable[Window]:
    length = timedelta(days=count.days - 1)
    for first in sorted({one.first for one in near}):
        last = first + length
        if centre and not (first <= centre.first and centre.last <= last):
            continue
        inside = [one for one in near if first <= one.first and one.last <= last]
        if span and not (span[0] <= first and max(one.last for one in inside) <= span[1]):
            continue
        level = _level(count, inside)
        if level >= count.at_least and _rises(count, level, usual := _usual(count, near, first)):
            members = tuple(sorted(one.match.subject for one in inside))
            yield Window(first, max(one.last for one in inside), level, usual, members)


def _level(count: Count, inside: Sequence[_Dated]) -> int:
    return dead(one.match for one in inside) if count.of == "killed" else len(inside)


def _usual(count: Count, near: Sequence[_Dated], first: date) -> float:
    if count.rise is None:
        return 0.0
    since = first - count.rise.over_days * _DAY
    before = _level(count, [one for one in near if since <= one.first and one.last < first])
    return before * count.days / count.rise.over_days


def _rises(count: Count, level: int, usual: float) -> bool:
    return count.rise is None or level >= count.rise.times * usual
