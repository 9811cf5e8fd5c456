"""Snapshots: the state of all stages at the offsets that they have read.

A snapshot is an embedded log of its own that begins where another one was: its ends, states and progress, without its
records. So a replay starts from a copy of it, and what it then writes has the offsets and chains of the original.

It is taken from a view of one moment that SQLite keeps for a reader, while the runner goes on. Its name tells how far
the stages had read, and the hash of what is inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Thread
from time import monotonic

from schemas.codec import canonical
from schemas.errors import FrontwireError, LogDamaged
from streams.shells import sqlite_file, telemetry
from streams.shells.log import Lane, Mark, RowChange, Store
from streams.shells.run_lock import run_lock
from streams.shells.runner import Progress
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.shells.state_hash import HASH_BYTES, exact_hash

_NAME = re.compile(r"(?P<sequence>\d{12})-(?P<hash>[0-9a-f]{32})\.snapshot")
_FILES = ("", ".mark")
"""A log and what stands beside it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot in its folder."""

    path: Path
    sequence: int
    """Records that had arrived in the log when it was taken."""
    hash: str
    """`hash_of` what is inside."""


def folder_of(log: Path) -> Path:
    """Where the snapshots of a log are."""
    return log.with_name(log.name + ".snapshots")


def take(log: Path) -> Snapshot:
    """Write a snapshot of a log, which may be running meanwhile.

    Raises:
        LogError: If the log cannot be read, or the snapshot not be written.
    """
    began, folder = monotonic(), folder_of(log)
    folder.mkdir(exist_ok=True)
    draft = folder / "draft"
    with run_lock(draft):
        _remove(draft)
        with closing(open_log(log, read_only=True)) as source:
            arrived, hashed = _copy(source, draft)
        snapshot = Snapshot(folder / f"{arrived:012d}-{hashed}.snapshot", arrived, hashed)
        for suffix in reversed(_FILES):  # The notes first: a snapshot under its name is whole.
            draft.with_name(draft.name + suffix).rename(snapshot.path.with_name(snapshot.path.name + suffix))
    telemetry.snapshot_taken(str(snapshot.path), monotonic() - began, snapshot.path.stat().st_size)
    return snapshot


def snapshots(log: Path) -> list[Snapshot]:
    """The snapshots of a log, oldest first."""
    names = sorted(folder_of(log).glob("*.snapshot")) if folder_of(log).is_dir() else []
    found = [(path, match) for path in names if (match := _NAME.fullmatch(path.name))]
    return [Snapshot(path, int(match["sequence"]), match["hash"]) for path, match in found]


def check(snapshot: Snapshot) -> None:
    """Raise LogDamaged if a snapshot does not hold what its name says."""
    with closing(SqliteLog(snapshot.path, read_only=True)) as log:
        if (found := hash_of(log)) != snapshot.hash:
            raise LogDamaged(f"{snapshot.path} holds {found}, not what its name says; delete it")


def start_from(snapshot: Snapshot, target: Store) -> None:
    """Begin an empty log where the snapshot is.

    Raises:
        LogDamaged: If the snapshot does not hold what its name says.
        LogError: If the log is not empty.
    """
    check(snapshot)
    with closing(open_log(snapshot.path, read_only=True)) as log:
        target.begin_at(log.heads(), _all_rows(log), log.marks())


def nearest(log: Path, versions: dict[str, str], lane: Lane, offset: int) -> Snapshot | None:
    """The last sound snapshot that had read no further than an offset, with these versions of the stages."""
    for snapshot in reversed(snapshots(log)):
        try:
            check(snapshot)
            with closing(open_log(snapshot.path, read_only=True)) as found:
                if _fits(found.marks(), versions, lane, offset):
                    return snapshot
        except FrontwireError as error:
            telemetry.snapshot_skipped(str(snapshot.path), str(error))
    return None


def prune(log: Path, keep: int) -> list[Snapshot]:
    """Delete all but the newest snapshots; those deleted."""
    gone = snapshots(log)[: -keep or None]
    for snapshot in gone:
        _remove(snapshot.path)
    return gone


def hash_of(log: SqliteLog) -> str:
    """One hash over every state that a log holds, the progress and the ends of its lanes."""
    exact = exact_hash(log, log.stages(), log.marks())
    ends = [[*lane, head.end, head.chain.hex(), head.clock] for lane, head in sorted(log.heads().items())]
    return blake2b(canonical([exact, ends]), digest_size=HASH_BYTES).hexdigest()


class Periodic:
    """Takes a snapshot every so many records, beside the runner. Given to it as `on_progress`."""

    def __init__(
        self, log: Path, every: int, keep: int = 3, then: Callable[[Progress], None] = lambda progress: None
    ) -> None:
        self._log, self._every, self._keep, self._then = log, every, keep, then
        self._next, self._thread = every, Thread()

    def __call__(self, progress: Progress) -> None:
        """Look whether it is time."""
        self._then(progress)
        if progress.done >= self._next and not self._thread.is_alive():
            self._next = progress.done + self._every
            self._thread = Thread(target=self._take, name="snapshot")
            self._thread.start()

    def wait(self) -> None:
        """Wait for a snapshot that is being taken."""
        if self._thread.is_alive():
            self._thread.join()

    def _take(self) -> None:
        try:
            take(self._log)
            prune(self._log, self._keep)
        except (FrontwireError, OSError) as error:
            telemetry.snapshot_skipped(str(self._log), str(error))


def _fits(marks: Sequence[Mark], versions: dict[str, str], lane: Lane, offset: int) -> bool:
    current = all(versions.get(mark.stage) == mark.version for mark in marks)
    return current and any(mark.lane == lane and mark.offset <= offset for mark in marks)


def _all_rows(log: SqliteLog) -> Iterator[RowChange]:
    for stage in log.stages():
        for key, rows in log.states(stage):
            yield RowChange(stage, key, rows, ())


def _copy(source: SqliteLog, draft: Path) -> tuple[int, str]:
    with closing(open_log(draft, partitions=max(source.topics().values()))) as to:
        with sqlite_file.one_moment(source.connection()) as view:
            arrived: int = view.execute("SELECT coalesce(max(sequence), 0) FROM records").fetchone()[0]
            to.begin_at(source.heads(), _all_rows(source), source.marks())
        return arrived, hash_of(to)


def _remove(path: Path) -> None:
    for suffix in (*_FILES, "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
