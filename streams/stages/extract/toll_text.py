"""A text read for tolls: its counted people, its words of harm, and what is found."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from schemas.record import Toll
from streams.stages.extract.people import People

Harm = Literal["killed", "wounded"]


@dataclass(frozen=True, slots=True)
class TollHit:
    """One figure of killed or wounded people."""

    start: int
    end: int
    """Half-open range of the counted people."""
    harm: Harm
    toll: Toll
    verb_start: int
    verb_end: int
    """The word that says what happened to them: "killed", "death toll"."""
    rule: str
    """Name of the rule that read it, such as `toll.passive`."""
    update: bool = False
    """True if the text says that it replaces an earlier figure: "rose to", "new toll"."""
    cumulative: bool = False
    """True for a figure of a whole war or of years, which belongs to no single event."""
    part: bool = False
    """True for people counted in another figure: "five children were among the dead"."""


REACH = 200
"""Characters on either side of a word of harm in which its people stand."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A word of death or injury in the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text with its counted people and its words of harm, each in order."""

    text: str
    people: tuple[People, ...]
    anchors: tuple[Anchor, ...]

    def last_before(self, offset: int) -> int:
        """Index of the last group of people that begins before an offset; -1 if none does."""
        return bisect_left(self.people, offset, key=_start) - 1

    def left_of(self, anchor: Anchor) -> People | None:
        """The counted people nearest before an anchor, null if a sentence ends between."""
        place = self.last_before(anchor.start)
        if place < 0:
            return None
        best = self.people[place]
        if anchor.start - best.end > REACH or ENDS.search(self.text, best.end, anchor.start):
            return None
        return best

    def between(self, start: int, end: int) -> bool:
        """True if another word of harm stands in a stretch of the text."""
        first, last = bisect_left(self.anchors, start, key=_start), bisect_left(self.anchors, end, key=_start)
        return any(anchor.kind != "refused" for anchor in self.anchors[first:last])


_start = attrgetter("start")


ENDS = re.compile(r"[.!?;](?:\s|[\"”’])|\n")
