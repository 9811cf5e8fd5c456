"""What of a log is read again: from where to where, in offsets, log time or event time of any topic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import typer

from schemas.errors import RefusedArticle
from schemas.topics import ARTICLES, TOPICS
from streams.edges.intake.dates import read_time
from streams.edges.intake.ingest import milliseconds
from streams.shells.event_time import Within
from streams.shells.log import Lane

if TYPE_CHECKING:
    from streams.shells.replay import Point

_OFFSET = re.compile(r"(?:(\d+)/)?(\d+)")
_PLACE = re.compile(r"([a-z-]+):(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Span:
    """What of a log is read again."""

    begin: tuple[str, Point | None]
    """Topic, and where in it; its beginning if None."""
    end: Point | None
    within: Within | None
    """Days of event time; all if None."""
    processes: int

    @property
    def topic(self) -> str:
        """Topic that is read."""
        return self.begin[0]

    @property
    def is_part(self) -> bool:
        """Whether it is less than everything."""
        return bool(self.begin[1] or self.end or self.within) or self.topic != ARTICLES.name


def span_of(
    first: str | None, end: str | None, topic: str | None, since: date | None, until: date | None, processes: int
) -> Span:
    """What the options name.

    Args:
        first: `--from`; the beginning if None.
        end: `--to`; what is there now if None.
        topic: `--topic`; that of `--from` if None, else articles.
        since: First day of event time.
        until: Last day of event time.
        processes: How many read ahead.

    Raises:
        BadParameter: If a point is none, or there is no such topic.
    """
    within = Within(since, until) if since or until else None
    return Span(_begin(first, topic), _point(end, "--to"), within, processes)


def _begin(written: str | None, topic: str | None) -> tuple[str, Point | None]:
    """Topic to begin with, and where in it."""
    place = _PLACE.fullmatch(written or "")
    named = topic or (place[1] if place else ARTICLES.name)
    if named not in TOPICS:
        raise typer.BadParameter(f"there is no topic {named}; there are {', '.join(TOPICS)}", param_hint="--topic")
    return named, _point(written, "--from")


def _point(written: str | None, option: str) -> Point | None:
    from streams.shells.replay import Moment, Offset

    if written is None:
        return None
    if place := _PLACE.fullmatch(written):
        if place[1] not in TOPICS:
            raise typer.BadParameter(f"there is no topic {place[1]}; there are {', '.join(TOPICS)}", param_hint=option)
        return Offset(Lane(place[1], int(place[2])), int(place[3]))
    offset = _OFFSET.fullmatch(written)
    if offset:
        return Offset(Lane(ARTICLES.name, int(offset[1] or 0)), int(offset[2]))
    try:
        return Moment(milliseconds(read_time(written).at))
    except RefusedArticle:
        told = f"{written!r} is neither an offset of articles (17) nor a time (2017-10-28T12:00:00Z)"
        raise typer.BadParameter(told, param_hint=option) from None
