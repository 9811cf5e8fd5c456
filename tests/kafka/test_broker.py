"""The broker that the other tests rely on is a real one."""

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

pytestmark = pytest.mark.kafka


def test_what_is_produced_is_read_again_with_key_time_and_headers(kafka: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic("round-trip", 3, 1)])
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")
    sent = producer.send("round-trip", key=b"k", value=b"v", timestamp_ms=1459080000000, headers=[("h", b"1")]).get(10)
    consumer = KafkaConsumer("round-trip", bootstrap_servers=kafka, auto_offset_reset="earliest")
    record = next(iter(consumer))
    assert (record.partition, record.offset) == (sent.partition, sent.offset)
    assert (record.key, record.value, record.timestamp) == (b"k", b"v", 1459080000000)
    assert [tuple(header) for header in record.headers] == [("h", b"1")]
    for client in (admin, producer, consumer):
        client.close()


def test_a_killed_broker_comes_back_with_its_data(own_kafka) -> None:
    KafkaAdminClient(bootstrap_servers=own_kafka.bootstrap).create_topics([NewTopic("kept", 1, 1)])
    producer = KafkaProducer(bootstrap_servers=own_kafka.bootstrap, acks="all")
    producer.send("kept", value=b"still here").get(10)
    own_kafka.kill()
    own_kafka.start()
    consumer = KafkaConsumer("kept", bootstrap_servers=own_kafka.bootstrap, auto_offset_reset="earliest")
    assert next(iter(consumer)).value == b"still here"
