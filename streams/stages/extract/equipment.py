"""What the rules need of a theatre, made once: the index of all names, and the compiled lexicon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from streams.stages.extract.claim_rules import PATH as CLAIMS
from streams.stages.extract.claim_rules import ClaimRules, compile_claim_rules
from streams.stages.extract.cues import Lexicon, compile_lexicon
from streams.stages.extract.speech import PATH as SPEECH
from streams.stages.extract.speech import Speech, compile_speech
from streams.theatres.scan import Name, NameIndex
from streams.theatres.theatre import Theatre

EVENTS = "lexicon/events.yaml"
WORDS = "lexicon/events-words.yaml"
PARTIES = "lexicon/events-parties.yaml"

ADJECTIVE, PARTY, DEFINITE = "adjective", "party", "definite"
"""Kinds of hit that this stage adds to the theatre's names."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """A theatre made ready for reading."""

    theatre: Theatre
    index: NameIndex
    lexicon: Lexicon
    speech: Speech
    claims: ClaimRules
    military: frozenset[str]
    civil: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Keyed:
    version: str
    theatre: Theatre = field(compare=False)


def equip(theatre: Theatre) -> Equipment:
    """The equipment for a theatre; made at the first call for its version, in about a second."""
    return _equip(_Keyed(theatre.version, theatre))


@lru_cache(maxsize=4)
def _equip(keyed: _Keyed) -> Equipment:
    theatre = keyed.theatre
    parties = theatre.table(PARTIES)
    return Equipment(
        theatre=theatre,
        index=theatre.index(_terms(parties)),
        lexicon=compile_lexicon(theatre.table(EVENTS), {**theatre.table(WORDS)["lists"], **_parties(theatre)}),
        speech=compile_speech(theatre.table(SPEECH)),
        claims=compile_claim_rules(theatre.table(CLAIMS)),
        military=frozenset(parties["military"]),
        civil=frozenset(parties["civil"]),
    )


def _parties(theatre: Theatre) -> dict[str, list[str]]:
    """Parties by what they can do: `from_the_air`, those that kill from there; `grounded`, those without aircraft."""
    events = theatre.table(EVENTS)
    grounded = [actor.id for actor in theatre.actors if actor.side in events["grounded"]]
    return {"from_the_air": events["from_the_air"], "grounded": grounded}


def _terms(parties: Mapping[str, Any]) -> Iterator[Name]:
    for kind, group in ((ADJECTIVE, "adjectives"), (PARTY, "parties"), (DEFINITE, "definite")):
        for name, words in parties[group].items():
            yield from (Name(kind, name, word) for word in words)
