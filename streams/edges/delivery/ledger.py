"""What the `deliveries` topic says: of each delivery, whether it is done, and if not, when it is due."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.alert import Delivery

DONE = frozenset({"delivered", "exhausted", "refused", "muted"})
"""Outcomes after which nothing follows, unless a person asks."""


@dataclass(frozen=True, slots=True)
class Account:
    """A delivery that is not done."""

    attempts: int
    """Made so far, ever."""
    of_round: int
    """Made since a person last asked for it, or since the first."""
    due: datetime
    digest_id: str | None


class Ledger:
    """A fold over deliveries, in the order in which they were recorded."""

    def __init__(self, targets: Container[str]) -> None:
        """Empty. Targets that are not named are left out."""
        self._targets = targets
        self._done: set[str] = set()
        self._open: dict[str, Account] = {}

    def take_in(self, deliveries: Iterable[Delivery]) -> None:
        """Fold on."""
        for delivery in deliveries:
            if delivery.target not in self._targets:
                continue
            if delivery.outcome in DONE:
                self._open.pop(delivery.delivery_id, None)
                self._done.add(delivery.delivery_id)
            else:
                self._done.discard(delivery.delivery_id)
                self._open[delivery.delivery_id] = account_after(delivery, self._open.get(delivery.delivery_id))

    def is_done(self, delivery_id: str) -> bool:
        """Whether nothing more is to be done."""
        return delivery_id in self._done

    def account(self, delivery_id: str) -> Account | None:
        """A delivery that is under way; null if it was never begun, or is done."""
        return self._open.get(delivery_id)


def account_after(delivery: Delivery, before: Account | None = None) -> Account:
    """Where a delivery stands after a record that does not end it."""
    due = delivery.next_at or delivery.attempted_at
    if delivery.outcome == "retry":
        return Account(delivery.attempt, (before.of_round if before else 0) + 1, due, delivery.digest_id)
    return Account(delivery.attempt - 1, 0, due, delivery.digest_id)
