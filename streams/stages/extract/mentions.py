"""Drafts made into mention records: figures to ranges, who says so, main or background, ids in order of evidence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from schemas.mention import Evidence, Mention, Wording
from schemas.record import DateRange, Place, SourcedToll, Toll
from schemas.vocabulary import DatePrecision, EventType, MentionKind, Modality, Victims
from streams.stages.extract.attribution import Attribution, modality
from streams.stages.extract.candidates import VIOLENT
from streams.stages.extract.document import Document, PlaceHit, Sentence
from streams.stages.extract.draft import Draft
from streams.stages.extract.sameness import TIMES
from streams.stages.extract.toll_text import TollHit

FRESH = timedelta(days=2)
"""Events of these days before publication are news; older ones are background."""


FEW = 8
"""Dead from which on a much smaller figure beside it is of something else."""
STRETCH = timedelta(days=10)
"""What is only known to lie in a longer stretch is told as background."""


def event_mentions(
    document: Document, drafts: Sequence[Draft], said: Sequence[Attribution], wording: Wording
) -> tuple[Mention, ...]:
    """The event mentions of an article, numbered in the order of their evidence."""
    ordered = sorted(drafts, key=lambda draft: (draft.sentence.index, draft.place.start if draft.place else 0))
    story = _story(ordered, document.published)
    parties = _parties(document)
    return tuple(
        _mention(document, draft, f"e{number}", said, wording, story, parties)
        for number, draft in enumerate(ordered, 1)
    )


def _mention(
    document: Document,
    draft: Draft,
    number: str,
    said: Sequence[Attribution],
    wording: Wording,
    story: DateRange | None,
    parties: Mapping[str, int],
) -> Mention:
    sentence = draft.sentence
    voice = _voice(document, draft, said)
    when = draft.when or _news_of_the_day(document, draft, story)
    figures = _figures(draft)
    killed = _range([toll for toll in figures if toll.harm == "killed"])
    return Mention(
        mention_id=f"{document.article_id}#{number}",
        article_id=document.article_id,
        outlet=document.outlet,
        published_at=document.published_at,
        kind=MentionKind.EVENT,
        event_type=draft.type,
        relation=None,
        scope=None,
        place=_place(document, draft),
        when=when,
        actors=draft.actors or _taker(document, draft, parties),
        targets=_targets(document, draft, killed, parties),
        killed=killed,
        wounded=_range([toll for toll in figures if toll.harm == "wounded"]),
        tolls=_by_source(document, draft, figures, said),
        source=voice.label,
        root_source=voice.root_source,
        modality=_modality(document, draft, said),
        main=_is_main(document, draft, when),
        shared=draft.shared,
        group=f"{document.article_id}#g{draft.group}" if draft.group else None,
        evidence=Evidence(field=sentence.field, start=sentence.start, end=sentence.end, text=sentence.text),
        rule=draft.rule,
        wording=wording,
    )


def _edge_of(document: Document, hit: PlaceHit) -> Place | None:
    """The governorate that a capital's suburbs make up; None for any other place."""
    if not hit.outskirts:
        return None
    gazetteer = document.theatre.gazetteer
    sites = gazetteer.candidates(f"{hit.place.name} suburbs")
    whole = next((site for site in sites if site.feature == "ADM1"), None)
    return gazetteer.as_place(whole, hit.place.text) if whole else None


def _place(document: Document, draft: Draft) -> Place:
    if draft.place is None:
        raise ValueError("an event without a place is dropped by gathering, and never comes here")
    place = _edge_of(document, draft.place) or draft.place.place
    return place if draft.explicit else place.model_copy(update={"inferred": True})


# ------------------------------------------------------------------------------------------------- figures


def _figures(draft: Draft) -> list[TollHit]:
    """The figures of an event: those of the body where it has any, an update in place of what it replaces."""
    told = [(toll, sentence) for toll, sentence in draft.tolls if not toll.part and not _replaced(toll, sentence)]
    body = [toll for toll, sentence in told if sentence.field == "body" and not _sums_up(toll, sentence, told)]
    title = [toll for toll, sentence in told if sentence.field == "title"]
    chosen = [toll for toll in body if toll.harm == "killed"] or [toll for toll in title if toll.harm == "killed"]
    chosen += [toll for toll in body if toll.harm == "wounded"] or [toll for toll in title if toll.harm == "wounded"]
    updated = [toll for toll in chosen if toll.update and toll.harm == "killed"]
    if updated:
        chosen = [toll for toll in chosen if toll.harm != "killed" or toll.toll.min >= updated[-1].toll.min]
    return _added_up(chosen, told)


def _added_up(chosen: list[TollHit], told: Sequence[tuple[TollHit, Sentence]]) -> list[TollHit]:
    """Figures with those made one that a sentence gives of two sides: "12 soldiers died and 30 rebels were killed"."""
    where = {id(toll): sentence for toll, sentence in told}
    left: list[TollHit] = []
    for toll in chosen:
        last = left[-1] if left else None
        if last is not None and where[id(toll)] is where.get(id(last)) and _of_two_sides(last, toll, where[id(toll)]):
            most = None if None in (last.toll.max, toll.toll.max) else (last.toll.max or 0) + (toll.toll.max or 0)
            both = replace(toll, toll=toll.toll.model_copy(update={"min": last.toll.min + toll.toll.min, "max": most}))
            where[id(both)] = where[id(toll)]
            left[-1] = both
        else:
            left.append(toll)
    return left


def _of_two_sides(one: TollHit, other: TollHit, sentence: Sentence) -> bool:
    """True for the dead of two parties, told one after the other."""
    if one.harm != "killed" or other.harm != "killed" or one.part or other.part:
        return False
    first, second = _side_of(one, sentence), _side_of(other, sentence)
    return bool(first) and bool(second) and first.isdisjoint(second)


def _side_of(toll: TollHit, sentence: Sentence) -> set[str]:
    """The parties named with the dead."""
    near = (hit for hit in sentence.actors if toll.start - 1 <= hit.start < toll.end + 30 and not hit.neutral)
    return {actor for hit in near for actor in hit.ids}


_EARLIER = re.compile(
    r"\b(?:earlier|previous|initial|initially|previously) (?:\w+ ){0,3}?(?:toll|gave|said|put|figures?|reported"
    r"|count)\b[^.]{0,40}$",
    re.IGNORECASE,
)


def _replaced(toll: TollHit, sentence: Sentence) -> bool:
    """True for a figure that the text itself calls out of date: "which earlier gave a toll of 20"."""
    return _EARLIER.search(sentence.text, 0, toll.start) is not None


def _sums_up(toll: TollHit, sentence: Sentence, told: Sequence[tuple[TollHit, Sentence]]) -> bool:
    """True for the total of a day beside the figure of one act: "killed 12, bringing to 45 the number of dead"."""
    return toll.update and any(
        other.harm == toll.harm and not other.update and other.toll.min < toll.toll.min
        for other, where in told
        if where is sentence
    )


def _sourced(document: Document, draft: Draft, said: Sequence[Attribution]) -> tuple[SourcedToll, ...]:
    """Each source's own figures, in the order in which the text first quotes it; an article's headline has none."""
    by: dict[str, tuple[Attribution, list[TollHit]]] = {}
    for toll, sentence in draft.tolls:
        if sentence.field == "body" and not toll.part and not _replaced(toll, sentence):
            voice = said[sentence.index]
            by.setdefault(voice.root_source, (voice, []))[1].append(toll)
    return tuple(
        SourcedToll(
            root_source=root,
            source=voice.label,
            killed=_range([hit for hit in hits if hit.harm == "killed"]),
            wounded=_range([hit for hit in hits if hit.harm == "wounded"]),
            published_at=document.published_at,
        )
        for root, (voice, hits) in by.items()
    )


def _range(figures: Sequence[TollHit]) -> Toll | None:
    """One range that holds every figure: open if only one is given and that is "at least"."""
    if not figures:
        return None
    most_told = max(figure.toll.min for figure in figures)
    tolls = [figure.toll for figure in figures if most_told < FEW or figure.toll.min * TIMES >= most_told]
    least = min(toll.min for toll in tolls)
    most = max(toll.max or toll.min for toll in tolls)
    is_open = len({toll.min for toll in tolls}) == 1 and any(toll.max is None for toll in tolls)
    who = {toll.of for toll in tolls} - {Victims.UNKNOWN}
    return Toll(
        min=least,
        max=None if is_open else most,
        of=Victims.UNKNOWN if not who else who.pop() if len(who) == 1 else Victims.MIXED,
        children=next((toll.children for toll in tolls if toll.children is not None), None),
        women=next((toll.women for toll in tolls if toll.women is not None), None),
    )


def _by_source(
    document: Document, draft: Draft, figures: Sequence[TollHit], said: Sequence[Attribution]
) -> tuple[SourcedToll, ...]:
    """The figures of each who gives any, in reading order: rival tolls of one event stand side by side."""
    told: dict[str, list[TollHit]] = {}
    voices: dict[str, Attribution] = {}
    for figure in figures:
        sentence = next(sentence for toll, sentence in draft.tolls if _same_words(toll, figure))
        voice = said[sentence.index]
        voices.setdefault(voice.root_source, voice)
        told.setdefault(voice.root_source, []).append(figure)
    return tuple(
        SourcedToll(
            root_source=root,
            source=voices[root].label,
            killed=_range([toll for toll in given if toll.harm == "killed"]),
            wounded=_range([toll for toll in given if toll.harm == "wounded"]),
            published_at=document.published_at,
        )
        for root, given in told.items()
    )


def _same_words(one: TollHit, other: TollHit) -> bool:
    """True for one figure, also after another was added to it."""
    return (one.start, one.verb_start, one.harm) == (other.start, other.verb_start, other.harm)


# ---------------------------------------------------------------------------------------------- who says so


def _voice(document: Document, draft: Draft, said: Sequence[Attribution]) -> Attribution:
    """Whose word an event is: a monitor's before others', a body's or person's before residents'; else the outlet's."""
    voices = [said[sentence.index] for sentence in draft.sentences]
    quoted = [voice for voice in voices if voice.label is not None]
    named = [voice for voice in quoted if not voice.root_source.startswith("unnamed:")]
    watching = [voice for voice in named if _is_monitor(document, voice)]
    return (watching or named or quoted or voices)[0]


def _is_monitor(document: Document, voice: Attribution) -> bool:
    source = document.theatre.outlets.source(voice.root_source)
    return source is not None and source.type == "ngo_monitor" and not source.generic


def _modality(document: Document, draft: Draft, said: Sequence[Attribution]) -> Modality:
    voices = [said[sentence.index] for sentence in draft.sentences if sentence.field == "body"]
    near = said[draft.sentences[0].index : draft.last + DENIAL + 1]
    denied_by = [voice.party for voice in near if voice.denies and voice.party is not None]
    return modality(voices or [said[draft.sentence.index]], draft.actors, document.theatre, denied_by)


DENIAL = 1
"""Sentences behind an event within which a denial is of it."""


# --------------------------------------------------------------------------------------------- time and rank


def _news_of_the_day(document: Document, draft: Draft, story: DateRange | None) -> DateRange | None:
    """The time of the article's story, for what it tells along with it and does not date.

    Without one it is the day of publication and the day before. What may be older stays undated.
    """
    if draft.aside or draft.type not in VIOLENT:
        return None
    if (
        draft.type is EventType.ARMED_CLASH
        and not draft.tolls
        and not any(s.lede for s in draft.sentences)
        and not draft.rule.endswith((".verb", ".failed"))
    ):
        return None
    day = document.published
    return story or DateRange(first=day - timedelta(days=1), last=day, precision=DatePrecision.DAY)


def _story(drafts: Sequence[Draft], published: date) -> DateRange | None:
    """When the lede's story happened."""
    for draft in drafts:
        if draft.when is None or draft.when.last - draft.when.first > FRESH:
            continue
        if any(sentence.lede for sentence in draft.sentences):
            return draft.when if published - draft.when.last <= FRESH else None
    return None


def _is_main(document: Document, draft: Draft, when: DateRange | None) -> bool:
    """The title's or lede's story, and what else is told as news of these days."""
    if when is not None and when.last < document.published - FRESH:
        return False
    if any(sentence.lede for sentence in draft.sentences):
        return True
    if draft.aside or (when is not None and when.last - when.first > STRETCH):
        return False
    return when is not None or bool(draft.tolls)


def _targets(document: Document, draft: Draft, killed: Toll | None, parties: Mapping[str, int]) -> tuple[str, ...]:
    """Against whom: the fighters who died; the civilians who did; as said; else who lives or stands there."""
    fighters = _fallen(document, draft)
    if fighters:
        return fighters
    if draft.type in _ON_PEOPLE and killed is not None and killed.of is not Victims.COMBATANTS:
        return ("civilians",)
    if draft.targets:
        return draft.targets
    if draft.type in _ON_PLACES:
        return _enemies(document, draft, parties)
    return ("civilians",) if draft.type in _ON_PEOPLE else ()


_ON_PEOPLE = VIOLENT - {EventType.ARMED_CLASH}
"""Kinds that strike whoever is there."""
_ON_PLACES = frozenset((EventType.ARMED_CLASH, EventType.TERRITORY_CAPTURED, EventType.SIEGE))
"""Kinds of war between parties."""


def _taker(document: Document, draft: Draft, parties: Mapping[str, int]) -> tuple[str, ...]:
    """Who took a place that the text only says was lost: the loser's foremost enemy."""
    if draft.type is not EventType.TERRITORY_CAPTURED or not draft.targets:
        return ()
    return _enemies(document, replace(draft, actors=draft.targets), parties)


def _enemies(document: Document, draft: Draft, parties: Mapping[str, int]) -> tuple[str, ...]:
    """The party that the actor fights here: the nearest hostile one in the sentence, else the article's foremost."""
    if not draft.actors:
        return ()
    own = draft.actors[0]
    told = (actor for sentence in draft.sentences for hit in sentence.actors if not hit.neutral for actor in hit.ids)
    near = next((actor for actor in told if _hostile(document, own, actor)), None)
    if near is not None:
        return (near,)
    foremost = next((party for party in parties if _hostile(document, own, party)), None)
    return (foremost,) if foremost else ()


def _hostile(document: Document, actor: str, other: str) -> bool:
    actors = document.theatre.actors
    if actors.side(other) in ("none", actors.side(actor)):
        return False
    return not actors.allied(actor, other, document.published)


def _parties(document: Document) -> dict[str, int]:
    """The parties that an article names, the one named most often first."""
    counts: dict[str, int] = {}
    for sentence in document.sentences:
        for hit in sentence.actors:
            for actor in () if hit.neutral else hit.ids:
                party = document.theatre.actors.party(actor)
                counts[party] = counts.get(party, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _fallen(document: Document, draft: Draft) -> tuple[str, ...]:
    """The party of the fighters among the dead: "62 rebels"."""
    for toll, sentence in draft.tolls:
        if toll.harm != "killed" or toll.toll.of is not Victims.COMBATANTS:
            continue
        near = [hit for hit in sentence.actors if toll.start - 1 <= hit.start < toll.end + 24 and not hit.neutral]
        named = [actor for hit in near for actor in hit.ids if actor not in draft.actors]
        if named:
            return tuple(dict.fromkeys(named))
    return ()


def sentence_of(draft: Draft) -> Sentence:
    """The sentence that states an event best."""
    return draft.sentence
