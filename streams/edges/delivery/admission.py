"""What an alert revision sets in motion: for each target, a message that waits, one held back, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.alert import Alert, Delivery
from streams.edges.delivery.ledger import Account, Ledger, account_after
from streams.edges.delivery.message import delivery_id
from streams.edges.delivery.outcomes import not_attempted
from streams.edges.delivery.route import Item, Reference, Route
from streams.shells.log import Stored


@dataclass(frozen=True, slots=True)
class Admission:
    """One target's part."""

    route: Route
    item: Item | None
    """To be added to the route; null if nothing is to be sent."""
    deliveries: Sequence[Delivery] = ()
    """To be recorded before that."""


def admissions(routes: Sequence[Route], stored: Stored, alert: Alert, ledger: Ledger, now: datetime) -> list[Admission]:
    """What each route does with a revision. Every revision must come by, in order, for the filters to follow alerts.

    Args:
        routes: The targets.
        stored: Where the alert stands.
        alert: The alert.
        ledger: What was done before this process began; empty for what came since.
        now: The present moment, for quiet hours and mutes.
    """
    found = []
    for route in routes:
        wanted = route.wanted(alert)
        reference = reference_of(route, alert.alert_id, alert.revision, stored)
        if route.holds(reference.delivery_id) or ledger.is_done(reference.delivery_id):
            continue
        # What was begun is brought to its end, whatever the filter says by now.
        if account := ledger.account(reference.delivery_id):
            found.append(Admission(route, _resumed(reference, account)))
        elif wanted:
            found.append(_new(route, alert, reference, now))
    return found


def asked_again(route: Route, delivery: Delivery, stored: Stored) -> Admission:
    """What a person asked for once more."""
    reference = reference_of(route, delivery.alert_id, delivery.revision, stored)
    return Admission(route, _resumed(reference, account_after(delivery)))


def reference_of(route: Route, alert_id: str, revision: int, stored: Stored) -> Reference:
    """A revision on its way to a target."""
    named = delivery_id(route.target.name, alert_id, revision)
    return Reference(named, alert_id, revision, stored.partition, stored.offset)


def _resumed(reference: Reference, account: Account) -> Item:
    message_id = account.digest_id or reference.delivery_id
    return Item(message_id, account.due, [reference], account.attempts, account.of_round, account.digest_id)


def _new(route: Route, alert: Alert, reference: Reference, now: datetime) -> Admission:
    spec, name = route.target.spec, route.target.name
    item = Item(reference.delivery_id, now, [reference])
    if spec.mute_until and now < spec.mute_until:
        told = f"muted until {spec.mute_until:%Y-%m-%d %H:%M} UTC"
        return Admission(route, None, not_attempted(name, item, "muted", told, now))
    if until := spec.quiet.holds(alert.severity, now) if spec.quiet else None:
        digest = route.digest_for(until)
        item = Item(digest, until, [reference], digest_id=digest)
        return Admission(route, item, not_attempted(name, item, "held", "quiet hours", now, until))
    return Admission(route, item)
