"""Whose word each sentence is: a monitor, an agency, a party's army, residents; or the outlet's own.

Decides who is quoted, and whether that is a party to the war speaking of its own or its enemy's acts. Whoever was named
last is taken up again by "the group said", "he added" and by quotation marks that run on. What is said is left to the
readers of events and claims.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from schemas.vocabulary import Modality
from streams.stages.extract.document import Document
from streams.stages.extract.scene import Attribution, Scene
from streams.stages.extract.speakers import speaker
from streams.stages.extract.speech import Speech
from streams.theatres.theatre import Theatre

__all__ = ["Attribution", "attribute", "modality"]


def attribute(document: Document, speech: Speech) -> tuple[Attribution, ...]:
    """Whose word each sentence of a document is, in the order of its sentences."""
    own = Attribution(None, f"outlet:{document.outlet}", _agency_of(document), 0, 0)
    found: list[Attribution] = []
    last: Attribution | None = None
    persons: dict[str, Attribution] = {}
    for sentence in document.sentences:
        said = None
        if sentence.sources or not speech.openers.isdisjoint(sentence.words):
            said = speaker(Scene(sentence, speech, document.theatre, last, persons))
        if said is None and last is not None and _runs_on(sentence.text):
            said = replace(last, start=0, end=0, inherited=True)
        found.append(said or own)
        last = said or last
    return tuple(found)


def _agency_of(document: Document) -> str | None:
    """The belligerent whose news agency an outlet is: it speaks for that party in its own voice, too."""
    theatre = document.theatre
    outlet = theatre.outlets.get(document.outlet)
    if outlet is None or outlet.type != "wire" or outlet.affiliation is None:
        return None
    party = theatre.actors.party(outlet.affiliation)
    return party if theatre.actors.side(party) != "none" else None


def modality(
    sources: Iterable[Attribution], actors: Iterable[str], theatre: Theatre, denied_by: Iterable[str] = ()
) -> Modality:
    """How a report stands behind what it says.

    Args:
        sources: Everyone whose word it is.
        actors: Ids of who is said to have done it; empty if not said.
        theatre: Knows parties and sides.
        denied_by: Parties that deny it in the same article.

    Returns:
        `denied` if an alleged actor denies it; `claimed` if all that say so speak for a party, of its own side's or its
        enemy's act; else `reported`.
    """
    parties = {theatre.actors.party(actor) for actor in actors}
    if parties.intersection(denied_by):
        return Modality.DENIED
    voices = tuple(sources)
    if voices and all(voice.party is not None and _has_part(voice.party, parties, theatre) for voice in voices):
        return Modality.CLAIMED
    return Modality.REPORTED


_ONE_CAMP = frozenset(("opposition", "jihadist"))
"""Sides whose quarrels are not the war that each of them claims deeds in."""


def _has_part(party: str, actors: set[str], theatre: Theatre) -> bool:
    """True if an act is a party's own or its enemy's. An act of nobody named may be either."""
    side = theatre.actors.side(party)
    if not actors:
        return True
    for actor in actors:
        other = theatre.actors.side(actor)
        if theatre.actors.allied(party, actor) or (other not in (side, "none") and not {side, other} <= _ONE_CAMP):
            return True
    return False


def _runs_on(text: str) -> bool:
    """True for a sentence that goes on with a quotation, or is one."""
    opened = text.count('"') + text.count("“")
    return text[:1] in '"“' or (text.endswith(('"', "”")) and opened % 2 == 1)
