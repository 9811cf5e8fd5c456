"""What state a log is in, what of it is safe, and what to do: for somebody who was woken at night."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.errors import LogDamaged, LogError, LogInUse
from schemas.topics import TOPICS
from streams.shells.log import Damage, Lane
from streams.shells.run_lock import run_lock
from streams.shells.sqlite_log import SqliteLog
from streams.shells.verify import Verified, verify

Health = Literal["well", "in use", "unfinished", "rebuild", "restore", "no log"]
"""Nothing to do; nothing to do, and somebody runs on it; a run was cut short; what follows from the articles is
damaged, or the articles themselves are; or there is nothing that could be read."""


@dataclass(frozen=True, slots=True)
class Safe:
    """A stretch of the log that is what was written."""

    lane: Lane
    first: int
    end: int
    """First offset that is not safe to read, or the lane's end."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found."""

    health: Health
    damage: tuple[Damage, ...]
    safe: tuple[Safe, ...]
    """What can be read without fear, by topic; empty where nothing can."""
    held_by: str | None
    """Who runs the stages on it, in words; null if nobody does."""
    to_do: tuple[str, ...]
    """What to do, in order; nothing if all is well."""


def diagnose(path: Path, on_progress: Callable[[int], None] = lambda records: None) -> Diagnosis:
    """Look at everything, change nothing.

    Args:
        path: The log.
        on_progress: Called now and then with the records read so far.
    """
    held_by = _held_by(path)
    try:
        found = verify(path, on_progress)
    except LogError as error:
        return Diagnosis("no log", (Damage(str(error)),), (), held_by, ("name the log's file with --log",))
    safe = _safe(path, found)
    if not found.damage:
        health: Health = "in use" if held_by else "unfinished" if _waiting(path) else "well"
        go_on = (f"frontwire run --log {path} goes on where the last run ended",) if health == "unfinished" else ()
        return Diagnosis(health, (), safe, held_by, go_on)
    stop = (f"stop what writes to it: {held_by}",) if held_by else ()
    return Diagnosis(*_remedy(path, found, safe, stop, held_by))


def _remedy(
    path: Path, found: Verified, safe: tuple[Safe, ...], stop: tuple[str, ...], held_by: str | None
) -> tuple[Health, tuple[Damage, ...], tuple[Safe, ...], str | None, tuple[str, ...]]:
    keep = f"copy {path}, {path.name}-wal and {path.name}.mark aside, as they are, before anything else"
    if all(one.topic in TOPICS and TOPICS[one.topic].remade for one in found.damage):
        again = f"frontwire replay --log {path} --into NEW works it out again from the articles, which are sound"
        return "rebuild", found.damage, safe, held_by, (*stop, keep, again, "use the new log in its place")
    whole = f"put the last good copy of {path.name} and {path.name}.mark back, and ingest what came since once more"
    some = [
        f"{one.lane.topic}/{one.lane.partition} up to offset {one.end}" for one in safe if one.lane.topic == "articles"
    ]
    rescue = (f"without a copy: only {', '.join(some)} can be read",) if some else ()
    return "restore", found.damage, safe, held_by, (*stop, keep, whole, *rescue)


def _safe(path: Path, found: Verified) -> tuple[Safe, ...]:
    """By lane, up to the first damage in it, and no further than records can be read."""
    first_bad: dict[Lane, int] = {}
    for one in found.damage:
        if one.topic is not None and one.topic in TOPICS:
            lane = Lane(one.topic, one.partition or 0)
            first_bad[lane] = min(first_bad.get(lane, one.offset or 0), one.offset or 0)
    try:
        with closing(SqliteLog(path, read_only=True, checked=False)) as log:
            return tuple(_stretch(log, lane, first_bad.get(lane)) for lane in log.heads())
    except (LogError, ValueError, TypeError):
        return ()


def _stretch(log: SqliteLog, lane: Lane, bad: int | None) -> Safe:
    first, end = log.bounds(*lane)
    reached, end = first, end if bad is None else min(bad, end)
    try:
        while reached < end and (found := log.read(*lane, reached, min(500, end - reached))):
            reached = found[-1].offset + 1
    except LogDamaged as error:
        reached = min(error.offset if error.offset is not None else reached, end)
    except (LogError, ValueError, TypeError):
        pass
    return Safe(lane, first, reached)


def _waiting(path: Path) -> bool:
    with closing(SqliteLog(path, read_only=True)) as log:
        read = {mark.lane: mark.offset for mark in log.marks()}
        return any(log.bounds(*lane)[1] > read.get(lane, 0) for lane in log.heads() if lane.topic == "articles")


def _held_by(path: Path) -> str | None:
    if not path.with_name(path.name + ".lock").exists():
        return None
    try:
        with run_lock(path):
            return None
    except LogInUse as error:
        return str(error).split(";")[0]
