"""Copies, reports and root sources: who of those who print a thing is a witness of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.vocabulary import Modality
from streams.stages.merge.knowledge import Knowledge
from streams.stages.merge.parameters import Parameters
from streams.stages.merge.report import Report


@dataclass(frozen=True, slots=True)
class Witness:
    """A report's place among those of its event that come before it."""

    root: str
    """Who is behind it."""
    copy: bool
    """True if it reprints another report's text."""
    again: bool
    """True if its article has reported the same event before."""


Witnessed = Sequence[tuple[Report, Witness]]


def containment(a: bytes, b: bytes) -> float:
    """Estimated part of the shorter text's shingles that the longer one holds, 0..1.

    Both samples hold the smallest hashes of their texts. Up to the lower of the two greatest ones both are complete, so
    the part that is shared there estimates the part of the texts.

    Source:
        Broder, On the resemblance and containment of documents, 1997: the MOD-like sketch below a threshold.
    """
    if not a or not b:
        return 0.0
    left, right = array("I", a), array("I", b)
    if set(left).isdisjoint(right):
        return 0.0
    limit = min(left[-1], right[-1])
    x = {h for h in left if h <= limit}
    y = {h for h in right if h <= limit}
    return len(x & y) / min(len(x), len(y)) if x and y else 0.0


def shared_part(a: frozenset[int], b: frozenset[int]) -> float:
    """Part of the shorter sentence's trigrams that the longer one has, 0..1."""
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def is_copy(a: Report, b: Report, parameters: Parameters, knowledge: Knowledge) -> bool:
    """Whether one of two articles reprints the other's text, at least the sentence that tells of the event."""
    if shared_part(a.trigrams, b.trigrams) >= parameters.sentence_share:
        return True
    share = parameters.copy_share_known if _known_reprinters(a, b, knowledge) else parameters.copy_share
    return containment(a.sketch, b.sketch) >= share


def witness(report: Report, before: Witnessed, views: Witnessed, p: Parameters, knowledge: Knowledge) -> Witness:
    """What a report adds to the ones before it.

    Args:
        report: The report that comes next in canonical order.
        before: The reports before it.
        views: The differently worded ones among them.
        p: The figures of the theatre.
        knowledge: The tellers of the theatre.
    """
    again = _told_again(report, before)
    for other, standing in views:
        if other.article != report.article and is_copy(report, other, p, knowledge):
            own_voice = report.root == f"outlet:{report.outlet}"
            # The reprint says what its original says; but where it quotes somebody of its own, that one is behind it.
            return Witness(standing.root if own_voice else root_of(report, knowledge), True, again)
    return Witness(root_of(report, knowledge), False, again)


def _told_again(report: Report, before: Witnessed) -> bool:
    for other, _ in reversed(before):
        if other.key[0] != report.key[0]:
            # Mentions of one article have one time of publication, and so stand side by side or nearly so.
            return False
        if other.article == report.article:
            return True
    return False


def root_of(report: Report, knowledge: Knowledge) -> str:
    """Who is behind a report that copies none: the one quoted, the agency credited, or the outlet itself."""
    if report.root == f"outlet:{report.outlet}" and report.credits:
        return knowledge.teller(f"outlet:{min(report.credits)}").name
    return knowledge.teller(report.root).name


def confidence(voices: Iterable[tuple[str, str]], parameters: Parameters, knowledge: Knowledge) -> float:
    """Probability that an event happened as told: that not every root source is wrong, each by itself.

    Args:
        voices: Each root source once, with the strongest modality in which it speaks.
        parameters: Reliability by type of teller, and the discounts.
        knowledge: The tellers of the theatre.

    Returns:
        1 - Π(1 - r), to three decimals.

    Source:
        Noisy-or of independent witnesses (Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, 4.3.2).
    """
    doubt = 1.0
    for root, modality in voices:
        teller = knowledge.teller(root)
        reliability = parameters.reliability.get(teller.kind, parameters.reliability["other"])
        if teller.party:
            reliability *= parameters.discount["party"]
        if modality != Modality.REPORTED:
            reliability *= parameters.discount[modality]
        doubt *= 1 - reliability
    return round(1 - doubt, 3)


def _known_reprinters(a: Report, b: Report, knowledge: Knowledge) -> bool:
    left = {*a.credits, *knowledge.teller(f"outlet:{a.outlet}").agencies}
    return not left.isdisjoint({*b.credits, *knowledge.teller(f"outlet:{b.outlet}").agencies})
