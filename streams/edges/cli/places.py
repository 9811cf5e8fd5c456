"""Places as people name them in commands: a town, a site, a district, a governorate, or an id."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from schemas.errors import FrontwireError
from schemas.record import Place
from streams.theatres.gazetteer import Gazetteer

GOVERNORATE_WORDS = (" governorate", " province")


class UnknownPlace(FrontwireError):
    """A name that no place of the theatre has."""


def place_filter(gazetteer: Gazetteer, name: str | None) -> Callable[[Place], bool]:
    """Whether a place is one that is meant, or lies within it.

    A name means every town, site or district of that name; "X governorate" means the governorate, and so does X if
    nothing else is called so. No name means every place.

    Raises:
        UnknownPlace: If the theatre has no such place; names those that are spelt alike.
    """
    if name is None:
        return lambda place: True
    meant = meant_by(gazetteer, name)
    unresolved = f"unresolved:{' '.join(name.casefold().split())}"

    def is_meant(place: Place) -> bool:
        return place.key == unresolved or any(outer in meant for outer in _around(gazetteer, place))

    return is_meant


def meant_by(gazetteer: Gazetteer, name: str) -> frozenset[str]:
    """Ids of the places that a name means. Raises UnknownPlace."""
    if gazetteer.get(name):
        return frozenset([name])
    stem = name.lower()
    for word in GOVERNORATE_WORDS:
        governorate = gazetteer.governorate(name[: -len(word)]) if stem.endswith(word) else None
        if governorate:
            return frozenset([governorate.place_id])
    found = gazetteer.candidates(name)
    if not found:
        raise _unknown(gazetteer, name)
    smaller = [site for site in found if not site.feature.startswith("ADM1") and site.feature != "PCLI"]
    return frozenset(site.place_id for site in smaller or found)


def _around(gazetteer: Gazetteer, place: Place) -> tuple[str, ...]:
    if place.place_id is None:
        return ()
    return (place.place_id, *gazetteer.within(place.place_id))


def _unknown(gazetteer: Gazetteer, name: str) -> UnknownPlace:
    alike = get_close_matches(name, dict.fromkeys(site.name for site in gazetteer), n=3, cutoff=0.7)
    hint = f"; did you mean {' or '.join(alike)}?" if alike else ""
    return UnknownPlace(f"no place of the theatre is called {name!r}{hint}")
