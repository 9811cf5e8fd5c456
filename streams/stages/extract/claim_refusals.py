"""What the words around a claim's verb make of it: no fact, a part, or a fall.

Refused is what is planned, feared, supposed, disputed or did not last; the words of the first two are the lexicon's.
"""

from __future__ import annotations

import re

from schemas.vocabulary import Relation
from streams.stages.extract.claim_rules import ClaimRules, Match
from streams.stages.extract.claim_text import TIME_CLASS, ClaimText

_CLAUSE = (" but ", " and ", " that ", " which ", " after ", " as ", ", ", "; ", " while ", ": ", " - ", '"', " said ")

_DISPUTED = re.compile(
    r"\ballegations?\b|\brumou?rs?\b|\bfalse (?:claims?|reports?)\b"
    r"|\b(?:refut|dismiss|reject|den)(?:ed|ies?|es|s|ying|ing)\b (?:[\w'’-]+ ){0,3}(?:claims?|reports?|statements?)\b",
    re.IGNORECASE,
)
"""Words that make what follows somebody's disputed tale."""

_PART_TAKEN = re.compile(
    r"\b(?:seized|captured|took|taken|retook|recaptured|overran) (?:control of )?"
    r"(?:the|its|several|some|most of the|parts? of|a number of) "
    r"(?:\w+ ){0,1}?(?:east|west|north|south|districts?|neighbou?rhoods?|half|part|parts|buildings?)\b"
)
"""Words of a capture that took a part of the place: "rebels seized the east"."""

_BASE_FORM = re.compile(r"(?:re)?(?:capture|take|seize|liberate|gain|conquer|overrun|secure)\b")
_JOINED_AIM = re.compile(r"\b(?:to|will|would|must|should|could|may) (?:[\w-]+ )[^.;]{0,90}\band $")
"""An aim that a verb without an ending is joined to: "determined to push ahead and capture"."""

_NOT_DONE = re.compile(r"\b(?:attempted|failed|possible|imminent|expected|eventual) $")
"""Words before a capture that did not come to pass."""

_BRIEF = re.compile(r"\b(?:brief|briefly|short-lived|temporary|temporarily) $")
"""Words before a capture that was undone soon."""

_UNDONE = re.compile(
    rf"[^.;{TIME_CLASS}]{{0,60}}?\b(?:was|were|had been|has been|have been)(?: later| then| since)? "
    r"(?:recaptured|retaken|lost|won back)\b"
)
"""What follows a capture that was undone at once: "the villages taken by the army had been recaptured"."""

_SUPPOSED = re.compile(r"[^.;]{0,60}? (?:would|could|might|may|will)\b")
"""What follows a capture that is only supposed: "the fall of the town would cut the road"."""

_NOUNS = ("capture.fall.of", "capture.loss", "capture.nominal")
"""Rules of captures told as nouns, which may be only supposed."""

_CALLED = ("hold.stronghold.behind", "hold.stronghold.of")
"""Rules of what a place is called behind its name."""

_TAKEN_BEFORE = re.compile(
    r"\b(?:(?:captured|seized|took|retook|recaptured|overran|liberated|freed|retaken|taken)(?: back)?"
    rf"(?:(?: full)? control(?:(?: on)? [{TIME_CLASS}])? of)?|flag(?:(?: on)? [{TIME_CLASS}])? over)"
    r"(?: the| a)?(?: [\w-]+){0,2} $"
)
"""A verb whose object follows: what that was called is what it was until then."""

_FALL_OF = re.compile(
    r"\b(?:fall|loss|capture|recapture|seizure|liberation|takeover) of "
    r"(?:the )?(?:[\w-]+ ){0,2}?(?:(?:town|city|village) of )?$"
)
"""A place whose fall is told before it is called somebody's bastion."""


def is_refused(text: ClaimText, match: Match, rules: ClaimRules) -> bool:
    """True if the words around make no fact of a verb: not, if, would, plans to, in a bid to."""
    if match.rule.relation is Relation.HOLDS and match.rule.name != "hold.repelled":
        if _TAKEN_BEFORE.search(text.text, max(0, match.first - 50), match.first):
            return True
        return rules.past.search(text.text, max(0, match.start - 24), match.start) is not None and not match.rule.past
    before = text.text[max(0, match.verb - 60) : match.verb]
    clause = before[max((before.rfind(mark) + len(mark) for mark in _CLAUSE if mark in before), default=0) :]
    if match.rule.relation is Relation.CAPTURED and _DISPUTED.search(text.text, max(0, match.verb - 140), match.verb):
        return True
    if match.rule.relation is Relation.CAPTURED and _UNDONE.match(text.text, match.last):
        return True
    if _NOT_DONE.search(before) or (match.rule.name in _NOUNS and _SUPPOSED.match(text.text, match.last)):
        return True
    if _BASE_FORM.match(text.text, match.verb) and _JOINED_AIM.search(text.text, max(0, match.verb - 120), match.verb):
        return True
    if before.endswith(" to ") and match.rule.relation is not Relation.CONTESTS:
        return rules.done.search(before) is None or rules.never.search(clause) is not None
    return rules.never.search(clause) is not None


def is_disputed(text: str) -> bool:
    """True for a sentence that tells of somebody's disputed tale."""
    return _DISPUTED.search(text) is not None


def takes_part(text: str) -> bool:
    """True for a sentence in which somebody takes a part of a place: "seized the east"."""
    return _PART_TAKEN.search(text) is not None


def tells_of_a_fall(text: ClaimText, match: Match) -> bool:
    """True if a place's fall is told before it is called somebody's bastion: then he lost it."""
    fall = _FALL_OF.search(text.text, max(0, match.first - 60), match.first)
    return match.rule.name in _CALLED and fall is not None


def was_brief(text: ClaimText, match: Match) -> bool:
    """True for a capture that was undone soon: "the brief seizure of"."""
    return _BRIEF.search(text.text, max(0, match.verb - 20), match.verb) is not None
