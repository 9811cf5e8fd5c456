"""`frontwire state-hash`, `verify` and `replay`: the log is what was written, and the state what follows from it."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import RefusedArticle
from schemas.topics import ARTICLES, TOPICS
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile
from streams.edges.intake.dates import read_time
from streams.edges.intake.ingest import milliseconds
from streams.shells.log import Damage, Lane
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.state_hash import state_hash as hash_of_state
from streams.shells.verify import verify as verify_log

if TYPE_CHECKING:
    from streams.pipeline import Pipeline
    from streams.shells.replay import Difference, Point

_OFFSET = re.compile(r"(?:(\d+)/)?(\d+)")


def state_hash(log: LogFile = None, as_json: AsJson = False) -> None:
    """Print one hash over all folded state.

    It is the same for any order of arrival, batch size, number of partitions and shell: two systems with equal hashes
    know the same.
    """
    store = session.to_read(log)
    found = hash_of_state(store, session.stages())
    screen.json_line({"state_hash": found}) if as_json else screen.lines([found.encode()])
    store.close()


def verify(log: LogFile = None, as_json: AsJson = False) -> None:
    """Read the whole log and its state, and tell whether all of it is what was written. Exit code 1 if it is not."""
    path = session.log_path(log)
    with screen.bar("Verifying", total=None) as bar:

        def watch(records: int) -> None:
            if bar:
                bar.update(bar.task_ids[0], note=screen.plural(records, "record"))

        found = verify_log(path, watch)
    if as_json:
        damage = [{"what": one.what, "topic": one.topic, "offset": one.offset} for one in found.damage]
        screen.json_line({"log": str(path), "records": found.records, "damage": damage})
    else:
        _tell_damage(path, found.records, found.damage)
    raise typer.Exit(1 if found.damage else 0)


def replay(
    log: LogFile = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="OFFSET|TIME", help="First article to read: an offset, or a log time."),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="OFFSET|TIME", help="Where to stop; this article is not read.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="Keep the replayed log here; scratch otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the articles again into a scratch log, print the hash of its state, and compare.

    A replay of everything has to end in the same records, byte for byte, and in the same state as the log itself. Exit
    code 1 if it does not. A replay of a part has nothing to be compared with.
    """
    from streams.shells.replay import differences

    source, stages = session.to_read(log), session.stages()
    with TemporaryDirectory(prefix="frontwire-replay-") as scratch:
        topics = source.topics()
        with closing(open_log(into or Path(scratch, "log.db"), partitions=topics[ARTICLES.name])) as target:
            taken = _replay(source, target, stages, _point(first, "--from"), _point(end, "--to"))
            replayed = hash_of_state(target, stages)
            whole = first is None and end is None
            live = hash_of_state(source, stages) if whole else None
            written = [topic.name for stage in stages for topic in stage.outputs]
            parted = list(differences(source, target, _made(written))) if whole else []
    equal = (live == replayed and not parted) if whole else None
    if as_json:
        told = {"read": taken, "state_hash": replayed, "live_state_hash": live, "equal": equal}
        screen.json_line({**told, "differences": [_name(one) for one in parted]})
    else:
        _tell_replay(taken, replayed, live, parted)
        if equal is False:
            _tell_versions(source, stages)
    source.close()
    raise typer.Exit(0 if equal in (True, None) else 1)


def _replay(source: SqliteLog, target: SqliteLog, stages: Pipeline, first: Point | None, end: Point | None) -> int:
    from streams.shells.replay import replay as replay_stages

    with screen.bar("Replaying", total=None) as bar:
        return replay_stages(source, target, stages, first=first, end=end, on_progress=screen.watcher(bar))


def _made(topics: list[str]) -> list[str]:
    # Dead letters of intake stand in the log and follow from no article.
    return [name for name in TOPICS if name in topics and name != "dead-letters"]


def _point(written: str | None, option: str) -> Point | None:
    from streams.shells.replay import Moment, Offset

    if written is None:
        return None
    offset = _OFFSET.fullmatch(written)
    if offset:
        return Offset(Lane(ARTICLES.name, int(offset[1] or 0)), int(offset[2]))
    try:
        return Moment(milliseconds(read_time(written).at))
    except RefusedArticle:
        told = f"{written!r} is neither an offset of articles (17) nor a time (2017-10-28T12:00:00Z)"
        raise typer.BadParameter(told, param_hint=option) from None


def _tell_versions(source: SqliteLog, stages: Pipeline) -> None:
    """Other rules make other records: say so where the log was made by another version."""
    here = {stage.name: stage.version for stage in stages}
    for stage, version in sorted({(mark.stage, mark.version) for mark in source.marks()}):
        if here.get(stage) != version:
            told = f"  {stage} was run in version {version}, and this is {here.get(stage)}: other rules, other records"
            screen.out().print(told, style="dim", soft_wrap=True)


def _name(parted: Difference) -> str:
    return f"{parted.lane.topic}/{parted.lane.partition}/{parted.offset}"


def _tell_damage(path: Path, records: int, damage: tuple[Damage, ...]) -> None:
    out = screen.out()
    if not damage:
        out.print(f"{path}: {screen.plural(records, 'record')} and all state are what was written.", soft_wrap=True)
        return
    out.print(f"{path} is damaged. {screen.plural(records, 'record')} are sound.", style="red", soft_wrap=True)
    for one in damage:
        out.print(f"  {one.what}", soft_wrap=True)


def _tell_replay(taken: int, replayed: str, live: str | None, parted: list[Difference]) -> None:
    out = screen.out()
    out.print(f"Read {screen.plural(taken, 'article')} again. State: {replayed}", soft_wrap=True)
    if live is None:
        return
    if live == replayed and not parted:
        out.print("The same as the log's own, and every record is the same, byte for byte.", style="green")
        return
    out.print(f"The log's own state is {live}." if live != replayed else "The states are the same.", style="red")
    for one in parted:
        out.print(f"  the records part at {_name(one)}", style="red")
