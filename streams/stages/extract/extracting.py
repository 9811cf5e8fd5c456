"""The whole of extraction as one pure function: an article in, its mentions out."""

from __future__ import annotations

from schemas.article import Article
from schemas.mention import Mention
from streams.stages.extract.attribution import attribute
from streams.stages.extract.captures import agreed
from streams.stages.extract.claims import claim_mentions
from streams.stages.extract.equipment import equip
from streams.stages.extract.events import drafts
from streams.stages.extract.mentions import event_mentions
from streams.stages.extract.reading import read
from streams.stages.extract.wording import wording
from streams.theatres.theatre import Theatre


def extract(article: Article, theatre: Theatre) -> tuple[Mention, ...]:
    """What an article says of events and of places' control.

    Args:
        article: The text, with its day of publication.
        theatre: The war's names and words.

    Returns:
        Event mentions, then claims, one for each capture among the events; each kind numbered in the order of its
        evidence. Empty if it tells of none.
    """
    document = read(article, theatre)
    equipment = equip(theatre)
    said = attribute(document, equipment.speech)
    words = wording(document)
    events = event_mentions(document, drafts(document), said, words)
    claims = claim_mentions(document, equipment.claims, said, words, events)
    return agreed(events, claims) + claims
