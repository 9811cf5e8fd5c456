"""What is taken in and what is taken back: a place's reports as if only the last word of each article had been said.

A mention id holds one report, that of the highest revision of its article, unless that was withdrawn. Which one it is
follows from the set of records, in whatever order they come; so do the clusters, which are the fold over the reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemas.mention import Withdrawal
from streams.stages.merge.desk import Ended, Lane
from streams.stages.merge.folding import Change, fold, unfold
from streams.stages.merge.report import Report, day_of, microseconds
from streams.stages.merge.similarity import Judge
from streams.stages.merge.state import MergeState, has_seen, held, with_seen, without_seen

NOTHING = Change(Lane(), {}, {})
"""What a record changes that nobody was told of."""


def taken_in(state: MergeState, report: Report, judge: Judge) -> tuple[MergeState, Change]:
    """The state with a report in it, in place of what its article said before under the same id; and what that changed.

    The very same state if the report was taken in before or is void.
    """
    if report.revision <= state.void.get(report.mention_id, (0, 0))[0]:
        return state, NOTHING
    if report.revision == 1:
        return (state, NOTHING) if has_seen(state, report) else _added(state, report, judge)
    known = held(state, report.mention_id)
    if known is not None and known[1].revision >= report.revision:
        return state, NOTHING
    void = {**state.void, report.mention_id: (report.revision - 1, report.day)}
    state = replace(state, void=void)
    return _added(state, report, judge) if known is None else _replaced(state, *known, report, judge)


def withdrawn(state: MergeState, record: Withdrawal, judge: Judge) -> tuple[MergeState, Change]:
    """The state without a mention that its article no longer says, and what that changed.

    The very same state if the mention was void before, or a later revision of its article says it again.
    """
    if record.revision <= state.void.get(record.withdraws, (0, 0))[0]:
        return state, NOTHING
    day = day_of((microseconds(record.published_at), record.withdraws))
    state = replace(state, void={**state.void, record.withdraws: (record.revision, day)})
    known = held(state, record.withdraws)
    if known is None or known[1].revision > record.revision:
        return state, NOTHING
    family, report = known
    change = unfold(state.lanes[family], report, judge, state.ended)
    return _without(state, family, report, change.lane), change


def _added(state: MergeState, report: Report, judge: Judge, ended: Ended | None = None) -> tuple[MergeState, Change]:
    family = judge.family(report)
    change = fold(state.lanes.get(family, Lane()), report, judge, state.ended if ended is None else ended)
    lanes = {**state.lanes, family: change.lane}
    watermark = max(state.watermark, report.day)
    return replace(state, lanes=lanes, seen=with_seen(state, report), watermark=watermark), change


def _replaced(state: MergeState, family: str, old: Report, new: Report, judge: Judge) -> tuple[MergeState, Change]:
    if judge.family(new) == family:
        change = unfold(state.lanes[family], old, judge, state.ended, new)
        after = _without(state, family, old, change.lane)
        return replace(after, seen=with_seen(after, new), watermark=max(after.watermark, new.day)), change
    left = unfold(state.lanes[family], old, judge, state.ended)
    # An id that its report takes along into another family goes on counting.
    moved = {id_: (cluster.revision, cluster.opening.day) for id_, cluster in left.before.items()}
    after, joined = _added(_without(state, family, old, left.lane), new, judge, {**state.ended, **moved})
    return after, Change(joined.lane, {**left.before, **joined.before}, {**left.after, **joined.after})


def _without(state: MergeState, family: str, report: Report, lane: Lane) -> MergeState:
    """The state with a lane that has lost a report."""
    lanes = {**state.lanes, family: lane} if lane.blocks else _others(state.lanes, family)
    after = replace(state, lanes=lanes, seen=without_seen(state, report))
    return replace(after, watermark=_watermark(after)) if report.day == state.watermark else after


def _others(lanes: Mapping[str, Lane], family: str) -> dict[str, Lane]:
    return {name: lane for name, lane in lanes.items() if name != family}


def _watermark(state: MergeState) -> int:
    """The latest day of publication among the reports that stand; as it was if there are none but closed ones."""
    return max(state.seen, default=state.watermark if state.closed else 0)
