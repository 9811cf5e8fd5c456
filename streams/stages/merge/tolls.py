"""Tolls by root source: the latest figure of each one counts, and echoes do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.record import SourcedToll
from streams.stages.merge.cluster import Member
from streams.stages.merge.knowledge import Knowledge
from streams.stages.merge.report import Figure, Told, instant, toll_of


def series(members: Iterable[Member], knowledge: Knowledge) -> tuple[Told, ...]:
    """The figures by root source in time order; a figure that a source only repeats stands once, at its first time."""
    told: list[Told] = []
    known: set[tuple[object, ...]] = set()
    for row in sorted((row for member in members for row in _rows(member, knowledge)), key=_order):
        figures = (row[0], row[2], row[3])
        if figures not in known:
            known.add(figures)
            told.append(row)
    return tuple(told)


def sourced(told: Iterable[Told]) -> tuple[SourcedToll, ...]:
    """The series as the record has it."""
    return tuple(
        SourcedToll(
            root_source=root, source=source, killed=toll_of(killed), wounded=toll_of(wounded), published_at=instant(at)
        )
        for root, source, killed, wounded, at in told
    )


def span_of(told: Iterable[Told], slot: int) -> Figure | None:
    """The range over root sources: of each one its latest figure, or all that it gave at that time.

    Args:
        told: The series.
        slot: 2 for the killed, 3 for the wounded.

    Returns:
        The least and the greatest number; open above only where all that speak leave it open at one number.
    """
    latest: dict[str, list[Figure]] = {}
    moment: dict[str, int] = {}
    for row in told:
        figure = row[2] if slot == 2 else row[3]
        if figure is None:
            continue
        if moment.get(row[0]) != row[4]:
            latest[row[0]], moment[row[0]] = [], row[4]
        latest[row[0]].append(figure)
    return _joined([figure for figures in latest.values() for figure in figures])


def _joined(figures: list[Figure]) -> Figure | None:
    if not figures:
        return None
    low = min(figure[0] for figure in figures)
    high = max(figure[0] if figure[1] is None else figure[1] for figure in figures)
    is_open = high == low and any(figure[1] is None for figure in figures)
    children = [figure[3] for figure in figures if figure[3] is not None]
    women = [figure[4] for figure in figures if figure[4] is not None]
    return low, None if is_open else high, _victims(figures), max(children, default=None), max(women, default=None)


def _victims(figures: list[Figure]) -> str:
    said = {figure[2] for figure in figures} - {"unknown"}
    if not said:
        return "unknown"
    return said.pop() if len(said) == 1 else "mixed"


def _rows(member: Member, knowledge: Knowledge) -> Iterator[Told]:
    report, witness = member
    if not report.tolls and (report.killed or report.wounded):
        yield (witness.root, report.source, report.killed, report.wounded, report.key[0])
    for root, source, killed, wounded, at in report.tolls:
        # The article's own figure is that of whoever is behind the article.
        own = root in (report.root, f"outlet:{report.outlet}")
        yield (witness.root if own else knowledge.teller(root).name, source, killed, wounded, at)


def _order(row: Told) -> tuple[int, str, str, str]:
    return row[4], row[0], repr(row[2]), repr(row[3])
