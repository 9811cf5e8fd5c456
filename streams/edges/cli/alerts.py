"""`frontwire alerts`: what the rules have said, on what evidence, and what other rules would have said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.text import Text

from schemas.alert import SEVERITIES, Alert, Severity
from schemas.codec import encode
from schemas.vocabulary import AlertState
from streams.edges.cli import back_test, delivery, revisions, screen, session
from streams.edges.cli.options import AsJson, Broker, KnownAt, LogFile, Prefix
from streams.edges.cli.places import place_filter
from streams.theatres.alert_rules import json_schema

STYLES = {"critical": "bold red", "major": "red", "minor": "yellow"}

alerts = typer.Typer(no_args_is_help=True)
alerts.command("deliver")(delivery.deliver)
alerts.command("deliveries")(delivery.list_deliveries)
alerts.command("resend")(delivery.resend)
alerts.command("fire")(delivery.fire)
alerts.command("targets-schema")(delivery.targets_schema)
alerts.command("test")(back_test.try_rules)


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
    broker: Broker = None,
    prefix: Prefix = "",
    as_json: AsJson = False,
) -> None:
    """List alerts in the order in which they were raised. With --json each line is an alert's last revision."""
    is_meant = place_filter(session.theatre().gazetteer, place) if place else lambda _: True
    with session.looked_at(log, broker, prefix) as store:
        present = revisions.present_alerts(store, known_at)
    found = [
        alert
        for alert in present
        if (not place or (alert.place is not None and is_meant(alert.place)))
        and (not rule or alert.rule in rule)
        and (not state or alert.state in state)
        and SEVERITIES.index(alert.severity) >= SEVERITIES.index(min_severity)
    ]
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
    chosen = session.rules_of(own) if own else session.alert_rules()
    table = screen.table("rule", "watches", "severity", "about")
    for rule in chosen:
        table.add_row(rule.name, rule.watch, rule.severity, Text(rule.about))
    screen.out().print(table)


@alerts.command()
def schema() -> None:
    """Print the JSON Schema of a file of rules, for editors that complete and check."""
    screen.lines([orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2)])


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
