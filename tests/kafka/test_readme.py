"""The consumer in the README works as it stands, with nothing of ours imported."""

from __future__ import annotations

import re

import pytest

from schemas.topics import CONTROL
from streams.shells.kafka_log import KafkaLog
from streams.shells.log import Entry, iterate
from streams.shells.memory_log import MemoryLog
from tests.conftest import ROOT
from tests.kafka.cluster import records

pytestmark = pytest.mark.kafka


def test_the_readme_s_consumer_reads_who_holds_each_town(
    kafka: str, embedded: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"^```python consumer\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len(example.strip().splitlines()) <= 16
    assert "streams" not in example
    # Other tests do not use topics without a prefix; whoever named a broker may.
    control = f"t-{id(embedded)}-"
    with KafkaLog(kafka, prefix=control) as log:
        log.create(2, topics=(CONTROL,))
        held = [Entry(CONTROL.name, one.key, one.value, one.timestamp) for one in iterate(embedded, CONTROL.name)]
        log.append([*held, *held[-3:]])
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    found: dict[str, object] = {}
    code = example.replace('"control"', f'"{control}control"').replace('"my-desk"', f'"{control}desk"')
    exec(compile(code.replace("10_000", "3_000"), "README.md", "exec"), found)
    assert found["towns"] == {line["place"]["name"]: line["controller"] for line in records(embedded, CONTROL)}
