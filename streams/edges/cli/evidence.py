"""What an event, a claim or a town rests on: the sentences, who says so, and why reports were joined or kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from schemas.article import Article, Retraction
from schemas.codec import decode, decode_on
from schemas.event import Event
from schemas.mention import Mention, Withdrawal
from schemas.record import Place
from schemas.topics import ARTICLES, CLAIMS, EVENTS, MENTIONS
from schemas.vocabulary import PlacePrecision, RevisionKind
from streams.edges.cli.revisions import Merged, id_of
from streams.shells.log import Stored, View, iterate
from streams.stages.merge.similarity import Decision
from streams.stages.merge.step import MergeStage

NEAR = timedelta(days=3)
"""How far apart in time two events may be for it to be worth telling why they are two."""
MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """Why a report stands under the same event as an earlier one."""

    with_: Mention
    decision: Decision


@dataclass(frozen=True, slots=True)
class Report:
    """A mention with its text."""

    mention: Mention
    article: Article | None
    """None if the log does not hold it any more."""
    joined: Joined | None
    """None for the first report."""

    def text(self) -> str:
        """The text that the evidence stands in."""
        if self.article is None:
            return ""
        return (self.article.title or "") if self.mention.evidence.field == "title" else self.article.body


@dataclass(frozen=True, slots=True)
class Apart:
    """Another event of the place that might have been the same, and why it is not."""

    other: Merged
    decision: Decision


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an event or claim, and when it was known."""

    stored: Stored
    record: Merged


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A mention that its article no longer says, and the article's last word."""

    mention_id: str
    article: Article | None
    retraction: Retraction | None
    """None if the article stands and merely says otherwise now."""


def reports(store: View, key: str, ids: Iterable[str], merge: MergeStage) -> list[Report]:
    """Reports in the order in which they were printed, each with what joined it to the ones before.

    Args:
        store: The log.
        key: Key of their place.
        ids: Their mention ids.
        merge: Judges what joins two.
    """
    found = sorted(mentions(store, key, ids), key=lambda mention: (mention.published_at, mention.mention_id))
    return [Report(one, article_of(store, one), _joined(found[:at], one, merge)) for at, one in enumerate(found)]


def mentions(store: View, key: str | None, ids: Iterable[str]) -> Iterator[Mention]:
    """The mentions of these ids at one place, or anywhere, each as its article says it last."""
    found: dict[str, Mention] = {}
    for said in _said_of(store, key, frozenset(ids)):
        if isinstance(said, Mention) and said.revision >= _revision(found.get(said.mention_id)):
            found[said.mention_id] = said
    yield from found.values()


def article_of(store: View, mention: Mention) -> Article | None:
    """The article that a mention was read in: of all texts of that revision the first, the only one that was read."""
    last = next(store.latest(ARTICLES.name, mention.article_id), None)
    if last is None:
        return None
    found = decode_on(ARTICLES, last.value)
    if isinstance(found, Article) and found.revision == mention.revision and _says(found, mention):
        return found
    texts = (text for text in texts_of(store, mention.article_id) if isinstance(text, Article))
    return next((text for text in texts if text.revision == mention.revision), None)


def texts_of(store: View, article_id: str) -> list[Article | Retraction]:
    """Everything that ever stood under an article's id, in the order of arrival."""
    found = (decode_on(ARTICLES, stored.value) for stored in iterate(store, ARTICLES.name) if stored.key == article_id)
    return [text for text in found if isinstance(text, (Article, Retraction))]


def last_word(texts: Sequence[Article | Retraction]) -> tuple[Article | None, Retraction | None]:
    """The text of the highest revision, and what takes that one back, if anything does."""
    articles = [text for text in texts if isinstance(text, Article)]
    last = max(articles, key=lambda text: text.revision, default=None)
    taking = (text for text in texts if isinstance(text, Retraction))
    return last, next((one for one in taking if one.revision is None or one.revision >= _revision(last)), None)


def taken_back(store: View, record: Merged, revisions: Iterable[Revision]) -> list[TakenBack]:
    """The mentions that once stood under an event or claim and that their articles no longer say."""
    once = frozenset(id_ for one in revisions for id_ in one.record.mention_ids)
    void = {s.withdraws: s for s in _said_of(store, record.place.key, once) if isinstance(s, Withdrawal)}
    standing = frozenset(record.mention_ids) if record.kind is not RevisionKind.RETRACT else frozenset()
    gone = [void[id_] for id_ in sorted(void.keys() - standing)]
    return [TakenBack(said.withdraws, *last_word(texts_of(store, said.article_id))) for said in gone]


def history(store: View, record: Merged) -> list[Revision]:
    """Every revision of an event or claim, in order."""
    topic = EVENTS if isinstance(record, Event) else CLAIMS
    at_place = (stored for stored in iterate(store, topic.name) if stored.key == record.place.key)
    revisions = (Revision(stored, decode(type(record), stored.value)) for stored in at_place)
    return [one for one in revisions if id_of(one.record) == id_of(record)]


def apart(store: View, record: Merged, others: Sequence[Merged], mine: Mention, merge: MergeStage) -> list[Apart]:
    """Others of the same place and nearly the same time, with what speaks for and against their being the same.

    Args:
        store: The log.
        record: What is explained.
        others: All that there are of its kind.
        mine: Its first report.
        merge: Judges.
    """
    near = {one.mention_ids[0]: one for one in others if id_of(one) != id_of(record) and _is_near(record, one)}
    told = mentions(store, record.place.key, near)
    compared = [Apart(near[mention.mention_id], merge.compare(mine, mention)) for mention in told]
    return sorted(compared, key=lambda one: (-one.decision.score, id_of(one.other)))[:MOST_NEAR]


def elsewhere(store: View, record: Merged, others: Sequence[Merged], mine: Mention, merge: MergeStage) -> list[Apart]:
    """Others that speak of the area around the place, or of a place in the area, and would be the same there.

    What is told of a governorate and what is told of a town have other keys, and merging never lets them meet: whether
    the town is the one that was meant, the report of the governorate does not say. Arguments as for `apart`.
    """
    near = {
        one.mention_ids[0]: one for one in others if _is_around(record.place, one.place) and _is_in_time(record, one)
    }
    told = mentions(store, None, near)
    compared = (Apart(near[mention.mention_id], merge.compare(mine, mention)) for mention in told)
    likely = (one for one in compared if one.decision.same)
    return sorted(likely, key=lambda one: (-one.decision.score, id_of(one.other)))[:MOST_NEAR]


def _is_around(one: Place, other: Place) -> bool:
    """Whether one place is the area that the other lies in, as far as records tell."""
    in_one = one.admin1 is not None and one.admin1 == other.admin1
    return in_one and one.key != other.key and not _AREAS.isdisjoint((one.precision, other.precision))


_AREAS = frozenset((PlacePrecision.DISTRICT, PlacePrecision.GOVERNORATE))


def _said_of(store: View, key: str | None, ids: frozenset[str]) -> Iterator[Mention | Withdrawal]:
    for stored in iterate(store, MENTIONS.name):
        if key in (None, stored.key):
            said = decode_on(MENTIONS, stored.value)
            if isinstance(said, Withdrawal):
                if said.withdraws in ids:
                    yield said
            elif isinstance(said, Mention) and said.mention_id in ids:
                yield said


def _revision(said: Mention | Article | None) -> int:
    return 0 if said is None else said.revision


def _says(article: Article, mention: Mention) -> bool:
    evidence = mention.evidence
    text = article.title or "" if evidence.field == "title" else article.body
    return text[evidence.start : evidence.end] == evidence.text


def _joined(before: Sequence[Mention], mention: Mention, merge: MergeStage) -> Joined | None:
    """The earlier report that speaks most clearly for being the same."""
    compared = [Joined(other, merge.compare(other, mention)) for other in before]
    return max(compared, key=lambda one: (one.decision.score, one.with_.mention_id), default=None)


def _is_near(one: Merged, other: Merged) -> bool:
    return one.place.key == other.place.key and _is_in_time(one, other)


def _is_in_time(one: Merged, other: Merged) -> bool:
    if one.when is None or other.when is None:
        return abs(one.first_seen - other.first_seen) <= NEAR
    return one.when.first <= other.when.last + NEAR and other.when.first <= one.when.last + NEAR
