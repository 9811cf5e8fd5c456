"""The log in memory and the log in a file, driven side by side by any sequence of commits, say the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.errors import FrontwireError
from streams.shells.log import Changes, EndMoved, Entry, Lane, Mark, RowChange, iterate
from streams.shells.memory_log import MemoryLog
from streams.shells.sqlite_log import open_log
from streams.shells.verify import verify

PARTITIONS = 2
TOPICS = st.sampled_from(["articles", "events", "control"])
KEYS = st.sampled_from(["", "homs", "حمص", "a\x00b"])
ENTRIES = st.lists(
    st.builds(
        Entry,
        topic=TOPICS,
        key=KEYS,
        value=st.binary(max_size=5),
        timestamp=st.integers(-5, 50),
        headers=st.lists(st.tuples(st.sampled_from(["origin", "x"]), st.binary(max_size=4)), max_size=2).map(tuple),
        partition=st.sampled_from([None, 0, 1, 2]),
    ),
    max_size=6,
)
ROWS = st.lists(
    st.builds(
        RowChange,
        stage=st.sampled_from(["merge", "control"]),
        key=KEYS,
        written=st.dictionaries(st.sampled_from("ab"), st.binary(max_size=3)),
        gone=st.sampled_from([(), ("c",)]),
    ),
    max_size=3,
)
LANES = st.builds(Lane, TOPICS, st.integers(0, 1))
MARKS = st.lists(st.builds(Mark, st.just("merge"), st.sampled_from("12"), LANES, st.integers(0, 9)), max_size=2)


class SideBySide(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "a.log"
        self.file, self.memory = open_log(self.path, partitions=PARTITIONS), MemoryLog(partitions=PARTITIONS)

    @rule(entries=ENTRIES, rows=ROWS, marks=MARKS, end=st.none() | st.integers(0, 3))
    def commit(self, entries: list[Entry], rows: list[RowChange], marks: list[Mark], end: int | None) -> None:
        changes = Changes(entries, rows, marks, {} if end is None else {Lane("events", 0): end})
        answers = [outcome(lambda log=log: list(log.commit(changes))) for log in (self.file, self.memory)]
        assert answers[0] == answers[1]

    @rule()
    def open_again(self) -> None:
        self.file.close()
        self.file = open_log(self.path)

    @rule(topic=TOPICS, partition=st.integers(0, 2), at=st.integers(-6, 51), limit=st.integers(0, 4))
    def read(self, topic: str, partition: int, at: int, limit: int) -> None:
        for ask in (
            lambda log: list(log.read(topic, partition, at, limit)),
            lambda log: log.offset_at(topic, partition, at),
            lambda log: list(log.latest(topic, ends={partition: at})),
        ):
            assert outcome(lambda ask=ask: ask(self.file)) == outcome(lambda ask=ask: ask(self.memory))

    @invariant()
    def say_the_same(self) -> None:
        assert self.file.heads() == self.memory.heads()
        assert set(self.file.marks()) == set(self.memory.marks())
        for stage in ("merge", "control"):
            assert list(self.file.states(stage)) == list(self.memory.states(stage))
        for topic in ("articles", "events"):
            assert list(iterate(self.file, topic)) == list(iterate(self.memory, topic))
            assert list(self.file.latest(topic)) == list(self.memory.latest(topic))

    def teardown(self) -> None:
        self.file.close()
        assert verify(self.path).damage == ()
        self.folder.cleanup()


def outcome(work) -> object:  # type: ignore[no-untyped-def]
    try:
        return work()
    except (FrontwireError, EndMoved) as error:
        return type(error), str(error)


TestSideBySide = SideBySide.TestCase
TestSideBySide.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
