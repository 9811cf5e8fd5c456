"""A record as its matches carry it: the same for all rules but for what each rule adds."""

from __future__ import annotations

from hashlib import blake2b

from schemas.alert import Match, Turn
from schemas.codec import encode
from schemas.control import ControlChange, Standing
from schemas.event import Event
from schemas.record import DateRange
from schemas.vocabulary import DatePrecision
from streams.stages.match.backing import Backing
from streams.stages.match.fields import area_name, fields_of
from streams.stages.match.state import Seen
from streams.theatres.alert_rules import Rule
from streams.theatres.theatre import Theatre

ALL = "all"
"""The area of a rule that looks at everything together."""


class Draft:
    """What a record's matches have in common."""

    def __init__(self, subject: str, record: Seen, backing: Backing, theatre: Theatre) -> None:
        self._place, self._theatre = record.place, theatre
        event = record if isinstance(record, Event) else None
        self._common = Match(
            rule="",
            area="",
            subject=subject,
            revision=1,
            holds=True,
            severity="info",
            turns=(),
            place=record.place,
            when=when_of(record),
            killed=killed_of(record),
            group=event.group if event and event.shared else None,
            fields=fields_of(record, backing, theatre),
            subjects=_ids(record),
            mention_ids=backing.mention_ids,
            outlets=backing.outlets,
            root_sources=backing.root_sources,
            evidence=backing.quotes,
        )
        self.signature = blake2b(encode(self._common), digest_size=8).hexdigest()
        """Hash of all that its matches say in common."""

    def match(self, rule: Rule, revision: int, turns: tuple[Turn, ...]) -> Match:
        """The match of one rule."""
        area = self._area(rule)
        fields = {**self._common.fields, "area": area_name(area, self._place, self._theatre)}
        last = {"holds": turns[-1].holds, "severity": turns[-1].severity} if turns else {"holds": False}
        own = {"rule": rule.name, "area": area, "fields": fields, "turns": turns, "revision": revision}
        return self._common.model_copy(update={**own, **last})

    def _area(self, rule: Rule) -> str:
        if rule.per in ("all", "place"):
            return ALL if rule.per == "all" else self._place.key
        chain = self._theatre.gazetteer.within(self._place.place_id) if self._place.place_id else ()
        wanted = ("admin2:", "admin1:", "country:") if rule.per == "district" else ("admin1:", "country:")
        return next((one for level in wanted for one in chain if one.startswith(level)), self._place.key)


def change_id(change: ControlChange) -> str:
    """What a change of a place is known by: its kind, day and outcome."""
    return f"{change.change} {change.at} {standing_key(change.to)}"


def standing_key(standing: Standing) -> str:
    """A place's standing in one line, equal for equal ones."""
    return " ".join((standing.status, standing.controller or "-", *standing.besieged_by))


def killed_of(record: Seen) -> int:
    """The dead that are certain."""
    return record.killed.min if isinstance(record, Event) and record.killed else 0


def when_of(record: Seen) -> DateRange | None:
    """Event time of a record, null if it is not known."""
    if isinstance(record, ControlChange):
        return DateRange(first=record.at, last=record.at, precision=DatePrecision.DAY)
    return record.when


def _ids(record: Seen) -> tuple[str, ...]:
    if isinstance(record, ControlChange):
        return tuple(sorted({claim.claim_id for claim in record.evidence}))
    return (record.event_id if isinstance(record, Event) else record.claim_id,)
