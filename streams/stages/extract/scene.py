"""A sentence with all that says who speaks in it, and what each of its names stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from streams.stages.extract.document import ActorHit, Sentence, SourceHit
from streams.stages.extract.speech import Speech
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


SOURCES, PARTIES = (1, 2), (0,)
"""Kinds of named somebody, by `_order`."""


def order(hit: SourceHit | ActorHit) -> int:
    """Primary sources before outlets, these before parties."""
    return 0 if isinstance(hit, ActorHit) else 2 if hit.kind == "source" else 1


def ending(scene: Scene, end: int, kinds: tuple[int, ...]) -> Attribution | None:
    """The named source or party that ends right before a verb or its fillers."""
    text = scene.text
    found = [hit for hit in scene.named if abs(name_end(text, hit) - end) <= 2 and order(hit) in kinds]
    best = max(found, key=lambda hit: (order(hit), hit.end - hit.start), default=None)
    if best is None or (isinstance(best, ActorHit) and not _may_speak(scene, best)):
        return None
    one = of_hit(scene, best)
    if isinstance(best, SourceHit) and is_generic(scene, one) and (phrase := phrase_ending(scene, best.end)):
        return replace(one, label=bare(phrase[0]), start=phrase.start())  # "former residents"
    return one


_REST_OF_NAME = re.compile(r" (?:of|for) (?:[A-Z][\w’'-]+ ?){1,3}(?<! )")
_OBJECT = re.compile(r"\b(?:by|against|with|from|of|on|for|in|at|near|targeting) (?:the )?$")


def name_end(text: str, hit: SourceHit | ActorHit) -> int:
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


def of_hit(scene: Scene, hit: SourceHit | ActorHit) -> Attribution:
    """A source, outlet or party by its name."""
    if isinstance(hit, ActorHit):
        party = scene.theatre.actors.party(hit.ids[0]) if hit.ids else None
        belligerent = party if party and scene.theatre.actors.side(party) != "none" else None
        return Attribution(bare(hit.text), f"party:{party or 'unknown'}", belligerent, hit.start, hit.end)
    source = scene.theatre.outlets.source(hit.id)
    if source is None:
        return Attribution(hit.text, hit.id, None, hit.start, hit.end)
    label = bare(hit.text) if source.generic or hit.kind == "outlet" else source.label
    if source.id.upper() in hit.text.split():  # "state news agency SANA"
        label = source.id.upper()
    partisan = source.affiliation and source.type in scene.speech.partisan
    party = scene.theatre.actors.party(source.affiliation) if source.affiliation and partisan else None
    return Attribution(label, source.id, party, hit.start, hit.end)


def is_generic(scene: Scene, one: Attribution) -> bool:
    """True for people rather than a body: "residents", "activists"."""
    source = scene.theatre.outlets.source(one.root_source)
    return source is not None and source.generic


def phrase_ending(scene: Scene, end: int) -> re.Match[str] | None:
    """A phrase for somebody unnamed that ends at an offset."""
    text = scene.text
    if text[text.rfind(" ", max(0, end - 24), end) + 1 : end].lower() not in scene.speech.last_words:
        return None
    return scene.speech.unnamed.search(text, max(0, end - 80), end)


def bare(words: str) -> str:
    """A phrase as a label: without "the"."""
    return re.sub(r"^the ", "", words.strip(), flags=re.IGNORECASE)
