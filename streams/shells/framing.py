"""A stored record as bytes: what its checksum and the chain of its lane are taken over.

A checksum finds a record that changed under us, at every read. The chain ties each record to all before it, so that
a record taken out, put in or swapped is found too, and so that sixteen bytes stand for a whole lane.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from zlib import crc32

from streams.shells.log import Headers, Lane, Stored

_FRAME = Struct(">IQqII")
_HEADER = Struct(">HI")
CHAIN_BYTES = 16


def origin_of_chain(lane: Lane) -> bytes:
    """The chain of a lane in which nothing stands yet."""
    return blake2b(f"{lane.topic}:{lane.partition}".encode(), digest_size=CHAIN_BYTES).digest()


def frame(lane: Lane, offset: int, key: str, timestamp: int, headers: bytes) -> bytes:
    """All of a record but its value, as bytes that no other record has."""
    name, words = lane.topic.encode(), key.encode()
    return b"".join((_FRAME.pack(lane.partition, offset, timestamp, len(name), len(words)), name, words, headers))


def checksum(framed: bytes, value: bytes) -> int:
    """CRC-32 of a record: finds what a disk does to it."""
    return crc32(value, crc32(framed))


def link(chain: bytes, framed: bytes, value: bytes) -> bytes:
    """The chain after one more record."""
    hashed = blake2b(chain, digest_size=CHAIN_BYTES)
    hashed.update(framed)
    hashed.update(value)
    return hashed.digest()


def frame_of(stored: Stored) -> bytes:
    """The frame of a record that was read."""
    lane = Lane(stored.topic, stored.partition)
    return frame(lane, stored.offset, stored.key, stored.timestamp, pack_headers(stored.headers))


# Few distinct headers follow each other: all that one article causes has the same.
@lru_cache(maxsize=4_096)
def pack_headers(headers: Headers) -> bytes:
    """Headers as bytes."""
    return b"".join(
        part for name, value in headers for part in (_HEADER.pack(len(name.encode()), len(value)), name.encode(), value)
    )


@lru_cache(maxsize=4_096)
def unpack_headers(packed: bytes) -> Headers:
    """The headers that `pack_headers` made these bytes of. Raises ValueError if it did not."""
    headers, at = [], 0
    while at < len(packed):
        if at + _HEADER.size > len(packed):
            raise ValueError(f"headers end in the middle, at byte {at} of {len(packed)}")
        name, value = _HEADER.unpack_from(packed, at)
        middle = at + _HEADER.size + name
        headers.append((packed[at + _HEADER.size : middle].decode(), packed[middle : middle + value]))
        at = middle + value
    return tuple(headers)
