"""One record's way through the rules: what it changes in a place's state, and what is to be said of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from schemas.alert import Match, Severity
from schemas.codec import encode
from schemas.control import ControlChange, Standing, WeighedClaim
from schemas.event import Claim, Event
from schemas.mention import Mention
from schemas.record import DateRange
from schemas.vocabulary import ChangeKind, DatePrecision, RevisionKind
from streams.stages.match import state as kept
from streams.stages.match.backing import Backing, backing_of
from streams.stages.match.conditions import Watch
from streams.stages.match.facts import facts_of
from streams.stages.match.fields import fields_of
from streams.stages.match.state import PlaceMatches, Seen, Subject, Told
from streams.theatres.theatre import Theatre

ALL = "all"
"""The area of a rule that looks at everything together."""

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
        for name, one in self._subjects():
            if mention.mention_id in backing_of(one.record, self.state).mention_ids:
                self._judge(name, one.record)

    def _take_claim(self, claim: Claim) -> None:
        over = _is_over(claim)
        claims = {name: one for name, one in self.state.claims.items() if name != claim.claim_id}
        after = claims if over else kept.keeping(self.state.claims, claim.claim_id, kept.behind(claim), kept.CLAIMS)
        self.state = replace(self.state, claims=after)
        taken_in = () if claim.kind is RevisionKind.SPLIT else claim.supersedes
        for name, one in self._subjects():
            if isinstance(one.record, ControlChange):
                self._follow(name, one.record, claim.claim_id, taken_in, over)
        self._judge(claim.claim_id, claim, over)

    def _follow(self, name: str, change: ControlChange, claim_id: str, taken_in: tuple[str, ...], over: bool) -> None:
        """Let a change rest on what became of its claims; without any left it is taken back."""
        ids = {one.claim_id for one in change.evidence}
        if ids.isdisjoint((claim_id, *taken_in)):
            return
        evidence = _renamed(change.evidence, claim_id, taken_in)
        if over:
            evidence = tuple(one for one in evidence if one.claim_id != claim_id)
        self._judge(name, change.model_copy(update={"evidence": evidence}), over=not evidence)

    def _take_change(self, change: ControlChange) -> None:
        if change.change is ChangeKind.CORRECTED:
            for name, one in self._subjects():
                if isinstance(one.record, ControlChange) and _standing(one.record.to) == _standing(change.from_):
                    self._judge(name, one.record, over=True)
        self._judge(change_id(change), change)

    def _subjects(self) -> list[tuple[str, Subject]]:
        return sorted(self.state.subjects.items())

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
        for rule in {**met, **told}:
            if rule in self._watches and (
                one := self._tell(rule, record, name, backing, met.get(rule), told.get(rule))
            ):
                told[rule] = one
        waits = not over and backing.incomplete and any(watch.reads_sentences for watch in watches)
        if told or waits:
            self._keep(name, record, told)

    def _keep(self, name: str, record: Seen, told: Mapping[str, Told]) -> None:
        one = kept.subject(_age(record), record, told)
        self.state = replace(self.state, subjects=kept.keeping(self.state.subjects, name, one, kept.SUBJECTS))

    def _tell(
        self, rule: str, record: Seen, name: str, backing: Backing, grave: Severity | None, told: Told | None
    ) -> Told | None:
        """Say that a rule is met, on other evidence, or no more; null if there is nothing new."""
        if grave is None and not (told and told.holds):
            return None
        match = self._match(self._watches[rule], record, name, backing, grave, told)
        signature = blake2b(encode(match), digest_size=8).hexdigest()
        if told and told.signature == signature:
            return None
        revision = told.revision + 1 if told else 1
        self.said.append(match.model_copy(update={"revision": revision}))
        return Told(revision, match.holds, match.severity, signature)

    def _match(
        self, watch: Watch, record: Seen, name: str, backing: Backing, grave: Severity | None, told: Told | None
    ) -> Match:
        area = self._area(watch, record)
        supersedes = () if isinstance(record, ControlChange) or record.kind is RevisionKind.SPLIT else record.supersedes
        return Match(
            rule=watch.rule.name,
            area=area,
            subject=name,
            revision=1,
            holds=grave is not None,
            severity=grave or (told.severity if told else watch.rule.severity),
            taken_in=supersedes,
            place=record.place,
            when=_when(record),
            killed=record.killed.min if isinstance(record, Event) and record.killed else 0,
            group=record.group if isinstance(record, Event) and record.shared else None,
            fields=fields_of(record, backing, area, self._theatre),
            subjects=_ids(record),
            mention_ids=backing.mention_ids,
            outlets=backing.outlets,
            root_sources=backing.root_sources,
            evidence=backing.quotes,
        )

    def _area(self, watch: Watch, record: Seen) -> str:
        per, place = watch.rule.per, record.place
        if per in ("all", "place"):
            return ALL if per == "all" else place.key
        chain = self._theatre.gazetteer.within(place.place_id) if place.place_id else ()
        wanted = ("admin2:", "admin1:", "country:") if per == "district" else ("admin1:", "country:")
        return next((one for level in wanted for one in chain if one.startswith(level)), place.key)


def change_id(change: ControlChange) -> str:
    """What a change of a place is known by: its kind, day and outcome."""
    return f"{change.change} {change.at} {_standing(change.to)}"


def _renamed(evidence: Iterable[WeighedClaim], to: str, taken_in: tuple[str, ...]) -> tuple[WeighedClaim, ...]:
    return tuple(one.model_copy(update={"claim_id": to}) if one.claim_id in taken_in else one for one in evidence)


def _standing(standing: Standing) -> str:
    return " ".join((standing.status, standing.controller or "-", *standing.besieged_by))


def _is_over(record: Event | Claim) -> bool:
    return record.kind in _ENDED


def _when(record: Seen) -> DateRange | None:
    if isinstance(record, ControlChange):
        return DateRange(first=record.at, last=record.at, precision=DatePrecision.DAY)
    return record.when


def _age(record: Seen) -> str:
    return (record.at if isinstance(record, ControlChange) else record.last_seen).isoformat()


def _ids(record: Seen) -> tuple[str, ...]:
    if isinstance(record, ControlChange):
        return tuple(sorted(claim.claim_id for claim in record.evidence))
    return (record.event_id if isinstance(record, Event) else record.claim_id,)
