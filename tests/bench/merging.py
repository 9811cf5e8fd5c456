"""What merging costs in a town that is much reported, how fast the stage is by itself, and what planted reprints show.

python tests/bench/merging.py [MENTIONS [COPIES]]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # Run by its path, as `make bench` does.
    sys.path.insert(0, str(ROOT))

from schemas.codec import encode  # noqa: E402
from schemas.mention import Mention  # noqa: E402
from streams.stages.merge.state import MergeState  # noqa: E402
from streams.stages.merge.step import MergeStage  # noqa: E402
from streams.theatres.theatre import load_theatre  # noqa: E402
from tests.bench.stories import NEAR_MISSES, planted, town  # noqa: E402

HELD = (100, 1_000, 10_000)
"""Mentions that the town holds within thirty days when the cost of one more is measured."""
LAST = 100
"""Mentions over which that cost is taken."""
TIMES = 5
"""The best of so many counts: others use the machine."""


def cost_us(stage: MergeStage, held: int) -> float:
    """Processor time of one mention, its records encoded and its rows told, in a town that holds so many."""
    mentions = town(held + LAST)
    state = fed(stage, stage.initial(mentions[0].place.key), mentions[:held])
    return min(_timed(stage, state, mentions[held:]) for _ in range(TIMES)) / LAST * 1e6


def fed(stage: MergeStage, state: MergeState, mentions: Sequence[Mention]) -> MergeState:
    """The state after some mentions."""
    for mention in mentions:
        state, _ = stage.step(state, mention, mention.published_at)
    return state


def _timed(stage: MergeStage, state: MergeState, mentions: Sequence[Mention]) -> float:
    began = process_time()
    for mention in mentions:
        after, outputs = stage.step(state, mention, mention.published_at)
        stage.changes(state, after)
        for output in outputs:
            encode(output.record)
        state = after
    return process_time() - began


def rate(stage: MergeStage, mentions: Sequence[Mention]) -> float:
    """Mentions in a second of processor time: the step alone, over as many towns as they name."""
    states: dict[str, MergeState] = {}
    began = process_time()
    for mention in mentions:
        key = mention.place.key
        states[key], _ = stage.step(states.get(key) or stage.initial(key), mention, mention.published_at)
    return len(mentions) / (process_time() - began)


def reprints(stage: MergeStage, copies: int) -> str:
    """How many planted reprints are found, how many of those found are none, and near misses that were joined."""
    given, states = planted(copies), dict[str, MergeState]()
    for mention in sorted(given.mentions, key=lambda one: (one.published_at, one.mention_id)):
        key = mention.place.key
        states[key], _ = stage.step(states.get(key) or stage.initial(key), mention, mention.published_at)
    lanes = [lane for state in states.values() for lane in state.lanes.values()]
    members = [(cluster.id, *member) for lane in lanes for cluster in lane.clusters() for member in cluster.members]
    event = {report.mention_id: id_ for id_, report, _ in members}
    said = {report.mention_id for _, report, witness in members if witness.copy}
    originals = {name: f"{name.split('-')[0]}#e1" for name in given.copies}
    # Of a text and its reprint in one hour either may count as the original.
    found = [n for n, of in originals.items() if event[n] == event[of] and not said.isdisjoint((n, of))]
    false = said - set(given.copies) - set(originals.values())
    joined = sum(event[name] == event[model] for name, (_, model) in given.near.items())
    return (
        f"- of {len(given.copies):,} planted reprints {len(found) / len(given.copies):.3f} are found, of {len(said):,} "
        f"that it calls so {1 - len(false) / len(said):.3f} are; of {len(given.near):,} near misses "
        f"({', '.join(NEAR_MISSES)}) {joined} are joined"
    )


def report(mentions: int = 5_000, copies: int = 2_000) -> list[str]:
    """The lines of the report."""
    stage = MergeStage(load_theatre("syria"))
    costs = [cost_us(stage, held) for held in HELD]
    told = ", ".join(f"{cost:.0f} µs at {held:,}" for held, cost in zip(HELD, costs, strict=True))
    spread = [one for number in range(mentions // 100) for one in _elsewhere(town(100, seed=number), number)]
    return [
        f"- merging, a mention in a town that holds so many within 30 days: {told}; {costs[-1] / costs[0]:.2f} times",
        f"- merging alone, its step only, {mentions // 100} towns of 100 mentions: {rate(stage, spread):,.0f} a second",
        reprints(stage, copies),
    ]


def _elsewhere(mentions: Sequence[Mention], number: int) -> list[Mention]:
    def moved(one: Mention) -> Mention:
        place = one.place.model_copy(update={"place_id": f"made:{number}"})
        return one.model_copy(update={"mention_id": f"{number}-{one.mention_id}", "place": place})

    return [moved(one) for one in mentions]


if __name__ == "__main__":
    sys.stdout.write("\n".join(report(*map(int, sys.argv[1:]))) + "\n")
