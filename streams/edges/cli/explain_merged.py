"""An event or a claim explained: figures, reports and their sentences, what joined them or kept them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from schemas.event import Claim, Event
from schemas.vocabulary import RevisionKind
from streams.edges.cli import evidence, screen
from streams.edges.cli.events import days, parties, toll, what, where
from streams.edges.cli.evidence import Apart, Joined, Report, Revision, TakenBack
from streams.edges.cli.revisions import Merged, id_of
from streams.shells.log import View
from streams.stages.merge.similarity import NEVER, Decision
from streams.stages.merge.step import MergeStage

AROUND = 90
"""Characters of an article that are shown before and after a sentence."""


@dataclass(frozen=True, slots=True)
class AboutMerged:
    """All that an event or claim rests on."""

    record: Merged
    reports: Sequence[Report]
    apart: Sequence[Apart]
    elsewhere: Sequence[Apart]
    """Others that may be the same, told of the area around its place, or of a place in it."""
    history: Sequence[Revision]
    taken_back: Sequence[TakenBack]
    """Reports that stood under it once, and whose articles were corrected or retracted."""

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "kind": "event" if isinstance(self.record, Event) else "claim",
            "record": to_jsonable_python(self.record),
            "reports": [report_as_json(report) for report in self.reports],
            "taken_back": [_taken_back_as_json(one) for one in self.taken_back],
            "kept_apart": [{"id": id_of(one.other), **_decision_as_json(one.decision)} for one in self.apart],
            "elsewhere": [{"id": id_of(one.other), **_decision_as_json(one.decision)} for one in self.elsewhere],
            "history": [
                {
                    "revision": one.record.revision,
                    "kind": one.record.kind,
                    "partition": one.stored.partition,
                    "offset": one.stored.offset,
                    "known_at": _moment(one.stored.timestamp),
                    "mentions": len(one.record.mention_ids),
                }
                for one in self.history
            ],
        }

    def print(self, out: Console) -> None:
        """The same for people."""
        _print_head(out, self.record)
        if isinstance(self.record, Event) and self.record.tolls:
            _print_tolls(out, self.record)
        out.print(Text(f"\n{self._counted()}", style="bold"))
        for number, report in enumerate(self.reports, start=1):
            print_report(out, report, number, self.reports)
        _print_taken_back(out, self.taken_back)
        _print_apart(out, self.apart, "Kept apart from")
        _print_apart(out, self.elsewhere, "May be the same, told of the area around or of a place in it")
        _print_history(out, self.history)

    def _counted(self) -> str:
        if self.record.kind is RevisionKind.RETRACT:
            return "Retracted: nothing that said so stands any more"
        roots, copies = len(self.record.root_sources), self.record.copies
        counted = f"{screen.plural(len(self.reports), 'report')}, {screen.plural(roots, 'root source')}, "
        return counted + screen.plural(copies, "copy", "copies")


def about_merged(store: View, record: Merged, others: Sequence[Merged], merge: MergeStage) -> AboutMerged:
    """Gather what an event or claim rests on; `others` are those that it may be told from."""
    stands = record.kind is not RevisionKind.RETRACT
    reports = evidence.reports(store, record.place.key, record.mention_ids if stands else (), merge)
    first = (store, record, others, reports[0].mention, merge) if reports else None
    apart, elsewhere = (evidence.apart(*first), evidence.elsewhere(*first)) if first else ([], [])
    history = evidence.history(store, record)
    return AboutMerged(record, reports, apart, elsewhere, history, evidence.taken_back(store, record, history))


def report_as_json(report: Report) -> dict[str, Any]:
    """A report with what joined it to an earlier one."""
    joined = report.joined
    return {
        "mention": to_jsonable_python(report.mention),
        "joined": {"with": joined.with_.mention_id, **_decision_as_json(joined.decision)} if joined else None,
    }


def print_report(out: Console, report: Report, number: int, all_: Sequence[Report]) -> None:
    """A report: who printed it, who is behind it, its sentence in its place, and what joined it."""
    mention, spot = report.mention, report.mention.evidence
    head = Text(f"{number:>3} ", style="bold") + Text(f"{mention.outlet}, {mention.published_at:%-d %b %Y %H:%M}")
    head += Text(f", by {mention.source}" if mention.source else ", in its own voice")
    head += Text(f" ({mention.root_source})", style="dim")
    head += Text(f", {mention.modality}" if mention.modality != "reported" else "")
    out.print(head)
    before, after = _around(report)
    if before:
        out.print(Padding(Text(f"… {before}", style="dim"), (0, 0, 0, 6)))
    for line in _sentence(report).wrap(out, out.width - 8):
        out.print(Text("    > ", style="bold") + line)
    if after:
        out.print(Padding(Text(f"{after} …", style="dim"), (0, 0, 0, 6)))
    revision = f", revision {mention.revision}" if mention.revision > 1 else ""
    place = f"{mention.article_id}{revision}, {spot.field} {spot.start}-{spot.end}, rule {mention.rule}"
    out.print(Padding(Text(place, style="dim"), (0, 0, 0, 4)))
    if report.joined:
        numbers = {one.mention.mention_id: at for at, one in enumerate(all_, start=1)}
        out.print(Padding(_joined(report.joined, numbers[report.joined.with_.mention_id]), (0, 0, 0, 4)))


def _sentence(report: Report) -> Text:
    """The sentence, with the words for place and source underlined."""
    mention = report.mention
    sentence = Text(_one_line(mention.evidence.text), style="bold")
    sentence.highlight_words([words for words in (mention.place.text, mention.source) if words], style="underline")
    return sentence


def _around(report: Report) -> tuple[str, str]:
    """Some whole words of the article before and after the sentence."""
    spot, text = report.mention.evidence, report.text()
    before = _one_line(text[max(0, spot.start - AROUND) : spot.start])
    after = _one_line(text[spot.end : spot.end + AROUND])
    if spot.start > AROUND:
        before = before.partition(" ")[2]
    return before, after.rpartition(" ")[0] if spot.end + AROUND < len(text) else after


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _joined(joined: Joined, number: int) -> Text:
    verdict = "the same as" if joined.decision.same else "joined through others; nearest to"
    return Text(f"{verdict} {number}: ", style="dim") + _reasons(joined.decision)


def _reasons(decision: Decision) -> Text:
    if decision.score <= NEVER:
        return Text(decision.reasons[-1][0].replace("_", " "), style="red")
    told = Text(", ").join(
        Text(f"{name.replace('_', ' ')} {points:+g}", style="green" if points > 0 else "red")
        for name, points in decision.reasons
    )
    return told + Text(f" = {decision.score:+g}")


def _print_head(out: Console, record: Merged) -> None:
    named = what(record) if isinstance(record, Event) else Text(f"claim: {record.relation}, {record.scope}")
    title = named + Text(", ") + where(record) + Text(", ") + days(record)
    out.print(Text.assemble((title.plain, "bold")))
    who = parties(record) if isinstance(record, Event) else _claimants(record)
    figures = ""
    if isinstance(record, Event):
        harm = (("killed", record.killed), ("wounded", record.wounded))
        figures = "".join(f", {name} {toll(figure)}" for name, figure in harm if figure)
    out.print(who + Text(f"{figures}, {record.modality}, confidence {record.confidence:.2f}"))
    out.print(Text(f"{id_of(record)}, revision {record.revision}", style="dim"))


def _claimants(claim: Claim) -> Text:
    actors = Text(", ").join(screen.party(name) for name in claim.actors) or Text("?")
    if claim.from_actors:
        actors += Text(" from ") + Text(", ").join(screen.party(name) for name in claim.from_actors)
    if claim.self_interested:
        actors += Text(", only the party that gains says so", style="yellow")
    return actors + Text(", the party that loses says so", style="green") if claim.admitted else actors


def _print_tolls(out: Console, event: Event) -> None:
    table = screen.table("figures by", ">killed", ">wounded", "printed")
    for one in event.tolls:
        said = Text(one.source or one.root_source) + Text(f" {one.root_source}" if one.source else "", style="dim")
        table.add_row(said, toll(one.killed), toll(one.wounded), f"{one.published_at:%Y-%m-%d}")
    out.print()
    out.print(table)


def _print_apart(out: Console, apart: Sequence[Apart], title: str) -> None:
    if not apart:
        return
    out.print(Text(f"\n{title}", style="bold"))
    for one in apart:
        other = one.other
        named = what(other) if isinstance(other, Event) else Text(str(other.relation))
        told = Text(f"    {id_of(other)[:8]} ") + named + Text(f", {other.place.name}, ") + days(other) + Text(": ")
        out.print(told + _reasons(one.decision))


def _print_taken_back(out: Console, taken_back: Sequence[TakenBack]) -> None:
    if not taken_back:
        return
    out.print(Text("\nTaken back", style="bold"))
    for one in taken_back:
        out.print(Text(f"    {one.mention_id}: {why_taken_back(one)}"))


def why_taken_back(one: TakenBack) -> str:
    """Why a report no longer counts, in words."""
    if one.retraction is None:
        revision = f"revision {one.article.revision}" if one.article else "a later revision"
        return f"{revision} of its article no longer says so"
    who = one.retraction.outlet or (one.article.outlet if one.article else "its outlet")
    reason = f": {one.retraction.reason}" if one.retraction.reason else ""
    return f"{who} retracted the article, {one.retraction.published_at:%-d %b %Y}{reason}"


def _taken_back_as_json(one: TakenBack) -> dict[str, Any]:
    retraction = to_jsonable_python(one.retraction) if one.retraction else None
    revision = one.article.revision if one.article else None
    return {"mention_id": one.mention_id, "retraction": retraction, "revision": revision}


def _print_history(out: Console, history: Sequence[Revision]) -> None:
    out.print(Text("\nRevisions", style="bold"))
    for one in history:
        figures = f", killed {toll(one.record.killed)}" if isinstance(one.record, Event) and one.record.killed else ""
        mentions = screen.plural(len(one.record.mention_ids), "report")
        out.print(
            Text(f"{one.record.revision:>3} {one.record.kind}, known {_moment(one.stored.timestamp)}, ", style="dim")
            + Text(f"offset {one.stored.offset}: {mentions}{figures}", style="dim")
        )


def _decision_as_json(decision: Decision) -> dict[str, Any]:
    return {"score": decision.score, "same": decision.same, "reasons": dict(decision.reasons)}


def _moment(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
