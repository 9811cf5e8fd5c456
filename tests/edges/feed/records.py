"""Records for the feed's tests, made through the contract, and a server in a thread to read them from."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from schemas.alert import Alert, Delivery
from schemas.article import Article
from schemas.codec import encode
from schemas.control import ControlChange, Holding, Segment, Standing, TownControl, WeighedClaim
from schemas.dead_letter import DeadLetter
from schemas.event import Claim, Event, Voice
from schemas.mention import Evidence, Mention
from schemas.record import DateRange, Place, Record, SourcedToll, Toll
from schemas.topics import (
    ALERTS,
    ARTICLES,
    CLAIMS,
    CONTROL,
    CONTROL_CHANGES,
    DEAD_LETTERS,
    EVENTS,
    MENTIONS,
    Topic,
)
from schemas.vocabulary import Reason
from streams.edges.feed.server import Server
from streams.shells.batch import ORIGIN
from streams.shells.log import Entry, Log

START = datetime(2016, 12, 1, tzinfo=UTC)

R = TypeVar("R", bound=BaseModel)


def made(form: type[R], /, **data: Any) -> R:
    """A value of the contract from plain data, read as it would be from the wire."""
    return form.model_validate_json(orjson.dumps(data, default=lambda part: orjson.Fragment(part.model_dump_json())))


PLACES = {
    name: made(
        Place, place_id=key, name=name, admin1=admin1, lat=lat, lon=lon, precision="town", text=name, parent=parent
    )
    for name, key, admin1, lat, lon, parent in (
        ("Aleppo", "ocha:C1007", "Aleppo", 36.2, 37.16, None),
        ("Palmyra", "ocha:C2889", "Homs", 34.56, 38.28, None),
        ("Palmyra Air Base", "site:palmyra-air-base", "Homs", 34.557, 38.31, "ocha:C2889"),
        ("Douma", "ocha:C2338", "Rif Dimashq", 33.57, 36.4, None),
    )
}


class Writer:
    """Appends records to a log as the stages would: keyed, and stamped with the time of the article behind them."""

    def __init__(self, log: Log) -> None:
        self.log, self.number = log, 0

    def put(self, topic: Topic, key: str, *records: Record, at: datetime | None = None) -> None:
        """Each call is what one article caused: their minutes and their offsets count up together."""
        headers = ((ORIGIN, f"articles:0:{self.number}".encode()),)
        self.number += 1
        stamp = int((at or START + timedelta(minutes=self.number)).timestamp() * 1000)
        self.log.append([Entry(topic.name, key, encode(record), stamp, headers) for record in records])

    def event(self, number: int = 1, place: str = "Aleppo", **more: Any) -> Event:
        record = event(number, place, **more)
        self.put(EVENTS, record.place.key, record)
        return record

    def town(self, place: str = "Aleppo", holder: str | None = "syrian-government", **more: Any) -> TownControl:
        record = town(place, holder, **more)
        self.put(CONTROL, record.place.key, record)
        return record

    def story(self, title: str = "Troops enter Palmyra", number: int = 1) -> Event:
        """An article, its mention, and the event and claim that follow: all that a reader can trace."""
        body = "Troops entered Palmyra on Sunday. At least 12 people were killed, the monitor said."
        self.put(ARTICLES, f"a{number}", article(f"a{number}", title, body))
        self.put(MENTIONS, "ocha:C2889", mention(f"a{number}", body, "Troops entered Palmyra on Sunday."))
        record = event(number, "Palmyra", mention_ids=(f"a{number}#e1",))
        self.put(EVENTS, record.place.key, record)
        claim_record = claim(number, "Palmyra", mention_ids=(f"a{number}#e1",))
        self.put(CLAIMS, claim_record.place.key, claim_record)
        return record


def article(article_id: str, title: str, body: str) -> Article:
    return made(Article, article_id=article_id, outlet="reuters", title=title, body=body, published_at=START)


def mention(article_id: str, body: str, sentence: str) -> Mention:
    start = body.index(sentence)
    return made(
        Mention,
        mention_id=f"{article_id}#e1",
        article_id=article_id,
        outlet="reuters",
        published_at=START,
        kind="event",
        event_type="territory_captured",
        relation=None,
        scope=None,
        place=PLACES["Palmyra"],
        when=None,
        actors=("syrian-government",),
        killed=made(Toll, min=12, max=None),
        wounded=None,
        source="SOHR",
        root_source="sohr",
        modality="reported",
        main=True,
        evidence=made(Evidence, start=start, end=start + len(sentence), text=sentence),
        rule="capture.active",
    )


def event(number: int, place: str = "Aleppo", **more: Any) -> Event:
    day = more.pop("day", date(2016, 12, 15))
    killed = more.pop("killed", 12)
    return made(
        Event,
        **{
            "event_id": f"event-{number}",
            "revision": 1,
            "kind": "new",
            "place": PLACES[place],
            "when": day and made(DateRange, first=day, last=day, precision="day"),
            "actors": ("russia",),
            "targets": ("civilians",),
            "event_type": "air_strike",
            "modality": "reported",
            "mention_ids": (f"a{number}#e1",),
            "outlets": ("reuters",),
            "root_sources": ("sohr",),
            "copies": 0,
            "confidence": 0.8,
            "first_seen": START,
            "last_seen": START,
            "killed": None if killed is None else made(Toll, min=killed, max=None),
            "wounded": None,
            "tolls": () if killed is None else (_toll(killed),),
            "main": True,
            **more,
        },
    )


def _toll(killed: int) -> SourcedToll:
    return made(
        SourcedToll,
        root_source="sohr",
        source="SOHR",
        killed=made(Toll, min=killed, max=None),
        wounded=None,
        published_at=START,
    )


def claim(number: int, place: str = "Palmyra", **more: Any) -> Claim:
    return made(
        Claim,
        **{
            "claim_id": f"claim-{number}",
            "revision": 1,
            "kind": "new",
            "place": PLACES[place],
            "when": made(DateRange, first=date(2016, 12, 11), last=date(2016, 12, 11), precision="day"),
            "actors": ("islamic-state",),
            "modality": "reported",
            "mention_ids": (f"a{number}#c1",),
            "outlets": ("reuters",),
            "root_sources": ("sohr",),
            "copies": 0,
            "confidence": 0.9,
            "first_seen": START,
            "last_seen": START,
            "relation": "captured",
            "scope": "whole",
            "from_actors": ("syrian-government",),
            "voices": (made(Voice, root_source="sohr", party=None, modality="reported"),),
            "self_interested": False,
            "admitted": False,
            **more,
        },
    )


def town(place: str = "Aleppo", holder: str | None = "syrian-government", **more: Any) -> TownControl:
    since = more.pop("since", date(2016, 12, 22))
    before = made(
        Segment,
        first=date(2012, 7, 20),
        last=since - timedelta(days=1),
        controller=None,
        status="divided",
        confidence=0.9,
        parties=("rebels", "syrian-government"),
        besieged_by=("syrian-government",),
    )
    now = made(
        Segment,
        first=since,
        last=None,
        controller=holder,
        status="held" if holder else "unknown",
        confidence=0.95,
        parties=(holder,) if holder else (),
    )
    return made(
        TownControl,
        **{
            "place": PLACES[place],
            "revision": 1,
            "controller": holder,
            "status": now.status,
            "shares": (made(Holding, party=holder, share=1.0),) if holder else (),
            "besieged_by": (),
            "besieged_since": None,
            "districts": (),
            "since": since,
            "last_confirmed": since,
            "stale": False,
            "confidence": 0.95,
            "timeline": (before, now),
            "evidence": (weighed(),),
            **more,
        },
    )


def weighed(number: int = 1) -> WeighedClaim:
    return made(
        WeighedClaim,
        claim_id=f"claim-{number}",
        relation="captured",
        scope="whole",
        actors=("syrian-government",),
        first=date(2016, 12, 22),
        last=date(2016, 12, 22),
        root_sources=("sohr", "sana_src"),
        weight=4.2,
    )


def change(place: str = "Aleppo", **more: Any) -> ControlChange:
    return made(
        ControlChange,
        **{
            "place": PLACES[place],
            "change": "captured",
            "from": made(Standing, controller=None, status="divided"),
            "to": made(Standing, controller="syrian-government", status="held"),
            "at": date(2016, 12, 22),
            "known_at": START,
            "evidence": (weighed(),),
            **more,
        },
    )


def dead_letter(raw: bytes = b"\xff\x00{", reason: Reason = Reason.ENCODING) -> DeadLetter:
    return DeadLetter(topic="articles", partition=None, raw=raw, reason=reason, detail="its bytes are no text")


def fill(writer: Writer) -> None:
    """A small war: two towns, some events, a claim, a change, a dead letter and an alert."""
    writer.story()
    writer.town("Aleppo")
    writer.town("Palmyra", "islamic-state", since=date(2016, 12, 11))
    writer.put(CONTROL_CHANGES, "ocha:C1007", change())
    for number in range(2, 7):
        writer.event(number, "Aleppo" if number % 2 else "Douma", day=date(2016, 12, 10 + number), killed=number * 10)
    writer.put(DEAD_LETTERS, "articles", dead_letter())
    writer.put(ALERTS, "alert-1", alert())


def alert(number: int = 1, **more: Any) -> Alert:
    return made(
        Alert,
        **{
            "alert_id": f"alert-{number}",
            "revision": 1,
            "rule": "captures",
            "state": "raised",
            "severity": "major",
            "title": "Aleppo changed hands",
            "text": "Aleppo is held by the government.",
            "place": PLACES["Aleppo"],
            "subjects": ("ocha:C1007",),
            "mention_ids": ("a1#e1",),
            "root_sources": ("sohr",),
            "known_at": START,
            **more,
        },
    )


def delivery(delivery_id: str, attempt: int, outcome: str) -> Delivery:
    return made(
        Delivery,
        delivery_id=delivery_id,
        alert_id="alert-1",
        revision=1,
        target="desk",
        attempt=attempt,
        outcome=outcome,
        status_code=200,
        detail="as it was answered",
        attempted_at=START + timedelta(minutes=attempt, seconds=90 * (delivery_id == "d2")),
    )


@contextmanager
def running(server: Server) -> Iterator[str]:
    """A server in a thread of its own, by its address, once it has read the log."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the server starts")
    app = server.config.app._app  # type: ignore[union-attr]
    until(lambda: app.state.feed.tail.caught_up.is_set(), "the feed has read the log")
    try:
        yield server.url
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


def until(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)
