"""What is sent: the same bytes on every attempt, and the id by which a receiver knows them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

import orjson

from schemas.alert import SEVERITIES, Alert
from schemas.codec import encode
from schemas.vocabulary import AlertState

SOURCE = "/frontwire/alerts"
"""`source` of every CloudEvent."""
CLOUD_EVENT = "application/cloudevents+json; charset=utf-8"
JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
LONGEST_TEXT = 3_000
"""Characters of a chat message; longer ones are cut."""
TEST = "test"

Format = Literal["standard", "slack", "plain", "apprise"]
_NAMESPACE = uuid5(NAMESPACE_URL, "frontwire:delivery")


@dataclass(frozen=True, slots=True)
class Message:
    """One request, without what changes from attempt to attempt."""

    message_id: str
    content_type: str
    body: bytes
    origin: bytes | None = None
    """The article whose trace it belongs to; null for a digest of several."""


def delivery_id(target: str, alert_id: str, revision: int) -> str:
    """Id of a delivery: equal over retries, restarts and machines."""
    return str(uuid5(_NAMESPACE, f"{target} {alert_id} {revision}"))


def digest_id(target: str, until: datetime, number: int) -> str:
    """Id of a digest: of the quiet hours that end at a moment, the n-th."""
    return str(uuid5(_NAMESPACE, f"{target} digest {until.isoformat()} {number}"))


def alert_message(form: Format, message_id: str, alert: Alert, *, kind: str | None = None) -> Message:
    """One alert for a target. `kind` goes into the CloudEvent's type instead of the alert's state."""
    if form == "standard":
        head = {"type": f"frontwire.alert.{kind or alert.state.value}", "subject": alert.alert_id}
        return _cloud_event(message_id, head, alert.known_at, encode(alert))
    return _chat(form, message_id, _headline(alert), alert.text, _gravity(alert))


def digest_message(form: Format, message_id: str, alerts: Sequence[Alert]) -> Message:
    """What quiet hours held back, in one message."""
    if form == "standard":
        data = b'{"alerts":[' + b",".join(map(encode, alerts)) + b"]}"
        return _cloud_event(message_id, {"type": "frontwire.alert.digest"}, alerts[-1].known_at, data)
    head = f"{len(alerts)} {'alert' if len(alerts) == 1 else 'alerts'} from quiet hours"
    gravest = max(alerts, key=lambda alert: SEVERITIES.index(alert.severity))
    return _chat(form, message_id, head, "\n".join(f"- {_headline(alert)}" for alert in alerts), _gravity(gravest))


def _cloud_event(message_id: str, head: dict[str, str], time: datetime, data: bytes) -> Message:
    """A CloudEvents 1.0.2 envelope, structured mode, with the record's own bytes in it."""
    envelope = orjson.dumps(
        {
            "specversion": "1.0",
            "id": message_id,
            "source": SOURCE,
            **head,
            "time": time,
            "datacontenttype": "application/json",
        }
    )
    return Message(message_id, CLOUD_EVENT, envelope[:-1] + b',"data":' + data + b"}")


def _chat(form: Format, message_id: str, head: str, body: str, gravity: str) -> Message:
    if form == "apprise":
        # What an Apprise API server takes, which passes it on to whatever it is set up for.
        said = {"title": _cut(head), "body": _cut(body or head), "type": gravity, "format": "text"}
        return Message(message_id, JSON, orjson.dumps(said))
    cut = _cut(f"{head}\n{body}" if body else head)
    if form == "plain":
        return Message(message_id, TEXT, cut.encode(errors="replace"))
    # Slack reads <!channel> and <url|text> in what it is sent: an article must not be able to call everybody.
    escaped = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Message(message_id, JSON, orjson.dumps({"text": escaped}))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _gravity(alert: Alert) -> str:
    """How grave it is, in Apprise's four words."""
    if alert.state is AlertState.CANCELLED:
        return "success"
    return {"info": "info", "minor": "info", "major": "warning", "critical": "failure"}[alert.severity]


def _headline(alert: Alert) -> str:
    return f"[{alert.severity} · {alert.state.value}] {' '.join(alert.title.split())}"
