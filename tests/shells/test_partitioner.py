"""Keys go where Kafka's own clients put them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as murmur2_of_kafka

from streams.shells.partitioner import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        ("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829), ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)  # fmt: skip
def test_the_hash_is_the_one_of_kafkas_own_tests(key: str, signed: int) -> None:
    assert murmur2(key.encode()) == signed & 0xFFFFFFFF


@given(st.binary(max_size=60))
def test_the_hash_is_the_one_of_a_kafka_client(data: bytes) -> None:
    assert murmur2(data) == murmur2_of_kafka(data) & 0xFFFFFFFF


@given(st.text(max_size=30), st.integers(1, 40))
def test_every_key_has_one_partition_that_is_there(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions


def test_keys_spread_over_the_partitions() -> None:
    assert {partition_of(f"ocha:C{number}", 4) for number in range(1_000, 1_050)} == {0, 1, 2, 3}
