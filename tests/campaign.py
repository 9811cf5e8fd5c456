"""The campaign that proves the promise, with a report in JSON and HTML: `make campaign`, or `SIZE=release` for long.

It runs seeds of the simulator, all planted faults, and the tests that kill, tear and flood real processes, files and
connections. A kind of fault that never fired is as bad as a promise that was broken: of it nothing was proved.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SEEDS = {"small": 500, "release": 10_000}
REAL = {
    "killed processes": ["tests/end_to_end/test_kill.py", "tests/end_to_end/test_kill_command.py"],
    "torn and tampered logs": ["tests/shells/test_verify.py", "tests/shells/test_diagnosis.py"],
    "orders and repeats": ["tests/properties"],
    "webhook targets": ["tests/edges/delivery"],
    "feed clients": ["tests/edges/feed"],
    "workers and broker": ["tests/kafka"],
    "hostile input": ["tests/fuzz"],
    "secrets": ["tests/end_to_end/test_secrets.py"],
}
"""What is tried on real processes, files, connections and brokers, and the tests that do."""


@dataclass(frozen=True)
class Part:
    """One part of the campaign."""

    name: str
    passed: bool
    seconds: float
    said: str


def main() -> None:
    size, into = sys.argv[1], Path(sys.argv[2])
    simulated = simulator(SEEDS[size])
    parts = [tests("planted faults", ["tests/planted"]), *(tests(name, paths) for name, paths in REAL.items())]
    into.mkdir(parents=True, exist_ok=True)
    report = {"size": size, "simulator": simulated, "parts": [asdict(part) for part in parts]}
    (into / "campaign.json").write_text(json.dumps(report, indent=1))
    (into / "campaign.html").write_text(page(size, simulated, parts))
    print(f"{into}/campaign.html")
    red = simulated["failed"] or simulated["never_fired"] or not all(part.passed for part in parts)
    sys.exit(1 if red else 0)


def simulator(seeds: int) -> dict[str, Any]:
    """What `frontwire sim` says of so many seeds."""
    from streams.edges.sim.faults import FAULTS

    began = time.monotonic()
    command = [sys.executable, "-m", "streams.edges.cli", "sim", "--seeds", f"1-{seeds}", "--json"]
    told = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False).stdout)
    fired = {name: told["fired"].get(name, 0) for name in FAULTS}
    never = [name for name, times in fired.items() if not times]
    return {**told, "fired": fired, "never_fired": never, "seconds": round(time.monotonic() - began, 1)}


def tests(name: str, paths: list[str]) -> Part:
    """Run tests; what they said last."""
    began = time.monotonic()
    environment = {**os.environ, "FRONTWIRE_TEST_PLANTED": "all"}
    command = [sys.executable, "-m", "pytest", "-q", *paths]
    told = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    said = told.stdout.strip().splitlines()[-1:]
    return Part(name, told.returncode == 0, round(time.monotonic() - began, 1), said[0] if said else "")


def page(size: str, simulated: dict[str, Any], parts: list[Part]) -> str:
    """The report for people."""
    fired = "".join(row(name, str(times), bool(times)) for name, times in simulated["fired"].items())
    ran = "".join(row(part.name, f"{part.said} ({part.seconds} s)", part.passed) for part in parts)
    failed = [row(f"frontwire sim --seed {one['seed']}", str(one["breaches"]), False) for one in simulated["failed"]]
    style = "body{font:16px system-ui;margin:2em}td{padding:.2em 1em}.red{background:#fbb}.green{background:#cfc}"
    return (
        f"<!doctype html><meta charset=utf-8><title>Campaign</title><style>{style}</style>"
        f"<h1>Campaign, {escape(size)}</h1><p>{simulated['seeds']} seeds in {simulated['seconds']} s; slowest heal "
        f"{simulated['slowest_heal_s']} simulated seconds after the last fault.</p>"
        f"<h2>Seeds that broke a promise</h2><table>{''.join(failed) or '<tr><td>none'}</table>"
        f"<h2>Faults fired</h2><table>{fired}</table><h2>On the real thing</h2><table>{ran}</table>"
    )


def row(name: str, said: str, good: bool) -> str:
    """A line that is red where something is wrong."""
    return f'<tr class="{"green" if good else "red"}"><td>{escape(name)}<td>{escape(said)}'


if __name__ == "__main__":
    main()
