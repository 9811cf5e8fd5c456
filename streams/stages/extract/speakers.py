"""Who a sentence quotes: found around each of its words of attribution, by name, office, trade or place.

Decides who stands before "said" or behind "according to", and what that somebody is called. Which sentences go on with
an earlier speaker's words is left to `attribution`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from streams.stages.extract.document import ActorHit, SourceHit
from streams.stages.extract.persons import aside_start, bearer, person, person_at
from streams.stages.extract.scene import (
    PARTIES,
    SOURCES,
    Attribution,
    Scene,
    bare,
    ending,
    is_generic,
    name_end,
    of_hit,
    order,
    phrase_ending,
)
from streams.stages.extract.speech import Cue
from streams.theatres.names import fold


def speaker(scene: Scene) -> Attribution | None:
    """Who is quoted in a sentence: the first known by name or office, else the first at all; null if nobody is."""
    best: Attribution | None = None
    for cue in scene.speech.cues(scene.text):
        one = _of_cue(scene, cue)
        if one is None:
            continue
        if cue.kind == "denies":
            one = replace(one, denies=True)
        if best is None or (_is_known(one) and not _is_known(best) and not best.denies):
            best = one
    for hit in scene.sentence.sources:
        _remember(scene, hit)
    return best


def _is_known(one: Attribution) -> bool:
    """True for a body or person, false for somebody."""
    return not one.root_source.startswith("unnamed:")


def _remember(scene: Scene, hit: SourceHit) -> None:
    """Keep a person who stands for a body, so that the surname alone is known later."""
    source = scene.theatre.outlets.source(hit.id)
    if source is None or source.generic or hit.text.count(" ") not in (1, 2):
        return
    own = {word.lower() for word in source.label.split()} | _BODY
    for part in hit.text.split():
        if part[0].isupper() and part.lower() not in own:
            scene.persons.setdefault(part, of_hit(scene, hit))


_BODY = frozenset(
    ("the", "observatory", "syrian", "human", "rights", "network", "center", "centre", "ministry", "defence", "media")
)
_RESPONSIBLE = re.compile(
    r" (?:responsib|credit|by\b|(?:the|an?|its|that|this|both|several) (?:[\w-]+ ){0,5}?"
    r"(?:attack|bombing|blast|bomb|assault|shooting|killing|explosion|strike)s?\b)"
)
"""Behind "claimed": somebody owns a deed, and quotes nothing."""
_PASSIVE = re.compile(r"\b(?:was|were|been|be|is|are|being|not|to) $")


def _of_cue(scene: Scene, cue: Cue) -> Attribution | None:
    """Who is quoted by one word of attribution."""
    if cue.kind != "quotes":
        if scene.text[cue.start : cue.start + 5] == "claim" and _RESPONSIBLE.match(scene.text, cue.end):
            return None
        if _PASSIVE.search(scene.text, max(0, cue.start - 8), cue.start):
            return None
        before = _before(scene, cue)
        if before is not None or cue.kind in ("speaks", "denies"):
            return before
    return _behind(scene, cue)


# ------------------------------------------------------------------------------------------------ before the verb


def _before(scene: Scene, cue: Cue) -> Attribution | None:
    """Who stands before a verb of speech."""
    text, speech = scene.text, scene.speech
    end = speech.fillers.before(text, cue.start)
    if against := _OPPONENTS.search(text, max(0, end - 70), end):
        words = against[0].strip()
        return Attribution(words, f"unnamed:{fold(words)}", None, against.start(), end)
    found = ending(scene, end, SOURCES) or _by_plain_name(scene, end)
    if found is None:
        if scene.last is not None and f" {text[max(0, end - 32) : end].lower()}".endswith(speech.again):
            return _again(scene, scene.last, cue)
        found = ending(scene, end, PARTIES) or _capital(scene, end)
    if found is None and (titled := ending(scene, speech.titles.before(text, cue.start), SOURCES)):
        found = replace(titled, end=end)
    if found is None and (phrase := phrase_ending(scene, end)):
        found = bearer(scene, phrase.start()) or _unnamed(scene, phrase, cue.end)
    found = (
        found
        or person(scene, end)
        or bearer(scene, aside_start(scene.text, end))
        or _somewhere(scene, end, cue)
        or _apposed(scene, cue.start)
    )
    return _joined_before(scene, found) if found else None


_OPPONENTS = re.compile(r"\b(?:[Oo]pponents|[Cc]ritics|[Ff]oes|[Vv]ictims) of (?:the )?(?:[\w’'-]+ ){0,4}[\w’'-]+ ?$")
"""Who speaks is not the one named: "opponents of the president said"."""


def _again(scene: Scene, last: Attribution, cue: Cue) -> Attribution:
    """Whoever was quoted before; a source that tells an agency is from then on the agency's."""
    told = _told(scene, cue.end)
    if told is not None and not _is_known(last) and last.label:
        return replace(told, label=f"{told.label} {bare(last.label)}", inherited=True)
    return replace(last, start=0, end=0, inherited=True, denies=False)


def _by_plain_name(scene: Scene, end: int) -> Attribution | None:
    """A body by a plain word of its name: "the observatory said"."""
    word = _LAST_WORD.search(scene.text, max(0, end - 24), end)
    if word is None or word[0].lower() not in scene.speech.plain:
        return None
    source = scene.theatre.outlets.source(word[0])
    return None if source is None else Attribution(source.label, source.id, None, word.start(), word.end())


_LAST_WORD = re.compile(r"\b\w+$")


def _joined_before(scene: Scene, found: Attribution) -> Attribution:
    """The better known of two that speak together: "the Observatory and former residents said"."""
    is_party = found.root_source.startswith("party:")
    weak = is_party or not _is_known(found) or is_generic(scene, found)
    joint = _AND_BEFORE.search(scene.text, max(0, found.start - 40), found.start) if found.end and weak else None
    if joint is None:
        return found
    end = joint.start()
    other = ending(scene, end, SOURCES) or _by_plain_name(scene, end)
    if other is None and (phrase := phrase_ending(scene, end)):
        other = _unnamed(scene, phrase, end)
    return other if other is not None and (is_party or _is_known(other)) else found


_AND_BEFORE = re.compile(r" and (?:[a-z-]+ ){0,2}$")


_BEHIND_PLACE_WORD = re.compile(r"\b(?:of|in|near|from|outside|to|around|at|over|on|for|inside|and|capital) $")


def _capital(scene: Scene, end: int) -> Attribution | None:
    """A government by its capital: "Damascus said"."""
    word = _LAST_WORD.search(scene.text, max(0, end - 16), end)
    actor = scene.speech.capitals.get(word[0]) if word else None
    if word is None or actor is None:
        return None
    if _BEHIND_PLACE_WORD.search(scene.text, max(0, word.start() - 10), word.start()):
        return None
    party = scene.theatre.actors.party(actor)
    return Attribution(word[0], f"party:{party}", party, word.start(), word.end())


def _somewhere(scene: Scene, end: int, cue: Cue) -> Attribution | None:
    """Somebody unnamed at a place or body: "a source at Aleppo Police Command", "activists in the town"."""
    where = scene.speech.where.search(scene.text, max(0, end - 60), end)
    phrase = phrase_ending(scene, where.start()) if where else None
    if where is None or phrase is None:
        return None
    one = _unnamed(scene, phrase, cue.end)
    if where[1].lower().endswith(scene.speech.bodies):
        return _of_organ(scene, replace(one, label=bare(where[1]), end=end))
    return replace(one, end=end)


_APPOSED = re.compile(r"[,(]? ?(?:which|who|that|based|an?|the|\()\b[^.;]{3,120}|[,(][^.;]{3,120}")


def _apposed(scene: Scene, verb: int) -> Attribution | None:
    """A source that a clause parts from its verb: "the Observatory, which relies on people on the ground, said"."""
    for hit in reversed(scene.sentence.sources):
        between = scene.text[name_end(scene.text, hit) : verb].strip()
        if hit.end < verb and hit.kind == "source" and _APPOSED.fullmatch(between):
            return of_hit(scene, hit)
    return None


# ------------------------------------------------------------------------------------------------ behind the verb

_LEADS = re.compile(
    r" (?:the |an? |its |his |their )?(?:[\w’'.-]+ ){0,3}?"
    r"(?:(?:of|for|at|with|from|in) (?:the )?)?(?:[A-Z][\w’'-]+ ){0,2}?(?:\()?"
)
_OWN_SUBJECT = re.compile(
    r" (?:the |an? )?(?:[\w-]+ ){0,4}?[\w’'-]+(?:[.,\"”]|$| (?:in|on|told|who|which|citing|adding|of|at|from)\b)"
)
_SUBJECT_ENDS = re.compile(
    r"(?:['’]?s)?(?:$|[.,\"”)(]| (?:on|in|who|which|an?|the|citing|adding|told|late|early|that|director|head|chief"
    r"|spokes|monitor|group|[A-Z]))"
)
"""What may follow a name that stands behind "said": not a verb, or the name would be what is spoken of."""


def _behind(scene: Scene, cue: Cue) -> Attribution | None:
    """Who stands behind "according to", or behind a verb: "said the monitor"."""
    text, start = scene.text, cue.end + 1
    if cue.kind == "said" and _OF_SOMETHING.match(text, cue.end):
        return None
    phrase = scene.speech.speaker.match(text, start)
    hits = [
        hit for hit in scene.named if start <= hit.start <= start + 60 and _LEADS.fullmatch(text, cue.end, hit.start)
    ]
    hits.sort(key=lambda hit: (hit.start, -order(hit)))
    if cue.kind == "said":
        hits = [hit for hit in hits if _SUBJECT_ENDS.match(text, name_end(text, hit))]
    if hits and (phrase is None or phrase.end() <= hits[0].end or order(hits[0]) == 2):
        return of_hit(scene, _called(scene, hits[0]))
    if cue.kind == "said" and not _OWN_SUBJECT.match(text, cue.end):
        return None
    return _unnamed(scene, phrase, phrase.end()) if phrase else person_at(scene, start)


_OF_SOMETHING = re.compile(r" (?:about|of|on)\b")
"""Behind a noun that looks like a verb: "press reports about"."""


def _called(scene: Scene, first: SourceHit | ActorHit) -> SourceHit | ActorHit:
    """A name, or the one that follows a general one: "an activist group, Deir Ezzor 24"."""
    source = scene.theatre.outlets.source(first.id) if isinstance(first, SourceHit) else None
    if source is not None and source.generic:
        for hit in scene.sentence.sources:
            between = scene.text[first.end : hit.start]
            if hit.start >= first.end and order(hit) == 2 and _CALLED.fullmatch(between):
                return hit
    return first


_CALLED = re.compile(r",? (?:the |called |known as |named )?")


# ---------------------------------------------------------------------------------------------- somebody unnamed


def _unnamed(scene: Scene, phrase: re.Match[str], verb_end: int) -> Attribution:
    """Somebody by a noun; by name, if a source or party stands inside the phrase, or if an agency was told."""
    first, last = phrase.span()
    first += _not_theirs(scene, phrase)
    words = bare(scene.text[first:last])
    inside = [hit for hit in scene.named if first <= hit.start and hit.end <= last]
    if inside:
        named = of_hit(scene, max(inside, key=lambda hit: (order(hit), hit.end - hit.start)))
        label = words if named.root_source.startswith("party:") else named.label
        return replace(named, label=label, start=first, end=last)
    told = _told(scene, verb_end)
    if told is not None and not words.lower().endswith(scene.speech.bodies):
        return replace(told, label=f"{told.label} {_bare_noun(words)}", start=first, end=last)
    return _of_organ(scene, Attribution(words, f"unnamed:{fold(words)}", told.party if told else None, first, last))


def _not_theirs(scene: Scene, phrase: re.Match[str]) -> int:
    """Characters at the head of a phrase that end another one: "in Aleppo | state television", "Abu Ali | sources"."""
    place = next((hit for hit in scene.sentence.places if hit.start == phrase.start() and hit.end < phrase.end()), None)
    if place is not None:
        return place.end + 1 - phrase.start()
    known = [(hit.start, hit.end) for hit in scene.named]
    for name in reversed(list(_NAME_BEFORE.finditer(scene.text, phrase.start(), phrase.end()))):
        if not any(start <= name.start() < end for start, end in known) and not _OF_A_NATION.search(name[0].strip()):
            return name.end() - phrase.start()
    return 0


_NAME_BEFORE = re.compile(r"(?<=\w )[A-Z][\w’'-]+ (?=[a-z])")
_OF_A_NATION = re.compile(r"(?:ian|ish|ese|i|an|ern|rab|bic|mic|ench|ite|ist|S|[A-Z]{2,})$")


def _told(scene: Scene, verb_end: int) -> Attribution | None:
    """The party's agency that was told: "a military source told SANA"."""
    near = (hit for hit in scene.sentence.sources if 0 <= hit.start - verb_end <= 8 or hit.start < verb_end < hit.end)
    hit = next(near, None)
    one = of_hit(scene, hit) if hit else None
    return one if one is not None and one.party is not None else None


def _of_organ(scene: Scene, one: Attribution) -> Attribution:
    """A body of a state speaks for its party: a police command, a governorate."""
    label = (one.label or "").lower()
    party = next((party for organ, party in scene.speech.organs if label.endswith(organ)), one.party)
    return replace(one, party=party)


def _bare_noun(words: str) -> str:
    """A phrase without any article."""
    return re.sub(r"^(?:the|an?) ", "", words.strip(), flags=re.IGNORECASE)
