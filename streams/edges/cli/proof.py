"""`frontwire state-hash` and `frontwire verify`: the log is what was written, and what its state comes to."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from schemas.errors import LogError
from schemas.topics import ARTICLES
from streams.edges.cli import screen, session
from streams.edges.cli.options import GROUP, AsJson, Broker, Group, LogFile, Prefix
from streams.edges.cli.replay import incomparable, other_versions
from streams.shells.log import Damage, View
from streams.shells.sqlite_log import open_log
from streams.shells.state_hash import state_hash as hash_of_state
from streams.shells.verify import Verified
from streams.shells.verify import verify as verify_log


def state_hash(
    log: LogFile = None, broker: Broker = None, prefix: Prefix = "", group: Group = GROUP, as_json: AsJson = False
) -> None:
    """Print one hash over all folded state.

    It is the same for any order of arrival, batch size, number of partitions and shell: two systems with equal hashes
    know the same.
    """
    stages = session.stages()
    with session.looked_at(log, broker, prefix, group) as store:
        versions = other_versions(store, stages)
        if versions:
            raise LogError(f"{versions}. Hash it with that version, or replay it: frontwire replay --into FILE")
        found = hash_of_state(store, stages)
    screen.json_line({"state_hash": found}) if as_json else screen.lines([found.encode()])


def verify(
    log: LogFile = None,
    broker: Broker = None,
    prefix: Prefix = "",
    group: Group = GROUP,
    stored: Annotated[
        bool, typer.Option("--stored", help="Only read what is stored, and work nothing out again: the quick half.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell whether a log is what was written, and whether it is what its articles come to. Exit code 1 if it is not.

    First every record, chain and state is read and checked. Then all that follows from the articles is worked out again
    beside it and compared: the first offset that differs is named. With --broker a cluster's topics and its workers'
    states are compared in the same way.
    """
    path = session.log_path(log)
    found = Verified(0, ()) if broker else _read(path)
    again = None
    if not found.damage and not stored:
        with session.looked_at(log, broker, prefix, group) as source:
            again, damage = _worked_out(source)
        found = replace(found, damage=tuple(damage))
    if as_json:
        damaged = [{"what": one.what, "topic": one.topic, "offset": one.offset} for one in found.damage]
        about = {"log": broker or str(path), "records": found.records, "recomputed": again is None and not stored}
        screen.json_line({**about, "not_recomputed": again, "damage": damaged})
    else:
        _tell_damage(broker or str(path), found, None if stored else again or "")
    raise typer.Exit(1 if found.damage else 0)


def _read(path: Path) -> Verified:
    with screen.bar("Verifying", total=None) as bar:

        def watch(records: int) -> None:
            if bar:
                bar.update(bar.task_ids[0], note=screen.plural(records, "record"))

        return verify_log(path, watch)


def _worked_out(source: View) -> tuple[str | None, list[Damage]]:
    """Why nothing could be worked out again, if so; and what differs."""
    from streams.shells.recompute import recompute

    stages = session.stages()
    if why := incomparable(source, stages, part=False):
        return why, []
    with TemporaryDirectory(prefix="frontwire-verify-") as folder, screen.bar("Working out", total=None) as bar:
        scratch = open_log(Path(folder, "log.db"), partitions=source.partitions(ARTICLES.name))
        with closing(scratch):
            return None, recompute(source, scratch, stages, limits=session.limits(), on_progress=screen.watcher(bar))


def _tell_damage(name: str, found: Verified, again: str | None) -> None:
    """Print it; `again` says why nothing was worked out again, empty if it was, None if nobody asked for it."""
    out = screen.out()
    if found.damage:
        out.print(
            f"{name} is damaged. {screen.plural(found.records, 'record')} are sound.", style="red", soft_wrap=True
        )
        for one in found.damage:
            out.print(f"  {one.what}", soft_wrap=True)
        return
    if found.records:
        out.print(
            f"{name}: {screen.plural(found.records, 'record')} and all state are what was written.", soft_wrap=True
        )
    if again == "":
        out.print("Worked out again from the articles, all is the same.", style="green")
    elif again:
        out.print(f"Not worked out again: {again}.", style="dim", soft_wrap=True)
