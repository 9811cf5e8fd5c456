"""Who held what on a day as a picture: every town a sign on the outlines of the country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from math import cos, radians
from typing import Any

import orjson

from schemas.vocabulary import ControlStatus
from streams.edges.pictures import svg
from streams.stages.control.asof import Answer

WIDTH, MARGIN, HEAD, FOOT = 960.0, 24.0, 38.0, 74.0
NAMED = 26
"""Towns whose names are written: the surest known ones that have room for it."""
ROOM = (64.0, 12.0)
"""Pixels beside and above a name in which no other name stands."""


def day_map(answers: Sequence[Answer], title: str) -> str:
    """The map of the standings of a day.

    A disc is a town that one party holds, a disc in pieces a divided one, a half-filled one whose other side nobody
    names, a ring one of which nothing new was heard for long; a second ring is a siege, a small dark dot a fight.
    Fainter is less sure. Towns of which nothing is known are left out, and so are places that lie nowhere known.
    """
    known = [one for one in answers if one.status is not ControlStatus.UNKNOWN and one.place.lat is not None]
    view = _View(known)
    shapes = [svg.path(([view.at(*p) for p in ring] for ring in area), svg.LAND, "#c9c3b1") for area in view.areas()]
    for one in sorted(known, key=lambda town: town.confidence):
        shapes.append(svg.noted(_sign(one, *view.of(one)), _told(one)))
    shapes += _names(known, view)
    shapes += _legend(known, view.height)
    shapes.append(svg.text(MARGIN, 22, title, size=15))
    return svg.document(WIDTH, view.height + FOOT, shapes, title)


class _View:
    """Degrees to pixels, equirectangular at the middle of what is shown."""

    def __init__(self, towns: Sequence[Answer]) -> None:
        lats, lons = ([float(getattr(one.place, name) or 0) for one in towns] for name in ("lat", "lon"))
        self.south, self.north = (min(lats, default=32) - 0.4, max(lats, default=37) + 0.4)
        self.west, self.east = (min(lons, default=35) - 0.4, max(lons, default=42) + 0.4)
        self.scale = (WIDTH - 2 * MARGIN) / (self.east - self.west)
        self.stretch = 1 / cos(radians((self.south + self.north) / 2))
        self.height = HEAD + MARGIN + (self.north - self.south) * self.scale * self.stretch

    def at(self, lon: float, lat: float) -> svg.Point:
        """Where a point lies; what is far outside comes to the edge of the frame."""
        x = MARGIN + (min(max(lon, self.west), self.east) - self.west) * self.scale
        return x, HEAD + (self.north - min(max(lat, self.south), self.north)) * self.scale * self.stretch

    def of(self, town: Answer) -> svg.Point:
        return self.at(town.place.lon or 0, town.place.lat or 0)

    def areas(self) -> Iterator[list[list[list[float]]]]:
        """The countries that show, as rings of longitude and latitude."""
        for area in _outlines():
            lons, lats = ([point[n] for point in area[0]] for n in (0, 1))
            beside = max(lons) < self.west or min(lons) > self.east
            if not (beside or max(lats) < self.south or min(lats) > self.north):
                yield area


@cache
def _outlines() -> tuple[Any, ...]:
    data = orjson.loads(files("streams.edges.feed").joinpath("map", "countries.json").read_bytes())
    return tuple(area for country in data["features"] for area in country["geometry"]["coordinates"])


def _sign(town: Answer, x: float, y: float) -> str:
    sure, radius = 0.3 + 0.7 * town.confidence, 6.0
    siege = svg.disc(x, y, radius + 3, svg.colour(town.besieged_by[0]), hollow=True) if town.besieged_by else ""
    if town.status is ControlStatus.HELD:
        return siege + svg.disc(x, y, radius, svg.colour(town.controller), opacity=sure, hollow=town.stale)
    shares = [(svg.colour(party), 1 / max(2, len(town.parties))) for party in town.parties]
    fight = svg.disc(x, y, 1.5, svg.INK) if town.status is ControlStatus.CONTESTED else ""
    return siege + svg.disc(x, y, radius, svg.FAINT, hollow=True) + svg.pie(x, y, radius, shares) + fight


def _told(town: Answer) -> str:
    besieged = f", besieged by {', '.join(town.besieged_by)}" if town.besieged_by else ""
    since = f" since {town.since}" if town.since else ""
    stale = ", nothing new for long" if town.stale else ""
    who = town.controller or ", ".join(town.parties)
    return f"{town.place.name}: {town.status.value}, {who}{besieged}{since}{stale} ({town.confidence:.2f})"


def _names(towns: Sequence[Answer], view: _View) -> Iterator[str]:
    written: list[svg.Point] = []
    for town in sorted(towns, key=lambda one: (one.stale, -one.confidence, one.place.name)):
        x, y = view.of(town)
        if len(written) < NAMED and all(abs(x - a) > ROOM[0] or abs(y - b) > ROOM[1] for a, b in written):
            written.append((x, y))
            yield svg.text(x + 9, y + 4, town.place.name, size=10)


def _legend(towns: Sequence[Answer], top: float) -> Iterator[str]:
    held = Counter(one.controller for one in towns if one.controller and not one.stale)
    x = MARGIN
    for party, count in sorted(held.items(), key=lambda item: (-item[1], item[0])):
        yield svg.disc(x + 6, top + 12, 6, svg.colour(party))
        yield svg.text(x + 17, top + 16, f"{party} {count}")
        x += 34 + 7 * len(f"{party} {count}")
    rest = Counter("stale" if one.stale else one.status.value for one in towns if one.stale or not one.controller)
    told = ", ".join(f"{count} {what}" for what, count in sorted(rest.items()))
    key = "pieces: divided; dot: fought over; ring: nothing new for long; second ring: besieged"
    yield svg.text(MARGIN, top + 38, f"{told}. {key}" if told else key, fill=svg.FAINT)
    yield svg.text(MARGIN, top + 56, "Outlines: Natural Earth", size=9, fill=svg.FAINT)
