"""`frontwire alerts`: what the rules have said, on what evidence, and what other rules would have said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from heapq import merge
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.text import Text

from schemas.alert import Alert
from schemas.codec import decode, encode
from schemas.topics import ALERTS, CONTROL_CHANGES, EVENTS
from schemas.vocabulary import AlertState
from streams.edges.cli import delivery, revisions, screen, session
from streams.edges.cli.options import AsJson, KnownAt, LogFile, day_option
from streams.edges.cli.places import place_filter
from streams.shells.log import Store, Stored, iterate
from streams.stages.alert.rules import SEVERITIES, Severity, json_schema, own_rules
from streams.stages.alert.step import AlertStage

STYLES = {"critical": "bold red", "major": "red", "minor": "yellow"}

alerts = typer.Typer(no_args_is_help=True)
alerts.command("deliver")(delivery.deliver)
alerts.command("deliveries")(delivery.list_deliveries)
alerts.command("resend")(delivery.resend)
alerts.command("fire")(delivery.fire)
alerts.command("targets-schema")(delivery.targets_schema)

RuleFile = Annotated[Path, typer.Argument(metavar="RULES", exists=True, dir_okay=False, help="A YAML file of rules.")]


@alerts.command("list")
def list_alerts(
    log: LogFile = None,
    place: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only in this town, site, district or governorate; a name or id."),
    ] = None,
    rule: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only of this rule; repeatable.")] = None,
    state: Annotated[list[AlertState] | None, typer.Option(help="Only in this state; repeatable.")] = None,
    min_severity: Annotated[Severity, typer.Option(help="Only of at least this severity.")] = "info",
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """List alerts in the order in which they were raised. With --json each line is an alert's last revision."""
    store = session.to_read(log)
    is_meant = place_filter(session.theatre().gazetteer, place) if place else lambda _: True
    found = [
        alert
        for alert in revisions.present_alerts(store, known_at)
        if (not place or (alert.place is not None and is_meant(alert.place)))
        and (not rule or alert.rule in rule)
        and (not state or alert.state in state)
        and SEVERITIES.index(alert.severity) >= SEVERITIES.index(min_severity)
    ]
    store.close()
    if as_json:
        screen.lines(map(encode, found))
    else:
        _show(found)


@alerts.command()
def rules(
    own: Annotated[
        Path | None, typer.Argument(metavar="RULES", exists=True, dir_okay=False, help="A file; else those in force.")
    ] = None,
) -> None:
    """Check a file of rules, or show those in force."""
    chosen = own_rules(session.theatre(), own, own.read_bytes()) if own else session.alert_rules()
    table = screen.table("rule", "watches", "severity", "about")
    for rule in chosen:
        table.add_row(rule.name, rule.watch, rule.severity, Text(rule.about))
    screen.out().print(table)


@alerts.command()
def schema() -> None:
    """Print the JSON Schema of a file of rules, for editors that complete and check."""
    screen.lines([orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2)])


@alerts.command("test")
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
    store = session.to_read(log)
    stage = AlertStage(session.theatre(), own_rules(session.theatre(), own, own.read_bytes()))
    said = [alert for alert in back_test(store, stage) if _is_between(alert.known_at.date(), since, until)]
    present = _first_raised(decode(Alert, stored.value) for stored in iterate(store, ALERTS.name))
    store.close()
    if as_json:
        screen.lines(map(encode, said))
    else:
        _report(stage, said, present)


def back_test(store: Store, stage: AlertStage) -> Iterator[Alert]:
    """What a stage's rules say of the history, in its order."""
    states: dict[str, Any] = defaultdict(lambda: stage.initial(""))
    for stored, record in _history(store):
        at = datetime.fromtimestamp(stored.timestamp / 1000, UTC)
        states[stored.key], outputs = stage.step(states[stored.key], record, at)
        for output in outputs:
            if isinstance(output.record, Alert):
                yield output.record


def _history(store: Store) -> Iterator[tuple[Stored, Any]]:
    lanes = [iterate(store, topic.name) for topic in (EVENTS, CONTROL_CHANGES)]
    shapes = {topic.name: topic.record for topic in (EVENTS, CONTROL_CHANGES)}
    for stored in merge(*lanes, key=lambda stored: stored.sequence):
        yield stored, decode(shapes[stored.topic], stored.value)


def _is_between(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since) and (until is None or day <= until)


def _first_raised(said: Iterator[Alert]) -> dict[str, Alert]:
    """The first alert on each event, claim or place that was ever raised on it."""
    first: dict[str, Alert] = {}
    for alert in said:
        if alert.state is AlertState.RAISED:
            for subject in alert.subjects:
                first.setdefault(subject, alert)
    return first


def _report(stage: AlertStage, said: Sequence[Alert], present: dict[str, Alert]) -> None:
    out = screen.out()
    counts = Counter((alert.rule, alert.state) for alert in said)
    summary = screen.table("rule", *(f">{state}" for state in AlertState))
    for rule in stage.rules:
        summary.add_row(rule.name, *(f"{counts[rule.name, state]:,}" for state in AlertState))
    out.print(summary)
    table = screen.table("known", "rule", "alert", "against now")
    for alert in said:
        if alert.state is AlertState.RAISED:
            table.add_row(f"{alert.known_at:%Y-%m-%d %H:%M}", alert.rule, Text(alert.title), _against(alert, present))
    if table.row_count:
        out.print()
        out.print(table)


def _against(alert: Alert, present: dict[str, Alert]) -> str:
    """How much earlier or later than the rules in force, if they said anything on it."""
    found = [present[subject] for subject in alert.subjects if subject in present]
    if not found:
        return "new"
    now = min(found, key=lambda raised: raised.known_at)
    hours = (alert.known_at - now.known_at).total_seconds() / 3600
    if not hours:
        return f"as {now.rule}"
    return f"{abs(hours):,.1f} h {'later' if hours > 0 else 'earlier'} than {now.rule}"


def _show(found: list[Alert]) -> None:
    out = screen.out()
    if not found:
        out.print("No alert fits. The rules in force: frontwire alerts rules")
        return
    table = screen.table("known", "severity", "state", "alert")
    for alert in found:
        severity = Text(alert.severity, style=STYLES.get(alert.severity, ""))
        told = Text(alert.title) + Text(f"\n{alert.text}" if alert.text else "", style="dim")
        table.add_row(f"{alert.known_at:%Y-%m-%d %H:%M}", severity, alert.state.value, told)
    out.print(table)
    out.print(f"{screen.plural(len(found), 'alert')}.", style="dim")
