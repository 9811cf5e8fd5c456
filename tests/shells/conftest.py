"""Small stages with the habits of the real ones: several outputs, two input topics, state in rows, and a temper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from schemas.alert import Alert, Delivery
from schemas.article import Article
from schemas.codec import encode
from schemas.control import ControlChange, Standing
from schemas.record import Place
from schemas.topics import ALERTS, ARTICLES, CONTROL_CHANGES, DELIVERIES
from schemas.vocabulary import AlertState, ChangeKind, ControlStatus, PlacePrecision
from streams.shells.log import Entry, Store
from streams.shells.memory_log import MemoryLog
from streams.shells.sqlite_log import open_log
from streams.stages.stage import Output


@dataclass(frozen=True, slots=True)
class Tally:
    """How often, and a hash that depends on the order."""

    key: str
    seen: int = 0
    trace: bytes = b""


class Folding:
    """What the small stages have in common."""

    version = "1"

    def initial(self, key: str) -> Tally:
        return Tally(key)

    def dump(self, state: Tally) -> dict[str, bytes]:
        return {"seen": str(state.seen).encode(), "trace": state.trace} if state.seen else {}

    def load(self, key: str, rows: Any) -> Tally:
        return Tally(key, int(rows["seen"]), rows["trace"])

    def digest(self, state: Tally) -> Any:
        return {"seen": state.seen}

    def count(self, state: Tally, word: str) -> Tally:
        return replace(state, seen=state.seen + 1, trace=blake2b(state.trace + word.encode(), digest_size=8).digest())


class Split(Folding):
    """Articles to one delivery a word, by word."""

    name, inputs, outputs = "split", (ARTICLES,), (DELIVERIES,)

    def step(self, state: Tally, record: Article, known_at: datetime) -> tuple[Tally, tuple[Output, ...]]:
        words = [(f"{record.article_id}#{place}", word) for place, word in enumerate(record.body.split())]
        return state, tuple(Output(DELIVERIES, word, _delivery(about, word, known_at)) for about, word in words)


class Count(Folding):
    """Deliveries to a change at every second one of a word. Raises at `boom`."""

    name, inputs, outputs = "count", (DELIVERIES,), (CONTROL_CHANGES,)

    def step(self, state: Tally, record: Delivery, known_at: datetime) -> tuple[Tally, tuple[Output, ...]]:
        if record.target == "boom":
            raise ValueError("this word goes off")
        state = self.count(state, record.delivery_id)
        return state, () if state.seen % 2 else (Output(CONTROL_CHANGES, state.key, _change(state, known_at)),)


class Join(Folding):
    """Deliveries and changes to an alert each: minds the order between topics that different stages write."""

    name, inputs, outputs = "join", (DELIVERIES, CONTROL_CHANGES), (ALERTS,)

    def step(self, state: Tally, record: Any, known_at: datetime) -> tuple[Tally, tuple[Output, ...]]:
        state = self.count(state, type(record).__name__)
        return state, (Output(ALERTS, f"{state.key}-{state.seen}", _alert(state, known_at)),)


def _delivery(about: str, word: str, at: datetime) -> Delivery:
    return Delivery(
        delivery_id=about, alert_id=about, revision=1, target=word, attempt=1, outcome="retry",
        status_code=None, detail="", attempted_at=at,
    )  # fmt: skip


def _change(state: Tally, at: datetime) -> ControlChange:
    place = Place(
        place_id=None, name=state.key, admin1=None, lat=None, lon=None, precision=PlacePrecision.TOWN, text=state.key
    )
    none = Standing(controller=None, status=ControlStatus.UNKNOWN)
    return ControlChange(
        place=place, change=ChangeKind.CONTESTED, from_=none, to=none, at=date(2016, 1, 1), known_at=at, evidence=()
    )


def _alert(state: Tally, at: datetime) -> Alert:
    return Alert(
        alert_id=state.key, revision=state.seen, rule="toy", state=AlertState.RAISED, severity="info",
        title=state.trace.hex(), text="", place=None, subjects=(), mention_ids=(), root_sources=(), known_at=at,
    )  # fmt: skip


@pytest.fixture
def stages() -> tuple[Any, ...]:
    """The small stages in the order of the flow."""
    return Split(), Count(), Join()


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty log of each kind, with one partition a topic."""
    opened: Store = MemoryLog() if request.param == "memory" else open_log(tmp_path / "frontwire.log")
    yield opened
    opened.close()


WORDS = ["salt", "river", "bridge", "road", "river", "dam", "salt", "hill", "road", "river", "boom", "gate"]


def article(number: int) -> Entry:
    """The article of a number: some words, at a log time of its own."""
    words = " ".join(WORDS[(number * 5 + step * 7) % len(WORDS)] for step in range(number % 4 + 1))
    at = datetime(2016, 1, 1, number % 24, tzinfo=UTC)
    text = Article(article_id=f"a{number}", outlet="toy", title=None, body=words, published_at=at)
    return Entry("articles", text.article_id, encode(text), 1_700_000_000_000 + number)


@pytest.fixture
def articles() -> list[Entry]:
    """Forty articles."""
    return [article(number) for number in range(40)]
