"""Who held a place on a day, read off one revision of its state.

Event time is the day asked for; known time is the choice of the revision: the latest one written up to then. The record
stays as it was written; what wears off with silence is worked out here, for the day asked for.
"""

from __future__ import annotations

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
    index = next((n for n in range(len(segments) - 1, -1, -1) if segments[n].first <= day), None)
    if index is None:
        return Answer(control.place, day, None, ControlStatus.UNKNOWN, (), (), None, None, False, 0.0)
    segment = segments[index]
    confirmed = _confirmed(control, index, day)
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
        confidence=_confidence(control, index, day, parameters),
    )


def _confirmed(control: TownControl, index: int, day: date) -> date | None:
    """A past segment was confirmed until news ended it; the present one as far as the record says."""
    segment = (*control.timeline, *control.outlook)[index]
    if segment.status is ControlStatus.UNKNOWN:
        return None
    if index < len(control.timeline) - 1 or control.last_confirmed is None:
        return day
    return min(day, control.last_confirmed)


def _confidence(control: TownControl, index: int, day: date, parameters: Parameters) -> float:
    """What the segment's confidence is by then, worn off since it was worth as much as the record says."""
    segment = (*control.timeline, *control.outlook)[index]
    if segment.status is ControlStatus.UNKNOWN:
        return 0.0
    start = _worth_since(control, index, segment, day)
    return faded(segment.confidence, (day - start).days, segment.status, parameters)


def _worth_since(control: TownControl, index: int, segment: Segment, day: date) -> date:
    if index < len(control.timeline) - 1:
        return day
    return max(segment.first, control.last_confirmed or segment.first)
