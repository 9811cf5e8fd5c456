"""Where JSON objects begin and end in a stream, found without reading what is in them or holding more than one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

_MARK = re.compile(rb'\\.|["{}]', re.S)
_BETWEEN = b" \t\r\n,[]\xef\xbb\xbf"
"""What may stand between objects, of an array or one after the other."""


def objects(stream: io.BufferedReader, most: int) -> Iterator[bytes]:
    """The objects of a stream in order, and as pieces of their own what stands between them and is none.

    Args:
        stream: JSON, whole or broken.
        most: Bytes to hold at most; an object that is longer is given up to there, and ends the reading.
    """
    scan = _Scan()
    while chunk := stream.read1(1 << 16):
        yield from scan.cut(chunk)
        if len(scan.held) >= most:
            break
    rest = bytes(scan.held[:most]).strip(_BETWEEN)
    if rest:
        yield rest


class _Scan:
    def __init__(self) -> None:
        self.held = bytearray()
        """What follows the last whole object."""
        self._at = self._depth = 0
        self._quoted = False

    def cut(self, chunk: bytes) -> Iterator[bytes]:
        """The pieces that are whole with this chunk."""
        self.held += chunk
        begin = 0
        for edge in self._edges():
            piece = bytes(self.held[begin:edge]).strip(_BETWEEN)
            begin = edge
            if piece:
                yield piece
        del self.held[:begin]
        self._at -= begin

    def _edges(self) -> list[int]:
        """Where objects begin and end in what is held and not yet looked at."""
        edges = []
        for mark in _MARK.finditer(self.held, self._at):
            sign, self._at = mark.group(), mark.end()
            if sign == b'"':
                self._quoted = not self._quoted
            elif len(sign) == 1 and not self._quoted:
                edges += self._edge(sign, mark)
        # An escape may be torn between two chunks: its backslash is looked at again.
        self._at = max(self._at, len(self.held) - self.held.endswith(b"\\"))
        return edges

    def _edge(self, brace: bytes, mark: re.Match[bytes]) -> list[int]:
        before = self._depth
        self._depth = before + 1 if brace == b"{" else max(before - 1, 0)
        if before == 0 and brace == b"{":
            return [mark.start()]
        return [mark.end()] if before == 1 and brace == b"}" else []
