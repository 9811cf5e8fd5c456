"""Byte streams that intake reads through: gunzipped with a bound, transcoded to UTF-8, watched while they wait."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import select
import stat
import zlib
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from schemas.errors import RefusedArticle
from schemas.vocabulary import Reason
from streams.edges.intake.text import BOMS, utf16_without_mark

MAX_EXPANSION = 100
"""Bytes that one compressed byte may become. News text compresses three- to tenfold, a bomb a thousandfold."""
FREE_EXPANSION_BYTES = 32 << 20
"""What may come out of any gzip before the ratio counts: small files of repeated articles are no bombs."""
KEPT_OF_PIPE = 8 << 20
"""How much of a pipe's beginning is kept."""
CHUNK = 1 << 16

_GZIP = b"\x1f\x8b"


def unwrapped(stream: io.BufferedReader) -> tuple[io.BufferedReader, str | None]:
    """A stream's content, out of gzip if it is in one, and in UTF-8 if it was in UTF-16 or UTF-32; which, is named."""
    if stream.peek(2)[:2] == _GZIP:
        stream = io.BufferedReader(_Gunzip(stream), CHUNK)
    wide = wide_encoding(stream.peek(CHUNK)[:4096])
    return (io.BufferedReader(_Transcoded(stream, wide), CHUNK), wide) if wide else (stream, None)


def wide_encoding(head: bytes) -> str | None:
    """The UTF-16 or UTF-32 that a file's first bytes show, None if they show neither."""
    marked = (encoding for bom, encoding in BOMS if head.startswith(bom) and encoding != "utf-8-sig")
    return next(marked, None) or utf16_without_mark(head)


class _Chunks(io.RawIOBase):
    """A stream over chunks of bytes, each made when it is asked for."""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """The next chunk, put into a buffer; 0 at the end."""
        chunk = self.chunk(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    @abstractmethod
    def chunk(self, most: int) -> bytes:
        """The next bytes, `most` of them at most; none at the end."""


class Source(_Chunks):
    """A file or pipe that tells what is read of it, and when it would have to wait for more."""

    def __init__(self, file: io.FileIO, on_read: Callable[[int], None], before_waiting: Callable[[], None]) -> None:
        self._file, self._on_read, self._before_waiting = file, on_read, before_waiting
        self.is_pipe = not stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        self.kept = bytearray()
        """The first bytes of a pipe, for a dead letter: it cannot be read twice."""

    def chunk(self, most: int) -> bytes:
        """Bytes as they come, never waiting for more than there are."""
        if self.is_pipe and not select.select([self._file], [], [], 0)[0]:
            # What has come so far can be made durable meanwhile.
            self._before_waiting()
        chunk = self._file.read(most) or b""
        if self.is_pipe:
            self.kept += chunk[: KEPT_OF_PIPE - len(self.kept)]
        self._on_read(len(chunk))
        return chunk

    def from_the_start(self, most: int) -> bytes:
        """Its first bytes once more; of a pipe no more than KEPT_OF_PIPE."""
        if not self.is_pipe:
            return os.pread(self._file.fileno(), most, 0)
        while len(self.kept) < KEPT_OF_PIPE and self.chunk(CHUNK):
            continue
        return bytes(self.kept)

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()


class _Gunzip(_Chunks):
    """What is in a gzip stream, up to a bounded ratio."""

    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = _Counted(packed)
        self._unpacked: io.BufferedIOBase = gzip.GzipFile(fileobj=self._packed, mode="rb")
        self._given = 0

    def chunk(self, most: int) -> bytes:
        """Bytes decompressed; never more than fit into the buffer are held."""
        try:
            chunk = self._unpacked.read1(most)
        except (EOFError, OSError, zlib.error) as error:
            raise RefusedArticle(
                Reason.ENCODING,
                f"the gzip is damaged or ends early, {self._given:,} bytes into its content ({error}); "
                "what came before was taken. Fetch the file again",
            ) from error
        self._given += len(chunk)
        self._check_ratio()
        return chunk

    def _check_ratio(self) -> None:
        if self._given > FREE_EXPANSION_BYTES and self._given > MAX_EXPANSION * self._packed.taken:
            raise RefusedArticle(
                Reason.TOO_LARGE,
                f"the gzip swells more than {MAX_EXPANSION}-fold ({self._packed.taken:,} bytes became "
                f"{self._given:,} and more); decompress it yourself and look at what it is",
            )


class _Counted(_Chunks):
    """A stream that knows how much was taken of it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.taken = 0

    def chunk(self, most: int) -> bytes:
        """Bytes as they come."""
        chunk = self._stream.read1(most)
        self.taken += len(chunk)
        return chunk


class _Transcoded(_Chunks):
    """A UTF-16 or UTF-32 stream as UTF-8."""

    def __init__(self, wide: io.BufferedReader, encoding: str) -> None:
        self._wide, self._decoder = wide, codecs.getincrementaldecoder(encoding)()
        self._encoding, self._ready = encoding, b""

    def chunk(self, most: int) -> bytes:
        """Bytes of UTF-8."""
        while not self._ready:
            chunk = self._wide.read1(CHUNK)
            self._ready = self._decode(chunk)
            if not chunk:
                break
        ready, self._ready = self._ready[:most], self._ready[most:]
        return ready

    def _decode(self, chunk: bytes) -> bytes:
        try:
            return self._decoder.decode(chunk, final=not chunk).encode("utf-8", "replace")
        except UnicodeDecodeError as error:
            raise RefusedArticle(Reason.ENCODING, f"begins as {self._encoding}, and then is not ({error})") from error
