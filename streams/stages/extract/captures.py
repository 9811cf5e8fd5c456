"""A capture is told once as an event and once as a claim, by rules of their own: they must name one captor.

The rules of claims look for who takes and who loses a place, those of events for whoever does anything: where one
sentence gives both, the claim knows better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.mention import Mention
from schemas.vocabulary import EventType, Relation


def agreed(events: Iterable[Mention], claims: Sequence[Mention]) -> tuple[Mention, ...]:
    """The events of an article, each capture by who the claim of the same sentence and place says took it."""
    captors = {
        (claim.place.key, claim.evidence.start): claim for claim in claims if claim.relation is Relation.CAPTURED
    }
    return tuple(_agreed(event, captors.get((event.place.key, event.evidence.start))) for event in events)


def _agreed(event: Mention, claim: Mention | None) -> Mention:
    if claim is None or event.event_type is not EventType.TERRITORY_CAPTURED or event.actors == claim.actors:
        return event
    losers = claim.from_actors or tuple(actor for actor in event.targets if actor not in claim.actors)
    return event.model_copy(update={"actors": claim.actors, "targets": losers})
