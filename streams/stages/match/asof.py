"""A record as of a known time: what it was, whether it stood, and how it stood to a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from schemas.alert import Severity, Turn
from schemas.control import ControlChange, WeighedClaim
from schemas.vocabulary import ChangeKind, RevisionKind
from streams.stages.match.draft import killed_of, when_of
from streams.stages.match.state import Behind, Seen, Subject

_ENDED = frozenset({RevisionKind.MERGE, RevisionKind.RETRACT})
Claims = Mapping[str, Behind]


def is_over(record: Seen) -> bool:
    """Whether an event or claim is no more; a change ends otherwise."""
    return not isinstance(record, ControlChange) and record.kind in _ENDED


def as_of(one: Subject, moment: datetime, claims: Claims) -> tuple[Seen, bool]:
    """A record as it was at a known time, and whether it stood then.

    A change rests on what became of its claims; without any left, or taken back by a correction, it does not stand.
    """
    record = next((record for since, record in reversed(one.known) if since <= moment), one.known[0][1])
    if not isinstance(record, ControlChange):
        return record, not is_over(record)
    left = tuple(_left(record.evidence, moment, claims))
    undone = one.over_since is not None and one.over_since <= moment
    # What takes something back names the claim that made it do so, and that may be one that ended.
    stands = bool(left) or record.change is ChangeKind.CORRECTED
    return (record.model_copy(update={"evidence": left}) if left else record), stands and not undone


def leading_on(record: Seen, claims: Claims) -> list[str]:
    """The claims that a change rests on, and those that took them in."""
    return [name for one in _evidence(record) for name in _chain(one.claim_id, claims)]


def turn_of(record: Seen, grave: Severity | None, before: Sequence[Turn], moment: datetime, cause: str) -> Turn | None:
    """How a record stands to a rule from a known time on; null if as before.

    Args:
        record: The record as it is then.
        grave: How grave it is; null if the rule does not hold.
        before: How it stood.
        moment: The known time.
        cause: The report that made it known.
    """
    last = before[-1] if before else None
    if grave is None and last is None:
        return None
    turn = Turn(
        known_at=moment,
        cause=cause,
        holds=grave is not None,
        severity=grave or (last.severity if last else "info"),
        when=when_of(record),
        killed=killed_of(record),
        taken_in=taken_in(record),
    )
    same = last and not turn.taken_in and last.model_copy(update={"known_at": moment, "cause": cause}) == turn
    return None if same else turn


def taken_in(record: Seen) -> tuple[str, ...]:
    """What ended in favour of an event or claim."""
    return () if isinstance(record, ControlChange) or record.kind is RevisionKind.SPLIT else record.supersedes


def _evidence(record: Seen) -> tuple[WeighedClaim, ...]:
    return record.evidence if isinstance(record, ControlChange) else ()


def _left(evidence: Sequence[WeighedClaim], moment: datetime, claims: Claims) -> Iterator[WeighedClaim]:
    """The claims that stand at a known time, each under the name of the one that took it in by then."""
    for one in evidence:
        for name in _chain(one.claim_id, claims):
            claim = claims.get(name)
            if claim is None or claim.as_of(moment) is not None:
                yield one if name == one.claim_id else one.model_copy(update={"claim_id": name})
                break


def _chain(name: str, claims: Claims) -> list[str]:
    """A claim, the one that took it in, and so on."""
    found = [name]
    while (claim := claims.get(found[-1])) and claim.into and claim.into not in found:
        found.append(claim.into)
    return found
