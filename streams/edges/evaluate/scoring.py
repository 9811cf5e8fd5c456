"""Precision, recall and slots of extraction against gold, with every error and its likely cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from schemas.mention import Mention
from schemas.record import Toll
from schemas.vocabulary import MentionKind
from streams.edges.evaluate.gold import Bounds, GoldArticle, GoldClaim, GoldEvent
from streams.edges.evaluate.matching import FAMILY, Judge, pairs, same_time
from streams.theatres.names import fold
from streams.theatres.theatre import Theatre

G = TypeVar("G", GoldEvent, GoldClaim)


@dataclass(frozen=True, slots=True)
class Rate:
    """Counts of a comparison."""

    matched: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of what was read that is so, 0..1."""
        return self.matched / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of what is so that was read, 0..1."""
        return self.matched / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both, 0..1."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something missed or made up."""

    article_id: str
    missed: bool
    """False for what was made up."""
    kind: str
    """Event type or relation."""
    cause: str
    """What the nearest mention or gold differs in: place, time, type, party; else `not read` or `spurious`."""
    rule: str
    """Rule that read it, empty for what was missed."""
    what: str
    """The place, and the words that state it."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well extraction reads a gold file."""

    articles: int
    events: Rate
    main: Rate
    claims: Rate
    slots: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Right and asked, by slot of matched events, and the scope of matched claims."""
    faults: tuple[Fault, ...] = ()


def score(gold: Mapping[str, GoldArticle], mentions: Iterable[Mention], theatre: Theatre) -> Score:
    """Compare mentions with gold.

    Args:
        gold: Gold by article id; mentions of other articles are left out.
        mentions: What was extracted.
        theatre: Knows places and parties.
    """
    judge = Judge(theatre)
    by: dict[tuple[str, MentionKind], list[Mention]] = {}
    for mention in mentions:
        by.setdefault((mention.article_id, mention.kind), []).append(mention)
    events, claims, main = Rate(0, 0, 0), Rate(0, 0, 0), Rate(0, 0, 0)
    slots: dict[str, list[bool]] = {}
    faults: list[Fault] = []
    for article_id, article in gold.items():
        read, claimed = by.get((article_id, MentionKind.EVENT), []), by.get((article_id, MentionKind.CLAIM), [])
        found = pairs(article.events, read, judge.events_agree, judge.event_likeness)
        held = pairs(article.control, claimed, judge.claims_agree, judge.claim_likeness)
        events = _plus(events, len(found), len(read), len(article.events))
        claims = _plus(claims, len(held), len(claimed), len(article.control))
        mains = [event for event in article.events if event.main]
        main = _plus(main, sum(event.main for event, _ in found), sum(one.main for one in read), len(mains))
        for event, mention in found:
            _ask(slots, judge, event, mention)
        for claim, mention in held:
            slots.setdefault("claim_scope", []).append(claim.scope == mention.scope)
        faults += _faults(
            article_id, article.events, read, found, _event_kind, lambda one, near: _event_cause(one, near, judge)
        )
        faults += _faults(
            article_id, article.control, claimed, held, _claim_kind, lambda one, near: _claim_cause(one, near, judge)
        )
    asked = {name: (sum(answers), len(answers)) for name, answers in sorted(slots.items())}
    return Score(len(gold), events, main, claims, asked, tuple(faults))


def _plus(rate: Rate, matched: int, predicted: int, gold: int) -> Rate:
    return Rate(rate.matched + matched, rate.predicted + predicted, rate.gold + gold)


# ---------------------------------------------------------------------------------------------------------- slots


def _ask(slots: dict[str, list[bool]], judge: Judge, gold: GoldEvent, mention: Mention) -> None:
    """Note for each slot that the gold fills whether the mention has it right."""

    def note(slot: str, asked: object, right: bool) -> None:
        if asked:
            slots.setdefault(slot, []).append(right)

    stated, wounded = _bounds(mention.killed), _bounds(mention.wounded)
    when = mention.when and (mention.when.first, mention.when.last)
    note("actor", gold.actor, judge.share_party(gold.actor, mention.actors))
    note("target", gold.target, judge.share_party(gold.target, mention.targets))
    note("killed_min", gold.killed, bool(stated and gold.killed and stated[0] == gold.killed[0]))
    note("killed_range", gold.killed, stated == gold.killed)
    note("killed_absent", gold.killed is None, stated is None)
    note("wounded_min", gold.wounded, bool(wounded and gold.wounded and wounded[0] == gold.wounded[0]))
    note("source", gold.source, fold(gold.source or "") == fold(mention.source or ""))
    note("date_exact", gold.date, when == gold.date)
    note("modality", True, gold.modality == mention.modality)
    note("main", True, gold.main == mention.main)


def _bounds(toll: Toll | None) -> Bounds:
    return None if toll is None else (toll.min, toll.max)


# --------------------------------------------------------------------------------------------------------- faults


def _faults(
    article_id: str,
    gold: Sequence[G],
    read: Sequence[Mention],
    found: Sequence[tuple[G, Mention]],
    kind: Callable[[Any], str],
    cause: Callable[[G, Sequence[Mention]], str],
) -> list[Fault]:
    """What was missed, and what was read that gold does not have, each with what came nearest to it."""
    matched, used = {one.id for one, _ in found}, {mention.mention_id for _, mention in found}
    missed = [one for one in gold if one.id not in matched]
    extra = [mention for mention in read if mention.mention_id not in used]
    faults = [Fault(article_id, True, kind(one), cause(one, extra) or "not read", "", _told(one)) for one in missed]
    for mention in extra:
        causes = Counter(why for one in missed if (why := cause(one, [mention])))
        nearest = causes.most_common(1)[0][0] if causes else "spurious"
        faults.append(Fault(article_id, False, kind(mention), nearest, mention.rule, _said(mention)))
    return faults


def _event_kind(one: GoldEvent | Mention) -> str:
    return str(one.event_type if isinstance(one, Mention) else one.type)


def _claim_kind(one: GoldClaim | Mention) -> str:
    return str(one.relation)


def _event_cause(gold: GoldEvent, mentions: Sequence[Mention], judge: Judge) -> str:
    """What keeps a missed event from the nearest mention that is left over; empty if none is near."""
    for mention in mentions:
        one_type, one_town = gold.type == mention.event_type, judge.same_town(gold, mention)
        one_time = same_time(gold.date, mention)
        if (one_type, one_town, one_time) in _NEARLY:
            return _NEARLY[one_type, one_town, one_time]
    return ""


_NEARLY = {(True, False, True): "wrong place", (True, True, False): "wrong time", (False, True, True): "wrong type"}
"""What is wrong where two of type, town and time agree."""


def _claim_cause(gold: GoldClaim, mentions: Sequence[Mention], judge: Judge) -> str:
    """What keeps a missed claim from the nearest mention that is left over; empty if none is near."""
    for mention in mentions:
        one_family = FAMILY[gold.relation] == FAMILY[str(mention.relation)]
        one_town, one_party = judge.same_town(gold, mention), judge.share_party(gold.actor, mention.actors)
        if one_family and one_town:
            return "wrong party"
        if one_family and one_party:
            return "wrong place"
        if one_town and one_party:
            return "wrong type"
    return ""


def _told(gold: GoldEvent | GoldClaim) -> str:
    return f"{gold.town or gold.governorate or 'nowhere'}: {gold.evidence}"


def _said(mention: Mention) -> str:
    return f"{mention.place.name}: {mention.evidence.text}"
