"""Who is behind a record: its mentions, outlets and root sources, and the sentences of these that are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.alert import Quote
from schemas.control import ControlChange
from schemas.event import Claim, Event
from schemas.mention import in_text
from streams.stages.match.state import LATEST, PlaceMatches, Seen, Voices

QUOTES = 5
"""Most sentences that a match carries."""


@dataclass(frozen=True, slots=True)
class Backing:
    """Who is behind something."""

    mention_ids: tuple[str, ...]
    outlets: tuple[str, ...]
    root_sources: tuple[str, ...]
    sentences: tuple[str, ...]
    """Every sentence of these mentions that is known, earliest first."""
    quotes: tuple[Quote, ...]
    """One for each root source, earliest first; the first few."""

    missing: tuple[str, ...]
    """Mentions whose sentences are not known."""


def backing_of(record: Seen, state: PlaceMatches, moment: datetime = LATEST) -> Backing:
    """Who is behind a record at a known time, as far as the place's state knows."""
    voices = _of_change(record, state, moment) if isinstance(record, ControlChange) else _of_merged(record)
    known = [state.quotes[name] for name in voices.mention_ids if name in state.quotes]
    known.sort(key=lambda one: (one.at, one.quote.mention_id))
    by_root = {one.quote.root_source: one.quote for one in reversed(known)}
    first = [one.quote for one in known if by_root[one.quote.root_source] is one.quote]
    return Backing(
        voices.mention_ids,
        voices.outlets,
        voices.root_sources,
        tuple(one.quote.text for one in known),
        tuple(first[:QUOTES]),
        tuple(name for name in voices.mention_ids if name not in state.quotes),
    )


def cause_of(backing: Backing, state: PlaceMatches, moment: datetime) -> str:
    """The first mention behind a record that became known at a time; empty if none did."""
    known = ((name, state.quotes.get(name)) for name in backing.mention_ids)
    return min((name for name, one in known if one and one.known_at == moment), key=in_text, default="")


def _of_merged(record: Event | Claim) -> Voices:
    return Voices(record.mention_ids, record.outlets, record.root_sources)


def _of_change(change: ControlChange, state: PlaceMatches, moment: datetime) -> Voices:
    """What is known of the claims that decide it; of one that is not known, what the change itself says."""
    mentions, outlets, roots = set[str](), set[str](), set[str]()
    for weighed in change.evidence:
        claim = state.claims.get(weighed.claim_id)
        voices = (claim.as_of(moment) or claim.last) if claim else None
        roots.update(voices.root_sources if voices else weighed.root_sources)
        if voices:
            mentions.update(voices.mention_ids)
            outlets.update(voices.outlets)
    return Voices(tuple(sorted(mentions)), tuple(sorted(outlets)), tuple(sorted(roots)))
