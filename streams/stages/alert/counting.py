"""Windows and counts: so many records within so many days and kilometres, and how far that stands out.

A window is a stretch of whole days of event time. What is dated less exactly than a window is long is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.alert import Match
from streams.stages.alert.meeting import Meeting
from streams.theatres.alert_rules import Count
from streams.theatres.sites import km

Span = tuple[int, int]
"""Days as proleptic ordinals, inclusive."""


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


def in_sight(count: Count, first: int, last: int) -> Span:
    """The days that matter to windows that touch these: the windows, and the time before them."""
    before = count.days + (count.rise.over_days if count.rise else 0)
    return first - before, last + count.days


def dead(matches: Iterable[Meeting | Match]) -> int:
    """The dead that are certain; a toll that several events share counts once."""
    shared: dict[str, int] = {}
    for match in matches:
        name = match.group or f"own {match.subject}"
        shared[name] = max(match.killed, shared.get(name, 0))
    return sum(shared.values())


def peak(
    count: Count, matches: Sequence[Meeting], *, around: Meeting | None = None, span: Span | None = None
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
    dated = [match for match in matches if is_dated(count, match)]
    if around and not is_dated(count, around):
        return None
    neighbourhoods = _neighbourhoods(count, dated, around)
    found = [window for near in neighbourhoods for window in _windows(count, near, around, span)]
    return min(found, key=lambda window: (-window.level, window.first, window.members), default=None)


def is_dated(count: Count, match: Meeting) -> bool:
    """Whether it is dated exactly enough to be counted."""
    return match.when is not None and match.last - match.first < count.days


def reach(count: Count, matches: Sequence[Meeting], members: Sequence[Meeting]) -> list[Meeting]:
    """The matches that lie near enough to some of these to be counted with them."""
    if count.within_km is None:
        return list(matches)
    return [match for match in matches if any(_is_near(match, one, count.within_km) for one in members)]


def _neighbourhoods(count: Count, dated: Sequence[Meeting], centre: Meeting | None) -> Iterable[Sequence[Meeting]]:
    """What lies so near to one of them; with a centre, only neighbourhoods that it lies in."""
    if count.within_km is None:
        yield dated
        return
    for one in dated:
        if centre is None or _is_near(one, centre, count.within_km):
            yield [other for other in dated if _is_near(one, other, count.within_km)]


def _is_near(one: Meeting, other: Meeting, within_km: float) -> bool:
    a, b = one.place, other.place
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return False
    return km((a.lat, a.lon), (b.lat, b.lon)) <= within_km


def _windows(count: Count, near: Sequence[Meeting], centre: Meeting | None, span: Span | None) -> Iterable[Window]:
    """The windows that begin with one of them, around a centre or within a span."""
    earliest, latest = (centre.last - count.days + 1, centre.first) if centre else span or _EVER
    close = [one for one in near if earliest <= one.first]
    for first in sorted({one.first for one in close if one.first <= latest}):
        inside = [one for one in close if first <= one.first and one.last < first + count.days]
        last = max((one.last for one in inside), default=first)
        level = _level(count, inside)
        if level < count.at_least or (span and last > span[1]):
            continue
        if _rises(count, level, usual := _usual(count, near, first)):
            members = tuple(sorted(one.subject for one in inside))
            yield Window(date.fromordinal(first), date.fromordinal(last), level, usual, members)


_EVER: Span = (0, date.max.toordinal())


def _level(count: Count, inside: Sequence[Meeting]) -> int:
    return dead(inside) if count.of == "killed" else len(inside)


def _usual(count: Count, near: Sequence[Meeting], first: int) -> float:
    if count.rise is None:
        return 0.0
    since = first - count.rise.over_days
    before = _level(count, [one for one in near if since <= one.first and one.last < first])
    return before * count.days / count.rise.over_days


def _rises(count: Count, level: int, usual: float) -> bool:
    return count.rise is None or level >= count.rise.times * usual
