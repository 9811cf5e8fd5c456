"""A place's filter, told as its state of control: the record, its timeline, its outlook, and what decides it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.control import District, Holding, Segment, TownControl, WeighedClaim
from schemas.record import Place
from schemas.vocabulary import ControlStatus, PlacePrecision
from streams.stages.control.evidence import Evidence
from streams.stages.control.fold import Frame, confidence, last_confirmed, outlook, until_day
from streams.stages.control.parameters import Parameters
from streams.stages.control.state import TownState
from streams.stages.control.stretches import Stretch, smoothed, told

_LOOKED_AT = 48
"""Latest claims among which the deciding ones are looked for: half-lives later, older ones weigh next to nothing."""

_LEAST = 0.05
"""Weight below which a claim decides nothing: 1.05 to one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the filter says of a place, before it is written down."""

    past: tuple[Stretch, ...]
    """The timeline; the last stretch is the present."""
    outlook: tuple[Stretch, ...]
    frame: Frame
    """The filter that the present comes from, on the present day."""
    today: int
    """Day that counts as the present: of the latest news of the place, or the latest day that any claim speaks of."""


def read_state(state: TownState, parameters: Parameters) -> Reading:
    """What a state's evidence amounts to."""
    main, older = state.frame, state.older[1]
    today = max(state.heard, main.day, older.day)
    now, then = (until_day(frame, today, parameters) for frame in (main, older))
    heads = (frame.stretches[-1] if frame.stretches else None for frame in (now, then))
    source = now if _either(*heads) in now.stretches else then
    both = smoothed(overlaid(now.stretches, then.stretches), parameters) if then.stretches else list(now.stretches)
    past = tuple(told(both)[-parameters.memory.segments :])
    return Reading(past, _outlook(source, past, parameters), source, today)


def overlaid(first: Sequence[Stretch], second: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """One timeline with the gaps of another's: `second` counts where `first` has nothing, or nothing known."""
    days = sorted({stretch.first for stretch in (*first, *second)})
    chosen = ((day, _either(_on(first, day), _on(second, day))) for day in days)
    return tuple(stretch._replace(first=day) for day, stretch in chosen if stretch is not None)


def write(state: TownState, place: Place, reading: Reading, parameters: Parameters) -> TownControl:
    """The record of a state.

    Args:
        state: The place's evidence; its revision is the one before.
        place: The place itself.
        reading: What `read_state` says of the state.
        parameters: The theatre's figures.
    """
    head, frame, today = reading.past[-1], reading.frame, reading.today
    since, confirmed = _since(reading.past), last_confirmed(frame.chains, head)
    districts = _districts(state, parameters)
    return TownControl(
        place=place,
        revision=state.revision + 1,
        controller=head.controller,
        status=head.status,
        shares=_shares(head, frame, districts),
        besieged_by=head.besieged_by,
        besieged_since=_besieged_since(head, frame),
        districts=districts,
        since=_date(since),
        last_confirmed=_date(min(confirmed, today)) if confirmed else None,
        stale=today - (confirmed or frame.day) > parameters.stale_days,
        confidence=confidence(frame.chains, head, today, parameters),
        timeline=_timeline(state, reading.past),
        outlook=_segments(reading.outlook),
        evidence=deciding(state, head, since, today, parameters),
    )


def unsaid(state: TownState, place: Place) -> TownControl:
    """The record of a place of which all that was ever said has been taken back."""
    return TownControl(
        place=place,
        revision=state.revision + 1,
        controller=None,
        status=ControlStatus.UNKNOWN,
        shares=(),
        besieged_by=(),
        besieged_since=None,
        districts=(),
        since=None,
        last_confirmed=None,
        stale=False,
        confidence=0.0,
        timeline=(),
        evidence=(),
    )


def bare(place: Place) -> Place:
    """A place as a state bears it: the town or site itself, without a district or how one text wrote it."""
    precision = PlacePrecision.TOWN if place.district is not None else place.precision
    return place.model_copy(
        update={"district": None, "text": place.name, "inferred": False, "candidates": (), "precision": precision}
    )


def deciding(
    state: TownState, head: Stretch, since: int, today: int, parameters: Parameters
) -> tuple[WeighedClaim, ...]:
    """The claims that decide a standing, strongest first, those that speak against it with weights below zero."""
    near = [item for item in (*state.retold, *state.claims)[-_LOOKED_AT:] if item.until >= since]
    weights = [(bearing(item, head, today, parameters), item) for item in near]
    ranked = sorted([w for w in weights if abs(w[0]) >= _LEAST], key=lambda w: (-abs(w[0]), w[1].order))
    return tuple(weighed(item, weight) for weight, item in ranked[: parameters.memory.deciding])


def bearing(item: Evidence, head: Stretch, today: int, parameters: Parameters) -> float:
    """Log-likelihood ratio that a claim brings to bear on a standing today, as far as it has not worn off."""
    ratios, weight = parameters.evidence[item.relation, item.scope], 0.0
    ours = any(party in head.parties for party in item.actors)
    for column, ratio in ratios.items():
        if column == "hold" or (column == "fight" and head.status is ControlStatus.CONTESTED):
            weight += ratio * ours
        elif column == "others":
            weight += ratio * (not ours)
        elif column == "from":
            weight += ratio * any(party in head.parties for party in item.losers)
        elif column == "siege":
            weight += ratio * any(party in head.besieged_by for party in item.actors)
    left = 2 ** (-max(0, today - item.until) / parameters.hold.half_life_days)
    return round(weight * item.credit * left * (-1 if item.denied else 1), 2)


def weighed(item: Evidence, weight: float) -> WeighedClaim:
    """A claim as a record shows it."""
    return WeighedClaim(
        claim_id=item.claim_id,
        relation=item.relation,
        scope=item.scope,
        actors=item.actors,
        first=date.fromordinal(item.first),
        last=date.fromordinal(item.last),
        root_sources=item.roots,
        weight=weight,
    )


def _tells(stretch: Stretch | None) -> bool:
    return stretch is not None and stretch.status is not ControlStatus.UNKNOWN


def _either(first: Stretch | None, second: Stretch | None) -> Stretch | None:
    return second if first is None or (_tells(second) and not _tells(first)) else first


def _on(stretches: Sequence[Stretch], day: int) -> Stretch | None:
    return next((stretch for stretch in reversed(stretches) if stretch.first <= day), None)


def _outlook(frame: Frame, past: tuple[Stretch, ...], parameters: Parameters) -> tuple[Stretch, ...]:
    """What comes of the present; of equal standings in a row, the first."""
    later = outlook(frame, parameters) if past else ()
    pairs = zip((past[-1:] + later), later, strict=False)
    return tuple(after for before, after in pairs if before.standing != after.standing)


def _timeline(state: TownState, past: tuple[Stretch, ...]) -> tuple[Segment, ...]:
    """The segments of a timeline, those that stand as they were last written taken over."""
    stands = -1
    for a, b in zip(state.past, past, strict=False):
        if a != b:
            break
        stands += 1
    if stands <= 0 or state.control is None:
        return _segments(past)
    # The last of the leading equal ones may end elsewhere now.
    return state.control.timeline[:stands] + _segments(past[stands:])


def _segments(stretches: Sequence[Stretch]) -> tuple[Segment, ...]:
    lasts = [*[stretch.first - 1 for stretch in stretches[1:]], None]
    return tuple(
        Segment(
            first=date.fromordinal(stretch.first),
            last=_date(last),
            controller=stretch.controller,
            status=stretch.status,
            confidence=stretch.confidence,
            parties=stretch.parties,
            besieged_by=stretch.besieged_by,
        )
        for stretch, last in zip(stretches, lasts, strict=False)
    )


def _since(past: Sequence[Stretch]) -> int:
    """First day of the present holder and status, sieges aside."""
    head = past[-1]
    first = head.first
    for stretch in reversed(past[:-1]):
        if stretch.standing[:3] != head.standing[:3]:
            break
        first = stretch.first
    return first


def _besieged_since(head: Stretch, frame: Frame) -> date | None:
    sieges = (frame.chains.get(("siege", party)) for party in head.besieged_by)
    days = [chain.since for chain in sieges if chain is not None and chain.on]
    return _date(min(days)) if days else None


def _shares(head: Stretch, frame: Frame, districts: Iterable[District]) -> tuple[Holding, ...]:
    if head.status is ControlStatus.HELD and head.controller is not None:
        return (Holding(party=head.controller, share=1.0, districts=()),)
    if head.status is not ControlStatus.DIVIDED:
        return ()
    stated = {party: share for party, share in frame.shares if party in head.parties}
    open_parties = [party for party in head.parties if party not in stated]
    rest = max(0.0, 1 - sum(stated.values())) / max(len(open_parties), 2 if len(head.parties) == 1 else 1)
    whole = {**dict.fromkeys(open_parties, rest), **stated}
    total = max(1.0, sum(whole.values()))
    held = {p: tuple(d.name for d in districts if d.controller == p) for p in whole}
    ranked = sorted(whole, key=lambda party: (-whole[party], party))
    return tuple(Holding(party=p, share=round(whole[p] / total, 3), districts=held[p]) for p in ranked)


def _districts(state: TownState, parameters: Parameters) -> tuple[District, ...]:
    return tuple(
        District(
            name=name,
            controller=frame.stretches[-1].controller,
            status=frame.stretches[-1].status,
            confidence=confidence(frame.chains, frame.stretches[-1], max(frame.day, state.heard), parameters),
            since=_date(frame.stretches[-1].first),
        )
        for name, (_, frame) in state.districts.items()
        if frame.stretches
    )


def _date(day: int | None) -> date | None:
    return date.fromordinal(day) if day else None
