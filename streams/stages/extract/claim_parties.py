"""Which party a claim speaks of, where its words do not stand beside the verb."""

from __future__ import annotations

import re
from collections import Counter

from streams.stages.extract.claim_rules import Match
from streams.stages.extract.claim_text import ACTOR_CLASS, ClaimText
from streams.stages.extract.document import ActorHit, Document

_ACTOR = re.compile(f"[{ACTOR_CLASS}]")
_OBJECT = re.compile(
    r"\b(?:by|against|of|from|with|near|on|to|at|targeting|between|killed|killing|hit|alongside|amid|than|around) "
    r"(?:the |a |an |its |their )?(?:[\w-]+ ){0,1}$"
)
_OWNER = re.compile(
    r"[- ](?:held|controlled|run|occupied|positions?|sites?|targets?|areas?|stronghold|bastion|territory|checkpoints?"
    r"|gatherings)\b"
)
_OTHER_CLAUSE = re.compile(r"[.;:\"“”]| (?:said|says|told|reported|which|where|who)\b")
_BY = re.compile(rf"[^.;]{{0,40}}?\bby (?:the )?(?:[\w-]+ ){{0,3}}?(?P<a>[{ACTOR_CLASS}])")
_ATTACKER = re.compile(
    rf"(?P<a>[{ACTOR_CLASS}])(?:['’]s|s)?(?:[- ](?:led|backed|supported|fresh|new|major|ground|military|renewed|fierce|army|regime"
    r"|government|final|big|massive|wide-scale|large-scale|ongoing|latest|surprise|weeks-long|forces|troops|fighters|bloody))* $"
)
"""A party that owns an attack: "the army's new offensive"."""
_FARTHEST = 150
"""Characters from a verb to its subject."""


class Parties:
    """Finds the parties of claims, in the order of reading.

    Args:
        document: The article.
    """

    def __init__(self, document: Document) -> None:
        self._actors = document.theatre.actors
        self._counts = Counter(
            self._actors.party(actor) for sentence in document.sentences for hit in sentence.actors for actor in hit.ids
        )
        self._before: tuple[str, ...] = ()
        self._now: tuple[str, ...] = ()

    def reach(self, text: ClaimText) -> None:
        """Go on to a sentence: what the last one spoke of is what pronouns take up."""
        self._before = self._now or self._before
        subject = self._first(text)
        self._now = subject

    def of(self, text: ClaimText, match: Match) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ids of who the claim speaks of, and of who held the place before."""
        groups = match.groups
        lost = _ids(text.actors_in(groups.get("f", "") + groups.get("f2", "")))
        if "a" in groups:
            return _ids(text.actors_in(groups["a"])), lost or self._of_holder(text, match)
        if match.rule.actor == "besieger":
            return self._besieger(text, match)
        if match.rule.actor == "agent" and lost:
            return self._agent(text, match) or (), lost
        found = self._fighter(text, match) if match.rule.actor == "fighter" else None
        found = found or self._subject(text, match)
        if found is None and match.rule.actor in ("context", "agent"):
            found = self._context(text, match)
        if found is None and match.rule.actor == "fighter":
            return (), ()
        return found or self._before, lost or self._of_holder(text, match)

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

    def _subject(self, text: ClaimText, match: Match) -> tuple[str, ...] | None:
        """The nearest party to the left that is no object, owner or part of another clause."""
        start = max(0, match.start - _FARTHEST)
        for found in reversed(list(_ACTOR.finditer(text.text, start, match.start))):
            between = text.text[found.end() : match.start]
            if _OWNER.match(text.text, found.end()) or _OBJECT.search(
                text.text, max(0, found.start() - 24), found.start()
            ):
                continue
            if _OTHER_CLAUSE.search(between) and not re.search(r"\b(?:it|they|and)\b[^.;]{0,40}$", between):
                return None
            return _ids(text.actors_in(_list_ending(text.text, found.start()) + found[0]))
        return None

    def _fighter(self, text: ClaimText, match: Match) -> tuple[str, ...] | None:
        """Who attacks: "an offensive by the army", "the army's offensive"."""
        if by := _BY.match(text.text, match.end):
            return _ids(text.actors_in(by["a"]))
        owner = _ATTACKER.search(text.text, max(0, match.start - 60), match.start)
        return _ids(text.actors_in(owner["a"])) if owner else None

    def _agent(self, text: ClaimText, match: Match) -> tuple[str, ...] | None:
        by = _BY.match(text.text, match.end)
        return _ids(text.actors_in(by["a"])) if by else None

    def _context(self, text: ClaimText, match: Match) -> tuple[str, ...] | None:
        """The nearest party on either side that is no holder; of the sentence before, if this one names none."""
        best: tuple[int, tuple[str, ...]] | None = None
        for found in _ACTOR.finditer(text.text):
            if _OWNER.match(text.text, found.end()):
                continue
            way = match.start - found.start() if found.start() < match.start else found.start() - match.end
            if best is None or way < best[0]:
                best = (way, _ids(text.actors_in(found[0])))
        return best[1] if best else None

    def _besieger(self, text: ClaimText, match: Match) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who besieges, where only the besieged is named: the enemy of the holder that the article speaks of most."""
        held = self._of_holder(text, match)
        agent = self._agent(text, match)
        if agent is not None:
            return agent, held
        holder = self._actors.party(held[0]) if held else None
        return self._enemy(holder), held

    def _enemy(self, holder: str | None) -> tuple[str, ...]:
        for party, _ in sorted(self._counts.items(), key=lambda item: (-item[1], item[0])):
            if self._actors.side(party) == "government" and self._actors.control_label(party):
                return (party,) if holder is None or not self._actors.allied(party, holder) else ()
        return ()

    def _first(self, text: ClaimText) -> tuple[str, ...]:
        """Whom a sentence is about: its first party that is no object."""
        for found in _ACTOR.finditer(text.text):
            if not _OWNER.match(text.text, found.end()) and not _OBJECT.search(
                text.text, max(0, found.start() - 24), found.start()
            ):
                return _ids(text.actors_in(found[0]))
        return ()


def _list_ending(text: str, end: int) -> str:
    """The parties joined to one from the left: "the army and its allies"."""
    match = re.search(
        rf"(?:[{ACTOR_CLASS}](?: [\w-]+){{0,2}}(?:,| and|, and)(?: (?:the|its|their))? ){{1,3}}$",
        text[max(0, end - 60) : end],
    )
    return match[0] if match else ""


def _ids(hits: tuple[ActorHit, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(actor for hit in hits for actor in hit.ids))
