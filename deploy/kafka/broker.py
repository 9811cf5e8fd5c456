"""One Apache Kafka broker on this machine, without a container engine.

`python deploy/kafka/broker.py --port 9092 --data .frontwire/kafka` formats the folder the first time, then becomes the
broker (the process turns into java, so signals reach it). The jars come from `mvn -f deploy/kafka/pom.xml package`;
Java 17 or newer is needed. For trials and tests: one node, no replication, bound to 127.0.0.1,
no security unless `--properties` bring it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBS = HERE / "libs"
CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw"
"""Fixed, so that a folder formatted once belongs to the broker started on it again."""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}/log
# Topics are created with their partitions and retention by the programs that own them, never by a typing error.
auto.create.topics.enable=false
# One node: the defaults ask for three replicas, and groups would wait for ever.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A broker that was killed may register again after two seconds, not nine.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=300
# The cleaner's default buffer of 128 MB does not fit into a small heap.
log.cleaner.dedupe.buffer.size=10485760
"""


def java(*arguments: str) -> list[str]:
    """Command line of a Kafka class with its arguments."""
    heap = ["-Xms256m", "-Xmx256m", "-XX:+UseSerialGC"]
    logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
    return ["java", *heap, logging, "-cp", f"{LIBS}/*", *arguments]


def prepare(data: Path, port: int, controller_port: int, further: str = "") -> Path:
    """The properties file of a formatted data folder; formats it if it is new. `further` properties overrule ours."""
    if shutil.which("java") is None:
        sys.exit("no java on PATH: a broker needs Java 17 or newer")
    if not any(LIBS.glob("kafka_*.jar")):
        sys.exit(f"no Kafka jars in {LIBS}: run `mvn -B -q -f deploy/kafka/pom.xml package`")
    data.mkdir(parents=True, exist_ok=True)
    properties = data / "server.properties"
    ours = PROPERTIES.format(port=port, controller_port=controller_port, data=data.resolve())
    properties.write_text(ours + further)
    if not (data / "log" / "meta.properties").exists():
        format_storage = ("kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER_ID, "-c", str(properties))
        subprocess.run(java(*format_storage), check=True, stdout=subprocess.DEVNULL)
    return properties


def main() -> None:
    """Become the broker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=9092, help="port of the broker (default 9092)")
    parser.add_argument("--controller-port", type=int, help="port of the controller (default: the broker's and one)")
    parser.add_argument("--data", type=Path, default=Path(".frontwire/kafka"), help="folder of the broker's data")
    parser.add_argument("--properties", type=Path, help="file of further properties, such as listeners with security")
    options = parser.parse_args()
    further = options.properties.read_text() if options.properties else ""
    properties = prepare(options.data, options.port, options.controller_port or options.port + 1, further)
    command = java("kafka.Kafka", str(properties))
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
