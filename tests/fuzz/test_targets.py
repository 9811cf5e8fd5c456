"""Whatever bytes come, what reads them says what is wrong with them, and nothing else breaks."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds

SLOW = ("extracting", "ruling")


@st.composite
def changed(draw: st.DrawFn, name: str) -> bytes:
    """A good input with a few pieces put in, taken out or put elsewhere; or any bytes at all."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=400))
    chance, raw = random.Random(draw(st.integers(0, 2**32))), bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(chance.randrange(1, 6)):
        at, size = chance.randrange(len(raw) + 1), chance.randrange(40)
        piece = chance.choice((chance.randbytes(4), raw[at : at + size], b"", b"\x00", b"\xff", b'"', b"[" * size))
        raw[at : at + chance.randrange(size + 1)] = piece
    return bytes(raw)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_what_is_announced_is_raised(name: str) -> None:
    @settings(max_examples=40 if name in SLOW else 200, deadline=None)
    @given(changed(name))
    @example(b"")
    def hold(raw: bytes) -> None:
        TARGETS[name](raw)

    hold()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("cleaning", b"windows-12'\x00\xee56\ncap"),
        ("ruling", b"rules:\n  - name: a\x05b"),
        ("ruling", b"rules: 2016-02-31"),
        (
            "taking_in",
            b'\x01{"body": "It fell.", "outlet": "afp", "published_at": "2015-03-29T09:' + b"5" * 80 + b':00R"}',
        ),
        ("ruling", b"[" * 20_000),
        ("taking_in", b'\x01{"body": "\\ud800 fell", "outlet": "afp", "published_at": "2016-01-01"}'),
        ("taking_in", b"\x01" + b'{"a":' * 100_000),
        ("decoding", b"\x00" + b"[" * 100_000),
    ],
)
def test_what_once_broke_breaks_no_more(name: str, raw: bytes) -> None:
    TARGETS[name](raw)
