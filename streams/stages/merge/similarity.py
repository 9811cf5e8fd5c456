"""Whether two reports of a place speak of one event: points for and against, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from streams.stages.merge.knowledge import Knowledge
from streams.stages.merge.parameters import Parameters
from streams.stages.merge.report import Days, Figure, Report
from streams.stages.merge.witnesses import is_copy, shared_part

Reason = tuple[str, float]
"""A reason, by its name among the points of merge.yaml, and the points that it gave."""

NEVER = -99.0
"""Points of a reason that alone keeps two reports apart."""
WEEK = 7
FEW = 2
"""Tolls up to this are so common that equal ones say little."""
MANY = 20
"""Tolls from this on are so rare that nearly equal ones say much."""
CLOSE = 0.15
"""Part of the higher toll by which two counts of one attack differ on its first days."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What two reports have to do with each other."""

    score: float
    """Sum of the points."""
    same: bool
    """True if they are one event, or one claim."""
    reasons: tuple[Reason, ...]
    """What spoke for and against, in the order of looking; one that keeps them apart ends it."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The rules of one theatre."""

    parameters: Parameters
    knowledge: Knowledge

    @property
    def memory_days(self) -> int:
        """Days after its last report in which a cluster takes in reports, unless it is a landmark."""
        return self.parameters.lateness_days + self.parameters.horizon_days

    def family(self, report: Report) -> str:
        """The family within which a report is compared."""
        return self.parameters.families[report.act]

    def acts_like(self, report: Report) -> frozenset[str]:
        """The acts that may be a report's by another name: all others are never compared with it."""
        return self.parameters.alike[report.act]

    def slack(self, report: Report) -> int:
        """Days by which a report's time is widened before it has to overlap another's."""
        slack = self.parameters.slack_days
        return slack.get(self.parameters.families[report.act], slack["other"])

    def undated_days(self, main: bool) -> int:
        """Days before its publication that an undated report speaks of."""
        return self.parameters.undated_days["main" if main else "background"]

    def compare(self, a: Report, b: Report) -> Decision:
        """Whether two reports of one place are one event, or one claim."""
        reasons: list[Reason] = []
        for look in _LOOKS[a.kind]:
            found = look(self, a, b)
            if found is None:
                continue
            reason = self._points(found) if isinstance(found, str) else found
            reasons.append(reason)
            if reason[1] <= NEVER:
                return Decision(NEVER, False, tuple(reasons))
        # Rounded, so that a score that is exactly enough on paper is enough.
        score = round(sum([points for _, points in reasons]), 6)
        reprint = self._points("reprint")
        # To compare whole texts costs more than all else, so it is done only where it could still make them one.
        if score + reprint[1] >= self.parameters.same and a.kind == "event" and self._is_reprint(a, b):
            reasons.append(reprint)
            score = round(score + reprint[1], 6)
        return Decision(score, score >= self.parameters.same, tuple(reasons))

    def _points(self, name: str) -> Reason:
        return name, self.parameters.points[name]

    def _is_reprint(self, a: Report, b: Report) -> bool:
        return is_copy(a, b, self.parameters, self.knowledge)


Found = str | Reason | None
"""A reason by name, with points of its own where they are not those of its name; null if there is nothing to say."""


def likeness(a: Report, b: Report) -> int:
    """What can be told at a glance of two reports, where too many are near: day, quarter, toll, kind of act."""
    points = (a.span == b.span) + (a.act == b.act)
    if a.quarter and b.quarter:
        points += 3 * (a.district == b.district)
    if a.killed is not None and b.killed is not None:
        points += 3 if a.killed[0] == b.killed[0] else _agreement(a.killed, b.killed) in _CLOSE_TOLLS
    return points


_CLOSE_TOLLS = frozenset(("close", "overlap", "near"))


def _by_type(judge: Judge, a: Report, b: Report) -> Found:
    points = judge.parameters.akin.get((a.act, b.act))
    if a.act == b.act:
        return "same_type" if points is None else ("same_rare_type", points)
    return ("other_type", NEVER) if points is None else ("akin_type", points)


def _by_article(judge: Judge, a: Report, b: Report) -> Found:
    """What an article tells apart are two events to it, but for the kinds of one bombardment."""
    if a.article != b.article:
        return None
    return "one_bombardment" if _is_one_bombardment(a, b) else ("told_apart_by_one_article", NEVER)


def _is_one_bombardment(a: Report, b: Report) -> bool:
    """Whether an article tells of one act by two names: from air and ground, at one place and time, and one toll."""
    from_afar = {a.act, b.act} == _FROM_AFAR and (a.killed is None) != (b.killed is None)
    return from_afar and a.span == b.span and a.district == b.district


def _by_time(judge: Judge, a: Report, b: Report) -> Found:
    (a0, a1), (b0, b1) = a.span, b.span
    shared = min(a1, b1) - max(a0, b0) + 1
    if shared <= 0:
        return ("other_time", NEVER) if shared < 1 - judge.slack(a) else "next_day"
    if a.when is None or b.when is None:
        return "undated_same_day" if a.day == b.day else "undated"
    shortest, longest = sorted((a1 - a0 + 1, b1 - b0 + 1))
    if longest <= FEW:
        # News of the day has two days, so the news of two days running share one.
        return "same_day" if shared == shortest else "one_day_shared"
    if shared == longest:
        return "same_stretch"
    if longest <= WEEK:
        return "same_days" if 2 * shared >= longest else "days_overlap"
    return "within_stretch" if shared == shortest else "stretch_overlaps"


def _by_district(judge: Judge, a: Report, b: Report) -> Found:
    if a.district == b.district:
        return "same_district" if a.district else None
    if not a.quarter or not b.quarter:
        return "one_names_district"
    if a.quarter.isdisjoint(b.quarter):
        return "other_district", NEVER
    return "same_district" if a.quarter <= b.quarter or b.quarter <= a.quarter else "like_district"


def _by_place(judge: Judge, a: Report, b: Report) -> Found:
    return "vague_place" if a.exactness in _VAGUE or b.exactness in _VAGUE else None


def _by_actors(judge: Judge, a: Report, b: Report) -> Found:
    if _is_swapped(a, b):
        return "swapped_sides"
    side = _side(judge, a.parties, b.parties, a.span)
    return side and f"{side}_actor"


def _by_targets(judge: Judge, a: Report, b: Report) -> Found:
    side = None if _is_swapped(a, b) else _side(judge, a.target_parties, b.target_parties, a.span)
    return side and f"{side}_target"


def _is_swapped(a: Report, b: Report) -> bool:
    """Whether two reports of one fight name the same sides, but not the same one as the attacker."""
    if a.act != _CLASH or not a.parties.isdisjoint(b.parties):
        return False
    return not (a.parties.isdisjoint(b.target_parties) or a.target_parties.isdisjoint(b.parties))


def _side(judge: Judge, x: frozenset[str], y: frozenset[str], span: Days) -> str | None:
    if not x or not y:
        return None
    if not x.isdisjoint(y):
        return "same"
    on = date.fromordinal(span[1])
    return "allied" if any(judge.knowledge.allied(p, q, on) for p in sorted(x) for q in sorted(y)) else "other"


def _by_killed(judge: Judge, a: Report, b: Report) -> Found:
    agreement = _agreement(a.killed, b.killed)
    if agreement in ("far", "far_but_open") and _rose(a, b):
        return "killed_rose"
    return agreement and f"killed_{agreement}"


def _by_wounded(judge: Judge, a: Report, b: Report) -> Found:
    agreement = _agreement(a.wounded, b.wounded)
    return agreement and f"wounded_{agreement}"


def _agreement(a: Figure | None, b: Figure | None) -> str | None:
    """How two tolls go together: one may be an early count of what the other counts later."""
    if a is None or b is None:
        return None
    a0, b0 = a[0], b[0]
    a1, b1 = a0 if a[1] is None else a[1], b0 if b[1] is None else b[1]
    if a0 == b0 and (a1 == b1 or None in (a[1], b[1])):
        return "same" if a0 > FEW else "same_few"
    if max(a0, b0) >= MANY and abs(a0 - b0) <= CLOSE * max(a0, b0):
        return "close"
    if max(a0, b0) <= min(a1, b1):
        return "overlap"
    low, high, least = (a1, b0, a) if a1 < b0 else (b1, a0, b)
    # A toll counted early doubles easily; one of five against fifty is another event, unless it was "at least".
    if high <= 2 * low + 2:
        return "near"
    return "far_but_open" if least[1] is None else "far"


def _rose(a: Report, b: Report) -> bool:
    """Whether one source has raised its toll: the later report gives the higher one."""
    if a.root != b.root or a.day == b.day or a.killed is None or b.killed is None:
        return False
    return (a.day < b.day) == (a.killed[0] < b.killed[0])


def _by_wording(judge: Judge, a: Report, b: Report) -> Found:
    if not a.trigrams or a.trigrams.isdisjoint(b.trigrams):
        return None
    if a.trigrams == b.trigrams:
        return "same_sentence"
    return "like_sentence" if shared_part(a.trigrams, b.trigrams) >= judge.parameters.sentence_share else None


def _by_weight(judge: Judge, a: Report, b: Report) -> Found:
    if a.main and b.main:
        return "both_main"
    return "one_main" if a.main or b.main else "both_background"


def _by_scope(judge: Judge, a: Report, b: Report) -> Found:
    return "same_scope" if a.scope == b.scope and a.district == b.district else ("other_scope", NEVER)


def _by_claimant(judge: Judge, a: Report, b: Report) -> Found:
    shared, others = a.parties & b.parties, a.parties ^ b.parties
    if not others:
        return "same_claimant"
    # "Rebels and their Turkish backers" is one claim with "rebels"; "rebels and the army" is two claims of its own.
    on = date.fromordinal(a.span[1])
    joint = shared and all(judge.knowledge.allied(p, q, on) for p in sorted(shared) for q in sorted(others))
    return "joint_claimant" if joint else ("other_claimant", NEVER)


def _by_claim_time(judge: Judge, a: Report, b: Report) -> Found:
    (a0, a1), (b0, b1) = a.span, b.span
    return ("other_time", NEVER) if max(a0, b0) - min(a1, b1) > judge.slack(a) else "restated_in_time"


_CLASH = "armed_clash"
_FROM_AFAR = {"air_strike", "shelling"}
_VAGUE = frozenset(("district", "governorate", "country"))
_LOOKS = {
    "event": (
        _by_type, _by_article, _by_time, _by_district, _by_place, _by_actors, _by_targets, _by_killed, _by_wounded,
        _by_weight, _by_wording,
    ),
    "claim": (_by_claim_time, _by_scope, _by_claimant),
}  # fmt: skip
"""What is looked at, the cheapest and what may end the looking first."""
