"""What is meant by an id or a town's name, and the explanation of it."""

from __future__ import annotations

import re

from schemas.control import TownControl
from schemas.errors import FrontwireError
from schemas.event import Event
from schemas.topics import CONTROL
from schemas.vocabulary import RevisionKind
from streams.edges.cli import revisions, session
from streams.edges.cli.explain_merged import AboutMerged, about_merged
from streams.edges.cli.explain_town import AboutTown, about_town
from streams.edges.cli.places import UnknownPlace, meant_by
from streams.edges.cli.revisions import Merged, id_of
from streams.shells.log import View
from streams.stages.merge.step import MergeStage

_ID = re.compile(r"[0-9a-f]{4,8}|[0-9a-f]{8}-[0-9a-f-]*")


class NothingToExplain(FrontwireError):
    """Nothing of that name is in the log."""


def about(store: View, subject: str) -> AboutMerged | AboutTown:
    """All that an event, a claim or a town rests on.

    Args:
        store: The log.
        subject: Id of an event or claim, or how it begins; or a town's name or id.

    Raises:
        NothingToExplain: If there is no such thing in the log, or more than one.
    """
    merge = MergeStage(session.theatre())
    found = _by_id(store, subject) if _ID.fullmatch(subject) else None
    if found is None:
        return about_town(store, town_named(store, subject), revisions.present_claims(store), merge)
    kind = revisions.present_events if isinstance(found, Event) else revisions.present_claims
    return about_merged(store, found, kind(store), merge)


def _by_id(store: View, start: str) -> Merged | None:
    everything = revisions.last_revisions(store)
    found = [one for id_, one in everything.items() if id_.startswith(start)]
    standing = [one for one in found if one.kind not in revisions.ENDED]
    if len(standing) > 1:
        ids = ", ".join(id_of(one) for one in standing[:5])
        raise NothingToExplain(f"{start} begins {len(standing)} ids: {ids}; give more of it")
    if found and not standing:
        if found[0].kind is RevisionKind.RETRACT:
            return found[0]
        heirs = revisions.heirs(store, found[0])
        raise NothingToExplain(f"{id_of(found[0])} has ended: it was joined into {', '.join(heirs)}; explain that")
    return standing[0] if standing else None


def town_named(store: View, name: str, point: str | None = None) -> TownControl:
    """The state of a town, as known at a point; of several of that name, the one that most is known of.

    Raises:
        NothingToExplain: If there is no such town, or nothing is known of who holds it.
    """
    try:
        meant = meant_by(session.theatre().gazetteer, name)
    except UnknownPlace as error:
        raise NothingToExplain(f"nothing in the log has an id that begins with {name!r}, and {error}") from error
    found = [town for town in revisions.by_key(store, CONTROL, TownControl, point) if town.place.key in meant]
    if not found:
        raise NothingToExplain(
            f"nothing is known of who holds {name}; what happened there: frontwire events --place {name!r}"
        )
    return max(found, key=lambda town: (len(town.evidence), town.place.key))
