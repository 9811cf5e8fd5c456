"""Mentions in few words, and what merging makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

import pytest

from schemas.codec import decode, encode
from schemas.event import Claim, Event
from schemas.mention import Evidence, Mention, Wording
from schemas.record import DateRange, Place, SourcedToll, Toll
from schemas.vocabulary import DatePrecision, EventType, MentionKind, Modality, PlacePrecision, Relation, Scope
from streams.stages.merge.state import MergeState
from streams.stages.merge.step import MergeStage
from streams.theatres.theatre import load_theatre

KEY = "ocha:C2528"


def told(given: Mapping[str, Any], number: int = 0) -> Mention:
    """The mention that a row of a case describes, through the wire and back."""
    said, outlet = given["says"], given.get("outlet", "reuters")
    is_event = said in set(EventType)
    published = datetime.combine(date.fromisoformat(given["published"]), datetime.min.time(), UTC)
    published += timedelta(hours=given.get("hour", 12))
    article = given.get("article", f"article-{number}")
    text = given.get("text", " ".join(f"{letter}{number}" for letter in "abcdefghijkl"))
    by = given.get("by", f"outlet:{outlet}")
    killed, wounded = toll(given.get("killed")), toll(given.get("wounded"))
    mention = Mention(
        mention_id=given.get("id", f"m{number}"),
        article_id=article,
        outlet=outlet,
        published_at=published,
        kind=MentionKind.EVENT if is_event else MentionKind.CLAIM,
        event_type=EventType(said) if is_event else None,
        relation=None if is_event else Relation(said),
        scope=None if is_event else Scope(given.get("scope", "whole")),
        place=homs(given.get("district")),
        when=days(given.get("when")),
        actors=tuple(given.get("actors", ())),
        targets=tuple(given.get("targets", ())),
        from_actors=tuple(given.get("from", ())),
        killed=killed,
        wounded=wounded,
        tolls=tuple(
            SourcedToll(root_source=root, source=None, killed=toll(figure), wounded=None, published_at=published)
            for root, figure in given.get("tolls", {}).items()
        ),
        source=None if by.startswith("outlet:") else by,
        root_source=by,
        modality=Modality(given.get("modality", "reported")),
        main=given.get("main", True),
        shared=given.get("shared", False),
        group=given.get("group"),
        evidence=Evidence(start=0, end=len(text), text=text),
        rule="case",
        wording=Wording(credits=tuple(given.get("credits", ())), sketch=sketch(given.get("body", text))),
    )
    return decode(Mention, encode(mention))


def sketch(body: str) -> tuple[int, ...]:
    words = re.findall(r"\w+", body.lower())
    return tuple(sorted({crc32(" ".join(words[at : at + 3]).encode()) for at in range(len(words) - 2)})[:48])


def homs(district: str | None = None) -> Place:
    precision = PlacePrecision.EXACT if district else PlacePrecision.TOWN
    town = {"place_id": KEY, "name": "Homs", "admin1": "Homs", "lat": 34.73, "lon": 36.71, "text": "Homs"}
    return Place(**town, precision=precision, district=district)  # type: ignore[arg-type]


def days(when: str | list[str] | None) -> DateRange | None:
    if when is None:
        return None
    first, last = (when, when) if isinstance(when, str) else when
    precision = DatePrecision.DAY if first == last else DatePrecision.RANGE
    return DateRange(first=date.fromisoformat(first), last=date.fromisoformat(last), precision=precision)


def toll(figure: int | list[int] | str | None) -> Toll | None:
    """`12` is twelve, `[12, 15]` a range, `"12+"` at least twelve."""
    if figure is None:
        return None
    if isinstance(figure, str):
        return Toll(min=int(figure.rstrip("+")), max=None)
    low, high = figure if isinstance(figure, list) else (figure, figure)
    return Toll(min=low, max=high)


@dataclass(frozen=True)
class Outcome:
    """What merging made of some mentions."""

    state: MergeState
    written: list[Event | Claim]

    @property
    def living(self) -> list[Event | Claim]:
        """The last record of each id that has not ended, in the order of their first reports."""
        last = {id_of(record): record for record in self.written}
        found = [record for record in last.values() if record.kind not in ("merge", "retract")]
        return sorted(found, key=lambda record: (record.first_seen, record.mention_ids))


def id_of(record: Event | Claim) -> str:
    return record.event_id if isinstance(record, Event) else record.claim_id


Merge = Callable[[Iterable[Mention]], Outcome]


@pytest.fixture(scope="session")
def stage() -> MergeStage:
    return MergeStage(load_theatre("syria"))


@pytest.fixture
def merge(stage: MergeStage) -> Merge:
    def run(mentions: Iterable[Mention]) -> Outcome:
        state, written = stage.initial(KEY), []
        for mention in mentions:
            state, outputs = stage.step(state, mention, mention.published_at)
            written += [output.record for output in outputs]
        return Outcome(state, written)  # type: ignore[arg-type]

    return run


@pytest.fixture
def tell() -> Callable[..., Mention]:
    """Builds a mention of Homs from the words of a case."""

    def make(number: int = 0, **given: Any) -> Mention:
        return told({"published": "2016-05-10", **{name.rstrip("_"): value for name, value in given.items()}}, number)

    return make
