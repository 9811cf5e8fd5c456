"""What was read from each sentence, rule by rule, and what was considered and refused: for people who ask why.

Extraction itself keeps none of this. The trace reads the article again and asks the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.article import Article
from schemas.mention import Mention
from streams.stages.extract.attribution import Attribution, attribute
from streams.stages.extract.candidates import Candidate
from streams.stages.extract.document import Sentence
from streams.stages.extract.equipment import equip
from streams.stages.extract.event_types import Refused
from streams.stages.extract.events import Reading, readings
from streams.stages.extract.extracting import extract
from streams.stages.extract.reading import read
from streams.theatres.theatre import Theatre


@dataclass(frozen=True, slots=True)
class Considered:
    """One trigger of a sentence and what became of it."""

    start: int
    end: int
    """Half-open range of characters in the sentence."""
    words: str
    outcome: str
    """`read` or `refused`."""
    rule: str
    """The rule that read it, or the reason of the refusal."""
    event_type: str | None
    """None if it was refused, or if its words leave the kind open."""
    places: tuple[str, ...] = ()
    """Places linked to it, as written."""
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    tolls: tuple[str, ...] = ()
    """Figures linked to it, such as "killed 12"."""


@dataclass(frozen=True, slots=True)
class SentenceTrace:
    """One sentence with all that was seen in it."""

    sentence: Sentence
    voice: Attribution
    """Whose word it is."""
    considered: tuple[Considered, ...]
    """Its triggers in order; empty where the sentence was left alone."""
    mentions: tuple[Mention, ...]
    """The mentions that have it as their evidence."""


def trace(article: Article, theatre: Theatre) -> tuple[SentenceTrace, ...]:
    """Every sentence of an article, the title's first, with what was read and what was refused.

    Args:
        article: The text.
        theatre: The war's names and words.
    """
    document = read(article, theatre)
    voices = attribute(document, equip(theatre).speech)
    mentions = extract(article, theatre)
    by_sentence = {reading.line.sentence.index: reading for reading in readings(document)}
    return tuple(
        SentenceTrace(
            sentence=sentence,
            voice=voices[sentence.index],
            considered=_considered(by_sentence.get(sentence.index)),
            mentions=_evidenced(sentence, mentions),
        )
        for sentence in document.sentences
    )


def _considered(reading: Reading | None) -> tuple[Considered, ...]:
    if reading is None:
        return ()
    told = [_read(reading, candidate) for candidate in reading.candidates]
    refused = [_refused(reading, one) for one in reading.refused]
    return tuple(sorted((*told, *refused), key=lambda one: (one.start, one.end)))


def _read(reading: Reading, candidate: Candidate) -> Considered:
    start, end, words = _words(reading, candidate.cue.first, candidate.cue.last)
    return Considered(
        start,
        end,
        words,
        "read",
        candidate.rule,
        candidate.type.value if candidate.type else None,
        places=tuple(hit.place.text for hit in candidate.places),
        actors=candidate.roles.actors,
        targets=candidate.roles.targets,
        tolls=tuple(f"{toll.harm} {toll.toll.min}" for toll in candidate.tolls),
    )


def _refused(reading: Reading, one: Refused) -> Considered:
    start, end, words = _words(reading, one.cue.first, one.cue.last)
    return Considered(start, end, words, "refused", one.reason, None)


def _words(reading: Reading, first: int, last: int) -> tuple[int, int, str]:
    line = reading.line
    start, end = line.starts[first], line.starts[last - 1] + len(line.words[last - 1])
    return start, end, line.sentence.text[start:end]


def _evidenced(sentence: Sentence, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    return tuple(
        mention
        for mention in mentions
        if (mention.evidence.field, mention.evidence.start) == (sentence.field, sentence.start)
    )
