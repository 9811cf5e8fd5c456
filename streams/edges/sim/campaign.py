"""Many seeds, one after the other, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

import structlog

from schemas.codec import canonical
from streams.edges.sim.checker import breaches
from streams.edges.sim.faults import FAULTS
from streams.edges.sim.recall import recalling
from streams.edges.sim.simulation import Simulation
from streams.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one seed."""

    seed: int
    fired: Counter[str]
    """How often each fault happened."""
    breaches: tuple[str, ...]
    """What was promised and is not so."""
    healed_after_s: float | None
    """Simulated seconds from the last fault until all was quiet; null if it never was."""
    trace: str
    """Hash over every record of the log and all that clients and targets got: equal whenever the seed is run again."""


@dataclass(slots=True)
class Results:
    """What came of all seeds so far."""

    seeds: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = field(default_factory=list)
    slowest_heal_s: float = 0.0

    def take_in(self, outcome: Outcome) -> None:
        """Count one more."""
        self.seeds += 1
        self.fired += outcome.fired
        self.slowest_heal_s = max(self.slowest_heal_s, outcome.healed_after_s or 0.0)
        if outcome.breaches:
            self.failed.append(outcome)

    @property
    def never_fired(self) -> list[str]:
        """Kinds of faults that no seed has tried: of these nothing was proved."""
        return [name for name in FAULTS if not self.fired[name]]


def simulate(seed: int, stages: Pipeline, only: Collection[str] = ()) -> Outcome:
    """Run one seed.

    Args:
        seed: Decides all that happens.
        stages: The pipeline; give `recalling(stages)` where many seeds are run.
        only: Kinds of faults that may fire; any if empty.
    """
    with _hushed():
        simulation = Simulation(seed, stages, only)
        simulation.run()
        found = breaches(simulation)
    return Outcome(seed, simulation.faults.fired, tuple(found), simulation.healed_after_s, _trace(simulation))


def simulate_all(
    seeds: Iterable[int],
    stages: Pipeline,
    only: Collection[str] = (),
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
) -> Results:
    """Run seeds one after the other."""
    results, stages = Results(), recalling(stages)
    for seed in seeds:
        outcome = simulate(seed, stages, only)
        results.take_in(outcome)
        on_outcome(outcome)
    return results


def reproducer(seed: int, only: Collection[str] = ()) -> str:
    """The command that does it again."""
    return " ".join(["frontwire sim --seed", str(seed), *(f"--only {name}" for name in only)])


def _trace(simulation: Simulation) -> str:
    heads = [[*lane, head.end, head.chain.hex()] for lane, head in sorted(simulation.log.heads().items())]
    clients = [[[topic, number, offset] for topic, number, offset, _ in one.received] for one in simulation.clients]
    targets = [[message_id for message_id, _ in one.received] for one in simulation.receivers]
    return blake2b(canonical([heads, clients, targets]), digest_size=16).hexdigest()


@contextmanager
def _hushed() -> Iterator[None]:
    """Log events of what is broken on purpose are noise."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)
