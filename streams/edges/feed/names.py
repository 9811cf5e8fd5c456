"""What the theatre knows beyond the log: names for readers, and how knowledge of a town wears off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streams.edges.feed.answers import ActorName, Fading, OutletName, TheatreNames
from streams.stages.control.parameters import Parameters, load_parameters
from streams.theatres.gazetteer import Gazetteer
from streams.theatres.theatre import Theatre


@dataclass(frozen=True, slots=True)
class Lore:
    """What the feed takes from a theatre."""

    names: TheatreNames
    control: Parameters
    gazetteer: Gazetteer


def lore(pack: Theatre) -> Lore:
    """What the feed takes from a theatre."""
    control = load_parameters(pack)
    names = TheatreNames(
        name=pack.name,
        actors=[ActorName(id=actor.id, name=actor.name, side=actor.side) for actor in pack.actors],
        outlets=[*(OutletName(id=one.id, name=one.name, lean=one.lean) for one in pack.outlets), *_quoted(pack)],
        stale_days=control.stale_days,
        hold=Fading(prior=control.hold.prior, half_life_days=control.calibration.half_life_days),
        fight=Fading(prior=control.fight.prior, half_life_days=control.fight.half_life_days),
    )
    return Lore(names, control, pack.gazetteer)


def _quoted(pack: Theatre) -> Iterator[OutletName]:
    """Primary sources, by the short names that readers know."""
    for row in pack.table("outlets.yaml")["primary_sources"]:
        source = pack.outlets.source(row["id"])
        if source is not None:
            yield OutletName(id=source.id, name=source.label, lean=source.lean)
