"""Every log event and metric of a worker, named once.

Log events are in the past tense; ERROR is data lost or a person needed. Metrics are Prometheus'; those that need a
person have an alarm in `deploy/prometheus/alerts.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time

import structlog
from prometheus_client import Counter, Gauge, Histogram

_log = structlog.get_logger("frontwire")

RECORDS = Counter("frontwire_records", "Records that a stage has read, and whose outcome is in its state.", ["stage"])
BATCH_SECONDS = Histogram(
    "frontwire_batch_seconds",
    "Time for the parts of a batch: steps, outputs delivered, state written.",
    ["stage", "part"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
DEAD_LETTERS = Counter("frontwire_dead_letters", "Records that a stage could not read or failed on.", ["stage"])
CHANGELOG_BYTES = Counter("frontwire_changelog_bytes", "Bytes of state written to the changelog.", ["stage"])
CHANGES_REFUSED = Counter("frontwire_changes_refused", "Changes refused for their time; tried again.", ["stage"])
OFFSET_GAPS = Counter(
    "frontwire_offset_gaps", "Offsets that the client skipped; they are read again.", ["stage", "topic", "partition"]
)
BATCHES_DROPPED = Counter("frontwire_batches_dropped", "Batches whose partitions became another worker's.", ["stage"])
LAG = Gauge("frontwire_lag_records", "Records that wait on this worker's partitions.", ["stage"])
LAST_LOG_TIME = Gauge(
    "frontwire_last_log_time_seconds", "Log time of the last record in the state; now minus it is its age.", ["stage"]
)
LAST_MOVED = Gauge("frontwire_last_moved_seconds", "When a stage last finished a batch.", ["stage"])
LAST_HEARD = Gauge("frontwire_group_heard_seconds", "When the worker last heard from its group.")
CONDITION = Gauge("frontwire_worker_condition", "1 for the condition that the worker is in.", ["condition"])
RECOVERY_LEFT = Gauge("frontwire_recovery_left_entries", "Entries of changelogs that are still to be read.")
RECOVERY_SECONDS = Gauge("frontwire_recovery_left_seconds", "Time that this takes at the pace so far.")


@contextmanager
def batch_timed(stage: str, part: str) -> Iterator[None]:
    """Time a part of a batch."""
    began = perf_counter()
    try:
        yield
    finally:
        BATCH_SECONDS.labels(stage, part).observe(perf_counter() - began)


def batch_done(stage: str, records: int, log_time: float) -> None:
    """A batch took effect; `log_time` is that of its last record, seconds since 1970."""
    RECORDS.labels(stage).inc(records)
    LAST_LOG_TIME.labels(stage).set(log_time)
    LAST_MOVED.labels(stage).set(time())


def dead_letters_written(stage: str, letters: int) -> None:
    """Records could not be read; each has a log event of its own."""
    DEAD_LETTERS.labels(stage).inc(letters)


def change_written(stage: str, size: int) -> None:
    """A change of state is in the changelog."""
    CHANGELOG_BYTES.labels(stage).inc(size)


def change_refused(stage: str, partition: int) -> None:
    """The broker refused a change, as its worker had not heard from its group for too long; it is tried again."""
    CHANGES_REFUSED.labels(stage).inc()
    _log.warning("change_refused", stage=stage, partition=partition)


def batch_dropped(stage: str, records: int) -> None:
    """A batch was worked out for partitions that became another worker's meanwhile; that one works it out again."""
    BATCHES_DROPPED.labels(stage).inc()
    _log.warning("batch_dropped", stage=stage, records=records)


def offsets_skipped(stage: str, topic: str, partition: int, expected: int, found: int) -> None:
    """The broker's client skipped offsets; they are read again."""
    OFFSET_GAPS.labels(stage, topic, partition).inc(found - expected)
    _log.error("offsets_skipped", stage=stage, topic=topic, partition=partition, expected=expected, found=found)


def offsets_missing(stage: str, topic: str, partition: int, expected: int, found: int) -> None:
    """Offsets were asked for again and are not on the broker: it dropped them before this stage had read them."""
    OFFSET_GAPS.labels(stage, topic, partition).inc(found - expected)
    _log.error("offsets_missing", stage=stage, topic=topic, partition=partition, expected=expected, found=found)


def position_taken(topic: str, partition: int, committed: int | None, position: int) -> None:
    """A worker reads on from where its state is, where the group's commit says something else."""
    _log.info("position_taken", topic=topic, partition=partition, committed=committed, position=position)


def version_changed(stage: str, stored: str, running: str) -> None:
    """A stage went on from the state that another version of it had left, as it was told to."""
    _log.warning("version_changed", stage=stage, stored=stored, running=running)


def recovery_went_on(left: int, seconds: float | None) -> None:
    """A worker reads changelogs: entries that are left, and the time that takes at the pace so far."""
    RECOVERY_LEFT.set(left)
    RECOVERY_SECONDS.set(seconds or 0)
    _log.info("recovery_went_on", left=left, seconds_left=None if seconds is None else round(seconds, 1))


def recovery_ended(entries: int, seconds: float) -> None:
    """A worker has the state of its partitions, after so many entries of changelogs."""
    RECOVERY_LEFT.set(0)
    RECOVERY_SECONDS.set(0)
    _log.info("recovery_ended", entries=entries, seconds=round(seconds, 1))


def worker_looked_at(condition: str, conditions: tuple[str, ...], lags: Mapping[str, int], heard_at: float) -> None:
    """A worker looked at itself: its condition, the records that wait by stage, when it heard from its group."""
    for one in conditions:
        CONDITION.labels(one).set(one == condition)
    for stage, lag in lags.items():
        LAG.labels(stage).set(lag)
    LAST_HEARD.set(heard_at)
    _log.info("worker_looked_at", condition=condition, lags=dict(lags))


def worker_failed(stage: str, error: Exception) -> None:
    """A worker could not go on; it ends, and whoever supervises it starts it again from its state."""
    _log.error("worker_failed", stage=stage, exc_info=error)


def worker_stuck(why: str, seconds: float) -> None:
    """Records waited and nothing moved, or the worker did not answer, for so long that it ended itself."""
    _log.error("worker_stuck", why=why, seconds=seconds)
