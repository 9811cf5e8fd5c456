"""One record's way through the rules: what it changes in a place's state, and what is to be said of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from schemas.alert import Match, Severity
from schemas.control import ControlChange, WeighedClaim
from schemas.event import Claim, Event
from schemas.mention import Mention
from schemas.vocabulary import ChangeKind, RevisionKind
from streams.stages.match import state as kept
from streams.stages.match.backing import backing_of
from streams.stages.match.conditions import Watch
from streams.stages.match.draft import Draft, change_id, standing_key
from streams.stages.match.facts import facts_of
from streams.stages.match.state import PlaceMatches, Seen, Subject, Told
from streams.theatres.theatre import Theatre

_ENDED = frozenset({RevisionKind.MERGE, RevisionKind.RETRACT})
Watching = Callable[[Seen], Sequence[Watch]]


class Desk:
    """The state of a place while one record is worked on."""

    def __init__(self, state: PlaceMatches, theatre: Theatre, watching: Watching, watches: Mapping[str, Watch]) -> None:
        """Begin with the state so far.

        Args:
            state: What earlier records left.
            theatre: Whose places and actors they name.
            watching: The rules that may be about a record.
            watches: All rules by name.
        """
        self.state, self._theatre, self._watching, self._watches = state, theatre, watching, watches
        self.said: list[Match] = []

    def take(self, record: Mention | Seen) -> None:
        """Take in one record."""
        if isinstance(record, Mention):
            self._take_mention(record)
        elif isinstance(record, Event):
            self._judge(record.event_id, record, _is_over(record))
        elif isinstance(record, Claim):
            self._take_claim(record)
        else:
            self._take_change(record)

    def _take_mention(self, mention: Mention) -> None:
        quotes = kept.keeping(self.state.quotes, mention.mention_id, kept.sentence_of(mention), kept.QUOTES)
        self.state = replace(self.state, quotes=quotes)
        # On a broker a sentence may come after what rests on it.
        for name, one in self._woken_by({mention.mention_id}):
            self._judge(name, one.record)

    def _take_claim(self, claim: Claim) -> None:
        over = _is_over(claim)
        claims = {name: one for name, one in self.state.claims.items() if name != claim.claim_id}
        after = claims if over else kept.keeping(self.state.claims, claim.claim_id, kept.behind(claim), kept.CLAIMS)
        self.state = replace(self.state, claims=after)
        taken_in = () if claim.kind is RevisionKind.SPLIT else claim.supersedes
        for name, one in self._woken_by({claim.claim_id, *taken_in}):
            if isinstance(one.record, ControlChange):
                self._follow(name, one.record, claim.claim_id, taken_in, over)
        self._judge(claim.claim_id, claim, over)

    def _follow(self, name: str, change: ControlChange, claim_id: str, taken_in: tuple[str, ...], over: bool) -> None:
        """Let a change rest on what became of its claims; without any left it is taken back."""
        evidence = _renamed(change.evidence, claim_id, taken_in)
        if over:
            evidence = tuple(one for one in evidence if one.claim_id != claim_id)
        self._judge(name, change.model_copy(update={"evidence": evidence}), over=not evidence)

    def _take_change(self, change: ControlChange) -> None:
        if change.change is ChangeKind.CORRECTED:
            for name, one in sorted(self.state.subjects.items()):
                if isinstance(one.record, ControlChange) and standing_key(one.record.to) == standing_key(change.from_):
                    self._judge(name, one.record, over=True)
        self._judge(change_id(change), change)

    def _woken_by(self, names: Set[str]) -> list[tuple[str, Subject]]:
        return sorted((name, one) for name, one in self.state.subjects.items() if not names.isdisjoint(one.wakes))

    def _judge(self, name: str, record: Seen, over: bool = False) -> None:
        """Hold a record against the rules, say what is new, and keep it if there is a reason to."""
        before = self.state.subjects.get(name)
        told = dict(before.told) if before else {}
        watches = self._watching(record)
        if not watches and not told:
            return
        backing = backing_of(record, self.state)
        facts = facts_of(record, backing, self._theatre)
        met = {} if over else {watch.rule.name: grave for watch in watches if (grave := watch.severity(facts))}
        # What held of a record of another kind, or of rules that the record has left, is taken back as well.
        left = [rule for rule, one in told.items() if one.holds and rule not in met and rule in self._watches]
        if met or left:
            draft = Draft(name, record, backing, self._theatre)
            told |= {rule: self._tell(draft, rule, grave, told.get(rule)) for rule, grave in met.items()}
            told |= {rule: self._tell(draft, rule, None, told[rule]) for rule in left}
        waits = not over and backing.missing and any(watch.reads_sentences for watch in watches)
        if told or waits:
            one = kept.subject(_age(record), record, told, (*_claims(record), *backing.missing))
            self.state = replace(self.state, subjects=kept.keeping(self.state.subjects, name, one, kept.SUBJECTS))

    def _tell(self, draft: Draft, rule: str, grave: Severity | None, before: Told | None) -> Told:
        """Say that a rule is met, on other evidence, or no more, if that is new."""
        watched = self._watches[rule].rule
        severity = grave or (before.severity if before else watched.severity)
        holds = grave is not None
        signature = draft.signature(severity, holds=holds)
        if before and before.signature == signature:
            return before
        revision = before.revision + 1 if before else 1
        self.said.append(draft.match(watched, revision, severity, holds=holds))
        return Told(revision, holds, severity, signature)


def _claims(record: Seen) -> tuple[str, ...]:
    return tuple(one.claim_id for one in record.evidence) if isinstance(record, ControlChange) else ()


def _renamed(evidence: Iterable[WeighedClaim], to: str, taken_in: tuple[str, ...]) -> tuple[WeighedClaim, ...]:
    return tuple(one.model_copy(update={"claim_id": to}) if one.claim_id in taken_in else one for one in evidence)


def _is_over(record: Event | Claim) -> bool:
    return record.kind in _ENDED


def _age(record: Seen) -> str:
    return (record.at if isinstance(record, ControlChange) else record.last_seen).isoformat()
