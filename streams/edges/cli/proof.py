"""`frontwire state-hash` and `frontwire verify`: the log is what was written, and what its state comes to."""

from __future__ import annotations

from pathlib import Path

import typer

from schemas.errors import LogError
from streams.edges.cli import screen, session
from streams.edges.cli.options import GROUP, AsJson, Broker, Group, LogFile, Prefix
from streams.edges.cli.replay import other_versions
from streams.shells.log import Damage
from streams.shells.state_hash import state_hash as hash_of_state
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


def _tell_damage(path: Path, records: int, damage: tuple[Damage, ...]) -> None:
    out = screen.out()
    if not damage:
        out.print(f"{path}: {screen.plural(records, 'record')} and all state are what was written.", soft_wrap=True)
        return
    out.print(f"{path} is damaged. {screen.plural(records, 'record')} are sound.", style="red", soft_wrap=True)
    for one in damage:
        out.print(f"  {one.what}", soft_wrap=True)
