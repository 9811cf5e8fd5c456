"""Alerts name no person to those who need not know: sentences of articles stay here unless a target asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.alert import Alert, Quote
from streams.edges.delivery.discretion import WITHHELD, without_persons
from streams.shells.sqlite_log import SqliteLog
from tests.edges.delivery.receivers import alert, append, receiving, targets

Deliver = Callable[..., None]
SENTENCE = "Karim Haddad, a nurse, said that he had seen the column."


def telling() -> Alert:
    """An alert whose text quotes an article in which somebody is named."""
    quote = Quote(
        mention_id="a#1", outlet="afp", source="Karim Haddad", root_source="person:karim haddad", text=SENTENCE
    )
    roots = ("person:karim haddad", "person:rima s.", "sohr")
    return alert(title=f"Seen: {SENTENCE}", text=f'Siege. "{SENTENCE}"', root_sources=roots, evidence=(quote,))


@pytest.mark.parametrize("form", ["standard", "slack", "plain", "apprise"])
def test_no_person_is_named_to_a_target_in_any_format(
    log: SqliteLog, deliver: Deliver, tmp_path: Path, form: str
) -> None:
    append(log, telling())
    with receiving() as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url, "format": form}))
    (got,) = receiver.got
    assert b"Karim" not in got.body
    assert b"karim" not in got.body
    assert WITHHELD.encode() in got.body


def test_a_target_that_asks_for_quotes_gets_the_sentences(log: SqliteLog, deliver: Deliver, tmp_path: Path) -> None:
    append(log, telling())
    with receiving() as receiver:
        deliver(targets(tmp_path, {"name": "desk", "url": receiver.url, "quotes": True}))
    assert SENTENCE.encode() in receiver.got[0].body


def test_witnesses_are_counted_and_not_named() -> None:
    told = without_persons(telling())
    assert told.root_sources == ("person:1", "person:2", "sohr")
    assert told.evidence == ()
    assert told.mention_ids == telling().mention_ids
