"""What an alert says and names: its rule's texts, filled in, and all that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template
from typing import Any

from schemas.alert import SEVERITIES, Match, Quote, Severity
from schemas.record import DateRange, Place
from schemas.vocabulary import DatePrecision
from streams.stages.alert.counting import Window, dead
from streams.theatres.alert_rules import Rule

LISTED = 10
"""Most lines of `$list`, and most sentences that an alert carries."""
TITLE, TITLE_OF_MANY = "$what in $place", "$count × $what, $area"
TEXTS = {
    "events": "$what in $place, $governorate ($days). Killed: $killed. Independent sources: $sources.",
    "claims": "$who: $what, $place, $governorate ($days). Independent sources: $sources.",
    "changes": "$what in $place, $governorate ($days). Before: $before. Now: $now. Independent sources: $sources.",
}
TEXT_OF_MANY = "$count × $what in $area ($days). Killed, at least: $dead. Usual in such a time: $usual.\n$list"


def said(rule: Rule, members: Sequence[Match], grave: Severity, window: Window | None) -> dict[str, Any]:
    """The fields of an alert that follow from what it rests on.

    Args:
        rule: Its rule.
        members: What it rests on, in the order of event time; or what it rested on last.
        grave: How grave it is.
        window: Of a rule that counts: the window that it tells of.
    """
    latest = max(members, key=lambda match: SEVERITIES.index(match.severity))
    when, roots = _days(members), _all(match.root_sources for match in members)
    counted = window.level if window and rule.count and rule.count.of == "records" else len(members)
    fields = latest.fields | {
        "count": str(counted),
        "dead": str(dead(members)),
        "usual": f"{window.usual:.1f}" if window else "not stated",
        "list": _listed(members),
        "severity": grave,
        "sources": str(len(roots)),
    }
    if len(members) > 1:
        fields |= {"days": _spelled(when), "what": _what(members)}
    title, text = _templates(rule, len(members))
    return {
        "title": Template(title).substitute(fields),
        "text": Template(text).substitute(fields),
        "place": _place(members),
        "when": when,
        "subjects": _all(match.subjects for match in members),
        "mention_ids": _all(match.mention_ids for match in members),
        "outlets": _all(match.outlets for match in members),
        "root_sources": roots,
        "evidence": _quotes(members, latest),
    }


def _templates(rule: Rule, members: int) -> tuple[str, str]:
    many = rule.count is not None or members > 1
    title = rule.title or (TITLE_OF_MANY if many else TITLE)
    return title, rule.text or (TEXT_OF_MANY if many else TEXTS[rule.watch])


def _all(parts: Any) -> tuple[str, ...]:
    return tuple(sorted({one for part in parts for one in part}))


def _place(members: Sequence[Match]) -> Place:
    return members[-1].place


def _what(members: Sequence[Match]) -> str:
    return ", ".join(dict.fromkeys(match.fields["what"] for match in members))


def _days(members: Sequence[Match]) -> DateRange | None:
    known = [match.when for match in members if match.when]
    if len(members) == 1 or not known:
        return members[0].when
    first, last = min(when.first for when in known), max(when.last for when in known)
    return DateRange(first=first, last=last, precision=DatePrecision.DAY if first == last else DatePrecision.RANGE)


def _spelled(when: DateRange | None) -> str:
    if when is None:
        return "not stated"
    return str(when.first) if when.first == when.last else f"{when.first} to {when.last}"


def _listed(members: Sequence[Match]) -> str:
    lines = [
        f"- {match.fields['days']} {match.fields['what']} in {match.fields['place']}, killed: {match.fields['killed']}"
        for match in members[-LISTED:]
    ]
    more = len(members) - LISTED
    return "\n".join([*([f"({more} earlier ones)"] if more > 0 else []), *lines])


def _quotes(members: Sequence[Match], latest: Match) -> tuple[Quote, ...]:
    """The first sentence of each first, then the others; no root source twice in one match.

    The sentence that a text may quote is always one of them, so that whoever withholds sentences knows it.
    """
    in_turn = sorted(
        ((turn, place, quote) for place, match in enumerate(members) for turn, quote in enumerate(match.evidence)),
        key=lambda one: one[:2],
    )
    found = tuple({quote.mention_id: quote for _, _, quote in in_turn}.values())[:LISTED]
    quoted = latest.evidence[:1]
    return found if set(quoted) <= set(found) else (*found[: LISTED - 1], *quoted)
