"""The merge stage: mentions of a place in, revisions of its events and claims out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.event import Claim, Event
from schemas.mention import Mention
from schemas.topics import CLAIMS, EVENTS, MENTIONS, Topic
from schemas.vocabulary import RevisionKind
from streams.stages.merge import rows
from streams.stages.merge.desk import Lane
from streams.stages.merge.folding import fold
from streams.stages.merge.knowledge import Knowledge
from streams.stages.merge.parameters import load_parameters
from streams.stages.merge.reading import read_mention
from streams.stages.merge.records import record_of
from streams.stages.merge.report import Report
from streams.stages.merge.revisions import Transition, transitions
from streams.stages.merge.similarity import Decision, Judge
from streams.stages.merge.state import MergeState, forget, has_seen, is_late, with_seen
from streams.stages.stage import Output, Rows
from streams.theatres.theatre import Theatre

RULES = "1"
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
        """What follows from one mention: the event or claim that it joins or opens, and whatever that changes."""
        mention: Mention = record
        report = read_mention(mention, self.judge)
        if has_seen(state, report):
            return state, ()
        late = is_late(state, report, self.judge)
        state, changed = self._taken_in(state, report, late)
        return state, tuple(self._output(state.key, transition, late) for transition in changed)

    def compare(self, a: Mention, b: Mention) -> Decision:
        """Whether two mentions of one place are one event or claim, with the reasons: what `explain` shows."""
        return self.judge.compare(read_mention(a, self.judge), read_mention(b, self.judge))

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

    def _taken_in(self, state: MergeState, report: Report, late: bool) -> tuple[MergeState, list[Transition]]:
        family = self.judge.family(report)
        change = fold(state.lanes.get(family, Lane()), report, self.judge, state.ended)
        changed = transitions(change)
        after = MergeState(
            key=state.key,
            lanes={**state.lanes, family: change.lane},
            seen=with_seen(state, report),
            ended=_ended(state, changed),
            watermark=max(state.watermark, report.day),
            late=state.late + late,
            closed=state.closed,
            closed_sum=state.closed_sum,
        )
        return (forget(after, self.judge) if after.watermark > state.watermark else after), changed

    def _output(self, key: str, transition: Transition, late: bool) -> Output:
        record = record_of(transition.cluster, self.judge, transition.kind, transition.supersedes, late)
        return Output(EVENTS if isinstance(record, Event) else CLAIMS, key, record)


def _ended(state: MergeState, changed: list[Transition]) -> Mapping[str, tuple[int, int]]:
    ends = {t.cluster.id: (t.cluster.revision, t.cluster.opening.day) for t in changed if t.kind is RevisionKind.MERGE}
    back = {t.cluster.id for t in changed if t.kind is not RevisionKind.MERGE} & state.ended.keys()
    if not ends and not back:
        return state.ended
    return {id_: end for id_, end in {**state.ended, **ends}.items() if id_ not in back}
