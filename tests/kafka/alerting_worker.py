"""A worker that runs the two alert stages only: `python alerting_worker.py BROKER GROUP DATA`."""

from __future__ import annotations

import sys
from pathlib import Path

from streams.shells.workers import WorkerSettings, run_worker
from streams.stages.alert.step import AlertStage
from streams.stages.match.step import MatchStage
from tests.stages.alert.retracted_sample import rules
from tests.stages.alert.watching import THEATRE


def main() -> None:
    broker, group, data = sys.argv[1:]
    settings = WorkerSettings(f"kafka://{broker}", Path(data), group=group, prefix=f"{group}-", session_s=10.0)
    run_worker(settings, (MatchStage(THEATRE, rules()), AlertStage(THEATRE, rules())), 2)


if __name__ == "__main__":
    main()
