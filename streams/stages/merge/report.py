"""A mention in the compact form that merging compares and keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from schemas.record import DateRange, Place, Toll
from schemas.vocabulary import DatePrecision, Victims

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1).toordinal()
DAY_US = 86_400_000_000

Figure = tuple[int, int | None, str, int | None, int | None]
"""A toll as min, max, of whom, children, women."""
Told = tuple[str, str | None, Figure | None, Figure | None, int]
"""One source's figures: root source, source as shown, killed, wounded, publication."""
Key = tuple[int, str]
"""The canonical order of reports: publication in microseconds since 1970 in UTC, then mention id."""
Days = tuple[int, int]
"""First and last day, as proleptic ordinals."""


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
    place_key: str
    place: str
    """The place as JSON: decoded only where a record is written."""
    district: str
    """Neighbourhood with its spelling folded; empty for the place as a whole."""
    exactness: str
    when: Days | None
    """Null if the text does not date it."""
    dating: str
    """How the days were stated; empty if they were not."""
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
    revision: int
    """Revision of the article that says so."""
    credits: tuple[str, ...]
    sentence: bytes
    """Hashes of the evidence's word trigrams as an array of 32-bit numbers; empty if it is too short to tell a copy."""
    sketch: bytes
    """The sample of shingle hashes as an array of 32-bit numbers."""

    # What follows from the above, worked out once.
    row: bytes = field(compare=False, repr=False)
    """All of the above as JSON, as it is stored."""
    day: int = field(compare=False)
    """Day of publication."""
    span: Days = field(compare=False)
    """The days that it speaks of; an undated report speaks of the news of its day."""
    trigrams: frozenset[int] = field(compare=False, repr=False)
    """The hashes of the sentence's trigrams."""
    parties: frozenset[str] = field(compare=False)
    """Parties of those who act."""
    target_parties: frozenset[str] = field(compare=False)
    """Parties of those acted upon."""
    quarter: frozenset[str] = field(compare=False)
    """The words that tell the neighbourhood from others."""

    @property
    def mention_id(self) -> str:
        """The mention that this is."""
        return self.key[1]


def microseconds(moment: datetime) -> int:
    """A moment as microseconds since 1970 in UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def instant(us: int) -> datetime:
    """The moment that so many microseconds since 1970 are."""
    return EPOCH + timedelta(microseconds=us)


def day_of(key: Key) -> int:
    """Day of publication as a proleptic ordinal."""
    return key[0] // DAY_US + EPOCH_DAY


def place_of(report: Report) -> Place:
    """The place as the record has it."""
    return Place.model_validate_json(report.place)


def when_of(report: Report) -> DateRange | None:
    """The event time as the record has it."""
    if report.when is None:
        return None
    first, last = map(date.fromordinal, report.when)
    return DateRange(first=first, last=last, precision=DatePrecision(report.dating))


def toll_of(figure: Figure | None) -> Toll | None:
    """A toll as the record has it."""
    if figure is None:
        return None
    low, high, of, children, women = figure
    return Toll(min=low, max=high, of=Victims(of), children=children, women=women)
