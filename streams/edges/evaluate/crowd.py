"""Crowd slots: does any main event of an article agree with what the crowd said of it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.mention import Mention
from schemas.vocabulary import MentionKind
from streams.edges.evaluate.gold import Slots
from streams.theatres.names import fold
from streams.theatres.theatre import Theatre

ACTORS: dict[str, frozenset[str]] = {
    "syrian government or russian troops": frozenset(("syrian-government", "russia")),
    "the organization of the islamic state in iraq and the levant - isis": frozenset(("islamic-state",)),
    "international coalition forces": frozenset(("us-coalition",)),
    "armed opposition groups": frozenset(("rebels", "hts")),
    "self administration forces": frozenset(("sdf",)),
    "al-nusra front": frozenset(("hts",)),
}
"""Parties that each of the crowd's answers stands for; "unknown" asks nothing."""

GOVERNORATES: dict[str, frozenset[str]] = {
    "damascus": frozenset(("Damascus", "Rif Dimashq")),
    "deir ezzor": frozenset(("Deir ez-Zor",)),
    "hasakeh": frozenset(("Al-Hasakah",)),
    "lattakia": frozenset(("Latakia",)),
    "tartous": frozenset(("Tartus",)),
}
"""Governorates whose name the crowd writes another way, or which it does not tell apart."""


@dataclass(frozen=True, slots=True)
class CrowdScore:
    """Right and asked, by slot."""

    governorate: tuple[int, int]
    actor: tuple[int, int]
    killed_civilians: tuple[int, int]


def score_crowd(slots: Mapping[str, Slots], mentions: Iterable[Mention], theatre: Theatre) -> CrowdScore:
    """Compare the main events of articles with the crowd's slots; an article without any event has none right."""
    by: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.kind is MentionKind.EVENT:
            by.setdefault(mention.article_id, []).append(mention)
    where, who, killed = [], [], []
    for article_id, answer in slots.items():
        events = by.get(article_id, [])
        main = [event for event in events if event.main] or events
        if answer.governorate:
            where.append(any(_lies_in(event, answer.governorate) for event in main))
        if parties := ACTORS.get(answer.actor or ""):
            who.append(any(theatre.actors.party(actor) in parties for event in main for actor in event.actors))
        if answer.killed_civilians:
            killed.append(any(_holds(event, answer.killed_civilians) for event in main))
    return CrowdScore((sum(where), len(where)), (sum(who), len(who)), (sum(killed), len(killed)))


def _lies_in(mention: Mention, governorate: str) -> bool:
    names = GOVERNORATES.get(governorate, frozenset((governorate,)))
    own = mention.place.admin1 or mention.place.name
    return any(fold(own) == fold(name) for name in names)


def _holds(mention: Mention, count: int) -> bool:
    """True if the range of the killed holds a number; an open range holds all above its least."""
    toll = mention.killed
    return toll is not None and toll.min <= count and (toll.max is None or count <= toll.max)
