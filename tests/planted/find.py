"""Run the simulator until it finds something: `python find.py SEEDS`. Exit code 0 if it did."""

from __future__ import annotations

import sys

from streams.edges.sim.campaign import simulate
from streams.edges.sim.recall import recalling
from streams.pipeline import pipeline
from streams.theatres.theatre import load_theatre


def main() -> None:
    stages = recalling(pipeline(load_theatre("syria")))
    for seed in range(int(sys.argv[1])):
        if found := simulate(seed, stages).breaches:
            print(f"seed {seed}: {found[0]}")
            return
    sys.exit("no seed found anything")


if __name__ == "__main__":
    main()
