"""Fuzzing led by coverage: `make fuzz`, or `python -m tests.fuzz.fuzz RUNS` for so many inputs in all.

Inputs begin with good ones and are changed wherever a change reaches code that none before it reached. Each target runs
in a process of its own; an exception that it does not announce ends it, and the input is kept beside the log.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SHARES = {
    "decoding": (0.3, 2_000),
    "cleaning": (0.2, 1_000),
    "taking_in": (0.1, 1_000),
    "extracting": (0.02, 300),
    "upcasting": (0.18, 2_000),
    "ruling": (0.02, 2_000),
    "filtering": (0.18, 300),
}
"""Share of the inputs, by what one costs, and most bytes of one; by target."""
FINDINGS = Path(".frontwire/fuzz")


def main() -> None:
    """Run every target, and say what came of it; exit code 1 if one of them broke."""
    wanted = int(sys.argv[1])
    FINDINGS.mkdir(parents=True, exist_ok=True)
    told = []
    for name, (share, longest) in SHARES.items():
        told.append(run(name, int(wanted * share), longest))
        print(json.dumps(told[-1]), flush=True)
    broke = [one["target"] for one in told if one["broke"]]
    print(json.dumps({"inputs": sum(one["inputs"] for one in told), "broke": broke}))
    sys.exit(1 if broke else 0)


def run(name: str, runs: int, longest: int) -> dict[str, Any]:
    """One target over so many inputs."""
    began = time.monotonic()
    with TemporaryDirectory() as corpus:
        command = [sys.executable, "-m", "tests.fuzz.fuzz", "--one", name, corpus, f"-runs={runs}"]
        command += [f"-artifact_prefix={FINDINGS}/{name}-", f"-max_len={longest}", "-timeout=20", "-seed=1"]
        done = subprocess.run(command, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True, errors="replace")
    (FINDINGS / f"{name}.log").write_text(done.stdout)
    counted, reached = re.findall(r"^#(\d+)\s", done.stdout, re.MULTILINE), re.findall(r" ft: (\d+) ", done.stdout)
    return {
        "target": name,
        "inputs": int(counted[-1]) if counted else 0,
        "reached": int(reached[-1]) if reached else 0,
        "seconds": round(time.monotonic() - began, 1),
        "broke": done.returncode != 0,
    }


def one(name: str, corpus: Path, options: list[str]) -> None:
    """Run a target in this process, with the program instrumented."""
    import atheris

    with atheris.instrument_imports(include=["streams", "schemas"]):
        from tests.fuzz.targets import TARGETS, seeds
    for number, seed in enumerate(seeds(name)):
        (corpus / f"{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        one(sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
    else:
        main()
