"""What stock Faust does to records at a start with tables, and that the remedy ends it."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import count
from uuid import uuid4

import pytest

from tests.kafka.counting import BACKLOG

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def starts(kafka: str, *, remedy: bool, most: int) -> list[list[int]]:
    """The offsets that a plain app was given at each start with a backlog, up to the first at which they are wrong."""
    arguments = [kafka, f"counting-{uuid4().hex[:8]}", "yes" if remedy else "no", str(most)]
    command = [sys.executable, "-m", "tests.kafka.counting", *arguments]
    done = subprocess.run(command, capture_output=True, timeout=200)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def in_order(given: list[list[int]]) -> bool:
    offsets = count()
    return all(one == [next(offsets) for _ in range(BACKLOG)] for one in given)


def test_stock_faust_gives_a_backlog_twice_or_out_of_order_or_not_at_all(kafka: str) -> None:
    # The day that this fails, the remedy can go.
    assert not in_order(starts(kafka, remedy=False, most=12))


def test_with_the_remedy_each_record_comes_once_and_in_order(kafka: str) -> None:
    given = starts(kafka, remedy=True, most=4)
    assert in_order(given)
    assert len(given) == 4
