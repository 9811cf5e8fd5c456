"""Every log event of delivery, named once. Targets are named; addresses and secrets never are."""

from __future__ import annotations

import structlog

from schemas.alert import Delivery
from schemas.errors import DecodeError
from streams.shells.log import Stored

_log = structlog.get_logger("frontwire")


def attempt_made(delivery: Delivery) -> None:
    """An attempt was recorded. ERROR if it was the last: a person must see why, and have it sent again."""
    fields = {
        "target": delivery.target,
        "delivery_id": delivery.delivery_id,
        "attempt": delivery.attempt,
        "outcome": delivery.outcome,
        "status_code": delivery.status_code,
        "detail": delivery.detail,
    }
    if delivery.outcome in ("exhausted", "refused"):
        _log.error("delivery_given_up", **fields)
    elif delivery.outcome == "retry":
        _log.warning("delivery_failed", **fields)
    else:
        _log.debug("delivery_recorded", **fields)


def target_left_alone(target: str, failures: int, seconds: float) -> None:
    """A target failed so often in a row that it is left alone for a while."""
    _log.warning("target_left_alone", target=target, failures=failures, seconds=round(seconds))


def target_answered(target: str, failures: int) -> None:
    """A target that was left alone answered again, after so many failures."""
    _log.info("target_answered", target=target, failures=failures)


def record_unreadable(stored: Stored, error: DecodeError) -> None:
    """A record of the log could not be read, so that nothing can be delivered of it."""
    place = {"topic": stored.topic, "partition": stored.partition, "offset": stored.offset}
    _log.error("record_unreadable", **place, reason=error.reason.value, detail=error.detail)
