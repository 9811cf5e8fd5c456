"""Mentions, and stored rows, into reports."""

from __future__ import annotations

import re
from array import array
from typing import Any
from zlib import crc32

import orjson

from schemas.mention import Mention
from schemas.record import SourcedToll, Toll
from schemas.vocabulary import MentionKind
from streams.stages.merge.report import Figure, Report, Told, day_of, microseconds
from streams.stages.merge.similarity import Judge
from streams.theatres.names import fold

_WORD = re.compile(r"\w+")
_MIN_WORDS = 8
"""Words that a sentence needs before its repetition elsewhere says that it was copied and not said twice by chance."""
_MAX_CHARS = 300
"""Characters of a sentence that are looked at; what is longer is several sentences run together."""


def read_mention(mention: Mention, judge: Judge) -> Report:
    """The report that a mention is."""
    fields = _stored(mention)
    return _report(fields, orjson.dumps([*fields[:-2], fields[-2].hex(), fields[-1].hex()]), judge)


def read_row(row: bytes, judge: Judge) -> Report:
    """The report whose row this is."""
    fields: list[Any] = orjson.loads(row)
    for at in _TUPLES:
        fields[at] = tuple(fields[at]) if fields[at] is not None else None
    fields[_TOLLS] = tuple((root, source, _back(k), _back(w), at) for root, source, k, w, at in fields[_TOLLS])
    fields[-2:] = [bytes.fromhex(sample) for sample in fields[-2:]]
    return _report(fields, row, judge)


def _stored(mention: Mention) -> list[Any]:
    """The stored fields of a report, in the order of the class."""
    place, when = mention.place, mention.when
    word = mention.event_type if mention.kind is MentionKind.EVENT else mention.relation
    return [
        (microseconds(mention.published_at), mention.mention_id),
        mention.article_id,
        mention.outlet,
        mention.kind.value,
        word.value if word else "",
        mention.scope.value if mention.scope else None,
        mention.share,
        place.key,
        place.__pydantic_serializer__.to_json(place).decode(),
        fold(place.district) if place.district else "",
        place.precision.value,
        (when.first.toordinal(), when.last.toordinal()) if when else None,
        when.precision.value if when else "",
        mention.actors,
        mention.targets,
        mention.from_actors,
        _figure(mention.killed),
        _figure(mention.wounded),
        tuple(_told(toll) for toll in mention.tolls),
        mention.source,
        mention.root_source,
        mention.modality.value,
        mention.main,
        mention.shared,
        mention.group,
        mention.revision,
        mention.wording.credits,
        _trigrams(mention.evidence.text),
        array("I", mention.wording.sketch).tobytes(),
    ]


_NAMES = list(Report.__slots__)
_TUPLES = [_NAMES.index(n) for n in ("key", "when", "actors", "targets", "from_actors", "killed", "wounded", "credits")]
_TOLLS = _NAMES.index("tolls")
_DISTRICT, _WHEN, _ACTORS, _TARGETS, _MAIN = map(_NAMES.index, ("district", "when", "actors", "targets", "main"))


def _report(fields: list[Any], row: bytes, judge: Judge) -> Report:
    day = day_of(fields[0])
    knowledge = judge.knowledge
    span = fields[_WHEN] or (day - judge.undated_days(fields[_MAIN]), day)
    parties, targets = knowledge.parties_of(fields[_ACTORS]), knowledge.parties_of(fields[_TARGETS])
    trigrams = frozenset(array("I", fields[-2]))
    return Report(*[*fields, row, day, span, trigrams, parties, targets, knowledge.quarter(fields[_DISTRICT])])


def _figure(toll: Toll | None) -> Figure | None:
    return None if toll is None else (toll.min, toll.max, toll.of.value, toll.children, toll.women)


def _back(figure: list[Any] | None) -> Figure | None:
    return None if figure is None else (figure[0], figure[1], figure[2], figure[3], figure[4])


def _told(toll: SourcedToll) -> Told:
    at = microseconds(toll.published_at)
    return (toll.root_source, toll.source, _figure(toll.killed), _figure(toll.wounded), at)


def _trigrams(text: str) -> bytes:
    words = _WORD.findall(text[:_MAX_CHARS].casefold())
    if len(words) < _MIN_WORDS:
        return b""
    triples = zip(words, words[1:], words[2:], strict=False)
    return array("I", sorted({crc32(f"{a} {b} {c}".encode()) for a, b, c in triples})).tobytes()
