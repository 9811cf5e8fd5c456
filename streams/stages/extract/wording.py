"""How merging knows a text again that another outlet reprints: the agencies it credits, and a sample of its wording."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

from schemas.mention import Wording
from streams.stages.extract.document import Document

SHINGLE = 5
"""Words in a row that one hash stands for."""
ONE_IN = 6
"""One word in so many opens a shingle, chosen by its own hash: the same ones in any text that has them."""
MOST = 48
"""Hashes kept: the smallest, so that two samples stay comparable."""

_WORD = re.compile(r"[a-z]{2,}|\d+")
_HEAD, _TAIL = 320, 260
_CREDIT = re.compile(
    r"\((?:with |by |from )?[^()]{0,50}\)|\[[^\[\]]{2,40}\]|[-–—]\s*(?:with )?[A-Z][\w ]{1,24}\s*$|\b(?:source"
    r"|sources|agencies|by|with|from|via)\b:? [^.]{0,60}",
    re.IGNORECASE,
)
_LEADS = frozenset(("by", "via", "and"))


def wording(document: Document) -> Wording:
    """Credits and sketch of an article."""
    return Wording(credits=credited(document), sketch=sketch(document.body))


def sketch(body: str, most: int = MOST) -> tuple[int, ...]:
    """A sorted sample of the hashes of a text's word shingles, 32 bits each.

    Whether a shingle is in the sample depends on its first word alone, so a text and a part of it sample alike: the
    share of one's sample that the other has estimates containment. No set order or clock is involved.
    """
    words = _WORD.findall(body.lower())
    found = {
        crc32(" ".join(words[at : at + SHINGLE]).encode())
        for at, word in enumerate(words[: len(words) - SHINGLE + 1])
        if _opens(word)
    }
    return tuple(sorted(found)[:most])


@lru_cache(maxsize=100_000)
def _opens(word: str) -> bool:
    return crc32(word.encode()) % ONE_IN == 0


def credited(document: Document) -> tuple[str, ...]:
    """Ids of the agencies whose text the article says it carries, sorted."""
    found: set[str] = set()
    for part in (document.body[:_HEAD], document.body[-_TAIL:]):
        for match in _CREDIT.finditer(part):
            found.update(_agencies(document, match[0]))
    for sentence in document.sentences[:4]:
        found.update(_byline(document, sentence.text, [(s.start, s.end) for s in sentence.sources]))
    own = document.theatre.outlets.get(document.outlet)
    return tuple(sorted(found - ({own.id} if own else set())))


def _agencies(document: Document, words: str) -> set[str]:
    names = re.findall(r"[A-Z][\w’'-]*(?: [A-Z][\w’'-]*){0,3}", words)
    return {agency for name in names if (agency := document.theatre.outlets.agency(name)) is not None}


def _byline(document: Document, text: str, sources: Sequence[tuple[int, int]]) -> set[str]:
    """The agency that a stub at the head is made of: "AFP", "Reuters Friday"."""
    if len(text) > 40:
        return set()
    found = {document.theatre.outlets.agency(text[start:end]) for start, end in sources}
    return {agency for agency in found if agency is not None}
