"""Which party a claim speaks of, where its words do not stand beside the verb."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

from streams.stages.extract.claim_rules import Match
from streams.stages.extract.claim_text import ACTOR_CLASS, ClaimText, Qualifiers, claim_text
from streams.stages.extract.document import ActorHit, Document

_ACTOR = re.compile(f"[{ACTOR_CLASS}]")
_OBJECT = re.compile(
    r"\b(?:(?:by|against|of|from|with|near|on|over|to|at|targeting|between|kill|kills|killed|killing|hit|alongside|amid|than"
    r"|around|fighting|battling|facing|opposing) (?:the |a |an |its |their )?(?:\d+ )?"
    r"(?:(?!offensive|campaign|operation|war|battle|assault|attack|fighting|siege)[\w-]+ ){0,1}"
    r"|(?:backed|supported|aided|led) by (?:the |a )?(?:[\w-]+ ){0,4})$"
)
_TROOPS = re.compile(r"\b(?:units?|forces|fighters|members|militants|troops|soldiers|men) (?:of|from) (?:the )?$")
"""Words that make "of the army" a subject: "units of the army took"."""
_OWNER = re.compile(
    r"[- ](?:held|controlled|run|occupied|positions?|sites?|targets?|areas?|stronghold|bastion|territory|checkpoints?"
    r"|gatherings)\b"
)
_OTHER_CLAUSE = re.compile(r"[.;:\"“”]| (?:said|says|told|reported|which|where|who)\b")
_WHO = re.compile(r"(?: \([^)]{1,40}\))?(?: \w+){0,1} who(?: \w+){0,3} $")
"""A clause in which an object acts itself: "clashed with militants who infiltrated"."""
_JUST_BEFORE = re.compile(r"(?: who| which| that)?(?: \w+ly| were| was| are| is| have been| has been)? ")
_DOES = re.compile(r"(?:ed|ing|s|fought)\b")
_OWN_CLAUSE = re.compile(r"^,? (?:which|who) ")
"""A clause about the party itself: "the alliance which includes Arabs launched"."""
_POSSESSED = re.compile(r"\b(?:its|their|his) (?:[\w-]+ ){0,3}$")
"""What belongs to somebody named before: "its northern Syrian headquarters"."""
_MADE_OF = re.compile(
    rf"\ban? (?:[\w-]+ ){{0,2}}(?:alliance|coalition|group|umbrella|mix|force) of "
    rf"(?:(?:[\w-]+|[{ACTOR_CLASS}]) ){{0,4}}$"
)
"""What a party is made of, told behind its name: "an alliance of Kurdish and Arab fighters"."""
_RESUMED = re.compile(r"\b(?:it|they|its|their|and)\b[^.;]{0,40}$")
_BY = re.compile(rf"[^.;]{{0,40}}?\bby (?:the )?(?:[\w-]+ ){{0,3}}?(?P<a>[{ACTOR_CLASS}])")
_ATTACKER = re.compile(
    rf"(?P<a>[{ACTOR_CLASS}])(?:['’]s|s)?"
    r"(?:[- ](?:led|backed|supported|fresh|new|major|ground|military|renewed|fierce|army|regime|government|final|big"
    r"|massive|wide-scale|large-scale|ongoing|latest|surprise|weeks-long|forces|troops|fighters|bloody))* $"
)
"""A party that owns an attack: "the army's new offensive"."""
_DONE_BY = re.compile(rf"\b(?:was|were|been)\b [^.;]{{0,30}}?\bby (?:the )?(?:[\w-]+ ){{0,2}}?(?P<a>[{ACTOR_CLASS}])")
_KILLED_BY = re.compile(_DONE_BY.pattern + r"[^.;,]{0,30} (?:during|in|amid) (?:the )?$")
_PRONOUN = re.compile(
    r"(?<!\bput )(?<!\bof )(?<!\bon )(?<!\bfrom )\b(?:it|they|he|who|which"
    r"|(?:his|its|their|the) (?:group|forces|militants|fighters|troops|army|men))\b[^.;]*$"
)
_BESIEGE = frozenset(("government", "islamic_state", "opposition", "jihadist", "kurdish_led"))
"""Sides that lay sieges on the ground."""
_NOT_ON_THE_GROUND = frozenset(("us_coalition", "israel", "none"))
"""Sides that strike or speak, and take no town."""
_FARTHEST = 150
"""Characters from a verb to its subject."""


class Parties:
    """Finds the parties of claims.

    Args:
        document: The article.
        words: Plain words for sides, and areas that stand as towns.
    """

    def __init__(self, document: Document, words: Qualifiers) -> None:
        self._document, self._words = document, words
        self._actors = document.theatre.actors

    def _taken_up(self, text: ClaimText) -> tuple[str, ...]:
        """Whom a pronoun takes up: the party that the sentence before is about."""
        for before in self._document.before(text.sentence, 1):
            return self._first(claim_text(self._document, before, self._words))
        return ()

    def of(self, text: ClaimText, match: Match) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ids of who the claim speaks of, and of who held the place before."""
        groups = match.groups
        lost = _ids(text.actors_in("".join(groups.get(name, "") for name in ("f", "f2", "f3"))))
        if "a" in groups:
            return _ids(text.actors_in(groups["a"] + groups.get("b", ""))), lost or self._of_holder(text, match)
        if match.rule.actor == "besieger":
            return self._agent(text, match) or (), lost or self._of_holder(text, match)
        if match.rule.actor == "agent" and lost:
            return self._agent(text, match) or (), lost
        return self._found(text, match), lost or self._of_holder(text, match)

    def _found(self, text: ClaimText, match: Match) -> tuple[str, ...]:
        """The party of a rule whose patterns name none; none if the sentence gives no ground for one."""
        kind = match.rule.actor
        if kind == "agent":
            return self._agent(text, match) or self._owner(text, match) or self._context(text, match) or ()
        if kind == "fighter":
            doer = self._agent(text, match) or self._owner(text, match) or self._killer(text, match)
            return doer or self._subject(text, match) or ()
        if found := self._subject(text, match):
            return found
        if kind == "context":
            return self._context(text, match) or self._taken_up(text)
        return self._taken_up(text) if _PRONOUN.search(text.text, max(0, match.verb - 60), match.verb) else ()

    def _of_holder(self, text: ClaimText, match: Match) -> tuple[str, ...]:
        """Who is named as holder between the verb and the place: "captured the rebel-held town"."""
        span = match.spans.get("p")
        if span is None or span[0] <= match.end:
            return ()
        between = text.text[match.end : span[0]]
        return tuple(
            actor
            for found in _ACTOR.finditer(between)
            if _OWNER.match(between, found.end())
            for actor in _ids(text.actors_in(found[0]))
        )

    def _subject(self, text: ClaimText, match: Match) -> tuple[str, ...]:
        """The nearest party to the left that is no object, owner or part of another clause."""
        start = max(0, match.verb - _FARTHEST)
        for found in reversed(list(_ACTOR.finditer(text.text, start, match.verb))):
            joined = _list_ending(text.text, found.start())
            between = text.text[found.end() : match.verb]
            if not self._on_the_ground(_ids(text.actors_in(found[0]))):
                if text.actors_in(found[0])[0].inferred:
                    return self._taken_up(text)
                continue
            doer = _WHO.match(between) is not None or (_JUST_BEFORE.fullmatch(between) and _is_doing(text, match))
            if _is_owner(text.text, found.end()) or (not doer and _is_object(text.text, found.start() - len(joined))):
                continue
            if _is_aside(text.text, found.start() - len(joined)):
                continue
            parted = not doer and _OTHER_CLAUSE.search(_OWN_CLAUSE.sub("", between))
            if parted and not _RESUMED.search(between):
                return ()
            return _ids(text.actors_in(joined + found[0]))
        return ()

    def _owner(self, text: ClaimText, match: Match) -> tuple[str, ...]:
        """Whose attack or capture it is: "the army's new offensive"; behind a verb, never an object of another."""
        owner = _ATTACKER.search(text.text, max(0, match.verb - 60), match.verb)
        if owner is None or (_DOES.search(text.text, match.start, match.end) and _is_object(text.text, owner.start())):
            return ()
        return self._on_the_ground(_ids(text.actors_in(owner["a"])))

    def _on_the_ground(self, actors: tuple[str, ...]) -> tuple[str, ...]:
        """The parties if any of them can hold a town; none where all fight from the air, or only speak."""
        return actors if any(self._holds(actor) for actor in actors) else ()

    def _holds(self, actor: str) -> bool:
        known = self._actors.get(actor)
        return known is not None and known.kind != "organisation" and known.side not in _NOT_ON_THE_GROUND

    def _killer(self, text: ClaimText, match: Match) -> tuple[str, ...]:
        """Who did what is told just before a fight: "twelve were killed by the army in the battle for"."""
        done = _KILLED_BY.search(text.text, max(0, match.verb - 90), match.verb)
        return self._on_the_ground(_ids(text.actors_in(done["a"]))) if done else ()

    def _agent(self, text: ClaimText, match: Match) -> tuple[str, ...]:
        """Who is named behind the verb with "by"."""
        by = _BY.match(text.text, match.end)
        return _ids(text.actors_in(by["a"])) if by else ()

    def _context(self, text: ClaimText, match: Match) -> tuple[str, ...]:
        """The nearest party on the left that is no holder or object, else one close by on the right."""
        for found in reversed(list(_ACTOR.finditer(text.text, 0, match.start))):
            if not _is_owner(text.text, found.end()) and not _is_object(text.text, found.start()):
                return self._on_the_ground(_ids(text.actors_in(found[0])))
        for found in _ACTOR.finditer(text.text, match.last, match.last + 70):
            if not _is_owner(text.text, found.end()):
                return self._on_the_ground(_ids(text.actors_in(found[0])))
        return ()

    def enemy(self, holders: tuple[str, ...]) -> tuple[str, ...]:
        """Who besieges a holder, where the article names no besieger: its enemy that the article speaks of most."""
        held = {self._actors.party(holder) for holder in holders}
        if not held:
            return ()
        for party in self._by_weight:
            foe = all(not self._actors.allied(party, holder) for holder in held)
            if foe and self._actors.control_label(party) and self._actors.side(party) in _BESIEGE:
                return (party,)
        return ()

    @cached_property
    def _by_weight(self) -> tuple[str, ...]:
        """The parties that the article names, those it names most first."""
        counts = Counter(
            self._actors.party(actor)
            for sentence in self._document.sentences
            for hit in sentence.actors
            for actor in hit.ids
        )
        return tuple(party for party, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def _first(self, text: ClaimText) -> tuple[str, ...]:
        """Whom a sentence is about: who did it to others, else its first party that is no object."""
        if agent := _DONE_BY.search(text.text):
            return _ids(text.actors_in(agent["a"]))
        for found in _ACTOR.finditer(text.text):
            ids = self._on_the_ground(_ids(text.actors_in(found[0])))
            if ids and not _is_owner(text.text, found.end()) and not _is_object(text.text, found.start()):
                return ids
        return ()


def _is_doing(text: ClaimText, match: Match) -> bool:
    """True for a verb that the party just before it does, whatever was done to that party: "troops advancing into"."""
    before = text.text[: match.verb]
    return text.text[match.verb : match.end].split(" ")[0].endswith("ing") or before.endswith(
        (" who ", " which ", " that ")
    )


def _is_owner(text: str, end: int) -> bool:
    """True for a party that only qualifies what follows: "rebel-held", "government positions"."""
    return _OWNER.match(text, end) is not None


def _is_aside(text: str, start: int) -> bool:
    """True for a party that only describes another one, or what belongs to it."""
    lead = text[max(0, start - 60) : start]
    return _POSSESSED.search(lead) is not None or _MADE_OF.search(lead) is not None


def _is_object(text: str, start: int) -> bool:
    """True for a party behind a preposition: "by", "against", "backed by"."""
    window = max(0, start - 48)
    return _OBJECT.search(text, window, start) is not None and _TROOPS.search(text, window, start) is None


def _list_ending(text: str, end: int) -> str:
    """The parties joined to one from the left: "the army and its allies"."""
    match = re.search(
        rf"(?:[{ACTOR_CLASS}](?: [\w-]+){{0,2}}(?:,| and|, and)(?: (?:the|its|their))? ){{1,3}}$",
        text[max(0, end - 60) : end],
    )
    return match[0] if match else ""


def _ids(hits: tuple[ActorHit, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(actor for hit in hits for actor in hit.ids))
