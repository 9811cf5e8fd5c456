"""A capture names one captor, as an event and as a claim."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.article import Article
from schemas.vocabulary import EventType, Relation
from streams.stages.extract.extracting import extract
from streams.theatres.theatre import load_theatre

BODY = (
    "US-backed Syrian forces declared victory over the Islamic State group on Saturday after they captured the village"
    " of Baghouz, the last that the militants had held."
)


def test_event_and_claim_of_one_capture_name_the_same_captor() -> None:
    printed = datetime(2019, 3, 23, 9, tzinfo=UTC)
    article = Article(article_id="a", outlet="reuters", title=None, body=BODY, published_at=printed)
    mentions = extract(article, load_theatre())
    (event,) = [m for m in mentions if m.event_type is EventType.TERRITORY_CAPTURED]
    (claim,) = [m for m in mentions if m.relation is Relation.CAPTURED]
    assert event.actors == claim.actors == ("sdf",)
