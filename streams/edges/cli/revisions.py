"""The present of a topic: the last revision of each event, claim, place or alert, as it was known at a point."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import TypeVar

import typer

from schemas.alert import Alert
from schemas.codec import decode
from schemas.errors import RefusedArticle
from schemas.event import Claim, Event
from schemas.record import Record
from schemas.topics import ALERTS, ARTICLES, CLAIMS, EVENTS, Topic
from schemas.vocabulary import RevisionKind
from streams.edges.intake.dates import read_time
from streams.edges.intake.ingest import milliseconds
from streams.shells.log import Lane, View, iterate

R = TypeVar("R", bound=Record)
M = TypeVar("M", Event, Claim)
Merged = Event | Claim

ENDED = frozenset({RevisionKind.MERGE, RevisionKind.RETRACT})
"""Revisions after which there is nothing left of an id."""

_OFFSET = re.compile(r"(?:(\d+)/)?(\d+)")


def ends_known(store: View, topic: Topic, point: str | None) -> Mapping[int, int] | None:
    """Ends by partition of a topic as it was known at a point; None for the present.

    Args:
        store: The log.
        topic: Topic that is to be read.
        point: What `--known-at` takes: an offset of `articles` (`17`, or `2/17` in partition 2), before which articles
            had arrived; or a time, at which they had; a day stands for its end.
    """
    if point is None:
        return None
    from streams.shells.known_time import known_at, known_before

    offset = _OFFSET.fullmatch(point)
    if offset:
        return known_before(store, topic.name, Lane(ARTICLES.name, int(offset[1] or 0)), int(offset[2]))
    try:
        moment = read_time(point)
        # A day is over when what came on it is known.
        latest = moment.at if moment.exact else datetime.combine(moment.at.date(), time.max, UTC)
        return known_at(store, topic.name, milliseconds(latest))
    except RefusedArticle:
        raise typer.BadParameter(
            f"{point!r} is neither an offset of articles (17) nor a time (2017-10-28T12:00:00Z)",
            param_hint="--known-at",
        ) from None


def id_of(record: Merged) -> str:
    """Id of an event or claim."""
    return record.event_id if isinstance(record, Event) else record.claim_id


def last_revisions(store: View, point: str | None = None) -> dict[str, Merged]:
    """Every event and claim by its id, those that ended too, each in its last revision."""
    return {**_last(store, EVENTS, Event, point), **_last(store, CLAIMS, Claim, point)}


def heirs(store: View, ended: Merged) -> list[str]:
    """Ids that took in one that has ended."""
    topic = EVENTS if isinstance(ended, Event) else CLAIMS
    found = (decode(type(ended), stored.value) for stored in iterate(store, topic.name))
    return list(dict.fromkeys(id_of(one) for one in found if id_of(ended) in one.supersedes))


def present_events(store: View, point: str | None = None) -> list[Event]:
    """The events that there are, each in its last revision, in the order in which they first arrived."""
    return list(_present(store, EVENTS, Event, point).values())


def present_claims(store: View, point: str | None = None) -> list[Claim]:
    """The claims that there are, each in its last revision, in the order in which they first arrived."""
    return list(_present(store, CLAIMS, Claim, point).values())


def present_alerts(store: View, point: str | None = None) -> list[Alert]:
    """The alerts that there are, each in its last revision, in the order in which they first arrived."""
    last: dict[str, Alert] = {}
    for stored in iterate(store, ALERTS.name, end=ends_known(store, ALERTS, point)):
        alert = decode(Alert, stored.value)
        last[alert.alert_id] = alert
    return list(last.values())


def by_key(store: View, topic: Topic, record: type[R], point: str | None = None) -> Iterator[R]:
    """The last record of each key of a topic, in the order of keys within each partition."""
    for stored in store.latest(topic.name, ends=ends_known(store, topic, point)):
        yield decode(record, stored.value)


def _present(store: View, topic: Topic, record: type[M], point: str | None) -> dict[str, M]:
    return {key: found for key, found in _last(store, topic, record, point).items() if found.kind not in ENDED}


def _last(store: View, topic: Topic, record: type[M], point: str | None) -> dict[str, M]:
    last: dict[str, M] = {}
    for stored in iterate(store, topic.name, end=ends_known(store, topic, point)):
        found = decode(record, stored.value)
        before = last.get(id_of(found))
        # A cluster's worker may deliver an old revision again after the next one.
        if before is None or found.revision >= before.revision:
            last[id_of(found)] = found
    return last


def count(store: View, topic: Topic) -> int:
    """Records that a topic holds."""
    lanes = (store.bounds(topic.name, partition) for partition in range(store.partitions(topic.name)))
    return sum(end - first for first, end in lanes)
