"""A town explained: its timeline, its changes, and the claims that decide who holds it, down to the sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.text import Text

from schemas.codec import decode
from schemas.control import ControlChange, Standing, TownControl, WeighedClaim
from schemas.event import Claim
from schemas.topics import CONTROL_CHANGES
from streams.edges.cli import evidence, screen
from streams.edges.cli.evidence import Report
from streams.edges.cli.explain_merged import print_report, report_as_json
from streams.shells.log import View, iterate
from streams.stages.merge.step import MergeStage

MOST_REPORTS = 3
"""Reports of one claim that are told."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A claim that decides, with its reports."""

    weight: WeighedClaim
    claim: Claim | None
    """None if it has ended since: joined into another one, or no more."""
    reports: Sequence[Report]


@dataclass(frozen=True, slots=True)
class AboutTown:
    """All that a town's state rests on."""

    town: TownControl
    changes: Sequence[ControlChange]
    claims: Sequence[Weighed]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "kind": "town",
            "record": to_jsonable_python(self.town),
            "changes": [to_jsonable_python(change, by_alias=True) for change in self.changes],
            "evidence": [
                {
                    "weight": one.weight.weight,
                    "claim": to_jsonable_python(one.claim),
                    "reports": [report_as_json(report) for report in one.reports],
                }
                for one in self.claims
            ],
        }

    def print(self, out: Console) -> None:
        """The same for people."""
        print_head(out, self.town)
        print_timeline(out, self.town)
        print_changes(out, self.changes)
        if self.claims:
            out.print(Text("\nWhat decides it", style="bold"))
        for one in self.claims:
            _print_claim(out, one)


def about_town(store: View, town: TownControl, claims: Sequence[Claim], merge: MergeStage) -> AboutTown:
    """Gather what a town's state rests on."""
    by_id = {claim.claim_id: claim for claim in claims}
    found = (stored for stored in iterate(store, CONTROL_CHANGES.name) if stored.key == town.place.key)
    changes = [decode(ControlChange, stored.value) for stored in found]
    weighed = [_weighed(store, one, by_id.get(one.claim_id), town, merge) for one in town.evidence]
    return AboutTown(town, changes, weighed)


def _weighed(store: View, one: WeighedClaim, claim: Claim | None, town: TownControl, merge: MergeStage) -> Weighed:
    reports = evidence.reports(store, town.place.key, claim.mention_ids[:MOST_REPORTS], merge) if claim else []
    return Weighed(one, claim, reports)


def print_head(out: Console, town: TownControl) -> None:
    """Print a town's present state in a few lines."""
    place = town.place
    inside = f", {place.admin1}" if place.admin1 not in (None, place.name) else ""
    out.print(Text(place.name + inside, style="bold"), end="  ")
    out.print(Text(place.key, style="dim"))
    standing = Text(f"{town.status} ") + (screen.party(town.controller) if town.controller else _shares(town))
    if town.since:
        standing += Text(f" since {town.since}")
    if town.last_confirmed:
        standing += Text(f", confirmed {town.last_confirmed}" + (", stale" if town.stale else ""))
    out.print(standing + Text(f", confidence {town.confidence:.2f}, revision {town.revision}"))
    if town.besieged_by:
        since = f" since {town.besieged_since}" if town.besieged_since else ""
        out.print(Text("besieged by ") + Text(", ").join(map(screen.party, town.besieged_by)) + Text(since))
    for district in town.districts:
        out.print(Text(f"  {district.name}: {district.status} ") + screen.party(district.controller))


def _shares(town: TownControl) -> Text:
    if town.shares:
        return Text(", ").join(screen.party(one.party) + Text(f" {one.share:.0%}") for one in town.shares)
    fighting = town.timeline[-1].parties if town.timeline else ()
    return Text(", ").join(map(screen.party, fighting))


def print_timeline(out: Console, town: TownControl) -> None:
    """Print the stretches of a town's past."""
    table = screen.table("first", "last", "status", "who", "besieged by", ">sure", title="\nTimeline")
    for one in town.timeline:
        who = screen.party(one.controller) if one.controller else Text(", ").join(map(screen.party, one.parties))
        besiegers = Text(", ").join(map(screen.party, one.besieged_by))
        last = one.last.isoformat() if one.last else ""
        table.add_row(one.first.isoformat(), last, one.status.value, who, besiegers, f"{one.confidence:.2f}")
    out.print(table)


def print_changes(out: Console, changes: Sequence[ControlChange]) -> None:
    """Print changes in the order in which they became known."""
    if not changes:
        return
    table = screen.table("day", "change", "from", "to", "known", title="\nChanges as they became known")
    for one in changes:
        known = f"{one.known_at:%Y-%m-%d %H:%M}"
        table.add_row(one.at.isoformat(), one.change.value, _standing(one.from_), _standing(one.to), known)
    out.print(table)


def _standing(standing: Standing) -> Text:
    who = screen.party(standing.controller) if standing.controller else Text(standing.status.value)
    return who + Text(" besieged", style="dim") if standing.besieged_by else who


def _print_claim(out: Console, one: Weighed) -> None:
    weight, stretch = one.weight, one.weight
    when = f"{stretch.first}" if stretch.first == stretch.last else f"{stretch.first} to {stretch.last}"
    who = Text(", ").join(map(screen.party, weight.actors)) or Text("?")
    head = Text(f"{weight.weight:+.2f} ", style="bold green" if weight.weight > 0 else "bold red") + who
    head += Text(f" {weight.relation}, {weight.scope}, {when}; ")
    out.print(head + Text(f"{screen.some(weight.root_sources, 4)} {weight.claim_id[:8]}", style="dim"))
    for number, report in enumerate(one.reports, start=1):
        print_report(out, report, number, one.reports)
    if one.claim and len(one.claim.mention_ids) > len(one.reports):
        more = screen.plural(len(one.claim.mention_ids) - len(one.reports), "more report")
        out.print(Text(f"    and {more}: frontwire explain {weight.claim_id[:8]}", style="dim"))
