"""A test of targets: one message, marked as a test, sent once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from schemas.alert import Alert
from schemas.vocabulary import AlertState
from streams.edges.delivery.message import TEST, alert_message
from streams.edges.delivery.sending import Answer, Sender
from streams.edges.delivery.targets import Target
from streams.theatres.alert_rules import Rule


async def send_test(rule: Rule, targets: Sequence[Target], now: datetime) -> dict[str, Answer]:
    """Send a test of a rule to targets, once each.

    Args:
        rule: Rule whose alert it pretends to be.
        targets: Whom to send it to.
        now: The present moment, UTC; each test has an id of its own.

    Returns:
        What each target answered, by its name.
    """
    alert = example(rule, now)
    answers = await asyncio.gather(*(_send(alert, target, now) for target in targets))
    return {target.name: answer for target, answer in zip(targets, answers, strict=True)}


def example(rule: Rule, now: datetime) -> Alert:
    """An alert that nothing in the world gave cause for, and that says so."""
    return Alert(
        alert_id=str(uuid5(NAMESPACE_URL, f"frontwire:test {rule.name} {now.isoformat()}")),
        revision=1,
        rule=rule.name,
        state=AlertState.RAISED,
        severity=rule.severity,
        title=f"TEST of {rule.name}",
        text=f"This is a test. Nothing has happened. {rule.about}".strip(),
        place=None,
        subjects=(),
        mention_ids=(),
        root_sources=(),
        known_at=now,
    )


async def _send(alert: Alert, target: Target, now: datetime) -> Answer:
    sender = Sender(target)
    try:
        message = alert_message(target.spec.format, f"test-{alert.alert_id}", alert, kind=TEST)
        return await sender.send(message, now)
    finally:
        await sender.close()
