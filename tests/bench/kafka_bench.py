"""How fast a worker is on a broker, against plain loops that call the same stages: all in one run on one broker.

Prints a table and writes it to `kafka_results.md` beside this file. Contenders whose library is not installed are left
out: `make bench` installs those of `requirements.txt` into an environment of its own.

    PYTHONPATH=. python tests/bench/kafka_bench.py [ARTICLES]
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import endless, texts

from streams.shells.kafka_log import KafkaLog
from tests.conftest import LocalKafka

RESULTS = Path(__file__).with_name("kafka_results.md")
ARTICLES = 1_000
PARTITIONS = 4
CONTENDERS = (
    ("all", "faust", "our worker on Faust: all stages, state on disk and in changelogs", None),
    ("all", "aiokafka", "plain aiokafka loop: all stages, state in memory alone", "aiokafka"),
    ("all", "confluent", "plain confluent-kafka loop: all stages, state in memory alone", "confluent_kafka"),
    ("extract", "faust", "our worker on Faust: extract alone", None),
    ("extract", "aiokafka", "plain aiokafka loop: extract alone", "aiokafka"),
    ("extract", "confluent", "plain confluent-kafka loop: extract alone", "confluent_kafka"),
    ("extract", "quix", "Quix Streams: extract alone", "quixstreams"),
)


def measure(broker: str, which: str, contender: str, amount: int) -> dict[str, Any]:
    """Let one contender read the same articles from topics of its own."""
    prefix = f"b{uuid4().hex[:8]}-"
    with KafkaLog(f"kafka://{broker}", prefix=prefix) as log:
        log.create(PARTITIONS)
        entries = list(islice(endless(texts()), amount))
        for start in range(0, amount, 200):
            log.append(entries[start : start + 200])
    command = [sys.executable, str(Path(__file__).with_name("kafka_loops.py")), contender, broker, prefix, which]
    done = subprocess.run(command, capture_output=True, timeout=1_800)
    if done.returncode:
        raise SystemExit(done.stderr.decode()[-3_000:])
    told: dict[str, Any] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    return told


def run(broker: str, amount: int) -> list[str]:
    """Measure everything; the lines of the report."""
    found = {
        (which, name): (about, measure(broker, which, name, amount))
        for which, name, about, library in CONTENDERS
        if library is None or importlib.util.find_spec(library)
    }
    lines = ["| | articles/s | per CPU second | against plain aiokafka, CPU (wall) |", "|---|---|---|---|"]
    for (which, _), (about, told) in found.items():
        base = found[which, "aiokafka"][1]
        lines.append(
            f"| {about} | {amount / told['seconds']:,.1f} | {amount / told['cpu']:,.1f} | "
            f"{base['cpu'] / told['cpu']:.2f} ({base['seconds'] / told['seconds']:.2f}) |"
        )
    _, ours = found["all", "faust"]
    spent, records = ours["spent"], ours["records"]
    return [
        *lines,
        "",
        f"- {amount:,} articles in {PARTITIONS} partitions, one broker, one process each; "
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f} at the end: above the number of cores, compare CPU time only",
        "- our worker, whole chain: " + ", ".join(f"{name} {count:,} records" for name, count in records.items()),
        f"- where its {ours['seconds']:.1f} seconds went, over all stages (waits overlap): "
        + ", ".join(f"{part} {seconds:.1f}" for part, seconds in spent.items()),
    ]


def main() -> None:
    """Measure, print and keep."""
    amount = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        broker = LocalKafka(Path(folder)).start()
        try:
            lines = run(broker.bootstrap, amount)
        finally:
            broker.kill()
    report = "\n".join(["# Speed on a broker", "", "By `make bench`, in one run.", "", *lines, ""])
    RESULTS.write_text(report)
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
