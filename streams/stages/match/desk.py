"""One record's way through the rules: what it changes in a place's state, and what is to be said of that.

The topics of a place may be read in any order against each other: a change of control before or after the end of the
claim that made it, a sentence before or after its event. So a record is held against the rules as of each known time at
which it or what it rests on changed, and what is said of it in the end depends on the records alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from schemas.alert import Match, Severity, Turn
from schemas.control import ControlChange
from schemas.event import Claim, Event
from schemas.mention import Mention
from schemas.vocabulary import ChangeKind, RevisionKind
from streams.stages.match import state as kept
from streams.stages.match.asof import as_of, is_over, leading_on, turn_of
from streams.stages.match.backing import backing_of, cause_of
from streams.stages.match.conditions import Watch
from streams.stages.match.draft import Draft, change_id, standing_key
from streams.stages.match.facts import facts_of
from streams.stages.match.state import Known, PlaceMatches, Seen, Subject, Told
from streams.theatres.theatre import Theatre

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

    def take(self, record: Mention | Seen, known_at: datetime) -> None:
        """Take in one record; what is older than what is known changes nothing."""
        if isinstance(record, Mention):
            self._take_mention(record, known_at)
        elif isinstance(record, ControlChange):
            self._take_change(record)
        else:
            if isinstance(record, Claim):
                self._take_claim(record, known_at)
            self._take_merged(record, known_at)

    def _take_mention(self, mention: Mention, known_at: datetime) -> None:
        sentence = kept.sentence_of(mention, known_at)
        quotes = kept.keeping(self.state.quotes, mention.mention_id, sentence, kept.QUOTES)
        self.state = replace(self.state, quotes=quotes)
        for name, one in self._woken_by({mention.mention_id}):
            self._judge(name, one, one.known[0][0])

    def _take_merged(self, record: Event | Claim, known_at: datetime) -> None:
        name = record.event_id if isinstance(record, Event) else record.claim_id
        before = self.state.subjects.get(name)
        if before is None:
            self._judge(name, kept.subject(_age(record), ((known_at, record),)), known_at)
        elif record.revision > _revision(before.record):
            # Log times may go back from one article to the next; what is known of a record goes forward.
            known_at = max(known_at, before.known_at)
            earlier = tuple(one for one in before.known if one[0] < known_at)
            known = (*earlier[-kept.EARLIER :], (known_at, record))
            self._judge(name, replace(before, at=_age(record), known=known), known_at)

    def _take_claim(self, claim: Claim, known_at: datetime) -> None:
        before = self.state.claims.get(claim.claim_id)
        if before and claim.revision <= before.revision:
            return
        taken_in = () if claim.kind is RevisionKind.SPLIT else claim.supersedes
        held = {name: self.state.claims[name] for name in taken_in if name in self.state.claims}
        led = {name: kept.led_on(old, claim.claim_id, known_at) for name, old in held.items()}
        one = kept.behind(claim, known_at, before, over=is_over(claim))
        claims = kept.keeping({**self.state.claims, **led}, claim.claim_id, one, kept.CLAIMS)
        self.state = replace(self.state, claims=claims)
        for name, subject in self._woken_by({claim.claim_id, *led}):
            if isinstance(subject.record, ControlChange):
                self._judge(name, subject, one.known_at)

    def _take_change(self, change: ControlChange) -> None:
        own = change_id(change)
        before = self.state.subjects.get(own)
        if before and change.known_at <= before.known_at:
            return
        if change.change is ChangeKind.CORRECTED:
            self._undo(change, own)
        told = before.told if before else {}
        self._judge(own, kept.subject(_age(change), ((change.known_at, change),), told=told), change.known_at)

    def _undo(self, correction: ControlChange, own: str) -> None:
        """Take back the changes that had come to what a correction takes back."""
        for name, one in sorted(self.state.subjects.items()):
            # One that was known later is not meant: the correction was delivered again.
            open_ = name != own and one.over_since is None and one.known_at <= correction.known_at
            if open_ and _is_undone(one.record, correction):
                self._judge(name, replace(one, over_since=correction.known_at), correction.known_at)

    def _woken_by(self, names: Set[str]) -> list[tuple[str, Subject]]:
        found = {subject for name in names for subject in self.state.waking.get(name, ())}
        return [(name, self.state.subjects[name]) for name in sorted(found & self.state.subjects.keys())]

    def _judge(self, name: str, one: Subject, since: datetime) -> None:
        """Hold a record against the rules, say what is new of it, and keep it if there is a reason to.

        Args:
            name: Its id.
            one: The record, with what was said of it.
            since: Known time before which nothing is other than it was.
        """
        watches = self._watching(one.record)
        if not watches and not one.told:
            return
        turns = {rule: [turn for turn in told.turns if turn.known_at < since] for rule, told in one.told.items()}
        for moment in self._moments(one, since):
            self._turn(one, moment, turns)
        told = self._tell(name, one, turns)
        waits = any(watch.reads_sentences for watch in watches) and not is_over(one.record)
        known = self._unread(one.known) if waits or told else one.known[-1:]
        missing = self._missing(known) if waits or told else ()
        if told or missing or isinstance(one.record, ControlChange):
            wakes = (*leading_on(one.record, self.state.claims), *missing)
            after = kept.subject(one.at, known, one.over_since, told, wakes)
            self.state = kept.holding(self.state, name, after)

    def _moments(self, one: Subject, since: datetime) -> list[datetime]:
        """When it or what it rests on changed, from a time on."""
        found = {known_at for known_at, _ in one.known}
        for name in leading_on(one.record, self.state.claims):
            if claim := self.state.claims.get(name):
                found.update(known_at for known_at, _ in claim.words)
        if one.over_since:
            found.add(one.over_since)
        return sorted(moment for moment in found if moment >= max(since, one.known[0][0]))

    def _unread(self, known: tuple[Known, ...]) -> tuple[Known, ...]:
        """From the first on of which not all sentences are known; the last at any rate."""
        first = (n for n in range(len(known) - 1) if self._missing(known[n : n + 1]))
        return known[next(first, len(known) - 1) :]

    def _missing(self, known: tuple[Known, ...]) -> set[str]:
        """Mentions under these whose sentences are not known."""
        return {name for _, record in known for name in backing_of(record, self.state).missing}

    def _turn(self, one: Subject, moment: datetime, turns: dict[str, list[Turn]]) -> None:
        """Add how the record stood to each rule from a known time on, where that is new."""
        record, stands = as_of(one, moment, self.state.claims)
        backing = backing_of(record, self.state, moment)
        met: dict[str, Severity] = {}
        if stands:
            facts = facts_of(record, backing, self._theatre)
            met = {watch.rule.name: grave for watch in self._watching(record) if (grave := watch.severity(facts))}
        cause = cause_of(backing, self.state, moment) if met or turns else ""
        for rule in {**met, **turns}:
            before = turns.setdefault(rule, [])
            if turn := turn_of(record, met.get(rule), before, moment, cause):
                before.append(turn)

    def _tell(self, name: str, one: Subject, turns: Mapping[str, list[Turn]]) -> dict[str, Told]:
        """Say which rules it meets, on other evidence, or no more, if that is new."""
        if not turns:
            return {}
        record, _ = as_of(one, kept.LATEST, self.state.claims)
        draft = Draft(name, record, backing_of(record, self.state), self._theatre)
        return {rule: self._told(draft, rule, tuple(each), one.told.get(rule)) for rule, each in turns.items()}

    def _told(self, draft: Draft, rule: str, turns: tuple[Turn, ...], before: Told | None) -> Told:
        if before and rule not in self._watches:  # A rule that is no longer in force.
            return before
        turns = (*turns[:1], *turns[1:][1 - kept.TURNS :])
        if before and (before.signature, before.turns) == (draft.signature, turns):
            return before
        revision = before.revision + 1 if before else 1
        self.said.append(draft.match(self._watches[rule].rule, revision, turns))
        return Told(revision, turns, draft.signature)


def _age(record: Seen) -> str:
    return (record.at if isinstance(record, ControlChange) else record.last_seen).isoformat()


def _revision(record: Seen) -> int:
    return 0 if isinstance(record, ControlChange) else record.revision


def _is_undone(record: Seen, correction: ControlChange) -> bool:
    """Whether a correction takes back what a change had come to."""
    return isinstance(record, ControlChange) and standing_key(record.to) == standing_key(correction.from_)
