"""Who an article says holds, takes, loses, besieges or fights for a town.

Decides relation, place, party, who held it before, how much of the place is meant and when. Rules are data
(`lexicon/claims.yaml`); here they are applied, refused where the words make no fact of them (planned, feared, failed),
and their parties and places found where the patterns name none. One statement repeated is one claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

from schemas.mention import Evidence, Mention, Wording
from schemas.record import DateRange, Place
from schemas.vocabulary import DatePrecision, EventType, MentionKind, Modality, PlacePrecision, Relation, Scope
from streams.stages.extract.attribution import Attribution, modality
from streams.stages.extract.claim_parties import Parties
from streams.stages.extract.claim_places import places_of
from streams.stages.extract.claim_refusals import is_disputed, is_refused, takes_part, tells_of_a_fall, was_brief
from streams.stages.extract.claim_rules import ClaimRules, Match
from streams.stages.extract.claim_scope import scope_of, share_of
from streams.stages.extract.claim_text import ClaimText, claim_text
from streams.stages.extract.document import Document, PlaceHit, Sentence
from streams.theatres.theatre import Theatre

FAR = 130
"""Characters beyond which a time of the sentence dates another of its verbs."""
LONG_AGO = timedelta(days=30)
"""Age from which a time in the sentence dates even a description: "in 2013, rebel-held Qusayr"."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim while the article is read."""

    relation: Relation
    place: Place
    actors: tuple[str, ...]
    from_actors: tuple[str, ...]
    scope: Scope
    share: float | None
    when: DateRange | None
    sentence: Sentence
    at: int
    """Where in the sentence the word stands, for order."""
    rule: str
    aside: bool = False
    """True in a clause of time behind another statement: "said …, two weeks after the alliance took the city"."""


Key = tuple[str, str | None, Relation, tuple[str, ...]]
"""What makes two statements one: place, district, relation, parties."""


def _key(claim: Claim, theatre: Theatre) -> Key:
    """Parts that are merely held are one; parts that are taken stay apart. A party is one under all its names."""
    district = claim.place.district if claim.relation is Relation.CAPTURED else None
    parties = tuple(sorted({theatre.actors.party(actor) for actor in claim.actors}))
    return (claim.place.key, district, claim.relation, parties)


def claim_mentions(
    document: Document,
    rules: ClaimRules,
    voices: Sequence[Attribution],
    wording: Wording,
    events: Sequence[Mention] = (),
) -> tuple[Mention, ...]:
    """The claims of an article as mentions, numbered in the order of their evidence.

    Args:
        document: The article, its names resolved.
        rules: The theatre's rules of claims.
        voices: Whose word each sentence is.
        wording: What merging needs to know the text again.
        events: The article's event mentions: a capture among them that no claim tells of makes one.
    """
    refused: list[Sentence] = []
    found = merged(find_claims(document, rules, refused), document, voices)
    claims = sorted(_besieged_by_fire(found, events), key=lambda claim: (claim.sentence.index, claim.at))
    own = tuple(
        _mention(document, claim, f"c{number}", voices[claim.sentence.index], wording)
        for number, claim in enumerate(claims, 1)
    )
    denied = {(sentence.field, sentence.start) for sentence in refused}
    return own + tuple(_of_captures(document, own, events, denied))


_TAKEN_OR_LOST = (Relation.CAPTURED, Relation.LOST, Relation.WITHDREW)


def _besieged_by_fire(claims: Iterable[Claim], events: Sequence[Mention]) -> Iterator[Claim]:
    """The claims, a siege by nobody named laid by whoever of its kind shells or bombs the place."""
    fire = {
        event.place.key: event.actors
        for event in reversed(events)
        if event.event_type in (EventType.AIR_STRIKE, EventType.SHELLING) and event.actors
    }
    for claim in claims:
        unknown = claim.relation is Relation.BESIEGES and not claim.actors
        yield replace(claim, actors=fire.get(claim.place.key, ())) if unknown else claim


def _of_captures(
    document: Document, claims: Sequence[Mention], events: Sequence[Mention], denied: Set[tuple[str, int]]
) -> Iterator[Mention]:
    """A claim for each capture whose party is known, that none of the claims tells of or refuses."""
    captures = [event for event in events if _is_capture(event)]
    told = {claim.place.key for claim in claims if claim.relation in _TAKEN_OR_LOST}
    sentences = {(one.field, one.start): one for one in document.sentences} if captures else {}
    number = len(claims)
    for event in captures:
        where = (event.evidence.field, event.evidence.start)
        named = {actor for hit in sentences[where].actors for actor in hit.ids}
        others = bool(named) and named.isdisjoint(event.actors)
        if others or where in denied or event.place.key in told:
            continue
        told.add(event.place.key)
        number += 1
        yield _claim_of(document, event, number)


def _is_capture(event: Mention) -> bool:
    """True for a town's capture by somebody known that nobody disputes."""
    is_town = event.place.precision in (PlacePrecision.TOWN, PlacePrecision.EXACT)
    taken = event.event_type is EventType.TERRITORY_CAPTURED and bool(event.actors)
    return taken and is_town and not is_disputed(event.evidence.text)


def _claim_of(document: Document, event: Mention, number: int) -> Mention:
    """The claim that a capture makes."""
    return event.model_copy(
        update={
            "mention_id": f"{document.article_id}#c{number}",
            "kind": MentionKind.CLAIM,
            "event_type": None,
            "relation": Relation.CAPTURED,
            "scope": Scope.PART if event.place.district or takes_part(event.evidence.text) else Scope.WHOLE,
            "from_actors": tuple(actor for actor in event.targets if document.theatre.actors.control_label(actor)),
            "targets": (),
            "killed": None,
            "wounded": None,
            "tolls": (),
            "shared": False,
            "group": None,
            "rule": f"{event.rule}.claim",
        }
    )


def find_claims(document: Document, rules: ClaimRules, refused: list[Sentence] | None = None) -> Iterator[Claim]:
    """Every statement of a claim, repeated ones included; sentences whose captures are none go to `refused`."""
    parties = Parties(document, rules)
    holders: dict[str, tuple[str, ...]] = {}
    told: DateRange | None = None
    for sentence in document.sentences:
        if sentence.repeats or not _may_place(sentence) or not rules.may_tell(sentence.words):
            continue
        text = claim_text(document, sentence, rules, _towns_before(document, sentence))
        matches = rules.matches(text.text)
        for match in matches:
            if match.rule.relation is None:
                continue
            if is_refused(text, match, rules):
                if refused is not None and match.rule.relation is Relation.CAPTURED:
                    refused.append(sentence)
            else:
                when = _resumed(text, match, matches, told) or _when(document, text, match, matches)
                told = _nearest_time(text, match, matches) or told
                for claim in _claims(document, rules, text, match, parties, when):
                    if claim.relation is Relation.HOLDS:
                        holders.setdefault(claim.place.key, claim.actors)
                    yield _besieged(claim, holders, parties)


_PLACED_ELSEWHERE = re.compile(r"\b(?:held|controlled|town|village|enclave|it|towns|villages|areas|cities|districts)\b")
"""Words of statements whose place may stand in the sentence before or behind."""


def _may_place(sentence: Sentence) -> bool:
    """True if a statement of the sentence could be placed at all."""
    return bool(sentence.places) or (bool(sentence.actors) and _PLACED_ELSEWHERE.search(sentence.text) is not None)


def _towns_before(document: Document, sentence: Sentence) -> tuple[PlaceHit, ...]:
    """Towns of the nearest sentences before that name two of them, for "the two towns"; else of the nearest."""
    named: dict[str, PlaceHit] = {}
    for other in document.before(sentence, 3):
        towns = [hit for hit in other.places if not hit.area]
        if len(towns) > 1:
            return tuple(towns)
        named |= {hit.place.key: hit for hit in towns}
        if len(named) > 1:
            break
    return tuple(named.values())


def _besieged(claim: Claim, holders: dict[str, tuple[str, ...]], parties: Parties) -> Claim:
    """A siege by nobody named is laid by the enemy of a holder that the article names; else by nobody known."""
    if claim.relation is not Relation.BESIEGES or claim.actors:
        return claim
    held = claim.from_actors or holders.get(claim.place.key, ())
    return replace(claim, actors=parties.enemy(held), from_actors=held)


def merged(claims: Iterable[Claim], document: Document, voices: Sequence[Attribution]) -> tuple[Claim, ...]:
    """Claims with each statement once, in the words of who gains least by it; the body's before the title's.

    A siege by nobody named is the siege of the same place that names somebody. A loss without a day is of the day on
    which the article says that another took the place.
    """
    theatre = document.theatre
    kept: dict[Key, Claim] = {}
    first: dict[tuple[str, str | None, Relation], Key] = {}
    for claim in claims:
        key = _key(claim, theatre)
        if not claim.actors:
            key = first.get(key[:3], key)
        elif claim.relation is Relation.BESIEGES and (nobody := kept.pop((*key[:3], ()), None)):
            kept[key] = _joined(claim, nobody, document, voices)
        first.setdefault(key[:3], key)
        known = kept.get(key)
        kept[key] = claim if known is None else _joined(known, claim, document, voices)
    return tuple(_dated_by_capture(kept.values()))


def _dated_by_capture(claims: Iterable[Claim]) -> Iterator[Claim]:
    taken: dict[str, Claim] = {}
    found = list(claims)
    for claim in found:
        if claim.relation is Relation.CAPTURED and claim.scope is Scope.WHOLE and claim.when is not None:
            taken.setdefault(claim.place.key, claim)
    for claim in found:
        capture = taken.get(claim.place.key)
        lost = claim.relation in (Relation.LOST, Relation.WITHDREW) and claim.when is None
        other = capture is not None and set(capture.actors).isdisjoint(claim.actors)
        yield replace(claim, when=capture.when) if lost and capture is not None and other else claim


def _joined(known: Claim, claim: Claim, document: Document, voices: Sequence[Attribution]) -> Claim:
    better = claim if _standing(claim, document, voices) > _standing(known, document, voices) else known
    other = known if better is claim else claim
    return replace(
        better,
        when=better.when or other.when,
        from_actors=better.from_actors or other.from_actors,
        share=better.share if better.share is not None else other.share,
    )


def _standing(claim: Claim, document: Document, voices: Sequence[Attribution]) -> int:
    """How well a statement stands: least where only a party that gains by it says so, most in the body."""
    voice = voices[claim.sentence.index]
    if not claim.aside and modality((voice,), claim.actors, document.theatre) is Modality.CLAIMED:
        return 0
    return 2 if claim.sentence.field == "body" else 1


# ----------------------------------------------------------------------------------------------------- one match


def _claims(
    document: Document, rules: ClaimRules, text: ClaimText, match: Match, parties: Parties, when: DateRange | None
) -> Iterator[Claim]:
    """The claims that one match makes: one for each of its places, and for each of its parties where they share one."""
    relation = match.rule.relation
    assert relation is not None  # noqa: S101 - the caller leaves out the rules without one
    actors, from_actors = parties.of(text, match)
    if relation is Relation.CAPTURED and not actors and from_actors:  # "were driven out of": nobody says by whom
        relation, actors, from_actors = Relation.LOST, from_actors, ()
    if relation is Relation.BESIEGES and not set(actors).isdisjoint(from_actors):  # nobody besieges himself
        actors = ()
    if tells_of_a_fall(text, match):
        relation = Relation.LOST  # "the fall of the town, a key bastion of theirs"
    if not actors and relation is not Relation.BESIEGES:
        return
    sides = tuple((actor,) for actor in actors) if match.rule.each else (actors,)
    for hit, side in product(places_of(document, rules, text, match), sides):
        scope = scope_of(rules, text, match, hit)
        claim = Claim(
            relation=relation,
            place=hit.place,
            actors=side,
            from_actors=tuple(actor for actor in from_actors if actor not in actors),
            scope=scope,
            share=share_of(rules, text, match) if scope is Scope.PART else None,
            when=when,
            sentence=text.sentence,
            at=match.start,
            rule=match.rule.name,
            aside=text.is_aside(match.verb),
        )
        yield claim
        if relation is Relation.CAPTURED and was_brief(text, match):
            end = when.last if when else document.published
            by_then = DateRange(first=end, last=end, precision=DatePrecision.DAY)
            yield replace(claim, relation=Relation.LOST, from_actors=(), when=by_then)


_SAME_ATTACK = re.compile(r"\bthe (?:\S+ ){0,3}(?:assault|offensive|attack|advance|push|operation)s?\b")


def _resumed(text: ClaimText, match: Match, matches: Sequence[Match], told: DateRange | None) -> DateRange | None:
    """The days told of last, for a fight that is only taken up again: "the latest assault pushed the army back"."""
    fights = match.rule.relation in (Relation.ADVANCES, Relation.ENTERED, Relation.CONTESTS)
    if told is None or not fights or _nearest_time(text, match, matches) is not None:
        return None
    return told if _SAME_ATTACK.search(text.text, max(0, match.verb - 60), match.verb) else None


def _when(document: Document, text: ClaimText, match: Match, matches: Sequence[Match]) -> DateRange | None:
    """The days that a claim speaks of."""
    nearest = _nearest_time(text, match, matches)
    today = DateRange(first=document.published, last=document.published, precision=DatePrecision.DAY)
    if match.rule.relation in (Relation.HOLDS, Relation.BESIEGES):
        long_ago = nearest is not None and nearest.last < document.published - LONG_AGO
        if match.rule.past or (long_ago and not _SINCE.search(text.text, match.end, match.end + FAR)):
            return nearest
        return today
    if nearest is not None:
        return nearest
    if text.sentence.lede or not _is_of_before(text, match):
        return DateRange(
            first=document.published - timedelta(days=1), last=document.published, precision=DatePrecision.DAY
        )
    return today if match.rule.relation in (Relation.CONTESTS, Relation.ADVANCES) else None


_SINCE = re.compile(r"\b(?:since|after|before|until)\b")
"""Words before a time that is another's: "has held out since the east fell in 2012"."""
_BEFORE = re.compile(
    r"\b(?:had|so far|recently|previously|earlier|once|formerly|since|which|who|that|whose|where)(?: [\w-]+){0,4} $"
)


def _is_of_before(text: ClaimText, match: Match) -> bool:
    """True if a deed is not the news: told in a relative clause, as an attribute, a noun, with "had" or "recently"."""
    attribute = match.rule.name.endswith((".adjective", ".nominal", ".noun")) or match.rule.past
    return attribute or _BEFORE.search(text.text[max(0, match.verb - 60) : match.verb]) is not None


def _nearest_time(text: ClaimText, match: Match, matches: Sequence[Match]) -> DateRange | None:
    """The time nearest to a verb, unless another verb is nearer to it; a sentence's only time dates all its verbs."""
    times = list(text.marked_times())
    if not times:
        return None
    own = [
        (_way(match, at), when) for at, when in times if _way(match, at) <= min(_way(other, at) for other in matches)
    ]
    if own:
        best = min(own, key=lambda one: one[0])
        return best[1] if best[0] <= FAR else None
    return times[0][1] if len(times) == 1 and times[0][0] < match.start else None


def _way(match: Match, at: int) -> int:
    """Characters between a verb and a time."""
    return match.start - at if at < match.start else max(0, at - match.end)


def _mention(document: Document, claim: Claim, number: str, voice: Attribution, wording: Wording) -> Mention:
    sentence = claim.sentence
    if claim.aside and voice.party is not None:  # a party's word ends before the outlet's own reminder
        voice = Attribution(None, f"outlet:{document.outlet}", None, 0, 0)
    return Mention(
        mention_id=f"{document.article_id}#{number}",
        article_id=document.article_id,
        outlet=document.outlet,
        published_at=document.published_at,
        kind=MentionKind.CLAIM,
        event_type=None,
        relation=claim.relation,
        scope=claim.scope,
        share=claim.share,
        place=claim.place,
        when=claim.when,
        actors=claim.actors,
        from_actors=claim.from_actors,
        killed=None,
        wounded=None,
        source=voice.label,
        root_source=voice.root_source,
        modality=modality((voice,), claim.actors, document.theatre),
        main=sentence.lede,
        evidence=Evidence(field=sentence.field, start=sentence.start, end=sentence.end, text=sentence.text),
        rule=claim.rule,
        wording=wording,
    )
