"""Who a sentence quotes: found around each of its words of attribution, by name, office, trade or place.

Decides who stands before "said" or behind "according to", and what that somebody is called. Which sentences go on with
an earlier speaker's words is left to `attribution`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from streams.stages.extract.document import ActorHit, Sentence, SourceHit
from streams.stages.extract.speech import Cue, Speech
from streams.theatres.names import fold
from streams.theatres.theatre import Theatre


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose word a sentence is."""

    label: str | None
    """Who is quoted, as shown to readers ("SOHR"); null in the outlet's own voice."""
    root_source: str
    """Id of a primary source or outlet; else `outlet:ID`, `person:NAME`, `party:ID` or `unnamed:WORDS`."""
    party: str | None
    """Party to the war that the source speaks for, null if none."""
    start: int
    end: int
    """Half-open range of the words that name the source, in the sentence; both 0 if it names none."""
    inherited: bool = False
    """True if the source was named in an earlier sentence."""
    denies: bool = False
    """True if the source denies what the sentence is about."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence with all that says who speaks in it."""

    sentence: Sentence
    speech: Speech
    theatre: Theatre
    last: Attribution | None
    """Whoever was quoted last."""
    persons: dict[str, Attribution]
    """Persons named so far, by each part of their names; new ones are added."""

    @property
    def text(self) -> str:
        """The sentence's words."""
        return self.sentence.text

    @property
    def named(self) -> list[SourceHit | ActorHit]:
        """Everyone that the sentence names; outlets that bear a place's name left out where the place is meant."""
        places = [(hit.start, hit.end) for hit in self.sentence.places]
        outlets = [
            hit
            for hit in self.sentence.sources
            if hit.kind == "source" or not any(start < hit.end and hit.start < end for start, end in places)
        ]
        return [*outlets, *self.sentence.actors]


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
            scene.persons.setdefault(part, _of_hit(scene, hit))


_BODY = frozenset(
    ("the", "observatory", "syrian", "human", "rights", "network", "center", "centre", "ministry", "defence", "media")
)
_PASSIVE = re.compile(r"\b(?:was|were|been|be|is|are|being|not|to) $")


def _of_cue(scene: Scene, cue: Cue) -> Attribution | None:
    """Who is quoted by one word of attribution."""
    if cue.kind != "quotes":
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
    found = _ending(scene, end, SOURCES) or _by_plain_name(scene, end)
    if found is None:
        if scene.last is not None and f" {text[max(0, end - 32) : end].lower()}".endswith(speech.again):
            return _again(scene, scene.last, cue)
        found = _ending(scene, end, PARTIES) or _capital(scene, end)
    if found is None and (titled := _ending(scene, speech.titles.before(text, cue.start), SOURCES)):
        found = replace(titled, end=end)
    if found is None and (phrase := _phrase_ending(scene, end)):
        found = _bearer(scene, phrase.start()) or _unnamed(scene, phrase, cue.end)
    found = (
        found
        or _person(scene, end)
        or _bearer(scene, _aside_start(scene.text, end))
        or _somewhere(scene, end, cue)
        or _apposed(scene, cue.start)
    )
    return _joined_before(scene, found) if found else None


def _again(scene: Scene, last: Attribution, cue: Cue) -> Attribution:
    """Whoever was quoted before; a source that tells an agency is from then on the agency's."""
    told = _told(scene, cue.end)
    if told is not None and not _is_known(last) and last.label:
        return replace(told, label=f"{told.label} {_bare(last.label)}", inherited=True)
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
    weak = is_party or not _is_known(found) or _is_generic(scene, found)
    joint = _AND_BEFORE.search(scene.text, max(0, found.start - 40), found.start) if found.end and weak else None
    if joint is None:
        return found
    end = joint.start()
    other = _ending(scene, end, SOURCES) or _by_plain_name(scene, end)
    if other is None and (phrase := _phrase_ending(scene, end)):
        other = _unnamed(scene, phrase, end)
    return other if other is not None and (is_party or _is_known(other)) else found


_AND_BEFORE = re.compile(r" and (?:[a-z-]+ ){0,2}$")


def _is_generic(scene: Scene, one: Attribution) -> bool:
    source = scene.theatre.outlets.source(one.root_source)
    return source is not None and source.generic


def _phrase_ending(scene: Scene, end: int) -> re.Match[str] | None:
    """A phrase for somebody unnamed that ends at an offset."""
    text = scene.text
    if text[text.rfind(" ", max(0, end - 24), end) + 1 : end].lower() not in scene.speech.last_words:
        return None
    return scene.speech.unnamed.search(text, max(0, end - 80), end)


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
    phrase = _phrase_ending(scene, where.start()) if where else None
    if where is None or phrase is None:
        return None
    one = _unnamed(scene, phrase, cue.end)
    if where[1].lower().endswith(scene.speech.bodies):
        return _of_organ(scene, replace(one, label=_bare(where[1]), end=end))
    return replace(one, end=end)


_APPOSED = re.compile(r"[,(]? ?(?:which|who|that|based|an?|the|\()\b[^.;]{3,120}|[,(][^.;]{3,120}")


def _apposed(scene: Scene, verb: int) -> Attribution | None:
    """A source that a clause parts from its verb: "the Observatory, which relies on people on the ground, said"."""
    for hit in reversed(scene.sentence.sources):
        between = scene.text[_name_end(scene.text, hit) : verb].strip()
        if hit.end < verb and hit.kind == "source" and _APPOSED.fullmatch(between):
            return _of_hit(scene, hit)
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
    phrase = scene.speech.speaker.match(text, start)
    hits = [
        hit for hit in scene.named if start <= hit.start <= start + 60 and _LEADS.fullmatch(text, cue.end, hit.start)
    ]
    hits.sort(key=lambda hit: (hit.start, -_order(hit)))
    if cue.kind == "said":
        hits = [hit for hit in hits if _SUBJECT_ENDS.match(text, _name_end(text, hit))]
    if hits and (phrase is None or phrase.end() <= hits[0].end or _order(hits[0]) == 2):
        return _of_hit(scene, _called(scene, hits[0]))
    if cue.kind == "said" and not _OWN_SUBJECT.match(text, cue.end):
        return None
    return _unnamed(scene, phrase, phrase.end()) if phrase else _person_at(scene, start)


def _called(scene: Scene, first: SourceHit | ActorHit) -> SourceHit | ActorHit:
    """A name, or the one that follows a general one: "an activist group, Deir Ezzor 24"."""
    source = scene.theatre.outlets.source(first.id) if isinstance(first, SourceHit) else None
    if source is not None and source.generic:
        for hit in scene.sentence.sources:
            between = scene.text[first.end : hit.start]
            if hit.start >= first.end and _order(hit) == 2 and _CALLED.fullmatch(between):
                return hit
    return first


_CALLED = re.compile(r",? (?:the |called |known as |named )?")


# ------------------------------------------------------------------------------------------- kinds of somebody

SOURCES, PARTIES = (1, 2), (0,)
"""Kinds of named somebody, by `_order`."""


def _order(hit: SourceHit | ActorHit) -> int:
    """Primary sources before outlets, these before parties."""
    return 0 if isinstance(hit, ActorHit) else 2 if hit.kind == "source" else 1


def _ending(scene: Scene, end: int, kinds: tuple[int, ...]) -> Attribution | None:
    """The named source or party that ends right before a verb or its fillers."""
    text = scene.text
    found = [hit for hit in scene.named if abs(_name_end(text, hit) - end) <= 2 and _order(hit) in kinds]
    best = max(found, key=lambda hit: (_order(hit), hit.end - hit.start), default=None)
    if best is None or (isinstance(best, ActorHit) and not _may_speak(scene, best)):
        return None
    one = _of_hit(scene, best)
    if isinstance(best, SourceHit) and _is_generic(scene, one) and (phrase := _phrase_ending(scene, best.end)):
        return replace(one, label=_bare(phrase[0]), start=phrase.start())  # "former residents"
    return one


_REST_OF_NAME = re.compile(r" (?:of|for) (?:[A-Z][\w’'-]+ ?){1,3}(?<! )")
_OBJECT = re.compile(r"\b(?:by|against|with|from|of|on|for|in|at|near|targeting) (?:the )?$")


def _name_end(text: str, hit: SourceHit | ActorHit) -> int:
    """Where a name ends, with what was left over of a longer one: "the Observatory" of "… for Human Rights"."""
    if isinstance(hit, ActorHit):
        return hit.end
    rest = _REST_OF_NAME.match(text, hit.end)
    return rest.end() if rest else hit.end


def _may_speak(scene: Scene, hit: ActorHit) -> bool:
    """False for a party taken up again, or that something is done to or by: "killed by the army activists said"."""
    fights = any(scene.theatre.actors.side(actor) != "none" for actor in hit.ids)
    if hit.inferred or not (fights or hit.text.split()[-1].lower() in scene.speech.last_words):
        return False
    return _OBJECT.search(scene.text, max(0, hit.start - 16), hit.start) is None


def _of_hit(scene: Scene, hit: SourceHit | ActorHit) -> Attribution:
    """A source, outlet or party by its name."""
    if isinstance(hit, ActorHit):
        party = scene.theatre.actors.party(hit.ids[0]) if hit.ids else None
        belligerent = party if party and scene.theatre.actors.side(party) != "none" else None
        return Attribution(_bare(hit.text), f"party:{party or 'unknown'}", belligerent, hit.start, hit.end)
    source = scene.theatre.outlets.source(hit.id)
    if source is None:
        return Attribution(hit.text, hit.id, None, hit.start, hit.end)
    label = _bare(hit.text) if source.generic or hit.kind == "outlet" else source.label
    if source.id.upper() in hit.text.split():  # "state news agency SANA"
        label = source.id.upper()
    partisan = source.affiliation and source.type in scene.speech.partisan
    party = scene.theatre.actors.party(source.affiliation) if source.affiliation and partisan else None
    return Attribution(label, source.id, party, hit.start, hit.end)


def _unnamed(scene: Scene, phrase: re.Match[str], verb_end: int) -> Attribution:
    """Somebody by a noun; by name, if a source or party stands inside the phrase, or if an agency was told."""
    first, last = phrase.span()
    words = _bare(phrase[0])
    inside = [hit for hit in scene.named if first <= hit.start and hit.end <= last]
    if inside:
        named = _of_hit(scene, max(inside, key=lambda hit: (_order(hit), hit.end - hit.start)))
        label = words if named.root_source.startswith("party:") else named.label
        return replace(named, label=label, start=first, end=last)
    told = _told(scene, verb_end)
    if told is not None and not words.lower().endswith(scene.speech.bodies):
        return replace(told, label=f"{told.label} {_bare_noun(words)}", start=first, end=last)
    return _of_organ(scene, Attribution(words, f"unnamed:{fold(words)}", told.party if told else None, first, last))


def _told(scene: Scene, verb_end: int) -> Attribution | None:
    """The party's agency that was told: "a military source told SANA"."""
    near = (hit for hit in scene.sentence.sources if 0 <= hit.start - verb_end <= 8 or hit.start < verb_end < hit.end)
    hit = next(near, None)
    one = _of_hit(scene, hit) if hit else None
    return one if one is not None and one.party is not None else None


def _of_organ(scene: Scene, one: Attribution) -> Attribution:
    """A body of a state speaks for its party: a police command, a governorate."""
    label = (one.label or "").lower()
    party = next((party for organ, party in scene.speech.organs if label.endswith(organ)), one.party)
    return replace(one, party=party)


def _bare(words: str) -> str:
    """A phrase as a label: without "the"."""
    return re.sub(r"^the ", "", words.strip(), flags=re.IGNORECASE)


def _bare_noun(words: str) -> str:
    """A phrase without any article."""
    return re.sub(r"^(?:the|an?) ", "", words.strip(), flags=re.IGNORECASE)


# ------------------------------------------------------------------------------------------------------- persons

_NAME = r"(?:(?!State\b)[A-Z][\w’'-]+|al-[A-Z][\w’'-]+|Al-[\w’'-]+|el-[A-Z]\w+|bin|ibn|de)"
_PERSON = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}$|\b[A-Z][\w’'-]+$")
_PERSON_AT = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}")
_ROLE = re.compile(
    r"(?:['’]?s)? (?:spokes(?:man|woman|person)|official|commander|leader|head|chief|director|member|activist|fighter"
    r"|correspondent|reporter)(?: \w+\.)? $|(?:['’]s|s) $"
)
_HEAD_OF = re.compile(
    r"\b(?:manager|head|director|chief|spokesman|spokeswoman|member|president) (?:of|for|at) (?:the )?"
    r"(?P<body>(?:[\w’'-]+ ){0,3}[\w’'-]+) $"
)


def _person(scene: Scene, end: int) -> Attribution | None:
    """A person named before a verb, or the body that the person is said to speak for."""
    text = scene.text
    floor = max((hit.end for hit in scene.sentence.places if hit.end <= end), default=0)
    match = _PERSON.search(text, max(floor, end - 60), end)
    one = _named(scene, match) if match else None
    if match is None or one is None:
        return None
    role = _ROLE.search(text, max(0, match.start() - 24), match.start())
    body = _ending(scene, role.start(), (*SOURCES, *PARTIES)) if role else None
    if role and body is None and (office := _ending(scene, match.start() - 1, SOURCES)):
        body = replace(office, label=_ROLE.sub("", f"{office.label} "))
    led = _HEAD_OF.search(text, max(0, match.start() - 70), match.start()) if " " in match[0] else None
    if body is None and led:
        body = replace(one, label=led["body"])
    if body is None:
        return one
    scene.persons.update(dict.fromkeys(match[0].split(), body))
    return replace(body, end=end)


_ASIDE = re.compile(r"(?<=, )(?:an?|the|who) [^.;,]{2,70}$")


def _aside_start(text: str, end: int) -> int:
    """Where an aside between commas begins that ends at an offset; 0 if there is none."""
    aside = _ASIDE.search(text, max(0, end - 80), end)
    return aside.start() if aside else 0


_BEARER = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}(?=,? $)")


def _bearer(scene: Scene, end: int) -> Attribution | None:
    """A person whose trade stands behind the name: "Karim Haddad, a nurse, said"."""
    match = _BEARER.search(scene.text, max(0, end - 60), end) if scene.text[max(0, end - 2) : end] == ", " else None
    return _named(scene, match) if match else None


def _person_at(scene: Scene, start: int) -> Attribution | None:
    """A person named behind a verb: "said Ali Saleh, head of the health directorate"."""
    match = _PERSON_AT.match(scene.text, start)
    one = _named(scene, match) if match else None
    if one is None or not one.root_source.startswith("person:"):
        return one
    office = scene.speech.offices.match(scene.text, one.end)
    body = _OFFICE_BODY.match(scene.text, office.end()) if office else None
    return replace(one, label=body[0]) if body else one


_OFFICE_BODY = re.compile(r"(?:[\w’'-]+ ){0,4}?[\w’'-]+(?=[,.\"”]| said| told| in | who| adding|$)")


def _named(scene: Scene, match: re.Match[str]) -> Attribution | None:
    """A person by full name; a surname alone is whoever bore it before, or nobody."""
    name = match[0]
    key = name.removeprefix("al-").removeprefix("Al-")
    if " " not in name:
        known = scene.persons.get(key)
        return replace(known, start=match.start(), end=match.end(), inherited=True) if known else None
    one = Attribution(name, f"person:{fold(name)}", None, match.start(), match.end())
    parts = [part.removeprefix("al-").removeprefix("Al-") for part in name.split()]
    if parts[-1] in scene.persons and parts[0] in scene.persons:
        return replace(scene.persons[parts[-1]], start=match.start(), end=match.end(), inherited=True)
    scene.persons.update(dict.fromkeys(parts, one))
    return one
