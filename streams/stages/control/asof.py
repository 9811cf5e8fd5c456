"""Who held a place on a day, read off one revision of its state.

Event time is the day asked for; known time is the choice of the revision: the latest one written up to then. The record
stays as it was written; what wears off with silence is worked out here, for the day asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from schemas.control import Segment, TownControl
from schemas.record import Place
from schemas.vocabulary import ControlStatus
from streams.stages.control.fold import faded
from streams.stages.control.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Answer:
    """A place's standing on a day."""

    place: Place
    day: date
    controller: str | None
    """Party that held it, null if divided, contested or unknown."""
    status: ControlStatus
    parties: tuple[str, ...]
    """Who held it or a part of it and, while it was contested, who fought for it."""
    besieged_by: tuple[str, ...]
    since: date | None
    """First day of that standing; null if nothing is known."""
    last_confirmed: date | None
    """Last day, not after the one asked for, on which evidence is known to have spoken for it."""
    stale: bool
    """True if nothing had confirmed it for longer than the theatre's limit."""
    confidence: float
    """Probability that the standing is right, 0..1; 0 for unknown."""


def at(control: TownControl, day: date, parameters: Parameters) -> Answer:
    """The standing of a place on a day, by what one revision knew.

    Args:
        control: A revision of the place's state.
        day: Day asked for, past or future.
        parameters: The theatre's figures: how fast knowledge wears off, and what is stale.

    Returns:
        The answer; unknown before the first day of which anything is known.
    """
    segments = (*control.timeline, *control.outlook)
    index = bisect_right(segments, day, key=_first) - 1
    if index < 0:
        return Answer(control.place, day, None, ControlStatus.UNKNOWN, (), (), None, None, False, 0.0)
    segment, past = segments[index], index < len(control.timeline) - 1
    confirmed = _confirmed(control, segment, past, day)
    return Answer(
        place=control.place,
        day=day,
        controller=segment.controller,
        status=segment.status,
        parties=segment.parties,
        besieged_by=segment.besieged_by,
        since=segment.first,
        last_confirmed=confirmed,
        stale=confirmed is None or (day - confirmed).days > parameters.stale_days,
        confidence=_confidence(control, segment, past, day, parameters),
    )


def _first(segment: Segment) -> date:
    return segment.first


def _confirmed(control: TownControl, segment: Segment, past: bool, day: date) -> date | None:
    """A past segment was confirmed until news ended it; the present one as far as the record says."""
    if segment.status is ControlStatus.UNKNOWN:
        return None
    if past or control.last_confirmed is None:
        return day
    return min(day, control.last_confirmed)


def _confidence(control: TownControl, segment: Segment, past: bool, day: date, parameters: Parameters) -> float:
    """What the segment's confidence is by then, worn off since it was worth as much as the record says."""
    if segment.status is ControlStatus.UNKNOWN:
        return 0.0
    worth_on = day if past else max(segment.first, control.last_confirmed or segment.first)
    return faded(segment.confidence, (day - worth_on).days, segment.status, parameters)
