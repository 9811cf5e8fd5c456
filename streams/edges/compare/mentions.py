"""Mentions that one version reads and another does not, or reads otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from schemas.codec import decode, decode_on
from schemas.mention import Mention
from schemas.topics import MENTIONS
from streams.shells.known_time import Arrivals
from streams.shells.log import Store, iterate

NUMBERED = frozenset({"mention_id", "group"})
"""Fields that count within an article: they differ after a mention that was lost, and say nothing."""


@dataclass(frozen=True, slots=True)
class MentionChange:
    """One mention that is not the same in both versions."""

    what: Literal["lost", "gained", "changed"]
    before: Mention | None
    """Null if it was gained."""
    after: Mention | None
    """Null if it was lost."""
    fields: tuple[str, ...] = ()
    """Names of the fields that differ, if it was changed."""

    @property
    def mention(self) -> Mention:
        """The mention as it is now, or as it was."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - a change has a side
        return found


@dataclass(frozen=True, slots=True)
class MentionChanges:
    """Every mention that differs, in the order of the articles."""

    before: int
    after: int
    changes: tuple[MentionChange, ...]
    names: Mapping[str, str]
    """Id in the later version to one that both sides share, where the two are not the same: the earlier version's id of
    that mention, or an id of its own for a mention that was gained."""


def compare_mentions(source: Store, before: Store, after: Store) -> MentionChanges:
    """Hold the mentions of each article against each other.

    Args:
        source: Log with the articles that both follow from.
        before: Log with the mentions of one version.
        after: Log with those of the other one.
    """
    counts, changes, names = [0, 0], list[MentionChange](), dict[str, str]()
    for one, other in _by_article(source, before, after):
        counts = [counts[0] + len(one), counts[1] + len(other)]
        for was, now in pairs(one, other):
            if now:
                shared = was.mention_id if was else f"+{now.mention_id}"
                names.update({now.mention_id: shared} if shared != now.mention_id else {})
            changes += _change(was, now)
    return MentionChanges(counts[0], counts[1], tuple(changes), names)


def pairs(before: Sequence[Mention], after: Sequence[Mention]) -> list[tuple[Mention | None, Mention | None]]:
    """Which mention of an article is which in the other version; null beside one that has no counterpart.

    Equal ones go together first, then those of one kind of act at one place whose sentences overlap, then those whose
    sentences overlap and whose act or place was read otherwise.
    """
    left, right, found = list(before), list(after), list[tuple[Mention | None, Mention | None]]()
    for alike in (_equal, _same_act, _same_sentence):
        for one in tuple(left):
            other = next((other for other in right if alike(one, other)), None)
            if other is not None:
                left.remove(one)
                right.remove(other)
                found.append((one, other))
    return [*found, *((one, None) for one in left), *((None, other) for other in right)]


def mentions_of(store: Store, ids: Iterable[str]) -> dict[str, Mention]:
    """The mentions of some ids, each as it was read first, in one pass over the log."""
    wanted, found = {name.encode(): name for name in ids}, dict[str, Mention]()
    for stored in iterate(store, MENTIONS.name) if wanted else ():
        # Decoding costs most: the id stands near the beginning of the bytes.
        name = wanted.get(stored.value[:_HEAD].partition(b'"mention_id":"')[2].partition(b'"')[0])
        if name is not None and name not in found:
            found[name] = decode(Mention, stored.value)
    return found


_HEAD = 1_200


def _by_article(source: Store, before: Store, after: Store) -> Iterator[tuple[list[Mention], list[Mention]]]:
    sides = [_groups(source, before), _groups(source, after)]
    heads = [next(side, None) for side in sides]
    while any(heads):
        arrived = min(head[0] for head in heads if head)
        taken = [head[1] if head and head[0] == arrived else [] for head in heads]
        heads = [
            next(side, None) if head and head[0] == arrived else head for side, head in zip(sides, heads, strict=True)
        ]
        yield taken[0], taken[1]


def _groups(source: Store, store: Store) -> Iterator[tuple[int, list[Mention]]]:
    """The mentions of each article, by its place in the order of arrival."""
    arrivals = Arrivals(source)
    for arrived, found in groupby(iterate(store, MENTIONS.name), key=arrivals.of):
        said = (decode_on(MENTIONS, stored.value) for stored in found)
        yield arrived, [mention for mention in said if isinstance(mention, Mention)]


def _change(was: Mention | None, now: Mention | None) -> list[MentionChange]:
    if was and now:
        fields = differing(was, now, NUMBERED)
        return [MentionChange("changed", was, now, fields)] if fields else []
    return [MentionChange("lost" if was else "gained", was, now)]


def differing(one: Mention, other: Mention, but: frozenset[str]) -> tuple[str, ...]:
    """Names of the fields in which two mentions differ, save some."""
    fields = (name for name in Mention.model_fields if name not in but)
    return tuple(name for name in fields if getattr(one, name) != getattr(other, name))


def _equal(one: Mention, other: Mention) -> bool:
    return one.evidence == other.evidence and not differing(one, other, NUMBERED)


def _same_act(one: Mention, other: Mention) -> bool:
    same = (one.event_type, one.relation, one.place.key) == (other.event_type, other.relation, other.place.key)
    return same and _same_sentence(one, other)


def _same_sentence(one: Mention, other: Mention) -> bool:
    here, there = one.evidence, other.evidence
    overlap = here.field == there.field and here.start < there.end and there.start < here.end
    return one.kind == other.kind and overlap
