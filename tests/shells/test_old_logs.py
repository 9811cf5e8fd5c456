"""Logs of every release are read for ever. Each was made by its own program, and is never made again.

`old/0.1.0.log.gz`: four articles and a dead letter of intake, run by the first release.
"""

from __future__ import annotations

import gzip
from contextlib import closing
from pathlib import Path

import pytest

from schemas.codec import decode
from schemas.topics import TOPICS
from streams.pipeline import pipeline
from streams.shells import takeover
from streams.shells.log import iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.recompute import recompute
from streams.shells.sqlite_log import open_log
from streams.shells.verify import verify
from streams.theatres.theatre import load_theatre

RECORDS = {
    "0.1.0": {
        "articles": 4, "mentions": 8, "events": 4, "claims": 4, "control": 3,
        "control-changes": 2, "alerts": 2, "deliveries": 0, "dead-letters": 1,
    }
}  # fmt: skip


@pytest.fixture(params=sorted(RECORDS))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A release, and a copy of its log."""
    for suffix in ("", ".mark"):
        packed = Path(__file__).parent / "old" / f"{request.param}.log{suffix}.gz"
        (tmp_path / f"old.log{suffix}").write_bytes(gzip.decompress(packed.read_bytes()))
    return request.param, tmp_path / "old.log"


def test_it_is_what_was_written(old: tuple[str, Path]) -> None:
    release, path = old
    found = verify(path)
    assert (found.damage, found.records) == ((), sum(RECORDS[release].values()))


def test_every_record_is_read_by_the_present_contract(old: tuple[str, Path]) -> None:
    release, path = old
    with closing(open_log(path, read_only=True)) as log:
        for topic, count in RECORDS[release].items():
            found = [decode(TOPICS[topic].record, one.value) for one in iterate(log, topic)]
            assert len(found) == count, topic


def test_the_present_version_makes_everything_again_beside_it_and_takes_over(old: tuple[str, Path]) -> None:
    _, path = old
    stages = pipeline(load_theatre("syria"))
    with closing(open_log(path)) as log:
        number = log.begin_generation()
    assert takeover.take_over(path, number, stages) == 4
    assert verify(path).damage == ()
    with closing(open_log(path, read_only=True)) as log:
        assert recompute(log, MemoryLog(), stages) == []
        assert log.bounds("mentions", 0)[1] > 0
        assert log.bounds("dead-letters", 0)[1] == 1
