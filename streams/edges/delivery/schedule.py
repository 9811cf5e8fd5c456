"""When a failed delivery is tried again: the same moments for the same delivery, whoever computes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

RETRIES_S: tuple[float, ...] = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds between one attempt and the next: eight attempts over 27 h 35 min.

Source:
    The schedule that Standard Webhooks recommends and Svix keeps.
"""
JITTER = 0.1
"""Greatest part by which a wait is longer, so that what failed together does not come back together."""
LONGEST_WAIT = timedelta(hours=24)
"""A receiver may ask for a pause, but for no longer one."""


def wait_after(delivery_id: str, attempt: int, retries_s: tuple[float, ...] = RETRIES_S) -> timedelta | None:
    """The pause after a failed attempt; null if it was the last.

    Args:
        delivery_id: Id of what is delivered; chooses the jitter.
        attempt: Which attempt of the round failed, from 1.
        retries_s: Seconds after the first, second, … attempt.
    """
    if attempt > len(retries_s):
        return None
    return timedelta(seconds=retries_s[attempt - 1] * (1 + JITTER * _share(f"{delivery_id} {attempt}")))


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """The pause that a `Retry-After` header asks for: seconds or an HTTP date. Null if it says nothing readable."""
    if header is None:
        return None
    wait = _seconds(header.strip()) or _until(header.strip(), now)
    return None if wait is None else max(timedelta(0), min(wait, LONGEST_WAIT))


def _seconds(header: str) -> timedelta | None:
    if not (header.isascii() and header.isdigit()):
        return None
    # Past any cap, and short enough to be a number of seconds at all.
    return timedelta(seconds=int(header[:9]))


def _until(header: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def _share(seed: str) -> float:
    """A part from 0 up to 1 that the seed alone decides."""
    return int.from_bytes(blake2b(seed.encode(), digest_size=7).digest(), "big") / 2**56
