"""What an alert says to receivers who are not to learn names of persons: news of a war can endanger those it names."""

from __future__ import annotations

from schemas.alert import Alert

WITHHELD = "(sentence withheld)"
"""Stands where a rule's text quotes an article."""
_PERSON = "person:"
"""Begins the id of a root source that is a person."""


def without_persons(alert: Alert) -> Alert:
    """The same alert without sentences of articles, and with persons who were quoted counted instead of named.

    Who wants to know more has the ids of the mentions, and asks the feed, which knows its readers by their keys.
    """
    return alert.model_copy(
        update={
            "title": _without_sentences(alert.title, alert),
            "text": _without_sentences(alert.text, alert),
            "root_sources": _counted(alert.root_sources),
            "evidence": (),
        }
    )


def _without_sentences(text: str, alert: Alert) -> str:
    # Longest first: one sentence may stand within another.
    for sentence in sorted({quote.text for quote in alert.evidence} - {""}, key=lambda said: (-len(said), said)):
        text = text.replace(sentence, WITHHELD)
    return text


def _counted(roots: tuple[str, ...]) -> tuple[str, ...]:
    persons = [root for root in roots if root.startswith(_PERSON)]
    others = [root for root in roots if not root.startswith(_PERSON)]
    return tuple(sorted([*others, *(f"{_PERSON}{number}" for number, _ in enumerate(persons, start=1))]))
