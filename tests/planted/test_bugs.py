"""A promise that no broken program would break proves nothing: each planted fault is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.planted.bugs import BUGS, Bug

ROOT = Path(__file__).parents[2]
SEEDS = 40
"""Seeds that the simulator has for each."""
SIZE = os.environ.get("FRONTWIRE_TEST_PLANTED", "3")
"""How many of the faults are planted, spread over the list: a number, or `all`."""
CHOSEN = list(BUGS) if SIZE == "all" else list(BUGS)[:: max(1, len(BUGS) // int(SIZE))]


def planted(bug: Bug, into: Path) -> Path:
    """A copy of the program that has the fault."""
    for folder in ("streams", "schemas", "tests"):
        shutil.copytree(ROOT / folder, into / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    shutil.copyfile(ROOT / "pyproject.toml", into / "pyproject.toml")
    file = into / bug.file
    file.write_text(file.read_text().replace(bug.before, bug.after))
    return into


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_fault_fits_the_program(name: str) -> None:
    bug = BUGS[name]
    assert (ROOT / bug.file).read_text().count(bug.before) == 1
    assert bug.before != bug.after


@pytest.mark.slow
@pytest.mark.parametrize("name", CHOSEN)
def test_a_planted_fault_is_found(name: str, tmp_path: Path) -> None:
    bug = BUGS[name]
    copy = planted(bug, tmp_path)
    pytests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(bug.test)]
    command = pytests if bug.test else [sys.executable, str(copy / "tests/planted/find.py"), str(SEEDS)]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    told = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    said = told.stdout + told.stderr
    if bug.test:
        assert told.returncode == 1, f"{bug.test} passes although {name}"
        assert "1 failed" in said
    else:
        assert told.returncode == 0, f"no seed finds that {name}\n{said[-800:]}"
