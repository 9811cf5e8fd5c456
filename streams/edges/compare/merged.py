"""Events and claims that one version keeps apart and another joins, or that only one of them has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.event import Claim, Event
from streams.edges.cli.revisions import Merged, id_of

What = Literal["lost", "gained", "split", "joined", "regrouped", "changed"]

HISTORY = frozenset({"schema_version", "revision", "kind", "supersedes", "late"})
"""Fields that tell how a record came about, and not what it says."""
NAMES = frozenset({"event_id", "claim_id", "mention_ids", "group"})
"""Fields that hold ids, which count within an article; whether the reports are the same is looked at by themselves."""


@dataclass(frozen=True, slots=True)
class MergedChange:
    """Events, or claims, that share reports and are not the same in both versions."""

    what: What
    before: tuple[Merged, ...]
    """None if it was gained; several if they were joined."""
    after: tuple[Merged, ...]
    """None if it was lost; several if one was split."""
    fields: tuple[str, ...] = ()
    """Names of the fields that differ between one and one; `reports` if others stand under it."""

    @property
    def first(self) -> Merged:
        """One of them: all are of one place."""
        return (self.after or self.before)[0]

    @property
    def of(self) -> Literal["event", "claim"]:
        """What they are."""
        return "event" if isinstance(self.first, Event) else "claim"


def compare_merged(
    before: Sequence[Merged], after: Sequence[Merged], names: Mapping[str, str]
) -> tuple[MergedChange, ...]:
    """Hold events against events, or claims against claims, by the reports under them.

    Args:
        before: Those of one version, each in its last revision.
        after: Those of the other one.
        names: Mention ids of the other one to those that both share, where the two differ.
    """
    changes = (_change(*group, names) for group in _groups(before, after, names))
    found = [change for change in changes if change]
    return tuple(sorted(found, key=lambda change: (change.first.place.key, id_of(change.first))))


def reports_of(change: MergedChange, names: Mapping[str, str]) -> set[str]:
    """Ids that both versions share of all reports under the changed ones."""
    return {name for one in change.before for name in one.mention_ids} | {
        name for one in change.after for name in shared(one, names)
    }


def shared(one: Merged, names: Mapping[str, str]) -> set[str]:
    """Ids that both versions share of the reports under a record of the later one."""
    return {names.get(name, name) for name in one.mention_ids}


_Report = tuple[str, str]
"""Key of a place, and id of a report that is read there."""


def _groups(
    before: Sequence[Merged], after: Sequence[Merged], names: Mapping[str, str]
) -> Iterator[tuple[list[Merged], list[Merged]]]:
    """Records of a place that hang together: each shares a report with one of its group, which is of the other version.

    What another version reads at another place is lost at the one and gained at the other.
    """
    under: dict[_Report, tuple[list[int], list[int]]] = {}
    sides = (
        [{(one.place.key, name) for name in one.mention_ids} for one in before],
        [{(one.place.key, name) for name in shared(one, names)} for one in after],
    )
    for side, records in enumerate(sides):
        for at, reports in enumerate(records):
            for name in reports:
                under.setdefault(name, ([], []))[side].append(at)
    left = {(side, at) for side in (0, 1) for at in range(len(sides[side]))}
    for start in sorted(left):
        if start in left:
            group = _reached(start, sides, under)
            left -= group
            yield [before[at] for at in _of_side(group, 0)], [after[at] for at in _of_side(group, 1)]


def _of_side(group: set[tuple[int, int]], side: int) -> list[int]:
    return sorted(at for found, at in group if found == side)


def _reached(
    start: tuple[int, int],
    sides: Sequence[Sequence[set[_Report]]],
    under: Mapping[_Report, tuple[list[int], list[int]]],
) -> set[tuple[int, int]]:
    reached, waiting = {start}, [start]
    while waiting:
        side, at = waiting.pop()
        near = {(other, found) for name in sides[side][at] for other in (0, 1) for found in under[name][other]}
        waiting += near - reached
        reached |= near
    return reached


def _change(before: list[Merged], after: list[Merged], names: Mapping[str, str]) -> MergedChange | None:
    if len(before) == len(after) == 1:
        fields = tuple(_differing(before[0], after[0], names))
        return MergedChange("changed", tuple(before), tuple(after), fields) if fields else None
    return MergedChange(_what(len(before), len(after)), tuple(before), tuple(after))


def _what(before: int, after: int) -> What:
    if not before or not after:
        return "lost" if before else "gained"
    if before == 1 or after == 1:
        return "split" if before == 1 else "joined"
    return "regrouped"


def _differing(one: Merged, other: Merged, names: Mapping[str, str]) -> Iterable[str]:
    for name in type(one).model_fields:
        if name not in HISTORY | NAMES and getattr(one, name) != getattr(other, name):
            yield name
    if set(one.mention_ids) != shared(other, names):
        yield "reports"


def of_claims(changes: Iterable[MergedChange], claim_ids: Iterable[str]) -> Iterator[MergedChange]:
    """Those of the changes that are of these claims."""
    wanted = set(claim_ids)
    return (
        change
        for change in changes
        if any(isinstance(one, Claim) and one.claim_id in wanted for one in (*change.before, *change.after))
    )
