"""What checksum and chain are taken over tells every two records apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.shells.framing import frame, link, origin_of_chain, pack_headers, unpack_headers
from streams.shells.log import Lane

HEADERS = st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=20)), max_size=4).map(tuple)
RECORDS = st.tuples(
    st.builds(Lane, st.text(max_size=5), st.integers(0, 9)),
    st.integers(0, 2**40),
    st.text(max_size=5),
    st.integers(-(2**40), 2**40),
    HEADERS.map(pack_headers),
    st.binary(max_size=5),
)


@given(HEADERS)
def test_headers_are_unpacked_as_they_were_packed(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert unpack_headers(pack_headers(headers)) == headers


@given(RECORDS, RECORDS)
def test_two_records_have_one_frame_only_if_they_are_equal(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    assert ((frame(*one[:5]) + one[5]) == (frame(*other[:5]) + other[5])) == (one == other)


def test_the_chain_depends_on_every_record_and_on_their_order() -> None:
    start = origin_of_chain(Lane("events", 0))
    first, second = link(link(start, b"a", b"1"), b"b", b"2"), link(link(start, b"b", b"2"), b"a", b"1")
    assert len({start, first, second, link(start, b"a", b"1"), origin_of_chain(Lane("events", 1))}) == 5
