"""What commands work on: the log, the theatre, the clock."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import RulesError
from schemas.topics import Topic
from streams.edges.cli.options import GROUP
from streams.edges.intake.articles import OutletNames
from streams.edges.settings import settings
from streams.shells import tracing
from streams.shells.log import View
from streams.shells.sqlite_log import SqliteLog, open_log
from streams.theatres.actors import read_actors
from streams.theatres.alert_rules import Rule, own_rules, theatre_rules
from streams.theatres.outlets import read_outlets
from streams.theatres.pack import read_pack
from streams.theatres.theatre import Theatre, load_theatre

if TYPE_CHECKING:
    from streams.pipeline import Pipeline
    from streams.shells.kafka_log import KafkaLog
    from streams.shells.runner import Limits


def log_path(option: Path | None) -> Path:
    """The log that is meant: by the option, else by the environment."""
    return option or settings().log


def to_read(option: Path | None) -> SqliteLog:
    """The log, to look at. Raises LogError if there is none."""
    return open_log(log_path(option), read_only=True)


@contextmanager
def looked_at(option: Path | None, broker: str | None = None, prefix: str = "", group: str = GROUP) -> Iterator[View]:
    """What is to be looked at: a cluster if a broker is named, else the log in a file. Raises LogError."""
    if broker is None:
        with closing(to_read(option)) as store:
            yield store
        return
    # Kafka's clients take a while to import.
    from streams.shells.kafka_view import KafkaView

    with KafkaView(broker, prefix=prefix, group=group, access=settings().access()) as view:
        yield view


@contextmanager
def written(
    option: Path | None, broker: str | None = None, prefix: str = "", *, create: Sequence[Topic] = ()
) -> Iterator[SqliteLog | KafkaLog]:
    """What is to be added to: a cluster if a broker is named, else the log in a file, made if there is none.

    Args:
        option: The log's file.
        broker: The cluster.
        prefix: Put before each topic's name on it.
        create: Topics to create if the cluster lacks them.
    """
    if broker is None:
        with closing(to_write(option)) as store:
            yield store
        return
    from streams.shells.kafka_log import KafkaLog

    with KafkaLog(broker, prefix=prefix, access=settings().access()) as log:
        if create:
            log.create(topics=create)
        yield log


def to_write(option: Path | None) -> SqliteLog:
    """The log, to add to; it is made if there is none."""
    path = log_path(option)
    path.parent.mkdir(parents=True, exist_ok=True)
    return open_log(path, partitions=None if path.exists() else settings().partitions)


def theatre() -> Theatre:
    """The theatre that the environment names."""
    return load_theatre(settings().theatre, settings().theatres)


def stages(of: Theatre | None = None) -> Pipeline:
    """The stages, built for the theatre that the environment names, or for another one."""
    # The rules take longer to import than most commands to run: only those pay for it that run stages.
    from streams.pipeline import pipeline

    log_events_to_stderr()
    tracing.start("run")
    return pipeline(of or theatre(), alert_rules(of))


def limits(processes: int = 0) -> Limits:
    """What bounds a run, by the environment; with so many processes that read ahead."""
    from streams.shells.runner import Limits

    return Limits(settings().batch, live_bytes=settings().state_mb * 1_000_000, readers=processes)


def alert_rules(of: Theatre | None = None) -> tuple[Rule, ...]:
    """The alert rules in force: the operator's, else those that ship with the theatre."""
    path, war = settings().rules, of or theatre()
    return rules_of(path, war) if path else theatre_rules(war)


def rules_of(path: Path, of: Theatre | None = None) -> tuple[Rule, ...]:
    """The alert rules of a file; the shapes that it names lie beside it. Raises RulesError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RulesError(f"{path} cannot be read: {error.strerror}") from None
    return own_rules(of or theatre(), path, content, lambda name: (path.parent / name).read_bytes())


def outlet_names() -> OutletNames:
    """The outlets of the theatre by any of their names, without the rest of it, which takes a second to load."""
    pack = read_pack(settings().theatre, settings().theatres)
    outlets = read_outlets(pack, frozenset(actor.id for actor in read_actors(pack)))

    def id_of(name: str) -> str | None:
        outlet = outlets.get(name)
        return outlet.id if outlet else None

    return id_of


def now() -> datetime:
    """The time at the edge."""
    return datetime.now(UTC)


def log_events_to_stderr() -> None:
    """Print log events on standard error: as lines for people on a terminal, as JSON elsewhere."""
    import structlog

    level = logging.getLevelNamesMapping().get(settings().log_level.upper(), logging.WARNING)
    people = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if people else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked anew for each logger: a caller in the same process may put another standard error in its place.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
