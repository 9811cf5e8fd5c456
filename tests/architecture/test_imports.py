"""Imports point one way, and the core knows no broker, database, network or clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ("schemas", "streams/stages", "streams/theatres", "streams/pipeline.py")


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    arguments = ["--config", str(root / "pyproject.toml"), "--no-cache"]
    return subprocess.run([sys.executable, "-c", program, *arguments], cwd=root, capture_output=True, text=True)


def test_the_import_rules_hold() -> None:
    found = lint_imports(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("module", ["sqlite3", "streams.shells.log"])
def test_a_stage_that_reached_for_a_database_or_a_shell_would_be_found(tmp_path: Path, module: str) -> None:
    copied = subprocess.run(
        ["cp", "-r", *(str(ROOT / name) for name in ("schemas", "streams", "pyproject.toml")), str(tmp_path)]
    )
    assert copied.returncode == 0
    with (tmp_path / "streams/stages/merge/step.py").open("a") as step:
        step.write(f"\nimport {module}\n")
    found = lint_imports(tmp_path)
    assert found.returncode != 0
    assert f"streams.stages.merge.step -> {module.removesuffix('.log')}" in found.stdout


def test_the_core_asks_no_clock_chance_or_environment() -> None:
    rules = ["--select", "TID251", "--output-format", "concise"]
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *rules, *CORE], cwd=ROOT, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout
    sources = [path for name in CORE for path in (ROOT / name).rglob("*.py")] + [ROOT / "streams/pipeline.py"]
    forbidden = ("os.environ", "getenv", "perf_counter", "monotonic(", "secrets.", "urandom", "# noqa: TID251")
    guilty = [(path.name, word) for path in sources for word in forbidden if word in path.read_text()]
    assert guilty == []


def test_shells_and_stages_keep_to_the_limits_of_size() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in ("schemas", "streams", "tests")
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 450
    }
    assert long == {}
