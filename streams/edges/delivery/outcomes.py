"""What becomes of an attempt, and the records that say so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from schemas.alert import Delivery
from schemas.codec import encode
from schemas.topics import DELIVERIES
from streams.edges.delivery.route import Item
from streams.edges.delivery.schedule import wait_after
from streams.edges.delivery.sending import Answer
from streams.shells.log import Entry, Log

Outcome = Literal["delivered", "retry", "exhausted", "refused", "held", "muted", "requested"]


def after_attempt(
    item: Item, answer: Answer, now: datetime, retries_s: Sequence[float]
) -> tuple[Outcome, datetime | None]:
    """What an answer means, and when the next attempt is due, if there is one.

    Args:
        item: What was sent; this attempt is counted already.
        answer: What came of it.
        now: The present moment.
        retries_s: Seconds after the first, second, … attempt.
    """
    if answer.delivered:
        return "delivered", None
    if answer.gone:
        return "refused", None
    wait = wait_after(item.message_id, item.of_round, tuple(retries_s))
    if wait is None:
        return "exhausted", None
    return "retry", now + max(wait, answer.retry_after or wait)


def attempted(target: str, item: Item, answer: Answer, now: datetime, retries_s: Sequence[float]) -> list[Delivery]:
    """The records of an attempt, one for each alert of the message."""
    outcome, next_at = after_attempt(item, answer, now, retries_s)
    return _records(target, item, item.attempts, outcome, answer.status_code, answer.detail, now, next_at)


def not_attempted(
    target: str, item: Item, outcome: Outcome, detail: str, now: datetime, next_at: datetime | None = None
) -> list[Delivery]:
    """The records of a decision not to send now."""
    return _records(target, item, item.attempts + 1, outcome, None, detail, now, next_at)


def record(log: Log, deliveries: Sequence[Delivery]) -> None:
    """Append deliveries, all or none. Their log time is when they were made: no article caused them then."""
    log.append(
        Entry(DELIVERIES.name, one.delivery_id, encode(one), int(one.attempted_at.timestamp() * 1000))
        for one in deliveries
    )


def _records(
    target: str,
    item: Item,
    attempt: int,
    outcome: Outcome,
    status_code: int | None,
    detail: str,
    now: datetime,
    next_at: datetime | None,
) -> list[Delivery]:
    return [
        Delivery(
            delivery_id=reference.delivery_id,
            alert_id=reference.alert_id,
            revision=reference.revision,
            target=target,
            attempt=attempt,
            outcome=outcome,
            status_code=status_code,
            detail=detail,
            attempted_at=now,
            next_at=next_at,
            digest_id=item.digest_id,
        )
        for reference in item.references
    ]
