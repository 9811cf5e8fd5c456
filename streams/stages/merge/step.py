"""The merge stage: mentions of a place in, revisions of its events and claims out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.event import Claim, Event
from schemas.mention import Mention, Withdrawal
from schemas.topics import CLAIMS, EVENTS, MENTIONS, Topic
from schemas.vocabulary import RevisionKind
from streams.stages.merge import rows
from streams.stages.merge.knowledge import Knowledge
from streams.stages.merge.parameters import load_parameters
from streams.stages.merge.reading import read_mention
from streams.stages.merge.records import record_of
from streams.stages.merge.report import day_of, microseconds
from streams.stages.merge.revisions import ENDED, Transition, transitions
from streams.stages.merge.similarity import Decision, Judge
from streams.stages.merge.state import MergeState, forget, is_late
from streams.stages.merge.taking import taken_in, withdrawn
from streams.stages.stage import Output, Rows
from streams.theatres.theatre import Theatre

RULES = "2"
"""Goes up when the same mentions would end in other events."""


class MergeStage:
    """Joins mentions of one place that speak of one event, or make one claim."""

    name = "merge"
    inputs: tuple[Topic, ...] = (MENTIONS,)
    outputs: tuple[Topic, ...] = (EVENTS, CLAIMS)

    def __init__(self, theatre: Theatre) -> None:
        self.judge = Judge(
            load_parameters(theatre), Knowledge(theatre.actors, theatre.outlets, theatre.words.settlements)
        )
        self.version = f"{RULES}+{theatre.version}"

    def initial(self, key: str) -> MergeState:
        """The state of a place of which nothing is known."""
        return MergeState(key)

    def step(self, state: MergeState, record: Any, known_at: datetime) -> tuple[MergeState, tuple[Output, ...]]:
        """What follows from one mention, or from its withdrawal.

        A mention joins an event or claim or opens one, with whatever that changes. What its article said before under
        the same id is then void, and so is what a withdrawal names: events and claims are as if it had not been said.
        """
        if isinstance(record, Withdrawal):
            late = is_late(state, day_of((microseconds(record.published_at), "")), self.judge)
            after, change = withdrawn(state, record, self.judge)
        else:
            mention: Mention = record
            report = read_mention(mention, self.judge)
            late = is_late(state, report.day, self.judge)
            after, change = taken_in(state, report, self.judge)
        if after is state:
            return state, ()
        changed = transitions(change)
        after = replace(after, ended=_ended(state, changed), late=state.late + late)
        if after.watermark > state.watermark:
            after = forget(after, self.judge)
        return after, tuple(self._output(state.key, transition, late) for transition in changed)

    def compare(self, a: Mention, b: Mention) -> Decision:
        """Whether two mentions of one place are one event or claim, with the reasons: what `explain` shows."""
        return self.judge.compare(read_mention(a, self.judge), read_mention(b, self.judge))

    def meet(self, a: Mention, b: Mention) -> bool:
        """Whether two mentions are compared at all: of one place and family, and near each other in time."""
        if a.place.key != b.place.key or a.kind is not b.kind:
            return False
        one, other = read_mention(a, self.judge), read_mention(b, self.judge)
        slack = self.judge.slack(one)
        near = one.span[0] <= other.span[1] + slack and other.span[0] <= one.span[1] + slack
        return near and self.judge.family(one) == self.judge.family(other)

    def dump(self, state: MergeState) -> Rows:
        """The state as rows."""
        return rows.dump(state)

    def changes(self, before: MergeState, after: MergeState) -> Mapping[str, bytes | None]:
        """The rows in which two states differ, null for those that go: a small write for a large state."""
        return rows.changes(before, after)

    def load(self, key: str, stored: Rows) -> MergeState:
        """The state that `dump` made these rows of."""
        return rows.load(key, stored, self.judge)

    def digest(self, state: MergeState) -> Any:
        """What the state says, without the history of its revisions."""
        return rows.digest(state)

    def records(self, state: MergeState) -> tuple[Event | Claim, ...]:
        """The open events and claims of a place as they stand, as revisions in canonical order."""
        clusters = [cluster for lane in state.lanes.values() for cluster in lane.clusters()]
        clusters.sort(key=lambda cluster: cluster.opening.key)
        return tuple(record_of(cluster, self.judge, RevisionKind.REVISE) for cluster in clusters)

    def _output(self, key: str, transition: Transition, late: bool) -> Output:
        record = record_of(transition.cluster, self.judge, transition.kind, transition.supersedes, late)
        return Output(EVENTS if isinstance(record, Event) else CLAIMS, key, record)


def _ended(state: MergeState, changed: list[Transition]) -> Mapping[str, tuple[int, int]]:
    ends = {t.cluster.id: (t.cluster.revision, t.cluster.opening.day) for t in changed if t.kind in ENDED}
    back = {t.cluster.id for t in changed if t.kind not in ENDED} & state.ended.keys()
    if not ends and not back:
        return state.ended
    return {id_: end for id_, end in {**state.ended, **ends}.items() if id_ not in back}
