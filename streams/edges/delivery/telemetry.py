"""Every log event and metric of delivery, named once. Targets are named; addresses and secrets never are."""

from __future__ import annotations

import structlog
from prometheus_client import Counter, Gauge, Histogram

from schemas.alert import Delivery
from schemas.errors import DecodeError
from streams.shells.log import Stored

_log = structlog.get_logger("frontwire")

ATTEMPTS = Counter("frontwire_delivery_attempts", "Deliveries, by what became of them.", ["target", "outcome"])
SECONDS = Histogram(
    "frontwire_delivery_seconds",
    "Time of an attempt.",
    ["target"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
)
WAITING = Gauge("frontwire_deliveries_waiting", "Deliveries that wait.", ["target"])
LEFT_ALONE = Gauge("frontwire_target_left_alone", "1 while a target that only fails is left alone.", ["target"])


def attempt_made(delivery: Delivery) -> None:
    """An attempt was recorded. ERROR if it was the last: a person must see why, and have it sent again."""
    ATTEMPTS.labels(delivery.target, delivery.outcome).inc()
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


def request_ended(target: str, seconds: float) -> None:
    """An attempt took so long, whatever came of it."""
    SECONDS.labels(target).observe(seconds)


def deliveries_waiting(target: str, count: int) -> None:
    """So many deliveries wait for a target now."""
    WAITING.labels(target).set(count)


def target_left_alone(target: str, failures: int, seconds: float) -> None:
    """A target failed so often in a row that it is left alone for a while."""
    LEFT_ALONE.labels(target).set(1)
    _log.warning("target_left_alone", target=target, failures=failures, seconds=round(seconds))


def target_answered(target: str, failures: int) -> None:
    """A target that was left alone answered again, after so many failures."""
    LEFT_ALONE.labels(target).set(0)
    _log.info("target_answered", target=target, failures=failures)


def record_unreadable(stored: Stored, error: DecodeError) -> None:
    """A record of the log could not be read, so that nothing can be delivered of it."""
    place = {"topic": stored.topic, "partition": stored.partition, "offset": stored.offset}
    _log.error("record_unreadable", **place, reason=error.reason.value, detail=error.detail)
