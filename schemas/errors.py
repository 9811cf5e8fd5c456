"""Everything Frontwire raises.

::

    FrontwireError
    ├── DecodeError            bytes that are not the record they should be; carries the reason for a dead letter
    ├── RefusedArticle         intake does not take it; carries the reason
    ├── LogError               the log cannot do what was asked
    │   ├── UnknownTopic
    │   ├── OffsetOutOfRange
    │   ├── LogInUse           another process runs the stages on it
    │   ├── Superseded         another generation of its topics took over since it was opened
    │   └── LogDamaged         the log is not what was written; carries the first place that is wrong
    ├── TheatreError           a theatre pack does not hold together
    ├── RulesError             a file of alert rules does not hold together
    └── TargetsError           a file of targets does not hold together

A message says what was asked, what is so, and what to do.
"""

from __future__ import annotations

from schemas.vocabulary import Reason


class FrontwireError(Exception):
    """Base of everything Frontwire raises."""


class DecodeError(FrontwireError):
    """Bytes that are not the record they should be."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class RefusedArticle(FrontwireError):
    """An article that intake does not take."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class LogError(FrontwireError):
    """The log cannot do what was asked."""


class UnknownTopic(LogError):
    """A topic that is not in the log."""


class OffsetOutOfRange(LogError):
    """An offset that the log does not hold."""


class LogInUse(LogError):
    """A log on which another process runs the stages."""


class Superseded(LogError):
    """Another generation of the log's topics took over since it was opened."""


class LogDamaged(LogError):
    """The log is not what was written: torn, truncated or tampered with."""

    def __init__(
        self, detail: str, *, topic: str | None = None, partition: int | None = None, offset: int | None = None
    ) -> None:
        super().__init__(detail)
        self.topic = topic
        """Null if the damage lies outside every topic."""
        self.partition = partition
        self.offset = offset
        """First offset that is not safe to read."""


class TheatreError(FrontwireError):
    """A theatre pack does not hold together."""


class RulesError(FrontwireError):
    """A file of alert rules does not hold together."""


class TargetsError(FrontwireError):
    """A file of targets does not hold together."""
