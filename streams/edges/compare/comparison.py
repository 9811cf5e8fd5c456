"""Two versions held against each other, over the same articles: mentions, events and claims, towns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemas.control import TownControl
from schemas.event import Claim
from schemas.mention import Mention
from schemas.topics import CONTROL
from streams.edges.cli import revisions
from streams.edges.compare.mentions import MentionChange, MentionChanges, compare_mentions, mentions_of
from streams.edges.compare.merged import MergedChange, compare_merged, of_claims, reports_of
from streams.edges.compare.towns import TownChange, compare_towns
from streams.shells.log import Store

MOST_SENTENCES = 6
"""Sentences told of one change that no changed mention explains."""

_Ids = tuple[list[str], list[str]]
"""Mention ids, before and after."""


@dataclass(frozen=True, slots=True)
class Because:
    """What a change of an event, claim or town rests on."""

    mentions: tuple[MentionChange, ...]
    """Mentions that differ and stand under it."""
    reports: tuple[Mention, ...]
    """Where none differs, some that stand under it: other parameters joined or weighed them otherwise."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two versions."""

    versions: tuple[Mapping[str, str], Mapping[str, str]]
    """Stage to version, before and after."""
    articles: int
    mentions: MentionChanges
    merged: tuple[MergedChange, ...]
    """Events, then claims."""
    towns: tuple[TownChange, ...]
    counts: Mapping[str, tuple[int, int]]
    """What there is of each, before and after."""
    because: tuple[tuple[Because, ...], tuple[Because, ...]]
    """For each of `merged`, and for each of `towns`, in their order."""

    @property
    def equal(self) -> bool:
        """Whether both versions say the same."""
        return not (self.mentions.changes or self.merged or self.towns)


def compare(
    source: Store,
    before: Store,
    after: Store,
    versions: tuple[Mapping[str, str], Mapping[str, str]],
    articles: int,
) -> Comparison:
    """Hold what two logs say of the same articles against each other.

    Args:
        source: Log with the articles.
        before: Log that the present version wrote, or the same one.
        after: Log that the other version wrote.
        versions: Stage to version, before and after.
        articles: How many articles both have read.
    """
    mentions = compare_mentions(source, before, after)
    events = [revisions.present_events(log) for log in (before, after)]
    claims = [revisions.present_claims(log) for log in (before, after)]
    towns = [list(revisions.by_key(log, CONTROL, TownControl)) for log in (before, after)]
    merged = (
        *compare_merged(events[0], events[1], mentions.names),
        *compare_merged(claims[0], claims[1], mentions.names),
    )
    changed = compare_towns(towns[0], towns[1])
    counts = {
        "mentions": (mentions.before, mentions.after),
        "events": (len(events[0]), len(events[1])),
        "claims": (len(claims[0]), len(claims[1])),
        "towns": (len(towns[0]), len(towns[1])),
    }
    because = _Reasons(mentions, merged, (before, after), claims).of(changed)
    return Comparison(versions, articles, mentions, merged, changed, counts, because)


class _Reasons:
    """Finds the sentences behind each change, with one pass over the mentions of each log."""

    def __init__(
        self,
        mentions: MentionChanges,
        merged: tuple[MergedChange, ...],
        logs: tuple[Store, Store],
        claims: Iterable[Iterable[Claim]],
    ) -> None:
        self._names, self._merged, self._logs = mentions.names, merged, logs
        self._claims = [{claim.claim_id: claim for claim in side} for side in claims]
        self._changes = {name: change for change in mentions.changes for name in self._shared(change)}

    def of(self, towns: tuple[TownChange, ...]) -> tuple[tuple[Because, ...], tuple[Because, ...]]:
        """The reasons of the merged changes, and of the towns'."""
        merged = [(self._changed(reports_of(change, self._names)), _ids(change)) for change in self._merged]
        of_towns = [self._of_town(town) for town in towns]
        unexplained = [ids for changes, ids in (*merged, *of_towns) if not changes]
        found = [
            mentions_of(log, {name for ids in unexplained for name in ids[side]}) for side, log in enumerate(self._logs)
        ]

        def told(changes: tuple[MentionChange, ...], ids: _Ids) -> Because:
            some = [found[side][name] for side in (1, 0) for name in ids[side] if name in found[side]]
            each = {(one.article_id, one.evidence.start, one.evidence.field): one for one in some}
            return Because(changes, () if changes else tuple(each.values())[:MOST_SENTENCES])

        return tuple(told(*one) for one in merged), tuple(told(*one) for one in of_towns)

    def _of_town(self, town: TownChange) -> tuple[tuple[MentionChange, ...], _Ids]:
        place = town.town.place.key
        here = [change for change in self._merged if change.of == "claim" and change.first.place.key == place]
        reports = {name for change in here for name in reports_of(change, self._names)}
        # Without a change among the claims it is their weights that differ: the claims that decide are told.
        weighed = {one.claim_id for side in (town.before, town.after) if side for one in side.evidence}
        first = next(of_claims(here, weighed), None) or next(iter(here), None)
        return self._changed(reports), _ids(first) if first else self._deciding(town)

    def _deciding(self, town: TownChange) -> _Ids:
        return _sides(
            [
                name
                for one in (state.evidence if state else ())
                if one.claim_id in claims
                for name in claims[one.claim_id].mention_ids[:2]
            ]
            for state, claims in zip((town.before, town.after), self._claims, strict=True)
        )

    def _changed(self, reports: Iterable[str]) -> tuple[MentionChange, ...]:
        found = [self._changes[name] for name in sorted(reports) if name in self._changes]
        return tuple({id(change): change for change in found}.values())

    def _shared(self, change: MentionChange) -> Iterator[str]:
        if change.before:
            yield change.before.mention_id
        if change.after:
            yield self._names.get(change.after.mention_id, change.after.mention_id)


def _ids(change: MergedChange) -> _Ids:
    """Mention ids of each side, a few of each record, so that each one is told of."""
    few = max(1, MOST_SENTENCES // (len(change.before) + len(change.after)))
    return _sides([name for one in side for name in one.mention_ids[:few]] for side in (change.before, change.after))


def _sides(both: Iterable[list[str]]) -> _Ids:
    before, after = both
    return before, after
