"""Blue and green: a version builds its topics beside the live ones, and takes over when it has caught up.

The generation that is built reads the articles of the log like any other; killed anywhere, it goes on where it was. It
takes over in one transaction: before it every reader finds the old topics, after it the new ones, and whoever held the
log open is told. The old generation stays until it is dropped, so that the way back is a takeover as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from shutil import rmtree

from schemas.topics import DEAD_LETTERS
from streams.pipeline import Pipeline
from streams.shells.batch import STAGE
from streams.shells.log import Entry, Stored, iterate
from streams.shells.runner import DEFAULTS, Limits, Progress, Runner
from streams.shells.snapshots import folder_of
from streams.shells.sqlite_log import SqliteLog, open_log


def unfinished(log: SqliteLog, versions: Mapping[str, str]) -> int | None:
    """A generation that these versions began and that has not taken over; null if there is none.

    Args:
        log: The log.
        versions: Version by stage.
    """
    for number in reversed([one for one in log.generations() if one != log.live()]):
        with closing(open_log(log.path, read_only=True, generation=number)) as beside:
            left = {mark.stage: mark.version for mark in beside.marks()}
        if number > log.live() and all(versions.get(stage) == version for stage, version in left.items()):
            return number
    return None


def build(
    path: Path,
    generation: int,
    stages: Pipeline,
    *,
    limits: Limits = DEFAULTS,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> int:
    """Run stages in a generation of a log until it has caught up; the number of articles read.

    Raises:
        LogInUse: If another process builds it.
    """
    with closing(open_log(path, generation=generation)) as log:
        return Runner(log, stages, limits=limits, on_progress=on_progress).run_once()


def take_over(
    path: Path,
    generation: int,
    stages: Pipeline,
    *,
    limits: Limits = DEFAULTS,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> int:
    """Have a generation catch up and become the live one, at once; the number of articles that it read for that.

    Snapshots are of the generation before and are deleted.

    Raises:
        LogInUse: If another process builds it.
        LogError: If other versions of the stages have built it.
    """
    taken = 0
    with closing(open_log(path, generation=generation)) as log:
        while True:
            taken += Runner(log, stages, limits=limits, on_progress=on_progress).run_once()
            with closing(open_log(path, read_only=True)) as live:
                letters = [_again(one) for one in _of_intake(live)] if live.generation != generation else []
                ends = {lane: head.end for lane, head in live.heads().items() if lane.topic == DEAD_LETTERS.name}
            there = {one.value for one in _of_intake(log)}
            if log.take_over([one for one in letters if one.value not in there], ends):
                break
    rmtree(folder_of(path), ignore_errors=True)
    return taken


def _of_intake(log: SqliteLog) -> list[Stored]:
    """Dead letters that no stage made: they follow from no article, so no replay makes them again."""
    return [one for one in iterate(log, DEAD_LETTERS.name) if STAGE not in dict(one.headers)]


def _again(one: Stored) -> Entry:
    return Entry(one.topic, one.key, one.value, one.timestamp, one.headers, one.partition)
