"""Every log event of the shells, named once. An event is in the past tense; ERROR is data lost or a person needed."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

import structlog

from schemas.vocabulary import Reason
from streams.shells.log import Stored

_log = structlog.get_logger("frontwire")


def runner_started(stages: Mapping[str, str], lag: int) -> None:
    """The runner took the log. `stages` is version by name, `lag` the records that wait."""
    _log.info("runner_started", stages=dict(stages), lag=lag)


def runner_stopped(records: int) -> None:
    """The runner let go of the log, after so many records."""
    _log.info("runner_stopped", records=records)


def record_unreadable(stage: str, stored: Stored, reason: Reason, detail: str) -> None:
    """A record could not be read, and went to the dead letters with its bytes."""
    _log.error("record_unreadable", stage=stage, **_place(stored), reason=reason.value, detail=detail)


def record_failed(stage: str, stored: Stored, error: Exception) -> None:
    """A stage raised on a record, which went to the dead letters; the stage's state is as it was."""
    # Where it was raised, and not the whole trace: a poisoned source may fail on every record.
    _log.error("record_failed", stage=stage, **_place(stored), error=repr(error), raised_at=_raised_at(error))


def batch_repeated(stages: tuple[str, ...]) -> None:
    """Someone appended to a topic that the stages write; the batch was worked out again."""
    _log.info("batch_repeated", stages=stages)


def readers_lost(stage: str) -> None:
    """A process that read ahead for a stage was killed; the runner goes on without."""
    _log.warning("readers_lost", stage=stage)


def version_changed(stage: str, stored: str, running: str) -> None:
    """A stage went on from the state that another version of it had left, as it was told to."""
    _log.warning("version_changed", stage=stage, stored=stored, running=running)


def snapshot_taken(path: str, seconds: float, size: int) -> None:
    """A snapshot was written: where, in what time, of how many bytes."""
    _log.info("snapshot_taken", path=path, seconds=round(seconds, 3), bytes=size)


def snapshot_skipped(path: str, why: str) -> None:
    """A snapshot was not used."""
    _log.warning("snapshot_skipped", path=path, why=why)


def _place(stored: Stored) -> dict[str, str | int]:
    return {"topic": stored.topic, "partition": stored.partition, "offset": stored.offset, "key": stored.key}


def _raised_at(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"
