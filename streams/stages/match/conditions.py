"""Whether a record meets a rule, and how grave that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set

from schemas.alert import SEVERITIES, Severity
from schemas.record import Place
from schemas.vocabulary import PlacePrecision
from streams.stages.match.facts import Facts
from streams.theatres.alert_rules import Rule, When, Where
from streams.theatres.shapes import MultiPolygon, Outline, Polygon, outline_of, rings_of
from streams.theatres.sites import km

_POINTS = frozenset({PlacePrecision.EXACT, PlacePrecision.TOWN})
"""Precisions at which a place's point is where it is, and not the middle of a larger area."""

Shown = Callable[[Facts], bool]


class Watch:
    """A rule made ready for many records."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._outline = _outline(rule.where)
        self._when = shown(rule.when)
        self._levels = [(shown(level.when), level.severity) for level in rule.escalate if level.at_least is None]
        self.reads_sentences = any(part.words for part in (rule.when, *(level.when for level in rule.escalate)))
        self.kinds: Sequence[str] = rule.when.type or rule.when.change or rule.when.relation
        """Event types, kinds of change or relations that it is about; all if there is none."""

    def is_there(self, place: Place, chain: Set[str]) -> bool:
        """Whether the rule is about a place; `chain` is its id and those of what it lies in."""
        where = self.rule.where
        if where.precision and place.precision not in where.precision:
            return False
        if where.within and chain.isdisjoint(where.within):
            return False
        if where.near is None and self._outline is None:
            return True
        if place.lat is None or place.lon is None or place.precision not in _POINTS:
            return False
        near = where.near is None or km((where.near.lat, where.near.lon), (place.lat, place.lon)) <= where.near.km
        return near and (self._outline is None or self._outline.holds(place.lat, place.lon))

    def severity(self, facts: Facts) -> Severity | None:
        """How grave a record is that lies where the rule looks; null if the rule does not hold.

        An escalation holds on top of the rule's own conditions; the gravest counts.
        """
        if not self._when(facts):
            return None
        levels = [severity for holds, severity in self._levels if holds(facts)]
        return max((self.rule.severity, *levels), key=SEVERITIES.index)


def shown(when: When) -> Shown:
    """The conditions as one test; those that are not stated cost nothing."""
    tests: list[Shown] = [
        *_of_kind(when),
        *_of_parties(when),
        *_of_figures(when),
        *_of_backing(when),
    ]
    return lambda facts: all(test(facts) for test in tests)


def _of_kind(when: When) -> list[Shown]:
    kinds, modality, main = frozenset(when.type or when.change or when.relation), when.modality, when.main
    tests: list[Shown] = []
    if kinds:
        tests.append(lambda facts: facts.kind in kinds)
    if modality:
        tests.append(lambda facts: facts.modality in modality)
    if main is not None:
        tests.append(lambda facts: facts.main is main)
    return tests


def _of_parties(when: When) -> list[Shown]:
    party, by, against = frozenset(when.party), frozenset(when.by), frozenset(when.against)
    tests: list[Shown] = []
    if party:
        tests.append(lambda facts: not party.isdisjoint(facts.by | facts.against))
    if by:
        tests.append(lambda facts: not by.isdisjoint(facts.by))
    if against:
        tests.append(lambda facts: not against.isdisjoint(facts.against))
    return tests


def _of_figures(when: When) -> list[Shown]:
    tests: list[Shown] = []
    if when.min_killed:
        tests.append(lambda facts: facts.killed >= when.min_killed)
    if when.min_wounded:
        tests.append(lambda facts: facts.wounded >= when.min_wounded)
    if when.victims:
        tests.append(lambda facts: facts.victims in when.victims)
    if when.max_age_days is not None:
        longest = when.max_age_days
        tests.append(lambda facts: facts.age_days <= longest)
    return tests


def _of_backing(when: When) -> list[Shown]:
    tests: list[Shown] = []
    if when.min_confidence:
        tests.append(lambda facts: facts.confidence >= when.min_confidence)
    if when.min_root_sources:
        tests.append(lambda facts: len(facts.backing.root_sources) >= when.min_root_sources)
    if when.words:
        tests.append(_says(when.words, when.unless_in))
    return tests


def _says(words: tuple[str, ...], unless_in: tuple[str, ...]) -> Shown:
    """Whether a sentence has one of the words, other than in one of the phrases."""
    wanted, refused = _beginning(words), _beginning(unless_in) if unless_in else None

    def said(sentence: str) -> bool:
        return bool(wanted.search(refused.sub(" ", sentence) if refused else sentence))

    return lambda facts: any(map(said, facts.backing.sentences))


def _beginning(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE)


def _outline(where: Where) -> Outline | None:
    if where.inside is None or isinstance(where.inside, str):
        return None
    shape = where.inside
    return outline_of(rings_of(shape) if isinstance(shape, Polygon | MultiPolygon) else (shape,))
