"""That an article was erased, and what holds the log together where it stood."""

from __future__ import annotations

from pydantic import Field

from schemas.record import Instant, Record


class Erasure(Record):
    """One record whose content was taken out of the log for good."""

    topic: str
    """Topic that it stood on: `articles`, or `dead-letters` where intake had kept its bytes."""
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    """Offset that it keeps, with a record in its place that says nothing."""
    key: str
    """Its key: the article's id."""
    reason: str = Field(min_length=1)
    """Who asked, or on what ground, in the operator's words."""
    erased_at: Instant
    """Log time of the erasure."""
    before: str
    """Chain of the lane before the record, in hexadecimal digits."""
    after: str
    """Chain after it, as it was while the content stood there: what comes later follows from it."""
