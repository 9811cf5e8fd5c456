"""A thousand clients at once, some of them slow: who keeps up gets every record, once and in order; memory stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edges.feed.load import Load, measure

CLIENTS, SLOW, RECORDS, RATE = 1_000, 50, 600, 200
GROWTH_MB = 150
"""What a thousand clients may add to the server: about 100 KB each, with what their slowest leave unread."""


@pytest.mark.slow
def test_every_healthy_client_of_a_thousand_gets_every_record_once_and_in_order(tmp_path: Path) -> None:
    found = measure(tmp_path, Load(CLIENTS, SLOW, RECORDS, RATE))
    assert (found.complete, found.faults, found.different) == (CLIENTS - SLOW, 0, 1)
    assert found.is_the_log
    assert found.grown_mb < GROWTH_MB
