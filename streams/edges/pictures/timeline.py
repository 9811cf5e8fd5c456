"""A town's timeline as a picture: who held it when, who besieged it, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from schemas.control import Segment, TownControl
from schemas.vocabulary import ControlStatus
from streams.edges.pictures import svg

WIDTH, LEFT, RIGHT = 960, 150, 20
TOP, BAR, STEP = 46, 22, 30
AFTER = timedelta(days=60)
"""Days of the outlook that are drawn behind the last news."""


def timeline(town: TownControl) -> str:
    """The chart of a town's record.

    One row for each party that held the place or a part of it or fought for it: full while it held all of it, half
    as high beside others, hatched at its foot while the place was fought over. Fainter is less sure. A dashed line over
    a row says who besieged the place. What follows the last news is the outlook.
    """
    end = max(town.last_confirmed or town.timeline[-1].first, town.timeline[-1].first) + AFTER
    segments = _cut(town, end)
    parties = _parties(segments)
    scale = _Scale(segments[0].first, end)
    height = TOP + STEP * max(1, len(parties)) + 40
    foot = height - 34
    shapes = [svg.text(LEFT, 22, f"{town.place.name}: who held it", size=15)]
    shapes += _years(scale, TOP - 8, foot)
    for row, party in enumerate(parties):
        y = TOP + STEP * row
        shapes.append(svg.text(LEFT - 8, y + BAR * 0.7, party, anchor="end"))
        shapes += [shape for segment in segments for shape in _drawn(segment, party, scale, y, end)]
    if town.last_confirmed:
        x = scale.x(town.last_confirmed)
        shapes.append(svg.line((x, TOP - 8), (x, foot), svg.FAINT, dashed=True))
        side = "end" if x > WIDTH / 2 else "start"
        shapes.append(svg.text(x, foot + 28, f"last confirmed {town.last_confirmed}", fill=svg.FAINT, anchor=side))
    return svg.document(WIDTH, height, shapes, f"Who held {town.place.name}")


class _Scale:
    """Days to pixels."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._days = max(1, (last - first).days)

    def x(self, day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first).days / self._days


def _cut(town: TownControl, end: date) -> list[Segment]:
    """The timeline and its outlook up to a day, each segment with a last day."""
    both = [*town.timeline, *town.outlook]
    lasts = [*[after.first - timedelta(days=1) for after in both[1:]], end]
    pairs = zip(both, lasts, strict=True)
    return [one.model_copy(update={"last": min(last, end)}) for one, last in pairs if one.first <= end]


def _parties(segments: Sequence[Segment]) -> list[str]:
    """All that held, fought for or besieged the place, in the order in which they first did."""
    return list(dict.fromkeys(party for one in segments for party in (*one.parties, *one.besieged_by)))


def _drawn(segment: Segment, party: str, scale: _Scale, y: float, end: date) -> Iterator[str]:
    left, right = scale.x(segment.first), scale.x(min((segment.last or end) + timedelta(days=1), end))
    note = f"{segment.first} to {segment.last}: {segment.status.value}, {party} ({segment.confidence:.2f})"
    if party in segment.parties:
        high = {ControlStatus.HELD: 1.0, ControlStatus.DIVIDED: 0.5}.get(segment.status, 0.25)
        sure = 0.25 + 0.75 * segment.confidence
        yield svg.rect(left, y + BAR * (1 - high), right - left, BAR * high, svg.colour(party), opacity=sure, note=note)
    if party in segment.besieged_by:
        yield svg.line((left, y - 2), (right, y - 2), svg.colour(party), width=2, dashed=True)


def _years(scale: _Scale, top: float, foot: float) -> Iterator[str]:
    """A line at each new year, at each month where the whole is short."""
    months = (1,) if (scale.last - scale.first).days > 500 else range(1, 13)
    days = (date(year, month, 1) for year in range(scale.first.year, scale.last.year + 1) for month in months)
    for day in days:
        if scale.first <= day <= scale.last:
            x = scale.x(day)
            yield svg.line((x, top), (x, foot), "#e2e4e8")
            yield svg.text(x, foot + 14, f"{day:%Y}" if day.month == 1 else f"{day:%b}", anchor="middle")
