"""Everything breaks by a seed, then heals, and what was promised is so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from streams.edges.sim import checker
from streams.edges.sim.campaign import Results, reproducer, simulate, simulate_all
from streams.edges.sim.faults import FAULTS
from streams.edges.sim.recall import recalling
from streams.edges.sim.simulation import Simulation
from streams.pipeline import Pipeline, pipeline
from streams.theatres.theatre import load_theatre

SEEDS = range(int(os.environ.get("FRONTWIRE_TEST_SEEDS", "40")))
FAILED_BEFORE = (3,)
"""Seeds that once showed a fault, of the program or of the simulator, and are never left out."""


@pytest.fixture(scope="module")
def stages() -> Pipeline:
    return recalling(pipeline(load_theatre("syria")))


@pytest.fixture(scope="module")
def results(stages: Pipeline) -> Results:
    return simulate_all(dict.fromkeys([*SEEDS, *FAILED_BEFORE]), stages)


@pytest.mark.slow
def test_no_seed_breaks_a_promise(results: Results) -> None:
    assert [(reproducer(one.seed), one.breaches) for one in results.failed] == []


@pytest.mark.slow
def test_every_kind_of_fault_has_fired(results: Results) -> None:
    assert results.never_fired == []
    assert set(results.fired) <= set(FAULTS)


def test_a_seed_does_the_same_again_in_another_process(stages: Pipeline) -> None:
    script = (
        "from streams.edges.sim.campaign import simulate\nfrom streams.pipeline import pipeline\n"
        "from streams.theatres.theatre import load_theatre\n"
        "print(simulate(7, pipeline(load_theatre('syria'))).trace)"
    )
    # Another order of sets, and no memory of what was read before.
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == simulate(7, stages).trace


def test_only_the_faults_that_are_named_fire(stages: Pipeline) -> None:
    outcome = simulate(5, stages, ["client-drops", "article-again"])
    assert {name for name, times in outcome.fired.items() if times} <= {"client-drops", "article-again"}


@pytest.fixture
def undisturbed(stages: Pipeline) -> Simulation:
    """A simulation in which nothing broke, for the checker to be lied to."""
    simulation = Simulation(11, stages, ["slow-disk"])
    simulation.run()
    assert checker.breaches(simulation) == []
    return simulation


def test_the_checker_sees_what_a_client_missed_or_got_twice(undisturbed: Simulation) -> None:
    client = undisturbed.clients[0]
    client.received[1:2] = []
    client.received.append(client.received[0])
    assert [one for one in checker.breaches(undisturbed) if one.startswith("feed: client-0 has missed [")]


def test_the_checker_sees_an_alert_that_never_arrived_or_under_two_ids(undisturbed: Simulation) -> None:
    first, *_ = undisturbed.receivers
    (_, body), *rest = first.received
    first.received[:] = rest
    (again,) = checker.breaches(undisturbed)
    assert again.startswith("webhooks: desk-target never got")
    first.received += [("one id", body), ("another id", body)]
    assert any("in 2 forms" in one for one in checker.breaches(undisturbed))


def test_the_checker_sees_an_article_that_was_acknowledged_and_lost(undisturbed: Simulation) -> None:
    undisturbed.given[0].acked += 1
    assert any(one.startswith("conservation: ") for one in checker.breaches(undisturbed))


def test_the_checker_sees_state_that_the_log_does_not_lead_to(undisturbed: Simulation) -> None:
    states: dict[str, Any] = undisturbed.log._states["merge"]
    states.pop(next(iter(states)))
    assert any(one.startswith("replay: ") for one in checker.breaches(undisturbed))


def test_a_breach_is_told_with_the_command_that_repeats_it() -> None:
    assert reproducer(8812, ["client-drops"]) == "frontwire sim --seed 8812 --only client-drops"


def test_the_command_says_what_fired(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streams.edges.cli", "sim", "--seed", "4", "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert '"seeds":1,"failed":[]' in told.stdout
