"""Records that rules watch, and the two stages that make alerts of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from schemas.alert import Alert
from schemas.control import ControlChange, Standing, WeighedClaim
from schemas.event import Claim, Event
from schemas.mention import Evidence, Mention
from schemas.record import DateRange, Place, Record, Toll
from schemas.vocabulary import (
    AlertState,
    ChangeKind,
    ControlStatus,
    DatePrecision,
    EventType,
    MentionKind,
    Modality,
    PlacePrecision,
    Relation,
    RevisionKind,
    Scope,
)
from streams.stages.alert.step import AlertStage
from streams.stages.match.step import MatchStage
from streams.theatres.alert_rules import Rule, own_rules
from streams.theatres.theatre import load_theatre

NOON = datetime(2017, 4, 4, 12, tzinfo=UTC)
DAY = date(2017, 4, 4)
THEATRE = load_theatre()


def rules(text: str, folder: Path = Path(".")) -> tuple[Rule, ...]:
    """Rules as an operator writes them."""
    return own_rules(THEATRE, Path("mine.yaml"), text.encode(), lambda name: (folder / name).read_bytes())


class Watching:
    """Both stages, as a shell runs them: states are stored between records."""

    def __init__(self, text: str) -> None:
        chosen = rules(text)
        self.match, self.alert = MatchStage(THEATRE, chosen), AlertStage(THEATRE, chosen)
        self.rows: dict[tuple[str, str], dict[str, bytes]] = {}
        self.revisions: Counter[str] = Counter()
        self.now = NOON

    def hear(self, record: Any, known_at: datetime | None = None) -> list[Alert]:
        """The alerts that follow from a record, the next revision of its event or claim; now, if no time is said."""
        self.now = known_at = known_at or self.now
        if isinstance(record, Event | Claim):
            name = record.event_id if isinstance(record, Event) else record.claim_id
            self.revisions[name] += 1
            record = record.model_copy(update={"revision": self.revisions[name]})
        met = self._step(self.match, record.place.key, record, known_at)
        said = [out for one in met for out in self._step(self.alert, one.key, one.record, known_at)]
        assert all(out.key == out.record.alert_id for out in said)
        return [out.record for out in said]

    def hear_all(self, *records: Record, hours: float = 1) -> list[Alert]:
        """The alerts that follow from records that come so many hours apart."""
        turns, now = enumerate(records), self.now
        return [one for number, record in turns for one in self.hear(record, now + number * timedelta(hours=hours))]

    def _step(self, stage: Any, key: str, record: Any, known_at: datetime) -> Sequence[Any]:
        stored = self.rows.setdefault((stage.name, key), {})
        before = stage.load(key, stored) if stored else stage.initial(key)
        after, outputs = stage.step(before, record, known_at)
        for name, row in stage.changes(before, after).items():
            stored.pop(name, None)
            stored.update({name: row} if row is not None else {})
        assert stored == stage.dump(after)
        return outputs


def states(alerts: Sequence[Alert]) -> list[AlertState]:
    return [alert.state for alert in alerts]


def place(name: str, precision: PlacePrecision = PlacePrecision.TOWN) -> Place:
    site = THEATRE.gazetteer.candidates(name)[0]
    return THEATRE.gazetteer.as_place(site, name).model_copy(update={"precision": precision})


def days(first: date, last: date | None = None) -> DateRange:
    return DateRange(first=first, last=last or first, precision=DatePrecision.DAY)


def strike(killed: int = 12, *sources: str, **changes: Any) -> Event:
    given: dict[str, Any] = {
        "event_id": "e1",
        "revision": 1,
        "kind": RevisionKind.NEW,
        "place": place("Idlib"),
        "when": days(DAY),
        "event_type": EventType.AIR_STRIKE,
        "actors": ("syrian-government",),
        "targets": ("civilians",),
        "modality": Modality.REPORTED,
        "mention_ids": ("a#e1",),
        "outlets": ("reuters",),
        "root_sources": sources or ("sohr", "snhr"),
        "copies": 0,
        "confidence": 0.8,
        "first_seen": NOON,
        "last_seen": NOON,
        "killed": Toll(min=killed, max=killed),
        "wounded": None,
        "tolls": (),
        "main": True,
    }
    return Event(**{**given, **changes})


def claim(claim_id: str = "c1", **changes: Any) -> Claim:
    given: dict[str, Any] = {
        "claim_id": claim_id,
        "revision": 1,
        "kind": RevisionKind.NEW,
        "place": place("Idlib"),
        "when": days(DAY),
        "relation": Relation.CAPTURED,
        "scope": Scope.WHOLE,
        "actors": ("islamic-state",),
        "from_actors": ("syrian-government",),
        "modality": Modality.REPORTED,
        "mention_ids": (f"a#{claim_id}",),
        "outlets": ("reuters",),
        "root_sources": ("sohr",),
        "copies": 0,
        "confidence": 0.8,
        "first_seen": NOON,
        "last_seen": NOON,
        "voices": (),
        "self_interested": False,
        "admitted": False,
    }
    return Claim(**{**given, **changes})


def change(kind: ChangeKind, before: str | None, now: str | None, *claim_ids: str, **changes: Any) -> ControlChange:
    def held(party: str | None) -> Standing:
        return Standing(controller=party, status=ControlStatus.HELD if party else ControlStatus.UNKNOWN)

    sides = {"from_": held(before), "to": held(now)}
    given = {"place": place("Idlib"), "change": kind, "at": DAY, "known_at": NOON, **sides}
    return ControlChange(**{**given, "evidence": tuple(map(weighed, claim_ids)), **changes})


def weighed(claim_id: str) -> WeighedClaim:
    about = {"relation": Relation.CAPTURED, "scope": Scope.WHOLE, "actors": ("islamic-state",)}
    return WeighedClaim(claim_id=claim_id, first=DAY, last=DAY, root_sources=("sohr",), weight=2.0, **about)


def mention(
    mention_id: str = "a#e1", text: str = "Jets struck the town.", root: str = "sohr", **changes: Any
) -> Mention:
    given: dict[str, Any] = {
        "mention_id": mention_id,
        "article_id": mention_id.split("#")[0],
        "outlet": "reuters",
        "published_at": NOON,
        "kind": MentionKind.EVENT,
        "event_type": EventType.AIR_STRIKE,
        "relation": None,
        "scope": None,
        "place": place("Idlib"),
        "when": days(DAY),
        "actors": (),
        "killed": None,
        "wounded": None,
        "source": "SOHR",
        "root_source": root,
        "modality": Modality.REPORTED,
        "main": True,
        "evidence": Evidence(start=0, end=len(text), text=text),
        "rule": "test",
    }
    return Mention(**{**given, **changes})
