"""The Kafka shell: one Faust agent and one table a stage, on as many workers as there are partitions.

On assignment a worker reads on from where its *state* is, not from where the consumer group's commit is, and it takes
records in unbroken order only: a gap in the offsets is an alarm, and is read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust

from schemas.errors import LogError
from schemas.topics import TOPICS
from streams.shells import faust_remedy, lease, probe
from streams.shells import worker_telemetry as telemetry
from streams.shells.access import OPEN, SCHEME, Access, servers
from streams.shells.changelog import ChangelogWriter, changelog_name
from streams.shells.kafka_log import MAX_RECORD_BYTES, KafkaLog
from streams.shells.stage_agent import AgentSettings, StageAgent
from streams.shells.watch import Watch
from streams.stages.stage import Stage


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker meets its cluster."""

    broker: str
    """`kafka://host:port`, several separated by commas."""
    data_dir: Path
    """Folder of this worker's tables. Kept over restarts it saves reading the changelog again; one worker a folder."""
    group: str = "frontwire"
    """Consumer group and prefix of the tables' changelogs."""
    prefix: str = ""
    """Put before each topic's name on the broker."""
    replication: int = 1
    """Copies of each topic on the cluster; 3 where there are that many brokers."""
    standby_replicas: int = 0
    """Warm copies of each table on other workers."""
    batch: int = 200
    """Records processed together."""
    live_bytes: int = 256_000_000
    """Stored bytes of the states that are held ready."""
    stuck_after_s: float = 120.0
    """Seconds without progress, while records wait, after which a worker ends itself for its supervisor to restart."""
    session_s: float = 10.0
    """Seconds after which a worker that is not heard of loses its partitions; the lease is a part of it."""
    access: Access = OPEN
    """What the worker shows the broker."""
    accept_versions: bool = False
    """Whether to go on from the state that another version of a stage left."""
    probe: str | None = None
    """`host:port` on which it tells metrics and how it is; null for nowhere."""

    @property
    def lease_ms(self) -> int:
        """For how long a worker may write after it last heard from its group, milliseconds."""
        return int(self.session_s * lease.SHARE * 1000)


def create_topics(settings: WorkerSettings, stages: Sequence[Stage[Any]], partitions: int | None = None) -> None:
    """Create every topic that workers need and that is not there, with its partitions, retention and clean-up.

    A stage's table is partitioned as its inputs are, so its inputs must have one number of partitions.

    Raises:
        LogError: If topics are there whose partitions do not fit each other.
    """
    with KafkaLog(settings.broker, prefix=settings.prefix, access=settings.access) as log:
        log.create(partitions, settings.replication)
        for stage in stages:
            counts = {log.partitions(topic.name) for topic in stage.inputs}
            if len(counts) > 1:
                raise LogError(f"the inputs of {stage.name} differ in partitions {counts}; create them anew alike")
            name = changelog_name(settings.group, stage.name)
            log.create_changelog(name, counts.pop(), settings.replication, settings.lease_ms)


def make_app(
    settings: WorkerSettings, stages: Sequence[Stage[Any]], partitions: Mapping[str, int]
) -> tuple[faust.App, list[StageAgent]]:
    """The Faust app of one worker, and its agents.

    Args:
        settings: How it meets its cluster.
        stages: In the order of the flow.
        partitions: Number of partitions by topic.
    """
    faust_remedy.apply()
    lease.apply()
    app = faust.App(
        settings.group,
        broker=[SCHEME + server for server in servers(settings.broker)],
        broker_credentials=settings.access.faust(),
        store="rocksdb://",
        datadir=str(settings.data_dir),
        # The feed is a process of its own; Faust's server would show table data to anyone.
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        # A worker that was killed is missed after ten seconds, not sixty.
        broker_session_timeout=settings.session_s,
        broker_heartbeat_interval=settings.session_s / 4,
        broker_rebalance_timeout=max(15, settings.session_s),
        broker_max_poll_records=500,
        consumer_max_fetch_size=MAX_RECORD_BYTES,
        producer_max_request_size=MAX_RECORD_BYTES,
        producer_linger=0.005,
        producer_acks=-1,
        table_standby_replicas=settings.standby_replicas,
        stream_wait_empty=False,
        Table="streams.shells.table_store:StateTable",
    )
    writer = ChangelogWriter(settings.broker, settings.access)
    chosen = AgentSettings(settings.prefix, settings.batch, settings.live_bytes, settings.accept_versions)
    agents = [StageAgent(app, chosen, stage, partitions, writer) for stage in stages]
    _read_on_from_state(app, agents)
    _let_go_when_revoked(app, agents)
    return app, agents


def run_worker(settings: WorkerSettings, stages: Sequence[Stage[Any]], partitions: int | None = None) -> None:
    """Run one worker until it gets SIGTERM or SIGINT; does not return.

    Args:
        settings: How it meets its cluster.
        stages: In the order of the flow.
        partitions: For topics that are not there yet; the registry's numbers if None.
    """
    create_topics(settings, stages, partitions)
    with KafkaLog(settings.broker, prefix=settings.prefix, access=settings.access) as log:
        counts = {name: log.partitions(name) for name in TOPICS}
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app, agents = make_app(settings, stages, counts)
    watch = Watch(app, agents, stuck_after_s=settings.stuck_after_s)
    watch.start()
    if settings.probe:
        probe.serve(settings.probe, watch.vitals)
    # Levels above info start a spinner that turns every debug record on, and costs a quarter of the speed.
    faust.Worker(app, loglevel="INFO", redirect_stdouts=False).execute_from_commandline()


def _read_on_from_state(app: faust.App, agents: Sequence[StageAgent]) -> None:
    """Make Faust seek to where the state is, where it would seek to the group's commit."""
    make_consumer: Any = app._new_consumer

    def new_consumer() -> Any:
        consumer = make_consumer()
        seek_to_committed = consumer.seek_to_committed

        async def seek_to_state() -> Mapping[Any, int]:
            offsets = dict(await seek_to_committed())
            readers = {at: [agent for agent in agents if at.topic in agent.inputs] for at in consumer.assignment()}
            ours = {at: reading for at, reading in readers.items() if reading}
            held = await consumer.earliest_offsets(*ours) if ours else {}
            for at, reading in ours.items():
                # Several stages may read a topic: each drops what lies before the end of its own state.
                begin = min(agent.begin(at, held[at]) for agent in reading)
                if begin != offsets.get(at):
                    telemetry.position_taken(at.topic, at.partition, offsets.get(at), begin)
                    await consumer._seek(at, begin)
                    offsets[at] = begin
            return offsets

        consumer.seek_to_committed = seek_to_state
        return consumer

    app._new_consumer = new_consumer  # type: ignore[method-assign]


def _let_go_when_revoked(app: faust.App, agents: Sequence[StageAgent]) -> None:
    """Before a worker tells its group that it is ready for other partitions, it finishes what it writes for these."""

    async def revoked(sender: Any, *_: Any, **__: Any) -> None:
        for agent in agents:
            await agent.let_go()

    app.on_partitions_revoked.connect(revoked)  # type: ignore[arg-type]
