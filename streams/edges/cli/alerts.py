"""`frontwire alerts`: the rules that hold, and on what evidence."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.text import Text

from schemas.alert import Alert
from schemas.codec import encode
from schemas.vocabulary import AlertState
from streams.edges.cli import revisions, screen, session
from streams.edges.cli.options import AsJson, KnownAt, LogFile
from streams.edges.cli.places import place_filter

Severity = Literal["info", "minor", "major", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "minor", "major", "critical")
STYLES = {"critical": "bold red", "major": "red", "minor": "yellow"}


def alerts(
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


def _show(found: list[Alert]) -> None:
    out = screen.out()
    if not found:
        out.print("No alert fits. The theatre's rules are in its alerts.yaml.")
        return
    table = screen.table("known", "severity", "state", "alert")
    for alert in found:
        severity = Text(alert.severity, style=STYLES.get(alert.severity, ""))
        told = Text(alert.title) + Text(f"\n{alert.text}" if alert.text else "", style="dim")
        table.add_row(f"{alert.known_at:%Y-%m-%d %H:%M}", severity, alert.state.value, told)
    out.print(table)
    out.print(f"{screen.plural(len(found), 'alert')}.", style="dim")
