"""The parties that each sentence names; and those that it takes up again: "the militants", "the group"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from streams.stages.extract.document import ActorHit
from streams.stages.extract.equipment import ADJECTIVE, DEFINITE, PARTY, Equipment
from streams.theatres.actors import Actors
from streams.theatres.scan import ACTOR, Hit

_NEXT = re.compile(r"[\s-]+((?:[A-Za-z]+[-\s]+)?)([A-Za-z'’]+)")
_HELD = re.compile(
    r"-(?:held|controlled|run|dominated|occupied)\b| (?:held|controlled) (?:area|areas|town|city|district|territory"
    r"|province|neigh|part|village|region|suburb|eastern|northern|north|enclave|east|zone)"
)
_QUALIFIES = re.compile(
    r"['’]?s?[\s-]+(?:held|controlled|positions?|sites?|targets?|strongholds?|bastions?|checkpoints?|territory"
    r"|territories|areas?|districts?|fighters'|gatherings|vehicles|convoys?|headquarters|hideouts|bases?|lines"
    r"|enclave|posts?)\b"
)
_OF_LAND = re.compile(r"\b(?:in|to|from|with|into|near|neighbou?ring|across|of|and) $", re.IGNORECASE)
_ARMED = ("non_state", "coalition")


class ActorReader:
    """Resolves the parties of one article, in the order of reading.

    Args:
        equipment: The theatre, made ready.
        published: Day of publication, for names that changed hands.
        slurs: True if the outlet calls any enemy "terrorists": then the word names nobody.
    """

    def __init__(self, equipment: Equipment, published: date, *, slurs: bool) -> None:
        self._equipment = equipment
        self._actors: Actors = equipment.theatre.actors
        self._published = published
        self._slurs = slurs
        self._seen: list[str] = []

    def read(self, text: str, hits: Sequence[Hit]) -> tuple[ActorHit, ...]:
        """The parties of a sentence, in order.

        Args:
            text: The sentence.
            hits: Its hits of actors, and of this stage's own words for parties; offsets count from its start.
        """
        found: list[ActorHit] = []
        for hit in hits:
            actor = self._actor(text, hit, found)
            if actor is None:
                continue
            if found and actor.start < found[-1].end:
                if found[-1].ids and not found[-1].inferred:
                    continue
                found.pop()
            found.append(actor)
            self._seen += [i for i in actor.ids if not actor.inferred and i not in self._seen[-3:]]
        return tuple(found)

    def _actor(self, text: str, hit: Hit, found: list[ActorHit]) -> ActorHit | None:
        if hit.kind == ACTOR:
            return None if hit.weak else self._named(text, hit)
        if hit.kind == ADJECTIVE:
            return self._hit(text, hit, (hit.ids[0],)) if self._before_military(text, hit) else None
        if hit.kind == PARTY:
            return None if self._before_civil(text, hit) else self._hit(text, hit, (hit.ids[0],))
        if hit.kind == DEFINITE:
            return self._again(text, hit, found)
        return None

    def _named(self, text: str, hit: Hit) -> ActorHit | None:
        chosen = self._actors.choose(hit.ids, on=self._published)
        if chosen is None:
            return None
        actor = self._actors.get(chosen)
        if (
            actor is not None
            and actor.kind == "state"
            and text[hit.start : hit.end] == actor.name
            and self._country(text, hit)
        ):
            return None
        return self._hit(text, hit, (chosen,))

    def _country(self, text: str, hit: Hit) -> bool:
        """True for the land rather than its forces: "in Turkey", "the border with Iraq"; a government is no land."""
        if text[hit.start : hit.end].lower().endswith(("government", "regime")):
            return False
        return _OF_LAND.search(text, max(0, hit.start - 14), hit.start) is not None

    def _hit(self, text: str, hit: Hit, ids: tuple[str, ...], *, inferred: bool = False) -> ActorHit:
        written = text[hit.start : hit.end]
        owner = bool(_HELD.match(text, hit.end) or _QUALIFIES.match(text, hit.end)) or written.lower().endswith(
            ("held", "controlled")
        )
        return ActorHit(hit.start, hit.end, ids, written, inferred, owner, neutral=self._neutral(ids))

    def _neutral(self, ids: tuple[str, ...]) -> bool:
        actor = self._actors.get(ids[0]) if ids else None
        return actor is not None and actor.side == "none" and actor.kind in ("civilian", "organisation", "state")

    def _before_military(self, text: str, hit: Hit) -> bool:
        after = _NEXT.match(text, hit.end)
        if after is None:
            return False
        words = (after[1].strip(" -").lower(), after[2].lower())
        return (words[1] in self._equipment.military and words[0] not in self._equipment.civil) or words[
            0
        ] in self._equipment.military

    def _before_civil(self, text: str, hit: Hit) -> bool:
        after = _NEXT.match(text, hit.end)
        return after is not None and ((after[1].strip(" -") or after[2]).lower() in self._equipment.civil)

    def _again(self, text: str, hit: Hit, found: list[ActorHit]) -> ActorHit | None:
        noun = hit.ids[0]
        if found and hit.start - found[-1].end <= 2:
            return None
        if noun == "terrorists" and self._slurs:
            return self._hit(text, hit, (), inferred=True)
        antecedent = self._antecedent(noun)
        return self._hit(text, hit, (antecedent,), inferred=True) if antecedent else None

    def _antecedent(self, noun: str) -> str | None:
        """The party named last that the noun fits."""
        for seen in reversed(self._seen):
            actor = self._actors.get(seen)
            if actor is None:
                continue
            if noun == "alliance":
                if actor.kind == "coalition":
                    return seen
            elif actor.kind in _ARMED and (
                noun == "group" or actor.side in ("jihadist", "islamic_state", "opposition")
            ):
                return seen
        return None
