"""Whose word each sentence is: a monitor, an agency, a party's army, residents; or the outlet's own.

Decides who is quoted, and whether that is a party to the war speaking of its own or its enemy's acts. Whoever was named
last is taken up again by "the group said", "he added" and by quotation marks that run on. What is said is left to the
readers of events and claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemas.vocabulary import Modality
from streams.stages.extract.document import ActorHit, Document, Sentence, SourceHit
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


def attribute(document: Document, speech: Speech) -> tuple[Attribution, ...]:
    """Whose word each sentence of a document is, in the order of its sentences."""
    own = Attribution(None, f"outlet:{document.outlet}", None, 0, 0)
    found: list[Attribution] = []
    last: Attribution | None = None
    persons: dict[str, Attribution] = {}
    for sentence in document.sentences:
        said = _said(sentence, speech, document.theatre, last, persons)
        if said is None and last is not None and _runs_on(sentence.text):
            said = replace(last, start=0, end=0, inherited=True)
        found.append(said or own)
        last = said or last
    return tuple(found)


def modality(
    sources: Iterable[Attribution], actors: Iterable[str], theatre: Theatre, denied_by: Iterable[str] = ()
) -> Modality:
    """How a report stands behind what it says.

    Args:
        sources: Everyone whose word it is.
        actors: Ids of who is said to have done it; empty if not said.
        theatre: Knows parties and sides.
        denied_by: Parties that deny it in the same article.

    Returns:
        `denied` if an alleged actor denies it; `claimed` if all that say so speak for a party, of its own side's or its
        enemy's act; else `reported`.
    """
    parties = {theatre.actors.party(actor) for actor in actors}
    if parties.intersection(denied_by):
        return Modality.DENIED
    voices = tuple(sources)
    if voices and all(voice.party is not None and _has_part(voice.party, parties, theatre) for voice in voices):
        return Modality.CLAIMED
    return Modality.REPORTED


_ONE_CAMP = frozenset(("opposition", "jihadist"))
"""Sides whose quarrels are not the war that each of them claims deeds in."""


def _has_part(party: str, actors: set[str], theatre: Theatre) -> bool:
    """True if an act is a party's own or its enemy's. An act of nobody named may be either."""
    side = theatre.actors.side(party)
    if not actors:
        return True
    for actor in actors:
        other = theatre.actors.side(actor)
        if theatre.actors.allied(party, actor) or (other not in (side, "none") and not {side, other} <= _ONE_CAMP):
            return True
    return False


# ------------------------------------------------------------------------------------------------- one sentence

_OPENS_QUOTE = re.compile(r"[\"“]")


def _runs_on(text: str) -> bool:
    """True for a sentence that goes on with a quotation, or is one."""
    return text[:1] in '"“' or (text.endswith(('"', "”")) and len(_OPENS_QUOTE.findall(text)) % 2 == 1)


def _said(
    sentence: Sentence, speech: Speech, theatre: Theatre, last: Attribution | None, persons: dict[str, Attribution]
) -> Attribution | None:
    """Who is quoted in a sentence; the first that is known by name or office, else the first at all."""
    best: Attribution | None = None
    for cue in speech.cues(sentence.text):
        one = _of_cue(sentence, cue, speech, theatre, last, persons)
        if one is None:
            continue
        if cue.kind == "denies":
            one = replace(one, denies=True)
        if best is None or (_rank(one) > _rank(best) and not best.denies):
            best = one
    for hit in sentence.sources:
        _remember(hit, theatre, persons)
    return best


def _remember(hit: SourceHit, theatre: Theatre, persons: dict[str, Attribution]) -> None:
    """Keep a person who stands for a body, so that the surname alone is known later."""
    source = theatre.outlets.source(hit.id)
    if source is None or source.generic or " " not in hit.text or hit.text.split()[0] in ("the", "The"):
        return
    for part in hit.text.split():
        if part[0].isupper() and part not in _BODY:
            persons.setdefault(part, _of_hit(hit, theatre))


_BODY = frozenset(
    ("Observatory", "Syrian", "Human", "Rights", "Network", "Center", "Centre", "Ministry", "Defence", "Media")
)


def _rank(one: Attribution) -> int:
    """How well a source is known: a body, a person, somebody."""
    return 1 if one.root_source.startswith("unnamed:") else 2


def _of_cue(
    sentence: Sentence,
    cue: Cue,
    speech: Speech,
    theatre: Theatre,
    last: Attribution | None,
    persons: dict[str, Attribution],
) -> Attribution | None:
    """Who is quoted by one word of attribution."""
    text = sentence.text
    if cue.kind != "quotes":
        if re.search(r"\b(?:was|were|been|be|is|are|being|not|to) $", text[max(0, cue.start - 8) : cue.start]):
            return None
        before = _before(sentence, cue, speech, theatre, last, persons)
        if before is not None or cue.kind in ("speaks", "denies"):
            return before
    return _behind(sentence, cue, speech, theatre, persons)


def _before(
    sentence: Sentence,
    cue: Cue,
    speech: Speech,
    theatre: Theatre,
    last: Attribution | None,
    persons: dict[str, Attribution],
) -> Attribution | None:
    """Who stands before a verb of speech."""
    text = sentence.text
    end = speech.fillers.before(text, cue.start)
    if named := _hit_ending(sentence, end, SOURCES, theatre):
        return named
    if last is not None and f" {text[max(0, end - 32) : end].lower()}".endswith(speech.again):
        return replace(last, start=0, end=0, inherited=True, denies=False)
    if named := _hit_ending(sentence, end, PARTIES, theatre) or _capital(text, end, speech, theatre):
        return named
    if titled := _hit_ending(sentence, speech.titles.before(text, cue.start), SOURCES, theatre):
        return replace(titled, end=end)
    if unnamed := _phrase_ending(text, end, speech):
        return _unnamed(unnamed, text, cue.end, theatre, sentence)
    return (
        _person(text, end, sentence, speech, theatre, persons)
        or _somewhere(sentence, end, cue, speech, theatre)
        or _apposed(sentence, cue.start, theatre)
    )


def _phrase_ending(text: str, end: int, speech: Speech) -> re.Match[str] | None:
    """A phrase for somebody unnamed that ends at an offset."""
    if text[text.rfind(" ", max(0, end - 24), end) + 1 : end].lower() not in speech.last_words:
        return None
    return speech.unnamed.search(text, max(0, end - 80), end)


def _capital(text: str, end: int, speech: Speech, theatre: Theatre) -> Attribution | None:
    """A government by its capital: "Damascus said"."""
    word = re.compile(r"\b[A-Z]\w+$").search(text, max(0, end - 16), end)
    actor = speech.capitals.get(word[0]) if word else None
    if word is None or actor is None:
        return None
    party = theatre.actors.party(actor)
    return Attribution(word[0], f"party:{party}", party, word.start(), word.end())


def _somewhere(sentence: Sentence, end: int, cue: Cue, speech: Speech, theatre: Theatre) -> Attribution | None:
    """Somebody unnamed at a place or body: "a source at Aleppo Police Command", "activists in the town"."""
    where = speech.where.search(sentence.text, max(0, end - 60), end)
    unnamed = _phrase_ending(sentence.text, where.start(), speech) if where else None
    if where is None or unnamed is None:
        return None
    one = _unnamed(unnamed, sentence.text, cue.end, theatre, sentence)
    if where[1].lower().endswith(speech.bodies):
        return replace(one, label=_bare(where[1]), end=end)
    return replace(one, end=end)


def _behind(
    sentence: Sentence, cue: Cue, speech: Speech, theatre: Theatre, persons: dict[str, Attribution]
) -> Attribution | None:
    """Who stands behind "according to", or behind a verb: "said the monitor"."""
    text, start = sentence.text, cue.end + 1
    unnamed = speech.speaker.match(text, start)
    hits = [
        hit
        for hit in _named_in(sentence)
        if start <= hit.start <= start + 60 and _LEADS.fullmatch(text, cue.end, hit.start)
    ]
    hits.sort(key=lambda hit: (hit.start, -_order(hit)))
    if hits and (unnamed is None or unnamed.end() <= hits[0].end or _order(hits[0]) == 2):
        return _of_hit(_called(hits, text, theatre), theatre)
    if cue.kind == "said" and not _OWN_SUBJECT.match(text, cue.end):
        return None
    if unnamed:
        return _unnamed(unnamed, text, unnamed.end(), theatre, sentence)
    return _person_at(text, start, speech, persons)


def _called(hits: list[SourceHit | ActorHit], text: str, theatre: Theatre) -> SourceHit | ActorHit:
    """The first name, or the one that follows a general one: "an activist group, Deir Ezzor 24"."""
    first = hits[0]
    source = theatre.outlets.source(first.id) if isinstance(first, SourceHit) else None
    if source is not None and source.generic:
        for hit in hits[1:]:
            if _order(hit) == 2 and re.fullmatch(r",? (?:the |called |known as |named )?", text[first.end : hit.start]):
                return hit
    return first


_LEADS = re.compile(
    r" (?:the |an? |its |his |their )?(?:[\w’'.-]+ ){0,3}?"
    r"(?:(?:of|for|at|with|from|in) (?:the )?)?(?:[A-Z][\w’'-]+ ){0,2}?(?:\()?"
)
_OWN_SUBJECT = re.compile(
    r" (?:the |an? )?(?:[\w-]+ ){0,4}?[\w’'-]+(?:[.,\"”]|$| (?:in|on|told|who|which|citing|adding|of|at|from)\b)"
)


# ------------------------------------------------------------------------------------------- kinds of somebody


SOURCES, PARTIES = (1, 2), (0,)
"""Kinds of named somebody, by `_order`."""


def _hit_ending(sentence: Sentence, end: int, kinds: tuple[int, ...], theatre: Theatre) -> Attribution | None:
    """The named source or party that stands right before a verb or its fillers."""
    text = sentence.text
    found = [hit for hit in _named_in(sentence) if abs(_name_end(text, hit) - end) <= 2 and _order(hit) in kinds]
    best = max(found, key=lambda hit: (_order(hit), hit.end - hit.start), default=None)
    if best is None or (isinstance(best, ActorHit) and (best.inferred or _is_object(sentence.text, best))):
        return None
    return _of_hit(best, theatre)


_REST_OF_NAME = re.compile(r" (?:of|for) (?:[A-Z][\w’'-]+ ?){1,3}(?<! )")


def _name_end(text: str, hit: SourceHit | ActorHit) -> int:
    """Where a name ends, with what was left over of a longer one: "the Observatory" of "… for Human Rights"."""
    if isinstance(hit, ActorHit):
        return hit.end
    rest = _REST_OF_NAME.match(text, hit.end)
    return rest.end() if rest else hit.end


def _named_in(sentence: Sentence) -> list[SourceHit | ActorHit]:
    """Everyone that a sentence names."""
    return [*sentence.sources, *sentence.actors]


def _order(hit: SourceHit | ActorHit) -> int:
    return 0 if isinstance(hit, ActorHit) else 2 if hit.kind == "source" else 1


def _is_object(text: str, hit: ActorHit) -> bool:
    """True for a party that something is done to, or by: "killed by the army activists said"."""
    return (
        re.search(
            r"\b(?:by|against|with|from|of|on|for|targeting|and) (?:the )?$", text[max(0, hit.start - 16) : hit.start]
        )
        is not None
    )


_APPOSED = re.compile(r"[,(]? ?(?:which|who|that|based|an?|the|\()\b[^.;]{3,120}|[,(][^.;]{3,120}")


def _apposed(sentence: Sentence, verb: int, theatre: Theatre) -> Attribution | None:
    """A source that a clause parts from its verb: "the Observatory, which relies on people on the ground, said"."""
    for hit in reversed(sentence.sources):
        if hit.end < verb and hit.kind == "source" and _APPOSED.fullmatch(sentence.text[hit.end : verb].strip()):
            return _of_hit(hit, theatre)
    return None


def _of_hit(hit: SourceHit | ActorHit, theatre: Theatre) -> Attribution:
    """A source or party by its name."""
    if isinstance(hit, ActorHit):
        return _of_party(hit, theatre)
    source = theatre.outlets.source(hit.id)
    if source is None:
        return Attribution(hit.text, hit.id, None, hit.start, hit.end)
    label = _bare(hit.text) if source.generic else source.label
    party = theatre.actors.party(source.affiliation) if source.affiliation and _speaks_for(source.type) else None
    return Attribution(label, source.id, party, hit.start, hit.end)


def _speaks_for(kind: str) -> bool:
    return kind in ("state_body", "armed_group_media", "party_media", "wire")


def _of_party(hit: ActorHit, theatre: Theatre) -> Attribution:
    party = theatre.actors.party(hit.ids[0]) if hit.ids else None
    belligerent = party if party and theatre.actors.side(party) != "none" else None
    return Attribution(_bare(hit.text), f"party:{party or 'unknown'}", belligerent, hit.start, hit.end)


def _unnamed(match: re.Match[str], text: str, verb_end: int, theatre: Theatre, sentence: Sentence) -> Attribution:
    """Somebody by a noun; by name, if a source or party stands inside the phrase, or if an agency was told."""
    inside = [hit for hit in _named_in(sentence) if match.start() <= hit.start and hit.end <= match.end()]
    words = match[0]
    if inside:
        named = _of_hit(max(inside, key=lambda hit: (_order(hit), hit.end - hit.start)), theatre)
        if named.root_source.startswith("party:"):
            return replace(named, label=_bare(words), start=match.start(), end=match.end())
        return replace(named, start=match.start(), end=match.end())
    told = next((hit for hit in sentence.sources if 0 <= hit.start - verb_end <= 8), None)
    if told is not None and (source := theatre.outlets.source(told.id)) and source.affiliation:
        party = theatre.actors.party(source.affiliation)
        return Attribution(f"{source.label} {_bare(words)}", source.id, party, match.start(), match.end())
    return Attribution(_bare(words), f"unnamed:{fold(_bare(words))}", None, match.start(), match.end())


def _bare(words: str) -> str:
    """A phrase as a label: without "the"."""
    return re.sub(r"^the ", "", words.strip(), flags=re.IGNORECASE)


_NAME = r"(?:[A-Z][\w’'-]+|al-[A-Z][\w’'-]+|Al-[\w’'-]+|el-[A-Z]\w+|bin|ibn|de)"
_PERSON = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}$|\b[A-Z][\w’'-]+$")
_PERSON_AT = re.compile(rf"(?:{_NAME} ){{1,4}}{_NAME}")


_ROLE = re.compile(
    r" (?:spokes(?:man|woman|person)|official|commander|leader|head|chief|director|member|activist|fighter|figure)"
    r"(?: \w+\.)? $"
)


def _person(
    text: str, end: int, sentence: Sentence, speech: Speech, theatre: Theatre, persons: dict[str, Attribution]
) -> Attribution | None:
    """A person named before a verb, or the body that the person is said to speak for."""
    floor = max((hit.end for hit in sentence.places if hit.end <= end), default=0)
    match = _PERSON.search(text, max(floor, end - 60), end)
    if match is None:
        return None
    one = _named(match, persons)
    role = _ROLE.search(text, max(0, match.start() - 24), match.start())
    body = _hit_ending(sentence, role.start(), (*SOURCES, *PARTIES), theatre) if role else None
    if body is not None and one is not None:
        persons.update(dict.fromkeys(match[0].split(), body))
        return replace(body, end=end)
    return one


def _person_at(text: str, start: int, speech: Speech, persons: dict[str, Attribution]) -> Attribution | None:
    match = _PERSON_AT.match(text, start)
    if match is None:
        return None
    one = _named(match, persons)
    return _with_office(one, text, speech) if one else None


def _named(match: re.Match[str], persons: dict[str, Attribution]) -> Attribution | None:
    """A person by full name; a surname alone is whoever bore it before, or nobody."""
    name = match[0]
    if " " not in name:
        known = persons.get(name.removeprefix("al-").removeprefix("Al-"))
        return replace(known, start=match.start(), end=match.end(), inherited=True) if known else None
    one = Attribution(name, f"person:{fold(name)}", None, match.start(), match.end())
    for part in name.split():
        persons[part.removeprefix("al-").removeprefix("Al-")] = one
    return one


def _with_office(one: Attribution, text: str, speech: Speech) -> Attribution:
    """A person known by the body spoken for: "Ali Saleh, head of the health directorate"."""
    if not one.root_source.startswith("person:"):
        return one
    office = speech.offices.match(text, one.end)
    body = (
        re.compile(r"(?:[\w’'-]+ ){0,4}?[\w’'-]+(?=[,.\"”]| said| told| in | who|$)").match(text, office.end())
        if office
        else None
    )
    return replace(one, label=body[0]) if body else one
