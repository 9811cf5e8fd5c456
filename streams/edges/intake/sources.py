"""What there is to read: files, folders and standard input, cut into pieces of one article each.

The form is told by the content; a file's name only decides where the content is open. However large a source, no more
than one piece of it is held.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from schemas.errors import FrontwireError, RefusedArticle
from schemas.vocabulary import Reason
from streams.edges.intake.bytestreams import CHUNK, Source, unwrapped
from streams.edges.intake.json_objects import objects
from streams.edges.intake.text import kind_of_binary

MAX_PIECE_BYTES = 64 << 20
"""Most that is held of a piece, and most that a dead letter keeps of it."""
STANDARD_INPUT = "-"

_BLANK = rb"(?:\xef\xbb\xbf)?\s*"
_ARRAY = re.compile(_BLANK + rb"\[\s*(?:\{|\]|$)")
_SPREAD_OBJECT = re.compile(_BLANK + rb"\{\s*(?:\n|$)")
_OBJECT = re.compile(rb"(?:^|\n)" + _BLANK + rb'\{\s*["}]')
_PAGE = re.compile(
    _BLANK + rb"(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?"
    rb"<(?:!doctype\s+html|html|head|body|meta|title|div|p|h1|article)\b",
    re.I | re.S,
)
_XML = re.compile(_BLANK + rb"<(?:\?xml|rss|feed)\b", re.I)
_JSON_MARK = re.compile(rb'\\.|["{}\[\]]', re.S)


_EMPTY = "there is nothing in it"


class Form(StrEnum):
    """How a source is written."""

    JSONL = "jsonl"
    """An article a line."""
    JSON = "json"
    """Articles in an array, or one after the other, over any number of lines."""
    TEXT = "text"
    HTML = "html"


FORMS_BY_SUFFIX = {
    ".jsonl": Form.JSONL,
    ".ndjson": Form.JSONL,
    ".json": Form.JSONL,
    ".html": Form.HTML,
    ".htm": Form.HTML,
    ".xhtml": Form.HTML,
}
"""What a name says where the content does not: in a .jsonl file a line that is no JSON is broken, not prose."""


class IntakeError(FrontwireError):
    """A source that cannot be opened: nothing was taken from it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one article, and where they stand."""

    origin: str
    """File, and line or number in it: `news.jsonl:17`."""
    form: Form
    raw: bytes
    """Its bytes, in UTF-8 where the source has another width."""
    wide: str | None = None
    """The UTF-16 or UTF-32 that the source is written in."""

    def refused(self, reason: Reason, detail: str) -> Refusal:
        """This piece as one that is not taken, in its own encoding."""
        raw = self.raw.decode("utf-8", "replace").encode(self.wide) if self.wide else self.raw
        return Refusal(self.origin, raw, reason, detail)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Bytes that do not become an article, with the reason."""

    origin: str
    raw: bytes
    reason: Reason
    detail: str


def files_under(paths: Sequence[str]) -> list[str]:
    """The files that are meant: files as given, folders with everything below them in order of name, `-` as it is.

    Files whose names begin with a dot are left out of folders.

    Raises:
        IntakeError: If a path is not there, before anything is read.
    """
    return [file for path in paths for file in _files_under(path)]


def pieces(
    path: str,
    *,
    form: Form | None = None,
    on_read: Callable[[int], None] = lambda count: None,
    before_waiting: Callable[[], None] = lambda: None,
) -> Iterator[Piece | Refusal]:
    """The articles of one source, piece by piece.

    Args:
        path: A file, or `-` for standard input.
        form: How it is written; told by its content if None.
        on_read: Told how many bytes were read of the file.
        before_waiting: Called when a pipe has no more for now.

    Raises:
        IntakeError: If it cannot be opened.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    with closing(_opened(path, on_read, before_waiting)) as source:
        try:
            yield from _cut(io.BufferedReader(source, CHUNK), name, form)
        except RefusedArticle as refused:
            yield Refusal(name, source.from_the_start(MAX_PIECE_BYTES), refused.reason, refused.detail)


def pieces_of_bytes(raw: bytes, name: str, *, form: Form | None = None) -> Iterator[Piece | Refusal]:
    """The articles in bytes that stood in a source of this name, piece by piece."""
    try:
        yield from _cut(io.BufferedReader(io.BytesIO(raw), CHUNK), name, form)
    except RefusedArticle as refused:
        yield Refusal(name, raw, refused.reason, refused.detail)


def _cut(packed: io.BufferedReader, name: str, form: Form | None) -> Iterator[Piece | Refusal]:
    stream, wide = unwrapped(packed)
    for found in _CUT[form or _form_of(stream, name)](stream, name):
        yield replace(found, wide=wide) if wide and isinstance(found, Piece) else found


def _files_under(path: str) -> Iterator[str]:
    place = Path(path)
    if path == STANDARD_INPUT or place.is_file():
        yield path
    elif place.is_dir():
        inside = (file.relative_to(place) for file in place.rglob("*") if file.is_file())
        yield from sorted(str(place / file) for file in inside if not any(part[0] == "." for part in file.parts))
    elif place.exists():
        yield path
    else:
        raise IntakeError(f"{path}: there is no such file or folder. Give files, folders, or - for standard input")


def _opened(path: str, on_read: Callable[[int], None], before_waiting: Callable[[], None]) -> Source:
    try:
        file = io.FileIO(sys.stdin.fileno(), closefd=False) if path == STANDARD_INPUT else io.FileIO(path)
    except OSError as error:
        raise IntakeError(f"{path} cannot be read: {error.strerror}. Nothing was taken from it") from error
    return Source(file, on_read, before_waiting)


def _form_of(stream: io.BufferedReader, name: str) -> Form:
    head = stream.peek(4096)[:4096]
    binary = kind_of_binary(head)
    if binary:
        raise RefusedArticle(Reason.ENCODING, f"this is {binary}; give the article as text, JSON lines or HTML")
    for form, looks_so in ((Form.JSON, _ARRAY), (Form.JSON, _SPREAD_OBJECT), (Form.HTML, _PAGE)):
        if looks_so.match(head):
            return form
    if _OBJECT.search(head):
        return Form.JSONL
    if _XML.match(head):
        raise RefusedArticle(Reason.SCHEMA, "this is XML; give its articles as JSON lines, HTML or text")
    return FORMS_BY_SUFFIX.get(Path(name.removesuffix(".gz")).suffix.lower(), Form.TEXT)


def _whole(form: Form) -> Callable[[io.BufferedReader, str], Iterator[Piece | Refusal]]:
    """Cuts nothing: the source is one piece."""

    def cut(stream: io.BufferedReader, name: str) -> Iterator[Piece | Refusal]:
        raw = stream.read(MAX_PIECE_BYTES)
        if not raw.strip():
            raise RefusedArticle(Reason.EMPTY, _EMPTY)
        yield _bounded(name, form, raw, stream)

    return cut


def _by_line(stream: io.BufferedReader, name: str) -> Iterator[Piece | Refusal]:
    """Cuts at line breaks, so that a half-written article costs no other one."""
    empty = True
    for number, line in enumerate(iter(lambda: stream.readline(MAX_PIECE_BYTES), b""), start=1):
        if line.strip():
            empty = False
            yield _bounded(f"{name}:{number}", Form.JSONL, line, stream)
    if empty:
        raise RefusedArticle(Reason.EMPTY, _EMPTY)


def _by_object(stream: io.BufferedReader, name: str) -> Iterator[Piece | Refusal]:
    """Cuts between JSON objects, in an array or one after the other."""
    number = 0
    for number, raw in enumerate(objects(stream, MAX_PIECE_BYTES), start=1):
        yield _bounded(f"{name}#{number}", Form.JSON, raw, stream)
    if not number:
        raise RefusedArticle(Reason.EMPTY, _EMPTY)


def _bounded(origin: str, form: Form, raw: bytes, rest: io.BufferedReader) -> Piece | Refusal:
    """A piece, or its refusal if it is longer than what is held; then the rest of it is read over."""
    if len(raw) < MAX_PIECE_BYTES:
        return Piece(origin, form, raw.rstrip(b"\r\n") if form is Form.JSONL else raw)
    length = len(raw)
    read_on = rest.readline if form is Form.JSONL else rest.read1
    while not (form is Form.JSONL and raw.endswith(b"\n")) and (more := read_on(CHUNK)):
        length += len(more)
        if form is Form.JSONL and more.endswith(b"\n"):
            break
    return Refusal(
        origin,
        raw,
        Reason.TOO_LARGE,
        f"it has {length:,} bytes, of which the first {len(raw):,} are kept; split it into its articles",
    )


_CUT: dict[Form, Callable[[io.BufferedReader, str], Iterator[Piece | Refusal]]] = {
    Form.JSONL: _by_line,
    Form.JSON: _by_object,
    Form.TEXT: _whole(Form.TEXT),
    Form.HTML: _whole(Form.HTML),
}
