"""`frontwire alerts deliver` and its companions: telling people and programs, and what became of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from prometheus_client import start_http_server
from rich.text import Text

from schemas.alert import Delivery
from schemas.codec import decode, encode
from schemas.errors import FrontwireError
from schemas.topics import DELIVERIES
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, Broker, LogFile, Prefix
from streams.shells import tracing
from streams.shells.log import Log, iterate

if TYPE_CHECKING:
    from streams.edges.delivery.courier import Courier
    from streams.edges.delivery.targets import Targets

STYLES = {"delivered": "green", "retry": "yellow", "exhausted": "bold red", "refused": "red"}
TargetsFile = Annotated[
    Path, typer.Option("--targets", metavar="FILE", exists=True, dir_okay=False, help="A YAML file of targets.")
]
OfTarget = Annotated[list[str] | None, typer.Option("--target", metavar="NAME", help="Only this target; repeatable.")]


class Outcome(StrEnum):
    """Outcomes of a delivery, as the command takes them."""

    DELIVERED = "delivered"
    RETRY = "retry"
    EXHAUSTED = "exhausted"
    REFUSED = "refused"
    HELD = "held"
    MUTED = "muted"
    REQUESTED = "requested"


class NothingToResend(FrontwireError):
    """A delivery that was named is not there, or is not given up."""


def deliver(
    targets: TargetsFile,
    log: LogFile = None,
    once: Annotated[bool, typer.Option("--once", help="Deliver what is due, and end.")] = False,
    broker: Broker = None,
    prefix: Prefix = "",
    metrics: Annotated[
        int | None, typer.Option("--metrics", metavar="PORT", help="Tell Prometheus, on this port of this machine.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Deliver alerts to targets, as they come, until stopped.

    Each revision arrives at least once, with an id that stays the same over retries and restarts. Attempts stand on
    the topic `deliveries`; stop and start as you like.
    """
    session.log_events_to_stderr()
    tracing.start("deliver")
    chosen = _targets(targets)
    if metrics is not None:
        start_http_server(metrics, addr="127.0.0.1")
    with _log(log, broker, prefix) as opened, _alone(log, broker):
        left = asyncio.run(_deliver(opened, chosen, once=once, as_json=as_json))
    if once and not as_json:
        _tell_rest(left)


def list_deliveries(
    log: LogFile = None,
    target: OfTarget = None,
    outcome: Annotated[list[Outcome] | None, typer.Option(help="Only with this outcome; repeatable.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every attempt, not only the last of each delivery.")] = False,
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """List deliveries in the order of their last attempt."""
    with _log(log, broker, prefix) as store:
        found = [
            delivery
            for delivery in _deliveries(store, every=every)
            if (not target or delivery.target in target) and (not outcome or delivery.outcome in outcome)
        ]
    if as_json:
        screen.lines(map(encode, found))
    else:
        _show(found)


def resend(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[DELIVERY]...", help="Ids of deliveries.")] = None,
    log: LogFile = None,
    target: OfTarget = None,
    outcome: Annotated[
        list[Outcome] | None, typer.Option(help="Those that ended so; repeatable. Without it: exhausted, refused.")
    ] = None,
    broker: Broker = None,
    prefix: Prefix = "",
) -> None:
    """Ask for deliveries once more: those that are named, else all that were given up.

    A running `alerts deliver` sends them at once, another one when it is started. Their ids stay the same.
    """
    from streams.edges.delivery.outcomes import record

    with _log(log, broker, prefix) as store:
        last = {delivery.delivery_id: delivery for delivery in _deliveries(store)}
        if ids:
            if unknown := [one for one in ids if one not in last]:
                raise NothingToResend(f"there is no delivery {unknown[0]}; `frontwire alerts deliveries` lists them")
            chosen = [last[one] for one in ids]
        else:
            ends = outcome or [Outcome.EXHAUSTED, Outcome.REFUSED]
            chosen = [one for one in last.values() if one.outcome in ends and (not target or one.target in target)]
        now = session.now()
        record(store, [_requested(one, now) for one in chosen])
    screen.out().print(f"Asked for {screen.plural(len(chosen), 'delivery', 'deliveries')} once more.")


def fire(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Name of a rule in force.")],
    targets: TargetsFile,
    target: OfTarget = None,
    as_json: AsJson = False,
) -> None:
    """Send a test, marked as one, to the targets that would hear of a rule.

    Nothing is recorded, and quiet hours and mutes are ignored. Ends with 1 if a target did not take it.
    """
    from streams.edges.delivery.testing import send_test

    session.log_events_to_stderr()
    chosen = _targets(targets)
    rules = {one.name: one for one in session.alert_rules()}
    if rule not in rules:
        raise typer.BadParameter(f"there is no rule {rule!r}; there are {', '.join(rules)}", param_hint="RULE")
    if unknown := set(target or ()) - {one.name for one in chosen.targets}:
        raise typer.BadParameter(f"there is no target {min(unknown)!r} in {targets}", param_hint="--target")
    fitting = [
        one
        for one in chosen.targets
        if (not target or one.name in target) and (not one.spec.rules or rule in one.spec.rules)
    ]
    answers = asyncio.run(send_test(rules[rule], fitting, session.now()))
    if as_json:
        for name, answer in answers.items():
            told = {"delivered": answer.delivered, "status_code": answer.status_code, "detail": answer.detail}
            screen.json_line({"target": name, **told})
    else:
        table = screen.table("target", "status", "what came of it")
        for name, answer in answers.items():
            table.add_row(name, str(answer.status_code or "-"), Text(answer.detail))
        screen.out().print(table if answers else f"No target hears of {rule}.")
    if not answers or not all(answer.delivered for answer in answers.values()):
        raise typer.Exit(1)


def targets_schema() -> None:
    """Print the JSON Schema of a file of targets, for editors that complete and check."""
    from streams.edges.delivery.targets import json_schema

    screen.lines([orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2)])


def _targets(path: Path) -> Targets:
    # The HTTP client takes a while to import: only the commands that send pay for it.
    from streams.edges.delivery.targets import load_targets

    return load_targets(path, os.environ, [rule.name for rule in session.alert_rules()])


@contextmanager
def _log(option: Path | None, broker: str | None, prefix: str) -> Iterator[Log]:
    """The log that is meant: on a broker, or in a file that is there."""
    if broker is None:
        # Not made if it is missing: there would be nothing to deliver.
        session.to_read(option).close()
    with session.written(option, broker, prefix) as log:
        yield log


@contextmanager
def _alone(option: Path | None, broker: str | None) -> Iterator[None]:
    """Be the only process that delivers a file's alerts; on a broker that is up to whoever starts processes."""
    from streams.edges.delivery.lock import delivery_lock

    if broker:
        yield
        return
    with delivery_lock(session.log_path(option)):
        yield


async def _deliver(log: Log, targets: Targets, *, once: bool, as_json: bool) -> dict[str, int]:
    """Deliver; what still waits at the end, by target."""
    from streams.edges.delivery.courier import Courier

    tell = _line if as_json else _told
    courier = Courier(log, targets, recorded=tell)
    try:
        await courier.begin()
        if once:
            await courier.work_off()
        else:
            await _until_stopped(courier)
        return courier.waiting()
    except BaseExceptionGroup as group:
        raise _first_of(group) from group
    finally:
        await courier.close()


def _first_of(error: BaseException) -> BaseException:
    """What went wrong first among things that were done at once."""
    return _first_of(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


async def _until_stopped(courier: Courier) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    waiting = ", ".join(f"{name} ({count:,} waiting)" for name, count in courier.waiting().items())
    screen.err().print(f"Delivering to {waiting}. End it with Ctrl-C.", soft_wrap=True, markup=False)
    await courier.run(stop)


def _line(delivery: Delivery) -> None:
    screen.lines([encode(delivery)])


def _told(delivery: Delivery) -> None:
    what = Text(f"{delivery.attempted_at:%H:%M:%S} {delivery.target}: ")
    what.append(delivery.outcome, STYLES.get(delivery.outcome, ""))
    what.append(f", {delivery.detail}" if delivery.detail != delivery.outcome else "")
    what.append(f" (revision {delivery.revision} of {delivery.alert_id})", "dim")
    screen.out().print(what, soft_wrap=True)


def _tell_rest(waiting: dict[str, int]) -> None:
    for name, count in waiting.items():
        if count:
            screen.out().print(f"{name}: {screen.plural(count, 'delivery', 'deliveries')} still wait.", markup=False)


def _deliveries(log: Log, *, every: bool = False) -> list[Delivery]:
    """Deliveries in the order of their records; the last record of each, or every one."""
    found = [decode(Delivery, stored.value) for stored in iterate(log, DELIVERIES.name)]
    if every:
        return found
    last: dict[str, Delivery] = {}
    for delivery in found:
        last.pop(delivery.delivery_id, None)
        last[delivery.delivery_id] = delivery
    return list(last.values())


def _requested(before: Delivery, now: datetime) -> Delivery:
    asked = {
        "attempt": before.attempt + (before.outcome not in ("held", "muted", "requested")),
        "outcome": "requested",
        "status_code": None,
        "detail": "asked for once more",
        "attempted_at": now,
        "next_at": now,
        "digest_id": None,
    }
    return before.model_copy(update=asked)


def _show(found: list[Delivery]) -> None:
    out = screen.out()
    if not found:
        out.print("No delivery fits.")
        return
    table = screen.table("at", "target", "outcome", ">attempt", "delivery", "what came of it")
    for one in found:
        outcome = Text(one.outcome, style=STYLES.get(one.outcome, ""))
        again = f"; again {one.next_at:%Y-%m-%d %H:%M:%S}" if one.next_at else ""
        told = Text(f"{one.detail}{again}")
        table.add_row(
            f"{one.attempted_at:%Y-%m-%d %H:%M:%S}", one.target, outcome, str(one.attempt), one.delivery_id, told
        )
    out.print(table)
    counts = Counter((one.target, one.outcome) for one in found)
    for (name, ended), count in sorted(counts.items()):
        out.print(f"{name}: {count:,} {ended}", style="dim", markup=False)
