"""Scores and faults as lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from schemas.mention import Mention
from streams.edges.evaluate.clusters import ClusterScore, Merging, Pairing
from streams.edges.evaluate.crowd import CrowdScore
from streams.edges.evaluate.scoring import Fault, Rate, Score

WIDTH = 110
"""Characters of a fault's words that are shown."""


def lines(result: Score, show: int) -> Iterator[str]:
    """A score: rates, slots, faults by phenomenon, and the first of them.

    Args:
        result: What was measured.
        show: How many misses and how many false ones are written out.
    """
    yield f"{result.articles} articles"
    yield _rate("events", result.events)
    yield f"{'main events':14} recall {result.main.recall:.3f} ({result.main.matched} of {result.main.gold})"
    yield _rate("claims", result.claims)
    yield ""
    for slot, (right, asked) in result.slots.items():
        yield f"  {slot:16} {right / asked:.3f} ({right} of {asked})"
    for missed, title in ((True, "missed"), (False, "false")):
        faults = [fault for fault in result.faults if fault.missed is missed]
        yield ""
        yield f"{title}: {len(faults)}"
        yield from _groups(faults)
        yield from (f"    {fault.article_id} {fault.kind} [{fault.cause}] {_cut(fault)}" for fault in faults[:show])


def crowd_lines(result: CrowdScore) -> Iterator[str]:
    """A score against the crowd's slots."""
    slots = (
        ("governorate", result.governorate),
        ("actor", result.actor),
        ("killed civilians", result.killed_civilians),
    )
    yield ""
    yield "crowd"
    for name, (right, asked) in slots:
        yield f"  {name:16} {right / asked if asked else 0.0:.3f} ({right} of {asked})"


def merging_lines(result: Merging, show: int) -> Iterator[str]:
    """How well reports were joined, and the first pairs that were not, or should not have been."""
    yield ""
    yield "merging, against clusters by reading"
    for name, score in (("gold's own", result.own), ("as extracted", result.read)):
        cubed = f"B-cubed F1 {score.f1:.3f} ({score.precision:.3f} / {score.recall:.3f})"
        met = f"blocking lets {score.compared.matched} of {score.compared.gold} meet"
        paired = f"pairs precision {score.pairs.precision:.3f} recall {score.pairs.recall:.3f} of {score.pairs.gold}"
        yield f"  {name:14} {cubed}, {paired}, {met}, {score.reports} reports"
        yield from (f"    {_pairing(fault)}" for fault in score.faults[:show])


def cluster_rates(score: ClusterScore) -> dict[str, float | int]:
    """The figures of a score, for programs."""
    rates = {"b_cubed_f1": score.f1, "b_cubed_precision": score.precision, "b_cubed_recall": score.recall}
    rates |= {"pair_precision": score.pairs.precision, "pair_recall": score.pairs.recall}
    rates |= {"blocking_recall": score.compared.recall}
    return {"reports": score.reports, **{name: round(rate, 3) for name, rate in rates.items()}}


def _pairing(fault: Pairing) -> str:
    return f"{'missed' if fault.missed else 'false '} {_told(fault.one)} | {_told(fault.other)}: {fault.why}"


def _told(mention: Mention) -> str:
    when = f"{mention.when.first}..{mention.when.last}" if mention.when else "no day"
    return f"{mention.mention_id} {mention.event_type}, {mention.place.name}, {when}"


def _rate(name: str, rate: Rate) -> str:
    counts = f"{rate.matched} of {rate.predicted} read, {rate.gold} gold"
    return f"{name:14} precision {rate.precision:.3f} recall {rate.recall:.3f} F1 {rate.f1:.3f} ({counts})"


def _groups(faults: Iterable[Fault]) -> Iterator[str]:
    """Faults counted by kind and cause, and by rule, most frequent first."""
    counts = Counter((fault.kind, fault.cause, fault.rule) for fault in faults)
    for (kind, cause, rule), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {count:4} {kind:20} {cause:12} {rule}".rstrip()


def _cut(fault: Fault) -> str:
    words = " ".join(fault.what.split())
    return words if len(words) <= WIDTH else f"{words[: WIDTH - 1]}…"
