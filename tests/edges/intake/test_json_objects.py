"""Objects are cut apart by their braces, wherever the chunks of a stream end."""

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from streams.edges.intake.json_objects import objects

ARTICLES = st.lists(st.dictionaries(st.text(), st.text() | st.lists(st.text()) | st.none()))


class Dripping(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, raw: bytes, drop: int) -> None:
        super().__init__(raw)
        self.drop = drop

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(self.drop)


@given(ARTICLES, st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_an_array_is_cut_into_its_objects(articles: list[object], drop: int, indent: int, escaped: bool) -> None:
    raw = json.dumps(articles, indent=indent, ensure_ascii=escaped).encode("utf-8", "replace")
    stream = io.BufferedReader(Dripping(raw, drop), 16)  # type: ignore[type-var]
    assert [json.loads(piece) for piece in objects(stream, 1 << 20)] == json.loads(raw)


def test_a_torn_escape_does_not_end_a_string() -> None:
    raw = b'{"a": "\\\\", "b": "\\" }"}{}'
    for drop in range(1, len(raw)):
        assert list(objects(Dripping(raw, drop), 1 << 20)) == [raw[:-2], b"{}"]  # type: ignore[arg-type]


def test_an_object_that_does_not_end_is_given_up_to_the_limit() -> None:
    assert list(objects(Dripping(b'{}{"a": "' + b"x" * 500, 10), 100)) == [b"{}", b'{"a": "' + b"x" * 93]  # type: ignore[arg-type]
