"""A mention in the compact form that merging compares and keeps."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson

from schemas.mention import Mention
from schemas.record import DateRange, Place, SourcedToll, Toll
from schemas.vocabulary import DatePrecision, MentionKind, Victims
from streams.theatres.names import fold

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()

Figure = tuple[int, int | None, str, int | None, int | None]
"""A toll as min, max, of whom, children, women."""
Told = tuple[str, str | None, Figure | None, Figure | None, int]
"""One source's figures: root source, source as shown, killed, wounded, publication."""
Key = tuple[int, str]
"""The canonical order of reports: publication in microseconds since 1970 in UTC, then mention id."""

_WORD = re.compile(r"\w+")
_MIN_WORDS = 8
"""Words that a sentence needs before its repetition elsewhere says that it was copied and not said twice by chance."""


@dataclass(frozen=True, slots=True)
class Report:
    """One article's report of an event, or its claim; all that merging needs of a mention."""

    key: Key
    article: str
    outlet: str
    kind: str
    act: str
    """Event type, or the relation of a claim."""
    scope: str | None
    share: float | None
    place: str
    """The place as JSON: decoded only where a record is written."""
    district: str
    """Neighbourhood with its spelling folded; empty for the place as a whole."""
    exactness: str
    first: int | None
    """First day as a proleptic ordinal; null if the text does not date it."""
    last: int | None
    dating: str | None
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    from_actors: tuple[str, ...]
    killed: Figure | None
    wounded: Figure | None
    tolls: tuple[Told, ...]
    source: str | None
    root: str
    modality: str
    main: bool
    shared: bool
    group: str | None
    sentence: str
    """Hash of the evidence's folded words; empty if it is too short to tell a copy."""
    credits: tuple[str, ...]
    sketch: bytes
    """The sample of shingle hashes as an array of 32-bit numbers."""
    row: bytes = field(default=b"", compare=False, repr=False)
    """All of the above as JSON, as it is stored: written once, when the report comes in."""

    @property
    def mention_id(self) -> str:
        """The mention that this is."""
        return self.key[1]

    @property
    def published_day(self) -> int:
        """Day of publication as a proleptic ordinal."""
        return self.key[0] // DAY_US + EPOCH_DAY


def microseconds(moment: datetime) -> int:
    """A moment as microseconds since 1970 in UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def instant(us: int) -> datetime:
    """The moment that so many microseconds since 1970 are."""
    return EPOCH + timedelta(microseconds=us)


def read_mention(mention: Mention) -> Report:
    """The report that a mention is."""
    report = _read(mention)
    fields: list[Any] = [getattr(report, name) for name in _STORED]
    fields[-1] = report.sketch.hex()
    return replace(report, row=orjson.dumps(fields))


def read_row(row: bytes) -> Report:
    """The report whose row this is."""
    fields = dict(zip(_STORED, orjson.loads(row), strict=True))
    fields["key"] = tuple(fields["key"])
    for name in ("actors", "targets", "from_actors", "credits"):
        fields[name] = tuple(fields[name])
    fields["killed"] = _as_figure(fields["killed"])
    fields["wounded"] = _as_figure(fields["wounded"])
    fields["tolls"] = tuple((r, s, _as_figure(k), _as_figure(w), at) for r, s, k, w, at in fields["tolls"])
    fields["sketch"] = bytes.fromhex(fields["sketch"])
    return Report(**fields, row=row)


_STORED = tuple(name for name in Report.__slots__ if name != "row")


def _read(mention: Mention) -> Report:
    place, when = mention.place, mention.when
    return Report(
        key=(microseconds(mention.published_at), mention.mention_id),
        article=mention.article_id,
        outlet=mention.outlet,
        kind=mention.kind.value,
        act=_act(mention),
        scope=mention.scope.value if mention.scope else None,
        share=mention.share,
        place=place.__pydantic_serializer__.to_json(place).decode(),
        district=fold(place.district) if place.district else "",
        exactness=place.precision.value,
        first=when.first.toordinal() if when else None,
        last=when.last.toordinal() if when else None,
        dating=when.precision.value if when else None,
        actors=mention.actors,
        targets=mention.targets,
        from_actors=mention.from_actors,
        killed=_figure(mention.killed),
        wounded=_figure(mention.wounded),
        tolls=tuple(_told(toll) for toll in mention.tolls),
        source=mention.source,
        root=mention.root_source,
        modality=mention.modality.value,
        main=mention.main,
        shared=mention.shared,
        group=mention.group,
        sentence=_sentence_hash(mention.evidence.text),
        credits=mention.wording.credits,
        sketch=array("I", mention.wording.sketch).tobytes(),
    )


def place_of(report: Report) -> Place:
    """The place as the record has it."""
    return Place.model_validate_json(report.place)


def when_of(report: Report) -> DateRange | None:
    """The event time as the record has it."""
    if report.first is None or report.last is None or report.dating is None:
        return None
    first, last = date.fromordinal(report.first), date.fromordinal(report.last)
    return DateRange(first=first, last=last, precision=DatePrecision(report.dating))


def toll_of(figure: Figure | None) -> Toll | None:
    """A toll as the record has it."""
    if figure is None:
        return None
    low, high, of, children, women = figure
    return Toll(min=low, max=high, of=Victims(of), children=children, women=women)


def _act(mention: Mention) -> str:
    word = mention.event_type if mention.kind is MentionKind.EVENT else mention.relation
    return word.value if word else ""


def _figure(toll: Toll | None) -> Figure | None:
    return None if toll is None else (toll.min, toll.max, toll.of.value, toll.children, toll.women)


def _as_figure(row: list[Any] | None) -> Figure | None:
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])


def _told(toll: SourcedToll) -> Told:
    at = microseconds(toll.published_at)
    return (toll.root_source, toll.source, _figure(toll.killed), _figure(toll.wounded), at)


def _sentence_hash(text: str) -> str:
    words = _WORD.findall(text.casefold())
    return "" if len(words) < _MIN_WORDS else blake2b(" ".join(words).encode(), digest_size=8).hexdigest()
