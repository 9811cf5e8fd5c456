"""The topics: what stands on each, by which key, in how many partitions, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.alert import Alert, Delivery, Match
from schemas.article import Article, Retraction
from schemas.control import ControlChange, TownControl
from schemas.dead_letter import DeadLetter
from schemas.erasure import Erasure
from schemas.event import Claim, Event
from schemas.mention import Mention, Withdrawal
from schemas.record import Record


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the log, the same in both shells."""

    name: str
    record: type[Record]
    key: str
    """What the key is, in words."""
    about: str
    """What stands on it, in one sentence."""
    kafka_partitions: int = 12
    """Partitions on a broker; the embedded log has one of each unless told otherwise."""
    cleanup: Literal["delete", "compact"] = "delete"
    """Broker clean-up policy. `delete` without a retention time keeps everything."""
    retention_days: int | None = None
    """Days that a broker keeps records; null for ever."""
    remade: bool = True
    """Whether the stages make it, so that a replay makes it again; else it is kept as it came."""
    undo: type[Record] | None = None
    """The record that takes back one of the topic's own, and stands among them; null if there is none."""

    @property
    def records(self) -> tuple[type[Record], ...]:
        """Every kind of record that may stand on it."""
        return (self.record,) if self.undo is None else (self.record, self.undo)


ARTICLES = Topic(
    "articles", Article, "article id", "Texts as printed: the source of truth.", remade=False, undo=Retraction
)
MENTIONS = Topic(
    "mentions", Mention, "place", "What one article says of one event or of one place's control.", undo=Withdrawal
)
EVENTS = Topic("events", Event, "place", "Revisions of merged events.")
CLAIMS = Topic("claims", Claim, "place", "Revisions of merged claims about who holds a place.")
CONTROL = Topic("control", TownControl, "place", "Revisions of each place's state of control.")
CONTROL_CHANGES = Topic("control-changes", ControlChange, "place", "Each change of a place's control.")
MATCHES = Topic("matches", Match, "rule and area", "What meets an alert rule, and what no longer does.")
ALERTS = Topic("alerts", Alert, "alert id", "Rules that began to hold, changed or were cancelled.")
# Kept for ever: were it forgotten that a delivery is done, the alert would be sent again.
DELIVERIES = Topic("deliveries", Delivery, "delivery id", "Attempts to deliver alerts.", remade=False)
DEAD_LETTERS = Topic("dead-letters", DeadLetter, "topic", "What could not be read, with its bytes and the reason.")
ERASURES = Topic("erasures", Erasure, "article id", "What was erased, where, and on what ground.", remade=False)

_MADE = (MENTIONS, EVENTS, CLAIMS, CONTROL, CONTROL_CHANGES, MATCHES, ALERTS)
_FLOW = (ARTICLES, *_MADE, DELIVERIES, DEAD_LETTERS, ERASURES)

TOPICS: dict[str, Topic] = {topic.name: topic for topic in _FLOW}
"""Every topic by name, in the order of the flow."""
