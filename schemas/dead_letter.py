"""What could not be read, kept with its bytes and the reason."""

from __future__ import annotations

from pydantic import Field

from schemas.record import Record
from schemas.vocabulary import Reason


class DeadLetter(Record):
    """One unreadable record. It can be put back with its exact bytes."""

    topic: str
    """Topic it was read from, or was meant for when intake refused it."""
    partition: int | None
    """Null if it never reached a topic."""
    offset: int | None = Field(default=None, ge=0)
    """Null if it never reached a topic."""
    origin: str | None = None
    """File and line, or record, that it came from."""
    key: str | None = None
    raw: bytes
    """The original bytes, base64 in JSON."""
    reason: Reason
    detail: str
    """What was found, and what to do."""
