"""Signatures, as the library of the scheme verifies them; bodies, as CloudEvents' own readers take them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from schemas.alert import Alert
from schemas.codec import decode
from schemas.vocabulary import AlertState
from streams.edges.delivery.message import alert_message, digest_message
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.conftest import HandClock
from tests.edges.delivery.receivers import OLD_SECRET, SECRET, alert, append, receiving, targets

Deliver = Callable[..., None]


def test_the_library_verifies_what_arrives_and_nothing_else(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    clock.now = datetime.now(UTC)
    append(log, alert())
    with receiving() as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url}))
    got = receiver.got[0]
    assert Webhook(SECRET).verify(got.body, got.headers)["data"]["alert_id"] == "alert-1"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body.replace(b"besieged", b"relieved"), got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD_SECRET).verify(got.body, got.headers)


def test_while_keys_rotate_both_the_old_and_the_new_verify(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, clock: HandClock
) -> None:
    clock.now = datetime.now(UTC)
    append(log, alert())
    with receiving() as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url, "secrets": ["env:HOOK_KEY", "env:OLD_KEY"]}))
    for secret in (SECRET, OLD_SECRET):
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)


def test_the_body_is_a_cloud_event_with_the_record_in_it() -> None:
    message = alert_message("standard", "id-1", alert())
    event = orjson.loads(message.body)
    assert message.content_type.startswith("application/cloudevents+json")
    assert {name: event[name] for name in ("specversion", "id", "source", "type", "subject")} == {
        "specversion": "1.0",
        "id": "id-1",
        "source": "/frontwire/alerts",
        "type": "frontwire.alert.raised",
        "subject": "alert-1",
    }
    assert datetime.fromisoformat(event["time"]) == alert().known_at
    assert decode(Alert, orjson.dumps(event["data"])) == alert()


def test_a_chat_is_told_in_text_that_calls_nobody() -> None:
    body = alert_message("slack", "id-1", alert(title="<!channel> & <http://x|y>")).body
    text = orjson.loads(body)["text"]
    assert "<" not in text
    assert "&lt;!channel&gt; &amp;" in text
    assert text.startswith("[major · raised]")


@pytest.mark.parametrize(
    ("about", "kind"),
    [({"severity": "critical"}, "failure"), ({"state": AlertState.CANCELLED}, "success"), ({}, "warning")],
)
def test_an_apprise_server_is_told_title_text_and_gravity(about: dict[str, Any], kind: str) -> None:
    said = orjson.loads(alert_message("apprise", "id-1", alert(**about)).body)
    assert (said["type"], said["format"], said["body"]) == (kind, "text", "Roads were cut, by 1 reports.")
    assert said["title"].endswith("] A town besieged, 1")


def test_a_title_with_line_breaks_stays_a_line() -> None:
    body = digest_message("plain", "id-1", [alert(1, title="one\n- two"), alert(2)]).body.decode()
    assert len(body.splitlines()) == 3


def test_a_long_text_is_cut() -> None:
    assert len(alert_message("plain", "id-1", alert(text="x" * 10_000)).body.decode()) == 3_000
