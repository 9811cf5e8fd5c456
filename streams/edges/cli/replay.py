"""`frontwire replay`: the articles read again, and the outcome compared with the log's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import LogError
from schemas.topics import ARTICLES, DEAD_LETTERS, TOPICS
from streams.edges.cli import screen, session
from streams.edges.cli.options import GROUP, AsJson, Broker, Group, LogFile, Prefix, day_option
from streams.edges.cli.span import Span, span_of
from streams.edges.settings import settings
from streams.shells.log import Lane, View
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.theatres.theatre import Theatre, load_theatre

if TYPE_CHECKING:
    from streams.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to."""

    read: int
    """Articles read."""
    state_hash: str
    live_state_hash: str | None
    """The log's own; None if the two cannot be compared."""
    differences: tuple[str, ...]
    """First offset of each lane in which the records are not the same, byte for byte: `events/0/17`."""
    incomparable: str | None
    """Why the two cannot be compared; None if they can."""

    @property
    def equal(self) -> bool | None:
        """Whether the replay is the run; None if the two cannot be compared."""
        if self.incomparable:
            return None
        return self.state_hash == self.live_state_hash and not self.differences


def replay(
    log: LogFile = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="OFFSET|TIME|TOPIC:PARTITION:OFFSET",
            help="First article to read: an offset, or a log time. mentions:3:1200 begins at that mention instead, "
            "and runs the stages that follow.",
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="OFFSET|TIME|TOPIC:PARTITION:OFFSET", help="Where to stop; this is not read."),
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option("--topic", metavar="TOPIC", help="Begin with what stands on this topic, in place of articles."),
    ] = None,
    since: Annotated[date | None, day_option("--since", "Only what tells of this day or later: event time.")] = None,
    until: Annotated[date | None, day_option("--until", "Only what tells of this day or earlier.")] = None,
    from_snapshot: Annotated[
        bool, typer.Option("--from-snapshot", help="Start where the last snapshot is, in place of from nothing.")
    ] = False,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="Keep the replayed log here; scratch otherwise.")
    ] = None,
    other: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="PACK|LOG",
            help="Another version: a theatre pack's folder; with --compare also a log that another version of the "
            "program has replayed --into.",
        ),
    ] = None,
    beside: Annotated[
        bool,
        typer.Option(
            "--beside",
            help="Into topics of their own beside the live ones: a generation, that frontwire generations lists. One "
            "that was cut off goes on.",
        ),
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="The same, and have it become live when it has caught up, at once.")
    ] = False,
    processes: Annotated[
        int, typer.Option("--processes", metavar="N", min=0, help="Read articles in N more processes; 0 for none.")
    ] = os.cpu_count() or 1,
    compare: Annotated[
        bool, typer.Option("--compare", help="Report what --with changes, with the sentences responsible.")
    ] = False,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="With --compare: write the report as a page.")
    ] = None,
    broker: Broker = None,
    prefix: Prefix = "",
    group: Group = GROUP,
    as_group: Annotated[
        str | None,
        typer.Option(
            "--as-group",
            metavar="NAME",
            help="With a broker: write down under this consumer group how far was read, for every Kafka tool to see.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the articles again into a scratch log, print the hash of its state, and compare.

    A replay of everything has to end in the same records, byte for byte, and in the same state as the log itself. Exit
    code 1 if it does not. A replay of a part, or by other versions of the stages, has nothing to be compared with. With
    --broker a cluster's topics are read, and the states of its workers are what is compared with.

    With --compare two versions read the same articles, and what they say is held against each other: mentions lost and
    gained, events split or joined, towns whose holder differs. Exit code 1 if anything does.
    """
    if compare:
        if other is None:
            raise typer.BadParameter("--compare needs another version: --with PACK", param_hint="--compare")
        span = span_of(first, end, topic, since, until, processes)
        raise typer.Exit(_compare(log, other, span, page, as_json))
    stages = session.stages(_pack(other) if other else None)
    if beside or take_over:
        from streams.edges.cli.generations import build

        build(session.log_path(log), stages, take_over=take_over, processes=processes, as_json=as_json)
        return
    span = span_of(first, end, topic, since, until, processes)
    with (
        session.looked_at(log, broker, prefix, group) as source,
        TemporaryDirectory(prefix="frontwire-replay-") as scratch,
    ):
        why = incomparable(source, stages, part=span.is_part)
        path = into or Path(scratch, "log.db")
        with closing(open_log(path, partitions=source.partitions(ARTICLES.name))) as target:
            if from_snapshot:
                _start_from_snapshot(source, target, stages)
            taken = _run(source, target, stages, span)
            found = _compared(source, target, stages, taken, why)
            if as_group and broker:
                read = {mark.lane: mark.offset for mark in target.marks() if mark.lane.topic == span.topic}
                _commit(broker, prefix, as_group, read)
    screen.json_line({**asdict(found), "equal": found.equal}) if as_json else _tell(found)
    raise typer.Exit(1 if found.equal is False else 0)


def _compare(log: Path | None, other: str, span: Span, page: Path | None, as_json: bool) -> int:
    """Compare two versions over the same articles; the exit code."""
    from streams.edges.cli.compare import tell
    from streams.edges.compare.comparison import compare as compare_logs

    with ExitStack() as opened:
        source, stages = opened.enter_context(closing(session.to_read(log))), session.stages()
        # The log's own records serve where this version made them all; else it has to say again what it says.
        again = incomparable(source, stages, part=span.is_part)
        before = _scratch(opened, source, stages, span) if again else source
        if Path(other).is_file():
            after = opened.enter_context(closing(open_log(other, read_only=True)))
        else:
            after = _scratch(opened, source, session.stages(_pack(other)), span)
        _expect_same_articles(before, after)
        found = compare_logs(source, before, after, (_versions(before), _versions(after)), _articles_read(after))
        tell(found, page=page, json=as_json)
    return 0 if found.equal else 1


def _scratch(opened: ExitStack, source: SqliteLog, stages: Pipeline, span: Span) -> SqliteLog:
    folder = opened.enter_context(TemporaryDirectory(prefix="frontwire-replay-"))
    target = open_log(Path(folder, "log.db"), partitions=source.partitions(ARTICLES.name))
    _run(source, opened.enter_context(closing(target)), stages, span)
    return target


def _pack(named: str) -> Theatre:
    """A theatre by its pack's folder, or by its name among those that the environment offers."""
    folder = Path(named)
    if (folder / "theatre.yaml").is_file():
        return load_theatre(folder.resolve().name, folder.resolve().parent)
    return load_theatre(named, settings().theatres)


def _versions(log: SqliteLog) -> dict[str, str]:
    """Version by stage, as the log's progress has it, in the order of the flow."""
    flow = list(TOPICS)
    return {mark.stage: mark.version for mark in sorted(log.marks(), key=lambda mark: flow.index(mark.lane.topic))}


def _articles_read(log: SqliteLog) -> int:
    return sum(1 for _ in log.states("extract"))


def _expect_same_articles(before: SqliteLog, after: SqliteLog) -> None:
    one, other = (_read_up_to(log) for log in (before, after))
    if one != other:
        raise LogError(f"{after.path} has not read the same articles as {before.path}; replay up to the same offset")


def _read_up_to(log: SqliteLog) -> dict[Lane, int]:
    return {mark.lane: mark.offset for mark in log.marks() if mark.lane.topic == ARTICLES.name}


def other_versions(source: View, stages: Pipeline) -> str | None:
    """What to say if other versions of the stages have left the log's state; None if it was these."""
    here = {stage.name: stage.version for stage in stages}
    left = sorted({(mark.stage, mark.version) for mark in source.marks() if here.get(mark.stage) != mark.version})
    told = (f"{stage} was run in version {version}, and this is {here.get(stage)}" for stage, version in left)
    return "; ".join(told) or None


def incomparable(source: View, stages: Pipeline, *, part: bool) -> str | None:
    """Why a replay of a log has nothing to be compared with; None if it has."""
    if part:
        return "a part has nothing to be compared with"
    waiting = _waiting(source)
    if waiting:
        return f"{screen.plural(waiting, 'article')} wait to be run: frontwire run --once"
    return other_versions(source, stages)


def _waiting(source: View) -> int:
    """Articles that the log's own stages have not read yet."""
    read = {mark.lane: mark.offset for mark in source.marks() if mark.lane.topic == ARTICLES.name}
    lanes = [Lane(ARTICLES.name, partition) for partition in range(source.partitions(ARTICLES.name))]
    return sum(source.bounds(*lane)[1] - read.get(lane, source.bounds(*lane)[0]) for lane in lanes)


def _start_from_snapshot(source: View, target: SqliteLog, stages: Pipeline) -> None:
    if not isinstance(source, SqliteLog):
        raise typer.BadParameter("a cluster has no snapshots", param_hint="--from-snapshot")
    from streams.shells.snapshots import nearest, start_from

    versions = {stage.name: stage.version for stage in stages}
    lane = Lane(ARTICLES.name, 0)
    snapshot = nearest(source.path, versions, lane, source.bounds(*lane)[1])
    if snapshot is None:
        raise LogError(f"{source.path} has no snapshot by these versions of the stages; frontwire snapshot takes one")
    start_from(snapshot, target)


def _run(source: View, target: SqliteLog, stages: Pipeline, span: Span) -> int:
    from streams.shells.replay import replay as run_again

    topic, first = span.begin
    with screen.bar("Replaying", total=None) as bar:
        return run_again(
            source,
            target,
            stages,
            topic=topic,
            first=first,
            end=span.end,
            wanted=span.within,
            limits=session.limits(span.processes),
            on_progress=screen.watcher(bar),
        )


def _compared(source: View, target: SqliteLog, stages: Pipeline, taken: int, why: str | None) -> Replayed:
    from streams.shells.replay import differences
    from streams.shells.state_hash import state_hash

    replayed = state_hash(target, stages)
    if why:
        return Replayed(taken, replayed, None, (), why)
    # Dead letters of intake stand in the log and follow from no article.
    made = [topic.name for stage in stages for topic in stage.outputs if topic is not DEAD_LETTERS]
    # Workers may deliver a record twice, so a cluster's records are those of the run but not at the same offsets.
    differ = differences(source, target, made) if isinstance(source, SqliteLog) else ()
    parted = tuple(f"{one.lane.topic}/{one.lane.partition}/{one.offset}" for one in differ)
    return Replayed(taken, replayed, state_hash(source, stages), parted, None)


def _commit(broker: str, prefix: str, group: str, ends: Mapping[Lane, int]) -> None:
    from streams.shells.kafka_log import KafkaLog

    with KafkaLog(broker, prefix=prefix, access=settings().access()) as log:
        log.commit(group, ends)


def _tell(found: Replayed) -> None:
    out = screen.out()
    out.print(f"Read {screen.plural(found.read, 'article')} again. State: {found.state_hash}", soft_wrap=True)
    if found.incomparable:
        out.print(f"Not compared: {found.incomparable}.", style="dim", soft_wrap=True)
    elif found.equal:
        out.print("The same as the log's own, and every record is the same, byte for byte.", style="green")
    else:
        out.print(f"The log's own state is {found.live_state_hash}.", style="red")
        for place in found.differences:
            out.print(f"  the records part at {place}", style="red")
