"""What is wrong with alert rules that are each well formed: what they ask for cannot be, or would never matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from schemas.alert import SEVERITIES
from streams.theatres.theatre import Theatre
from streams.theatres.yaml_lines import Location

if TYPE_CHECKING:
    from streams.theatres.alert_rules import Rule, When

Fault = tuple[Location, str]
"""Where a mistake stands, and what it is."""

_ONLY_OF: dict[str, tuple[str, ...]] = {
    "type": ("events",),
    "min_killed": ("events",),
    "min_wounded": ("events",),
    "victims": ("events",),
    "main": ("events",),
    "modality": ("events", "claims"),
    "min_confidence": ("events", "claims"),
    "relation": ("claims",),
    "change": ("changes",),
}
"""Conditions that not every kind of record can meet."""


def faults(theatre: Theatre, rules: Sequence[Rule]) -> list[Fault]:
    """Every mistake of rules that are well formed, in the order of the file."""
    found = [fault for number, rule in enumerate(rules) for fault in _of_rule(theatre, ("rules", number), rule)]
    names = [rule.name for rule in rules]
    twice = [number for number, name in enumerate(names) if name in names[:number]]
    return found + [(("rules", number, "name"), f"two rules are called {names[number]!r}") for number in twice]


def _of_rule(theatre: Theatre, at: Location, rule: Rule) -> Iterator[Fault]:
    for place, name in enumerate(rule.where.within):
        if theatre.gazetteer.get(name) is None:
            yield (
                (*at, "where", "within", place),
                f"there is no place {name!r}; `frontwire theatre resolve NAME` finds ids",
            )
    yield from _of_when(theatre, (*at, "when"), rule, rule.when)
    for place, level in enumerate(rule.escalate):
        yield from _of_when(theatre, (*at, "escalate", place, "when"), rule, level.when)
    yield from _of_count(at, rule)
    yield from _of_levels(at, rule)


def _of_when(theatre: Theatre, at: Location, rule: Rule, when: When) -> Iterator[Fault]:
    """Conditions that the rule's records cannot meet, and parties that the theatre does not know."""
    for name, kinds in _ONLY_OF.items():
        if name in when.model_fields_set and rule.watch not in kinds:
            yield (*at, name), f"{name} is of {' and '.join(kinds)}; this rule watches {rule.watch}"
    if when.unless_in and not when.words:
        yield (*at, "unless_in"), "unless_in takes from the words of the same conditions, and there are none"
    known = sorted({actor.party for actor in theatre.actors})
    for role in ("party", "by", "against"):
        for place, name in enumerate(getattr(when, role)):
            if name not in known:
                yield (*at, role, place), f"there is no party {name!r}; there are {', '.join(known)}"


def _of_count(at: Location, rule: Rule) -> Iterator[Fault]:
    if rule.count is None:
        return
    if rule.count.of == "killed" and rule.watch != "events":
        yield (*at, "count", "of"), "only events tell of the dead; count records"
    if rule.count.within_km and rule.per == "place":
        yield (*at, "count", "within_km"), "within_km is of several places; say per: district, governorate or all"
    if rule.group_hours:
        yield (*at, "group_hours"), "a rule that counts groups by its window; leave out group_hours"


def _of_levels(at: Location, rule: Rule) -> Iterator[Fault]:
    """Escalations that would never matter."""
    for place, level in enumerate(rule.escalate):
        here = (*at, "escalate", place)
        if SEVERITIES.index(level.severity) <= SEVERITIES.index(rule.severity):
            yield (*here, "severity"), f"{level.severity} is no graver than the rule's own severity, {rule.severity}"
        if level.at_least and rule.count is None:
            yield (*here, "at_least"), "at_least escalates a rule that counts; this one has no count"
        if level.at_least and rule.count and level.at_least <= rule.count.at_least:
            yield (*here, "at_least"), f"the rule fires from {rule.count.at_least} on; an escalation takes more"
