"""Who is behind a record: its mentions, outlets and root sources, and the sentences of these that are known."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.alert import Quote
from schemas.control import ControlChange
from schemas.event import Claim, Event
from streams.stages.match.state import PlaceMatches, Seen, Voices

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


def backing_of(record: Seen, state: PlaceMatches) -> Backing:
    """Who is behind a record, as far as the place's state knows."""
    voices = _of_change(record, state) if isinstance(record, ControlChange) else _of_merged(record)
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


def _of_merged(record: Event | Claim) -> Voices:
    return Voices(record.mention_ids, record.outlets, record.root_sources)


def _of_change(change: ControlChange, state: PlaceMatches) -> Voices:
    """What is known of the claims that decide it; of one that is not known, what the change itself says."""
    mentions, outlets, roots = set[str](), set[str](), set[str]()
    for weighed in change.evidence:
        claim = state.claims.get(weighed.claim_id)
        roots.update(claim.voices.root_sources if claim else weighed.root_sources)
        if claim:
            mentions.update(claim.voices.mention_ids)
            outlets.update(claim.voices.outlets)
    return Voices(tuple(sorted(mentions)), tuple(sorted(outlets)), tuple(sorted(roots)))
