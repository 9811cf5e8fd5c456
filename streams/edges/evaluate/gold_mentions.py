"""Gold as mentions: what a perfect extraction would have said, so that merging is measured by itself."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.article import Article
from schemas.mention import Evidence, Mention
from schemas.record import DateRange, Place, Toll
from schemas.vocabulary import DatePrecision, EventType, MentionKind, Modality, PlacePrecision, Victims
from streams.edges.evaluate.gold import Bounds, Days, GoldArticle, GoldEvent
from streams.edges.evaluate.matching import same_words
from streams.stages.extract.document import Document
from streams.stages.extract.reading import read
from streams.stages.extract.wording import wording
from streams.theatres.names import fold
from streams.theatres.theatre import Theatre


def gold_mentions(gold: GoldArticle, article: Article, theatre: Theatre) -> Iterator[Mention]:
    """The events of an annotated article, as mentions whose ids are those of the gold: `ARTICLE/e1`.

    What the gold does not say (wording, the sentence around its first words) is taken from the article.
    """
    document = read(article, theatre)
    words = wording(document)
    for event in gold.events:
        root = _root(event.source, article.outlet, theatre)
        yield Mention(
            mention_id=f"{gold.article_id}/{event.id}",
            article_id=gold.article_id,
            outlet=article.outlet,
            published_at=article.published_at,
            kind=MentionKind.EVENT,
            event_type=EventType(event.type),
            relation=None,
            scope=None,
            place=_place(event, theatre),
            when=_days(event.date),
            actors=event.actor,
            targets=event.target,
            killed=_toll(event.killed, event.killed_who),
            wounded=_toll(event.wounded, None),
            source=event.source,
            root_source=root,
            modality=Modality(event.modality),
            main=event.main,
            shared=event.shared,
            evidence=_evidence(event, document),
            rule="gold",
            wording=words,
        )


def _place(event: GoldEvent, theatre: Theatre) -> Place:
    """Its town in the gazetteer, with the neighbourhood where it names one; else the governorate."""
    named = event.place or event.town or event.governorate or "Syria"
    if event.town is None:
        site = theatre.gazetteer.governorate(event.governorate) if event.governorate else None
    else:
        site = theatre.gazetteer.resolve(event.town, admin1=event.governorate).site
    if site is None:
        precision = PlacePrecision.TOWN if event.town else PlacePrecision.COUNTRY
        return Place(
            place_id=None, name=event.town or named, admin1=event.governorate, lat=None, lon=None, precision=precision,
            text=named,
        )  # fmt: skip
    place = theatre.gazetteer.as_place(site, named)
    own = {fold(name) for name in theatre.gazetteer.spellings(site.place_id)}
    if event.town is None or place.district or fold(named) in own or fold(named) == fold(event.town):
        return place
    return place.model_copy(update={"district": named, "precision": PlacePrecision.EXACT})


def _days(days: Days) -> DateRange | None:
    if days is None:
        return None
    first, last = days
    precision = DatePrecision.DAY if (last - first).days <= 1 else DatePrecision.RANGE
    return DateRange(first=first, last=last, precision=precision)


def _toll(bounds: Bounds, who: str | None) -> Toll | None:
    if bounds is None or bounds[0] is None:
        return None
    return Toll(min=bounds[0], max=bounds[1], of=Victims(who or Victims.UNKNOWN))


def _root(source: str | None, outlet: str, theatre: Theatre) -> str:
    if source is None:
        return f"outlet:{outlet}"
    known = theatre.outlets.source(source)
    return known.id if known else fold(source)


def _evidence(event: GoldEvent, document: Document) -> Evidence:
    """The sentence of the article that begins or goes on with the gold's words, or those words where none does."""
    for sentence in document.sentences:
        if same_words(event.evidence, sentence.text):
            return Evidence(field=sentence.field, start=sentence.start, end=sentence.end, text=sentence.text)
    return Evidence(start=0, end=len(event.evidence), text=event.evidence)
