"""Whether two reports of a place speak of one event: points for and against, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from streams.stages.merge.knowledge import Knowledge
from streams.stages.merge.parameters import Parameters
from streams.stages.merge.report import Figure, Report
from streams.stages.merge.witnesses import is_copy

Reason = tuple[str, float]
"""A reason's name in merge.yaml, and the points that it gave."""

NEVER = -99.0
"""Points of a reason that alone keeps two reports apart."""
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Decision:
    """What two reports have to do with each other."""

    score: float
    """Sum of the points."""
    same: bool
    """True if they are one event, or one claim."""
    reasons: tuple[Reason, ...]
    """What spoke for and against, in the order in which it was looked at; a reason of -99 ends the looking."""


@dataclass(frozen=True, slots=True)
class Judge:
    """The rules of one theatre."""

    parameters: Parameters
    knowledge: Knowledge

    def compare(self, a: Report, b: Report) -> Decision:
        """Whether two reports of one place are one event, or one claim."""
        reasons: list[Reason] = []
        for look in _LOOKS[a.kind]:
            found = look(self, a, b)
            if found is not None:
                reasons.append(found)
                if found[1] <= NEVER:
                    return Decision(NEVER, False, tuple(reasons))
        score = sum(points for _, points in reasons)
        return Decision(score, score >= self.parameters.same, tuple(reasons))

    @property
    def memory_days(self) -> int:
        """Days after its last report in which a cluster takes in reports, unless it is a landmark."""
        return self.parameters.lateness_days + self.parameters.horizon_days

    def family(self, report: Report) -> str:
        """The family within which a report is compared."""
        return self.parameters.families[report.act]

    def span(self, report: Report) -> tuple[int, int]:
        """The days that a report speaks of, as ordinals; an undated one speaks of the news of its day."""
        if report.first is not None and report.last is not None:
            return report.first, report.last
        back = self.parameters.undated_days["main" if report.main else "background"]
        return report.published_day - back, report.published_day

    def slack(self, report: Report) -> int:
        """Days by which the report's time is widened before it has to overlap another's."""
        return self.parameters.slack_days.get(self.family(report), self.parameters.slack_days["other"])

    def _points(self, name: str) -> Reason:
        return name, self.parameters.points[name]

    # What events are compared by.

    def _by_type(self, a: Report, b: Report) -> Reason | None:
        points = self.parameters.akin.get(f"{min(a.act, b.act)}+{max(a.act, b.act)}")
        if a.act == b.act:
            return self._points("same_type") if points is None else ("same_rare_type", points)
        return ("other_type", NEVER) if points is None else ("akin_type", points)

    def _by_article(self, a: Report, b: Report) -> Reason | None:
        """An article that speaks twice of one kind of act at one place tells two events; its reader kept them apart."""
        if a.article != b.article:
            return None
        return ("told_apart_by_one_article", NEVER)

    def _by_district(self, a: Report, b: Report) -> Reason | None:
        if a.district == b.district:
            return self._points("same_district") if a.district else None
        if not a.district or not b.district:
            return self._points("one_names_district")
        x, y = self.knowledge.quarter(a.district), self.knowledge.quarter(b.district)
        return self._points("same_district" if x <= y or y <= x else "other_district")

    def _by_time(self, a: Report, b: Report) -> Reason | None:
        (a0, a1), (b0, b1) = self.span(a), self.span(b)
        gap = max(a0, b0) - min(a1, b1)
        if gap > self.slack(a):
            return "other_time", NEVER
        if gap > 0:
            return self._points("next_day")
        if a.first is None or b.first is None:
            return self._points("undated_same_day" if a.published_day == b.published_day else "undated")
        longest = max(a1 - a0, b1 - b0) + 1
        if longest <= 2:
            return self._points("same_day" if 2 * (1 - gap) >= a1 - a0 + b1 - b0 else "one_day_shared")
        if (a0, a1) == (b0, b1):
            return self._points("same_stretch")
        shared = 1 - gap
        if longest <= DAYS_A_WEEK:
            return self._points("same_days") if 2 * shared >= longest else self._points("days_overlap")
        return (
            self._points("within_stretch") if shared == min(a1 - a0, b1 - b0) + 1 else self._points("stretch_overlaps")
        )

    def _by_actors(self, a: Report, b: Report) -> Reason | None:
        return self._by_parties(a.actors, b.actors, a, "actor")

    def _by_targets(self, a: Report, b: Report) -> Reason | None:
        return self._by_parties(a.targets, b.targets, a, "target")

    def _by_parties(self, left: tuple[str, ...], right: tuple[str, ...], a: Report, what: str) -> Reason | None:
        if not left or not right:
            return None
        x, y = self.knowledge.parties_of(left), self.knowledge.parties_of(right)
        if x & y:
            return self._points(f"same_{what}")
        on = date.fromordinal(self.span(a)[1])
        if any(self.knowledge.allied(p, q, on) for p in sorted(x) for q in sorted(y)):
            return self._points(f"allied_{what}")
        return self._points(f"other_{what}")

    def _by_killed(self, a: Report, b: Report) -> Reason | None:
        return self._by_toll(a.killed, b.killed, "killed")

    def _by_wounded(self, a: Report, b: Report) -> Reason | None:
        return self._by_toll(a.wounded, b.wounded, "wounded")

    def _by_toll(self, a: Figure | None, b: Figure | None, what: str) -> Reason | None:
        if a is None or b is None:
            return None
        a0, b0 = a[0], b[0]
        a1, b1 = a[1] if a[1] is not None else a0, b[1] if b[1] is not None else b0
        if (a0, a1) == (b0, b1) or (a0 == b0 and None in (a[1], b[1])):
            return self._points(f"same_{what}" if a0 > 2 else f"same_few_{what}")
        if max(a0, b0) <= min(a1, b1):
            return self._points(f"{what}_overlap")
        low, high = (a1, b0) if a1 < b0 else (b1, a0)
        # A toll counted early doubles easily; one of five against fifty is another event.
        if high <= 2 * low + 2:
            return self._points(f"{what}_near")
        open_below = (a if a1 < b0 else b)[1] is None
        return self._points(f"{what}_far_but_open" if open_below else f"{what}_far")

    def _by_wording(self, a: Report, b: Report) -> Reason | None:
        if a.sentence and a.sentence == b.sentence:
            return self._points("same_sentence")
        return self._points("reprint") if is_copy(a, b, self.parameters, self.knowledge) else None

    def _by_weight(self, a: Report, b: Report) -> Reason | None:
        if a.main and b.main:
            return self._points("both_main")
        return self._points("one_main" if a.main or b.main else "both_background")

    def _by_place(self, a: Report, b: Report) -> Reason | None:
        if a.exactness in _VAGUE or b.exactness in _VAGUE:
            return self._points("vague_place")
        return None

    # What claims are compared by.

    def _by_scope(self, a: Report, b: Report) -> Reason | None:
        if a.scope != b.scope or a.district != b.district:
            return "other_scope", NEVER
        return self._points("same_scope")

    def _by_claimant(self, a: Report, b: Report) -> Reason | None:
        x, y = self.knowledge.parties_of(a.actors), self.knowledge.parties_of(b.actors)
        if x == y:
            return self._points("same_claimant")
        # "Turkish-backed rebels" against "rebels": joint holders are one claim with each of them.
        return self._points("joint_claimant") if x & y else ("other_claimant", NEVER)

    def _by_claim_time(self, a: Report, b: Report) -> Reason | None:
        (a0, a1), (b0, b1) = self.span(a), self.span(b)
        return ("other_time", NEVER) if max(a0, b0) - min(a1, b1) > self.slack(a) else self._points("same_days")


_VAGUE = frozenset(("district", "governorate", "country"))
_LOOKS = {
    "event": (
        Judge._by_type, Judge._by_article, Judge._by_time, Judge._by_district, Judge._by_place, Judge._by_actors,
        Judge._by_targets, Judge._by_killed, Judge._by_wounded, Judge._by_wording, Judge._by_weight,
    ),
    "claim": (Judge._by_claim_time, Judge._by_scope, Judge._by_claimant),
}  # fmt: skip
"""What is looked at, the cheapest and most telling first."""
