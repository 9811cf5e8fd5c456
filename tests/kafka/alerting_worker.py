"""A worker that runs the two alert stages only: `python alerting_worker.py BROKER GROUP DATA RULES`."""

from __future__ import annotations

import sys
from pathlib import Path

from streams.shells.workers import WorkerSettings, run_worker
from streams.stages.alert.step import AlertStage
from streams.stages.match.step import MatchStage
from streams.theatres.alert_rules import own_rules
from streams.theatres.theatre import load_theatre


def main() -> None:
    broker, group, data, rules = sys.argv[1:]
    theatre, path = load_theatre(), Path(rules)
    chosen = own_rules(theatre, path, path.read_bytes(), lambda name: b"")
    settings = WorkerSettings(f"kafka://{broker}", Path(data), group=group, prefix=f"{group}-", session_s=30.0)
    run_worker(settings, (MatchStage(theatre, chosen), AlertStage(theatre, chosen)), 2)


if __name__ == "__main__":
    main()
