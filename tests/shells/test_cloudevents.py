"""Records bear what makes CloudEvents of them, and come back as they were."""

from __future__ import annotations

from streams.shells.cloudevents import with_attributes, without_attributes
from streams.shells.log import Entry

ENTRY = Entry("control", "ocha:C4332", b'{"place":{}}', 1_491_307_200_123, (("origin", b"articles:0:7"),))


def test_every_required_attribute_is_a_header() -> None:
    told = dict(with_attributes(ENTRY))
    assert told["ce_specversion"] == b"1.0"
    assert told["ce_type"] == b"frontwire.control"
    assert told["ce_time"] == b"2017-04-04T12:00:00.123Z"
    assert told["content-type"] == b"application/json"
    assert told["ce_id"]
    assert told["ce_source"]
    assert told["origin"] == b"articles:0:7"


def test_one_record_has_one_id_however_often_it_is_delivered_and_another_has_another() -> None:
    again = Entry(ENTRY.topic, ENTRY.key, ENTRY.value, ENTRY.timestamp + 5)
    other = Entry(ENTRY.topic, ENTRY.key, b"{}", ENTRY.timestamp)
    ids = [dict(with_attributes(one))["ce_id"] for one in (ENTRY, again, other)]
    assert ids[0] == ids[1] != ids[2]


def test_what_was_put_on_is_taken_off_again() -> None:
    assert without_attributes(tuple(with_attributes(ENTRY))) == ENTRY.headers
