"""The command itself, killed while it runs and started again: what it then says is what a replay says."""

from __future__ import annotations

import random
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-m", "streams.edges.cli")


def frontwire(log: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments, "--log", str(log)], capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_a_run_killed_while_articles_arrive_is_what_its_replay_is(tmp_path: Path) -> None:
    log, chance = tmp_path / "a.log", random.Random(7)
    lines = (files("streams.theatres") / "syria" / "examples.jsonl").read_text().splitlines(keepends=True)
    for part in range(3):
        (tmp_path / f"{part}.jsonl").write_text("".join(lines[part::3]))
        assert frontwire(log, "ingest", str(tmp_path / f"{part}.jsonl")).returncode == 0
        arguments = [*COMMAND, "run", "--log", str(log)]
        running = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            running.wait(chance.uniform(1, 6))
        except subprocess.TimeoutExpired:
            running.kill()
        assert running.wait() == -9, running.stderr.read() if running.stderr else ""
    finished = frontwire(log, "run", "--once")
    assert finished.returncode == 0, finished.stderr
    replayed = frontwire(log, "replay")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    verified = frontwire(log, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
