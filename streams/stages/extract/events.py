"""The events of an article, from its sentences to drafts; and, when asked for, what each sentence was read as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streams.stages.extract.candidates import Candidate, candidates
from streams.stages.extract.document import Document, Sentence
from streams.stages.extract.draft import Draft
from streams.stages.extract.equipment import equip
from streams.stages.extract.event_types import Refused
from streams.stages.extract.gathering import gather
from streams.stages.extract.line import Line, lay_out


@dataclass(frozen=True, slots=True)
class Reading:
    """What one sentence was read as."""

    line: Line
    candidates: tuple[Candidate, ...]
    refused: tuple[Refused, ...]


def drafts(document: Document) -> list[Draft]:
    """The events that an article tells of."""
    return gather(document, (candidate for reading in readings(document) for candidate in reading.candidates))


def readings(document: Document) -> Iterator[Reading]:
    """Each sentence that may tell of an event, read; repeated headlines and those without a trigger are left alone."""
    lexicon = equip(document.theatre).lexicon
    for sentence in document.sentences:
        if sentence.repeats or _is_stub(sentence):
            continue
        line = lay_out(document, sentence, lexicon)
        if line is not None:
            found, refused = candidates(line)
            yield Reading(line, tuple(found), tuple(refused))


def _is_stub(sentence: Sentence) -> bool:
    return sentence.text.count(" ") < 2
