"""Bytes to text, and broken text made whole again.

What is decided here is what the log stores, and every offset of every mention counts in the stored text; so nothing
after intake changes a character.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from schemas.errors import RefusedArticle
from schemas.vocabulary import Reason

PRESS_ENCODINGS = ["cp1252", "cp1256", "cp1251", "cp1254", "iso8859_6", "gb18030"]
"""Legacy encodings of newspapers that write on the theatre."""
LATIN_SHARE = 10
"""Where fewer than one byte in so many is no ASCII the text is in Latin letters: a stray curly quote or accent in
English, for which detection by statistics finds Cyrillic or Macintosh as likely."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, UTF-32 before UTF-16 because one begins with the other."""

BINARY_MARKS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
)
"""How files that hold no text begin."""

_MOJIBAKE = re.compile("[ÂÃâåÐÑØÙï][\x80-\xff‘-…†‡•‰‹›€™ŒœŠšŽžŸˆ˜ƒ]|[\x80-\x9f]|&(?:#\\w{2,7}|[a-zA-Z]{2,8});")
"""What UTF-8 looks like when it was read as cp1252 or Latin-1, and entities of HTML: 1 µs where ftfy takes 100."""

_ODD = re.compile(
    "\r\n?|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
"""Line breaks of other systems, controls, marks of direction and of no width (they hide inside names), halves of
characters."""
_BREAKS = frozenset(["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])


def decode(raw: bytes, declared: str | None = None) -> tuple[str, str]:
    """Bytes as text.

    Args:
        raw: The bytes, with or without a byte order mark.
        declared: Encoding that the document names; believed only if the bytes agree.

    Returns:
        The text, and the encoding that it was read with.

    Raises:
        RefusedArticle: With reason ENCODING, if the bytes are not text in any encoding tried.
    """
    for encoding in _plausible(raw, declared):
        try:
            return raw.decode(encoding), encoding
        except (ValueError, LookupError):  # No such text, or no name that an encoding could have.
            continue
    return _detect(raw)


def repair(text: str) -> str:
    """Text as it was meant: mojibake undone, line breaks as `\\n`, nothing unseen in it, in Unicode's form C."""
    cleaned = _ODD.sub(_tidy, _mend(text))
    return cleaned if cleaned.isascii() else unicodedata.normalize("NFC", cleaned)


def kind_of_binary(head: bytes) -> str | None:
    """What a file holds instead of text, from its first bytes; None if it may be text."""
    for mark, kind in BINARY_MARKS:
        if head.startswith(mark):
            return kind
    if any(head.startswith(bom) for bom, _ in BOMS) or utf16_without_mark(head):
        return None
    controls = sum(head.count(byte) for byte in b"\x00\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12\x13\x14\x15\x16")
    return "binary data" if controls * 20 > len(head) else None


def utf16_without_mark(head: bytes) -> str | None:
    """The UTF-16 that Latin letters betray when there is no mark: every second byte is zero."""
    zeros = head.count(0)
    if zeros * 5 < len(head) * 2 or len(head) < 8:
        return None
    odd, even = head[1::2].count(0), head[::2].count(0)
    return "utf-16-le" if not even and odd else "utf-16-be" if not odd else None


def _plausible(raw: bytes, declared: str | None) -> list[str]:
    # UTF-8 goes before what is declared: bytes that pass its strict test are hardly ever anything else, while a
    # declared single-byte encoding accepts every byte, rightly declared or not.
    marked = [encoding for bom, encoding in BOMS if raw.startswith(bom)]
    unmarked = utf16_without_mark(raw[:4096])
    return [*marked, *([unmarked] if unmarked else []), "utf-8", *([_as_on_the_web(declared)] if declared else [])]


def _as_on_the_web(declared: str) -> str:
    """Browsers read Latin-1 and ASCII as cp1252, so that is what pages mean by them."""
    return (
        "cp1252" if declared.strip().lower() in {"iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii"} else declared
    )


def _detect(raw: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes  # Hardly ever needed, and slow to import.

    kind = kind_of_binary(raw[:4096])
    if not kind and sum(byte > 127 for byte in raw[:500_000]) * LATIN_SHARE < len(raw[:500_000]):
        with suppress(UnicodeDecodeError):
            return raw.decode("cp1252"), "cp1252"
    best = None if kind else from_bytes(raw[:500_000], cp_isolation=PRESS_ENCODINGS).best()
    if best is None:
        found = f"this is {kind}" if kind else "the bytes are not text in any encoding tried"
        raise RefusedArticle(Reason.ENCODING, f"{found}; save it as UTF-8 text, JSON lines or HTML")
    return raw.decode(best.encoding, "replace"), best.encoding


def _mend(text: str) -> str:
    if text.isascii() and "&" not in text:
        return text
    return _fix()(text) if _MOJIBAKE.search(text) else text


@cache
def _fix() -> Callable[[str], str]:
    """What undoes mojibake. Quotes and letters stay as printed: a rule of extraction may depend on them."""
    import ftfy  # Takes longer to import than most texts need it.

    config = ftfy.TextFixerConfig(
        uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False, fix_line_breaks=False, explain=False
    )
    return lambda text: str(ftfy.fix_text(text, config))


def _tidy(odd: re.Match[str]) -> str:
    found = odd.group()
    if found in _BREAKS:
        return "\n"
    return "\ufffd" if "\ud800" <= found <= "\udfff" else ""
