"""The base of every record, and the small values that records share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.vocabulary import DatePrecision, PlacePrecision, Victims


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs a zone; write 2017-04-05T12:00:00Z")
    return value.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment in UTC. Naive times are refused."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, or a probability, 0..1."""

Count = Annotated[int, Field(ge=0)]
"""People. Zero is zero; "not stated" is null where a field may be."""


class Value(BaseModel):
    """A frozen part of a record, compared by content."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        ser_json_bytes="base64",
        val_json_bytes="base64",
        use_attribute_docstrings=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Record(Value):
    """What may stand on a topic: frozen, strict, without unknown fields."""

    schema_version: Literal[1] = 1
    """Version of this record's shape; older ones are read through `schemas.upcasters`."""


class DateRange(Value):
    """First to last day on which something happened, as far as the text supports."""

    first: date
    """First day, inclusive."""
    last: date
    """Last day, inclusive; never before the first."""
    precision: DatePrecision
    """How the days were stated: a day, a stretch of days, a month, a year."""

    @model_validator(mode="after")
    def _ordered(self) -> DateRange:
        if self.last < self.first:
            raise ValueError(f"last day {self.last} is before the first, {self.first}")
        return self


class Place(Value):
    """A place as a mention or event names it, resolved in the theatre's gazetteer."""

    place_id: str | None
    """Id in the gazetteer, such as `ocha:C4332`; null if the name was not resolved."""
    name: str
    """English news name of the town (or site, district, governorate); the text's own words if unresolved."""
    admin1: str | None
    """Governorate, null if not known."""
    lat: float | None = Field(ge=-90, le=90)
    """WGS84 degrees, null if unresolved."""
    lon: float | None = Field(ge=-180, le=180)
    """WGS84 degrees, null if unresolved."""
    precision: PlacePrecision
    """How exactly the place is known."""
    text: str
    """The place as the article writes it: with precision `exact` the neighbourhood."""
    district: str | None = None
    """Neighbourhood of the town, by its gazetteer name or as written; null for the town as a whole."""
    parent: str | None = None
    """Place id of the town that a site (air base, dam, crossing) belongs to."""
    inferred: bool = False
    """True if the sentence does not name the place itself and it was taken from an earlier one."""
    candidates: tuple[str, ...] = ()
    """Ids of other places of the same name that were weighed and lost, best first."""

    @property
    def key(self) -> str:
        """Key of every record about this place: its id, or its folded words where it has none."""
        return self.place_id or f"unresolved:{' '.join(self.name.casefold().split())}"


class Toll(Value):
    """How many people, as a range that holds every figure given."""

    min: Count
    """Least number stated: 63 for "at least 63", 24 for "dozens"."""
    max: Count | None
    """Greatest number stated; null if open ("at least", "more than")."""
    of: Victims = Victims.UNKNOWN
    """Who they were."""
    children: Count | None = None
    """Children among them, part of the number and never added to it."""
    women: Count | None = None
    """Women among them, part of the number and never added to it."""

    @model_validator(mode="after")
    def _ordered(self) -> Toll:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        return self


class SourcedToll(Value):
    """One source's figures."""

    root_source: str
    """Id of who gives the figure: `sohr`, `residents`, `outlet:arabnews`."""
    source: str | None
    """The source as shown to readers; null in the outlet's own voice."""
    killed: Toll | None
    """The dead, null if not stated."""
    wounded: Toll | None
    """The wounded, null if not stated."""
    published_at: Instant
    """When the article with this figure was printed."""
