"""What is kept of a claim: enough to weigh it again, in about 130 bytes.

Every capture among the events of a place yields a claim in extraction already; events are not read here, as one
report would then count twice. A claim's `confidence` is not read either: it grows with the root sources, which are
weighed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from schemas.event import Claim
from schemas.vocabulary import Modality, Relation, RevisionKind, Scope
from streams.stages.control.parameters import Parameters

STATES = frozenset({Relation.HOLDS, Relation.CONTESTS, Relation.BESIEGES})
"""Relations that last from a claim's first day to its last; the others happen once in between."""

RANK = {
    Relation.HOLDS: 0,
    Relation.BESIEGES: 1,
    Relation.ADVANCES: 2,
    Relation.CONTESTS: 3,
    Relation.ENTERED: 4,
    Relation.LOST: 5,
    Relation.WITHDREW: 5,
    Relation.CAPTURED: 6,
}
"""Order within a day: what was the case, then what changed, and who came after who left."""

UNKNOWN = "unknown"
"""Stands for whoever besieges or fights when a claim does not say who."""

DEEDS = frozenset({Relation.CAPTURED, Relation.LOST, Relation.WITHDREW, Relation.ENTERED})
"""Relations that a party gains by: its own word on them waits for another's."""

UNNAMED = frozenset({Relation.BESIEGES, Relation.CONTESTS})
"""Relations that tell of a place even if they do not name the actor."""

ENDED = frozenset({RevisionKind.RETRACT, RevisionKind.MERGE})

_RELATIONS = tuple(Relation)
_SCOPES = tuple(Scope)
_RELATION = {relation: number for number, relation in enumerate(_RELATIONS)}
_SCOPE = {scope: number for number, scope in enumerate(_SCOPES)}
_SHOWN_ROOTS = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """One claim, as the fold weighs it. Days are proleptic Gregorian ordinals."""

    claim_id: str
    revision: int
    gone: bool
    """True once its id ended: kept so that a revision delivered again does not bring it back."""
    witness: str
    """Least of its mention ids: orders claims of one day alike, whatever ids merging gave them."""
    day: int
    """Day on which it begins to count."""
    until: int
    """Last day of which it speaks, for a state; the same day for a change."""
    first: int
    last: int
    relation: Relation
    scope: Scope
    actors: tuple[str, ...]
    """Holders, as `Parameters.holder` has them, sorted."""
    losers: tuple[str, ...]
    """Holders who held or lost it, sorted."""
    district: str | None
    share: float | None
    roots: tuple[str, ...]
    """Root sources, the first few of them."""
    credit: float
    """Roots that count, with diminishing weight, times what unsure dates and denials leave: 1 is one clear report."""
    interested: bool
    denied: bool
    loose: bool
    """True for a change without a date: told in passing, of a day that may be long gone."""
    printed: int
    """Day of its first report."""
    heard: int
    """Day of its latest report."""
    packed: bytes = field(compare=False, repr=False)
    """Its row, in the form of `pack`."""

    @property
    def weighs_as(self) -> Relation:
        """The relation that it is weighed by: a capture without a date tells no more than who holds the place."""
        return Relation.HOLDS if self.loose and self.relation is Relation.CAPTURED else self.relation

    @property
    def order(self) -> tuple[int, int, int, str, str]:
        """Sort key: by event time, then as `RANK` says, then by what was printed later."""
        return (self.day, RANK[self.relation], self.printed, self.witness, self.claim_id)


def read_claim(claim: Claim, parameters: Parameters) -> Evidence:
    """The evidence in a claim's latest revision."""
    printed, heard = claim.first_seen.toordinal(), claim.last_seen.toordinal()
    first, last, day = _days(claim, printed, parameters)
    actors, losers = _holders(claim.actors, parameters), _holders(claim.from_actors, parameters)
    if not claim.actors and claim.relation in UNNAMED:
        actors = (UNKNOWN,)
    if claim.relation is Relation.BESIEGES and not claim.actors and not losers:
        losers = _lamenting(claim, parameters)
    gaining = _gaining(claim, actors, parameters)
    interested = claim.relation in DEEDS and (all(gaining) if gaining else claim.self_interested) and not claim.admitted
    credit = _credit(claim, gaining, interested, parameters)
    fields = (
        claim.kind in ENDED,
        claim.mention_ids[0] if claim.mention_ids else claim.claim_id,
        day,
        last if claim.relation in STATES else day,
        first,
        last,
        claim.relation,
        _scope(claim),
        actors,
        tuple([party for party in losers if party not in actors]),
        claim.place.district,
        claim.share,
        claim.root_sources[:_SHOWN_ROOTS],
        round(credit * _sharpness(claim, first, last, parameters), 3),
        interested,
        _all_deny(claim),
        claim.when is None,
        printed,
        heard,
    )
    row = _row(claim.claim_id, claim.revision, *fields)
    return Evidence(claim.claim_id, claim.revision, *fields, packed=row)


def says_nothing(evidence: Evidence) -> bool:
    """True if a claim cannot bear on any chain: its id ended, it names nobody, or it counts for nothing."""
    return evidence.gone or evidence.credit == 0 or not (evidence.actors or evidence.losers)


def _days(claim: Claim, printed: int, parameters: Parameters) -> tuple[int, int, int]:
    if claim.when is None:
        first, last = printed - parameters.undated_days, printed
    else:
        # A report cannot vouch for a day after it was printed.
        last = min(claim.when.last.toordinal(), max(claim.last_seen.toordinal(), claim.when.first.toordinal()))
        first = claim.when.first.toordinal()
    if claim.relation in STATES:
        return first, last, max(first, last - parameters.span_days)
    # A change on an unsure day is taken to lie in the middle: both ends would sort it wrongly among surer ones.
    return first, last, (first + last) // 2


def _sharpness(claim: Claim, first: int, last: int, parameters: Parameters) -> float:
    """What an unsure date leaves of a claim, 0..1."""
    if claim.when is None:
        # "When it held the city": a state without a date is one of the past, and of no known day.
        return 0.0 if claim.relation in STATES else 1.0
    if claim.relation in STATES:
        return 1.0
    return min(1.0, parameters.vague_days / (last - first + 1))


def _scope(claim: Claim) -> Scope:
    """An air base or an oil field is held or not: a part of one is all of it."""
    site = claim.place.parent is not None and claim.place.district is None
    return Scope.WHOLE if site and claim.scope is Scope.PART and claim.relation is Relation.HOLDS else claim.scope


def _holders(actors: Sequence[str], parameters: Parameters) -> tuple[str, ...]:
    named = {parameters.holder(actor) for actor in actors}
    return tuple(sorted([party for party in named if party is not None]))


def _credit(claim: Claim, gaining: tuple[bool, ...], interested: bool, parameters: Parameters) -> float:
    """Independent root sources with diminishing weight; an interested one counts nothing beside a disinterested one."""
    against = len(claim.voices) - len(gaining)
    roots = gaining.count(False) or 1
    further = parameters.further_root
    credit = (1 - further**roots) / (1 - further)
    if interested:
        credit = parameters.limits.interested_credit
    elif claim.admitted:
        credit = max(credit, parameters.admission)
    elif gaining.count(False) < 2 and (claim.modality is Modality.CLAIMED or all(gaining)):
        credit *= parameters.claimed
    return credit * parameters.disputed**against if gaining and against else credit


def _gaining(claim: Claim, actors: tuple[str, ...], parameters: Parameters) -> tuple[bool, ...]:
    """For each root source that says so, whether the party it speaks for gains by the claim, itself or for an ally."""
    speaking = (voice.party for voice in claim.voices if voice.modality is not Modality.DENIED)
    parties = (parameters.holder(party) if party else None for party in speaking)
    if claim.relation in (Relation.LOST, Relation.WITHDREW):
        return tuple([party is not None and party not in actors for party in parties])
    return tuple([party in actors for party in parties])


def _lamenting(claim: Claim, parameters: Parameters) -> tuple[str, ...]:
    """The one party of all that say a place is besieged and not by whom: its own people are inside."""
    speaking = {parameters.holder(voice.party) if voice.party else "" for voice in claim.voices}
    holders = speaking - {None}
    return tuple(party for party in holders if party) if len(holders) == 1 else ()


def _all_deny(claim: Claim) -> bool:
    if not claim.voices:
        return claim.modality is Modality.DENIED
    return all(voice.modality is Modality.DENIED for voice in claim.voices)


def pack(evidence: Evidence) -> bytes:
    """Evidence as a row of the state."""
    return evidence.packed


def unpack(claim_id: str, row: bytes) -> Evidence:
    """The evidence that `pack` made a row of."""
    data = orjson.loads(row)
    (revision, gone, witness, day, until, first, last, relation, scope, actors, losers) = data[:11]
    district, share, roots, credit, interested, denied, loose, printed, heard = data[11:]
    return Evidence(
        claim_id, revision, bool(gone), witness or claim_id, day, day + until, day + first, day + last,
        _RELATIONS[relation], _SCOPES[scope], tuple(actors), tuple(losers), district, share, tuple(roots), credit,
        bool(interested), bool(denied), bool(loose), day + printed, day + heard, packed=row,
    )  # fmt: skip


def _row(
    claim_id: str,
    revision: int,
    gone: bool,
    witness: str,
    day: int,
    until: int,
    first: int,
    last: int,
    relation: Relation,
    scope: Scope,
    actors: tuple[str, ...],
    losers: tuple[str, ...],
    district: str | None,
    share: float | None,
    roots: tuple[str, ...],
    credit: float,
    interested: bool,
    denied: bool,
    loose: bool,
    printed: int,
    heard: int,
) -> bytes:
    """The fields of a claim as `unpack` reads them; days but the first relative to it."""
    return orjson.dumps(
        [
            revision, int(gone), witness if witness != claim_id else None, day, until - day, first - day, last - day,
            _RELATION[relation], _SCOPE[scope], actors, losers, district, share, roots, credit, int(interested),
            int(denied), int(loose), printed - day, heard - day,
        ]
    )  # fmt: skip
