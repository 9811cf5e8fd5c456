"""The fold: evidence in order of event time, through the chains, into stretches of standing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.vocabulary import ControlStatus, Relation, Scope
from streams.stages.control.chains import NEVER, at_day, expired, pushed, stated, worn
from streams.stages.control.evidence import UNKNOWN, Evidence
from streams.stages.control.parameters import Parameters
from streams.stages.control.stretches import Standing, Stretch, join
from streams.stages.control.weighing import Chains, Key, Scene, apply, parameters_of


class Frame(NamedTuple):
    """The filter between two pieces of evidence."""

    chains: Chains
    partial: frozenset[str]
    """Holders of whom only parts of the place are told."""
    sealed: frozenset[str]
    """Holders that took all of the place, with nobody back in since."""
    wide: frozenset[str]
    """Fighters whose last fight was for the place as such, not for a part of it."""
    shares: tuple[tuple[str, float], ...]
    """Stated parts by holder, sorted."""
    left: tuple[tuple[str, int], ...]
    """Parties that withdrew, with the day, sorted."""
    waiting: tuple[tuple[str, int], ...]
    """Parties that say they took the place, gainsaid by nobody yet, with the day of the capture, sorted."""
    pace: float
    """Mean days between two days of news of the place, the latest weighing most."""
    day: int
    """Ordinal day of the last evidence; 0 before any."""
    standing: Standing | None
    """What stands at the end of that day."""
    stretches: tuple[Stretch, ...]
    """The timeline so far, smoothed."""


EMPTY = Frame({}, frozenset(), frozenset(), frozenset(), (), (), (), 0.0, 0, None, ())


def advance(frame: Frame, evidence: Iterable[Evidence], parameters: Parameters, district: str | None = None) -> Frame:
    """The filter after more evidence.

    Args:
        frame: The filter before.
        evidence: In order, and not before what the frame has seen.
        parameters: The theatre's figures.
        district: Neighbourhood that is folded; null for the town as a whole.
    """
    run = _Run(frame, parameters, district)
    for item in evidence:
        run.take(item)
    run.close()
    return run.frame()


def until_day(frame: Frame, day: int, parameters: Parameters) -> Frame:
    """The filter on a day up to which nothing more was heard; the same frame if nothing has worn off by then."""
    due = (when + _patience(frame.pace, parameters) for _, when in frame.waiting)
    if all(chain.until > day for chain in frame.chains.values()) and all(when > day for when in due):
        return frame
    run = _Run(frame, parameters)
    run.wear_off(day + 1)
    return run.frame()


def _patience(pace: float, parameters: Parameters) -> int:
    """Days of silence after which a captor is believed: some times as many as news of the place is apart."""
    return max(parameters.unopposed_days, int(parameters.unopposed_spells * pace))


def outlook(frame: Frame, parameters: Parameters) -> tuple[Stretch, ...]:
    """What becomes of a place if nothing more is ever heard, not smoothed: nothing comes after it."""
    run = _Run(frame._replace(stretches=frame.stretches[-1:]), parameters)
    run.smooth = False
    run.wear_off(NEVER - 1)
    return tuple(run.stretches[1:])


def confidence(chains: Chains, stretch: Stretch, day: int, parameters: Parameters) -> float:
    """Probability that a standing is right on a day, calibrated for holders; 0 for unknown, which asserts nothing.

    What the chains said when it was last confirmed is calibrated, and wears off from there: the calibration knows how
    often news is wrong, not how much happens that is not in the news.
    """
    if stretch.status is ControlStatus.UNKNOWN:
        return 0.0
    confirmed = last_confirmed(chains, stretch) or day
    known = _probability(chains, stretch, min(day, confirmed), parameters)
    if stretch.status is ControlStatus.HELD:
        known = stated(known, _backing(chains), parameters.calibration)
    return faded(known, day - confirmed, stretch.status, parameters)


def faded(confidence: float, days: int, status: ControlStatus, parameters: Parameters) -> float:
    """A stated probability some days after the standing was last confirmed: fights fade in days, holders in months."""
    if status is ControlStatus.CONTESTED:
        return worn(confidence, days, parameters.fight.prior, parameters.fight.half_life_days)
    return worn(confidence, days, parameters.hold.prior, parameters.calibration.half_life_days)


def last_confirmed(chains: Chains, stretch: Stretch) -> int:
    """Last day on which evidence spoke for a standing, as an ordinal; 0 for unknown."""
    if stretch.status is ControlStatus.UNKNOWN:
        return 0
    kinds = ("hold", "fight") if stretch.status is ControlStatus.CONTESTED else ("hold",)
    return max([chain.confirmed for (kind, _), chain in chains.items() if chain.on and kind in kinds], default=0)


def _backing(chains: Chains) -> float:
    """Evidence for the best known holder."""
    return max([chain.backing for (kind, _), chain in chains.items() if chain.on and kind == "hold"], default=0.0)


def _probability(chains: Chains, stretch: Stretch, day: int, parameters: Parameters) -> float:
    """Probability by the chains as they stand, taken as independent of each other."""
    no_fight = no_holder = others_out = all_in = 1.0
    kin = {relative for party in stretch.parties for relative in parameters.kin_of(party)}
    held = stretch.status is ControlStatus.HELD
    for (kind, party), chain in chains.items():
        if kind == "hold" and (chain.on or party not in kin):
            yes = at_day(chain, day, parameters.hold)
            if chain.on:
                no_holder *= 1 - yes
                all_in *= yes
            else:
                others_out *= 1 - yes
        elif kind == "fight" and not (held and party in kin):
            no_fight *= 1 - at_day(chain, day, parameters.fight)
    if stretch.status is ControlStatus.CONTESTED:
        return 1 - no_fight
    return others_out * ((1 - no_holder) * no_fight if held else all_in)


_LEAVES = frozenset({Relation.LOST, Relation.WITHDREW})

_FIGHTS = frozenset({Relation.ADVANCES, Relation.CONTESTS, Relation.ENTERED})

_STEPS = frozenset({Relation.CAPTURED, Relation.ENTERED})

_EXTENTS = frozenset({Relation.HOLDS, Relation.CAPTURED})


def _sides(holders: tuple[str, ...], enemies: tuple[str, ...], besieging: tuple[str, ...]) -> tuple[str, ...]:
    """The parties of a divided place: beside a lone holder of a part, whoever fights or besieges him there."""
    if len(holders) > 1:
        return holders
    return tuple(sorted({*holders, *enemies, *besieging} - {UNKNOWN}))


class _Run:
    """A frame being advanced: mutable, and never seen from outside."""

    __slots__ = (
        "chains", "changed", "day", "district", "left", "pace", "parameters", "partial", "relation", "sealed", "shape",
        "shares", "smooth", "standing", "stretches", "unsaid", "waiting", "wide",
    )  # fmt: skip

    def __init__(self, frame: Frame, parameters: Parameters, district: str | None = None) -> None:
        self.parameters = parameters
        self.district = district
        self.chains = dict(frame.chains)
        self.partial = set(frame.partial)
        self.sealed = set(frame.sealed)
        self.wide = set(frame.wide)
        self.shares = dict(frame.shares)
        self.left = dict(frame.left)
        self.waiting = dict(frame.waiting)
        self.pace = frame.pace
        self.day = frame.day
        self.standing = frame.standing
        self.stretches = list(frame.stretches)
        self.smooth = True
        self.relation: Relation | None = None
        """Relation of the last claim of the day that switched a chain."""
        self.changed = True
        """True if what stands may be another than at the end of the last day."""
        self.unsaid: tuple[Chains, Stretch, int] | None = None
        """What the last stretch's confidence is to be worked out from, when it is asked for: chains, standing, day."""
        self.shape: Stretch | None = None
        """What stood when it was last looked at."""

    def frame(self) -> Frame:
        self._state()
        sets = (frozenset(self.partial), frozenset(self.sealed), frozenset(self.wide))
        pairs = (
            tuple(sorted(self.shares.items())),
            tuple(sorted(self.left.items())),
            tuple(sorted(self.waiting.items())),
        )
        return Frame(self.chains, *sets, *pairs, self.pace, self.day, self.standing, tuple(self.stretches))

    def take(self, item: Evidence) -> None:
        if item.day > self.day:
            self.close()
            self.wear_off(item.day)
            self.pace = self._pace_until(item.day)
            self.day = item.day
        scope = self._scope(item)
        flips: list[Key] = []
        apply(Scene(self.chains, item, scope, self.partial, self.sealed, self.parameters, flips))
        extents = (self.partial.copy(), self.sealed.copy(), self.wide.copy())
        self._extent(item, scope)
        self._wait(item, scope)
        if item.relation is Relation.WITHDREW and scope is Scope.WHOLE and not item.denied:
            self.left.update(dict.fromkeys(item.actors, self.day))
        if flips or (item.relation in _LEAVES and scope is Scope.WHOLE and not (item.interested or item.denied)):
            # That someone is gone is news of the holding even where he was not known to hold it.
            self.relation = item.relation
        if flips:
            self._departures({party for kind, party in flips if kind == "hold"})
        if flips or extents != (self.partial, self.sealed, self.wide):
            self.changed = True

    def _pace_until(self, day: int) -> float:
        """Mean gap between days of news, with the one that ends on a day."""
        pace = self.parameters.pace
        if not self.day:
            return pace.first_days
        return self.pace + (min(day - self.day, pace.longest_days) - self.pace) * pace.latest

    def close(self) -> None:
        """End the day: what stands at its end is the day's standing."""
        if self.day:
            self._record(self.day, silent=False)
        self.relation = None

    def wear_off(self, day: int) -> None:
        """Switch off, one day after the other, what has worn off before a day."""
        while True:
            due = min([chain.until for chain in self.chains.values()], default=NEVER)
            if self.waiting:
                believed = min(self.waiting.values()) + _patience(self.pace, self.parameters)
                if believed < min(day, due):
                    self._believe(believed)
                    continue
            if due >= day:
                return
            for key, chain in self.chains.items():
                if chain.until == due:
                    self.chains[key] = expired(chain, parameters_of(key[0], self.parameters))
            self._record(due, silent=True)

    def _scope(self, item: Evidence) -> Scope:
        """A whole district is a part of its town; what is said of a whole town is said of each district."""
        part = item.district is not None and self.district is None and item.scope is Scope.WHOLE
        return Scope.PART if part else item.scope

    def _extent(self, item: Evidence, scope: Scope) -> None:
        """Follow who is only told to hold a part, and which part; and who fights for the whole."""
        if item.relation in _FIGHTS:
            self.wide.difference_update(item.actors)
            self.wide.update(item.actors if scope is Scope.WHOLE else ())
        self._seal(item, scope)
        if item.relation not in _EXTENTS or item.denied:
            return
        if scope is Scope.PART:
            self.partial.update(party for party in item.actors if not self._whole(party))
            if item.share is not None:
                self.shares.update(dict.fromkeys(item.actors, item.share))
        elif scope is Scope.WHOLE and set(self._on()["hold"]) <= set(item.actors):
            self.partial.clear()
            self.shares.clear()

    def _wait(self, item: Evidence, scope: Scope) -> None:
        """Follow whose own word of a capture nobody has gainsaid."""
        if scope is Scope.SURROUNDINGS:
            return
        own = item.weighs_as is Relation.CAPTURED and item.interested and not item.denied
        if own and scope is Scope.WHOLE:
            for party in item.actors:
                chain = self.chains.get(("hold", party))
                if chain is None or not chain.on:
                    self.waiting.setdefault(party, item.day)
            return
        agrees = item.relation in _EXTENTS and not item.denied
        for party in tuple(self.waiting):
            if not (agrees and party in item.actors) and item.relation is not Relation.BESIEGES:
                del self.waiting[party]

    def _believe(self, day: int) -> None:
        """Take captors at their word whom nobody gainsaid all the while: the silence of the loser speaks."""
        limits, kind, bound = self.parameters.limits, self.parameters.hold, self.parameters.bound
        for party in sorted(
            p for p, when in self.waiting.items() if when + _patience(self.pace, self.parameters) <= day
        ):
            said = self.waiting.pop(party)
            spared = self.parameters.kin_of(party)
            for key in [key for key in self.chains if key[0] == "hold" and key[1] not in spared]:
                chain = self.chains[key]
                self.chains[key] = pushed(chain, -bound * 2, limits.unopposed_others, day, day, kind, bound)
            chain = self.chains["hold", party]
            believed = pushed(chain, bound * 2, limits.unopposed_gain, day, day, kind, bound)
            self.chains["hold", party] = believed._replace(confirmed=max(said, chain.confirmed))
        self.relation, self.changed = Relation.CAPTURED, True
        self._record(day, silent=False)
        self.relation = None

    def _seal(self, item: Evidence, scope: Scope) -> None:
        """Follow who took all of it, on more than one word, until another sets foot in it again."""
        if item.weighs_as not in _STEPS or item.interested or item.denied or scope is Scope.SURROUNDINGS:
            return
        if item.relation is Relation.CAPTURED and scope is Scope.WHOLE:
            self.sealed = set(item.actors) if item.credit > 1 or self.sealed.issuperset(item.actors) else set()
        elif not self.sealed.issuperset(item.actors):
            self.sealed.clear()

    def _whole(self, party: str) -> bool:
        """True if a party held all of it, be it before the fight that goes on."""
        settled = (s for s in reversed(self.stretches) if s.status is not ControlStatus.CONTESTED)
        stretch = next(settled, None)
        return stretch is not None and stretch.status is ControlStatus.HELD and party in stretch.parties

    def _departures(self, flipped: set[str]) -> None:
        gone = {party for party in flipped if not self.chains["hold", party].on}
        if gone:
            # The rest of a divided place falls to who is left in it.
            self.partial &= gone

    def _on(self) -> dict[str, tuple[str, ...]]:
        """Who holds, fights and besieges, each sorted."""
        on: dict[str, list[str]] = {"hold": [], "fight": [], "siege": []}
        for (kind, party), chain in self.chains.items():
            if chain.on:
                on[kind].append(party)
        return {kind: tuple(sorted(parties)) for kind, parties in on.items()}

    def _state(self) -> None:
        """Work out how sure the last stretch is: only what it comes to in the end is asked for."""
        if self.unsaid is not None:
            sure = confidence(*self.unsaid, self.parameters)
            self.stretches[-1] = self.stretches[-1]._replace(confidence=sure)
            self.unsaid = None

    def _record(self, day: int, *, silent: bool) -> None:
        if not (self.changed or silent) and self.stretches and self.shape is not None:
            self.unsaid = (dict(self.chains), self.shape, day)
            return
        new = self.shape = self._stretch(day, silent)
        self.changed = False
        last = self.stretches[-1] if self.stretches else None
        if last is not None and self.standing == new.standing:
            if not silent:
                self.unsaid = (dict(self.chains), new, day)
            return
        self._state()
        self.standing = new.standing
        if last is not None and last.first >= day:
            self.stretches.pop()
        sure = new._replace(confidence=confidence(self.chains, new, day, self.parameters))
        if self.smooth:
            join(self.stretches, sure, self.parameters)
        else:
            self.stretches.append(sure)

    def _stretch(self, day: int, silent: bool) -> Stretch:
        on = self._on()
        holders, fighters, besieging = on["hold"], on["fight"], on["siege"]
        kin = self.parameters.kin_of(holders[0]) if holders else ()
        enemies = tuple([party for party in fighters if party not in kin])
        if holders and (not set(holders) <= set(kin) or self._halved(holders, enemies)):
            status, parties = ControlStatus.DIVIDED, _sides(holders, enemies, besieging)
        elif enemies:
            status, parties = ControlStatus.CONTESTED, tuple(sorted({*holders, *enemies} - {UNKNOWN}))
        else:
            status, parties = (ControlStatus.HELD if holders else ControlStatus.UNKNOWN), holders
        controller = self._label(holders) if status is ControlStatus.HELD else None
        besiegers = tuple([p for p in besieging if status is ControlStatus.DIVIDED or p not in kin])
        named = tuple([p for p in besiegers if p != UNKNOWN]) or besiegers
        handed = bool(self.left) and self._handed(day, controller)
        return Stretch(day, status, controller, parties, holders, named, 0.0, silent, self.relation, handed)

    def _halved(self, holders: tuple[str, ...], enemies: tuple[str, ...]) -> bool:
        """True if the only known holder has but a part, and nobody fights him for the whole."""
        return len(holders) == 1 and holders[0] in self.partial and self.wide.isdisjoint(enemies)

    def _label(self, holders: tuple[str, ...]) -> str:
        """Of kin, the first in the pack: its name covers the others as well."""
        return min(holders, key=self.parameters.kin_of(holders[0]).index)

    def _handed(self, day: int, controller: str | None) -> bool:
        days = self.parameters.transfer_days
        return any(party != controller and day - when <= days for party, when in self.left.items())
