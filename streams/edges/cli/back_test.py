"""`frontwire alerts test`: what other rules would have said of the past, against what was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import merge
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from schemas.alert import Alert
from schemas.codec import decode, decode_on, encode
from schemas.record import Record
from schemas.topics import ALERTS, TOPICS
from schemas.vocabulary import AlertState
from streams.edges.cli import screen, session
from streams.edges.cli.options import AsJson, LogFile, day_option
from streams.shells.log import Store, Stored, iterate
from streams.stages.alert.step import AlertStage
from streams.stages.match.step import MatchStage
from streams.stages.stage import Output, Stage
from streams.theatres.alert_rules import Rule
from streams.theatres.theatre import Theatre

RuleFile = Annotated[Path, typer.Argument(metavar="RULES", exists=True, dir_okay=False, help="A YAML file of rules.")]


def try_rules(
    own: RuleFile,
    log: LogFile = None,
    since: Annotated[date | None, day_option("--from", "First day, of log time, to look at.")] = None,
    until: Annotated[date | None, day_option("--to", "Last day, of log time, to look at.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run other rules over the log's history: how often each would have fired, on what, and when.

    Nothing is written. What the rules in force said on the same is put beside it.
    """
    store, rules = session.to_read(log), session.rules_of(own)
    said = [
        alert
        for alert in back_test(history(store), session.theatre(), rules)
        if (since is None or alert.known_at.date() >= since) and (until is None or alert.known_at.date() <= until)
    ]
    present = _first_raised(decode(Alert, stored.value) for stored in iterate(store, ALERTS.name))
    store.close()
    if as_json:
        screen.lines(map(encode, said))
    else:
        _report(rules, said, present)


def history(store: Store) -> Iterator[tuple[Stored, Record]]:
    """What rules look at in a log, in the order in which it came."""
    lanes = [iterate(store, topic.name) for topic in MatchStage.inputs]
    for stored in merge(*lanes, key=lambda stored: stored.sequence):
        yield stored, decode_on(TOPICS[stored.topic], stored.value)


def back_test(records: Iterable[tuple[Stored, Record]], theatre: Theatre, rules: tuple[Rule, ...]) -> Iterator[Alert]:
    """What rules say of a history: byte for byte what a run under them would have written."""
    match, alert = _InMemory(MatchStage(theatre, rules)), _InMemory(AlertStage(theatre, rules))
    for stored, record in records:
        for met in match.step(stored.key, record, stored):
            for said in alert.step(met.key, met.record, stored):
                if isinstance(said.record, Alert):
                    yield said.record


class _InMemory:
    """A stage with its states."""

    def __init__(self, stage: Stage[Any]) -> None:
        self._stage = stage
        self._states: dict[str, Any] = {}

    def step(self, key: str, record: Record, caused_by: Stored) -> tuple[Output, ...]:
        before = self._states[key] if key in self._states else self._stage.initial(key)
        self._states[key], outputs = self._stage.step(before, record, caused_by.known_at)
        return outputs


_Basis = tuple[str, str]
"""What an alert is on: an event or claim, and the days; one claim may be behind several changes."""


def _first_raised(said: Iterator[Alert]) -> dict[_Basis, Alert]:
    """The first alert that was ever raised on each event or claim and its days."""
    first: dict[_Basis, Alert] = {}
    for alert in said:
        if alert.state is AlertState.RAISED:
            for basis in _bases(alert):
                first.setdefault(basis, alert)
    return first


def _bases(alert: Alert) -> list[_Basis]:
    days = f"{alert.when.first} {alert.when.last}" if alert.when else ""
    return [(subject, days) for subject in alert.subjects]


def _report(rules: Sequence[Rule], said: Sequence[Alert], present: dict[_Basis, Alert]) -> None:
    out = screen.out()
    counts = Counter((alert.rule, alert.state) for alert in said)
    summary = screen.table("rule", *(f">{state}" for state in AlertState))
    for rule in rules:
        summary.add_row(rule.name, *(f"{counts[rule.name, state]:,}" for state in AlertState))
    out.print(summary)
    table = screen.table("known", "rule", "alert", "against now")
    for alert in said:
        if alert.state is AlertState.RAISED:
            table.add_row(f"{alert.known_at:%Y-%m-%d %H:%M}", alert.rule, Text(alert.title), _against(alert, present))
    if table.row_count:
        out.print()
        out.print(table)
    told = {basis for alert in said for basis in _bases(alert)}
    left = Counter(alert.alert_id for basis, alert in present.items() if basis not in told)
    if left:
        out.print(f"On {len(left):,} alerts of the rules in force these rules say nothing.", style="dim")


def _against(alert: Alert, present: dict[_Basis, Alert]) -> str:
    """How much earlier or later than the rules in force, if they said anything on it."""
    found = [present[basis] for basis in _bases(alert) if basis in present]
    if not found:
        return "new"
    now = min(found, key=lambda raised: (raised.rule != alert.rule, raised.known_at))
    hours = (alert.known_at - now.known_at).total_seconds() / 3600
    if not hours:
        return f"as {now.rule}"
    return f"{abs(hours):,.1f} h {'later' if hours > 0 else 'earlier'} than {now.rule}"
