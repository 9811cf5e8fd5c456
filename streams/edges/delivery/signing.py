"""The headers of an attempt, signed by the Standard Webhooks scheme with its own library."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from streams.edges.delivery.message import Message
from streams.shells.tracing import traceparent

USER_AGENT = "Frontwire/1 (+alerts)"


def headers(message: Message, at: datetime, secrets: Sequence[SecretStr]) -> dict[str, str]:
    """Headers of one attempt.

    Args:
        message: What is sent.
        at: Moment of the attempt, UTC: receivers refuse what is older than five minutes.
        secrets: Keys to sign with; a receiver that knows one of them is content. Unsigned if there is none.

    Source:
        Standard Webhooks 1.0.0, https://www.standardwebhooks.com.
    """
    found = {
        "content-type": message.content_type,
        "user-agent": USER_AGENT,
        "webhook-id": message.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
    }
    if message.origin is not None:
        found["traceparent"] = traceparent(message.origin)
    if secrets:
        body = message.body.decode()
        signed = (Webhook(one.get_secret_value()).sign(message.message_id, at, body) for one in secrets)
        found["webhook-signature"] = " ".join(signed)
    return found
