"""Places: names to sites, and of several sites of one name the one that is meant.

Finding names in text is left to `scan`; here a name becomes a site, and a site a record's place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log1p, log10

from schemas.record import Place
from schemas.vocabulary import PlacePrecision
from streams.theatres.names import fold
from streams.theatres.scan import PLACE, Name, Standing, Words
from streams.theatres.sites import Site, km

__all__ = ["Gazetteer", "Resolution", "Site", "km", "prominence"]

_RANK = {
    "PCLI": 7.0, "PPLC": 6.0, "PPLA": 6.0, "PPLA2": 3.5, "ADM1": 3.0, "PPLA3": 2.5, "PPL": 1.0, "PPLX": 1.3,
    "PPLS": 1.0, "CMPRF": 1.5, "CMP": 0.5, "STLMT": 0.5, "FRM": 0.5, "PPLL": 0.2, "PPLQ": 0.0, "PPLW": 0.0, "PPLF": 0.0,
}  # fmt: skip
"""How likely a place of that kind is in the news, as against its namesakes, before anything else is known."""
_RANK_OF_SITE = 2.0
_PICKED_BONUS = 2.0
_OWN_NAME_BONUS, _USUAL_NAME_BONUS = 2.5, 1.5
"""A place's own name counts for more than the same word among another's alternates, and these by their order."""
_NEAR_WEIGHT, _BEFORE_WEIGHT = 1.2, 0.4
_NEAR_KM = 15.0
"""Neighbours count by the logarithm of their distance, in units of this."""
_SAME_GOVERNORATE = 0.8
_NAMES_IN_USE = 9
"""Names of a place stand in order of use. Past these come romanisations and foreign names that few texts mean."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which place a name means."""

    site: Site | None
    """The likeliest, null if the theatre has no such name."""
    candidates: tuple[Site, ...]
    """The others of that name, likeliest first."""


def prominence(site: Site) -> float:
    """How likely a site is in the news as against others of its name, before anything else is known."""
    rank = _RANK.get(site.feature, _RANK_OF_SITE)
    return rank + (_PICKED_BONUS if site.picked else 0.0) + log10(site.population + 1) / 3


class Gazetteer:
    """The theatre's places.

    Args:
        sites: Each place with its alternate names, its own name left out.
        country: Id of the theatre's country.
    """

    def __init__(self, sites: Iterable[tuple[Site, tuple[str, ...]]], country: str) -> None:
        # Most prominent first; the id decides between equals, so that the order is the same everywhere.
        ordered = sorted(sites, key=lambda pair: (-prominence(pair[0]), pair[0].place_id))
        self.country = country
        self.capital = next((site for site, _ in ordered if site.feature == "PPLC"), None)
        self._sites = {site.place_id: site for site, _ in ordered}
        self._alternates = {site.place_id: alternates for site, alternates in ordered}
        self._folded: dict[str, tuple[str, ...]] = {}
        self._by_name: dict[str, dict[str, float]] = {}
        for site, alternates in ordered:
            self._folded[site.place_id] = tuple(map(fold, (site.district or site.name, site.name, *alternates)))
            for place, folded in enumerate(self._folded[site.place_id]):
                self._by_name.setdefault(folded, {}).setdefault(site.place_id, _name_bonus(place))
        self._by_name.pop("", None)

    def __len__(self) -> int:
        return len(self._sites)

    def __iter__(self) -> Iterator[Site]:
        return iter(self._sites.values())

    def get(self, place_id: str) -> Site | None:
        """The site of an id, null if there is none."""
        return self._sites.get(place_id)

    def spellings(self, place_id: str) -> tuple[str, ...]:
        """All names of a site, the news name first; none for an unknown id."""
        site = self._sites.get(place_id)
        return (site.name, *self._alternates[place_id]) if site else ()

    def candidates(self, name: str) -> tuple[Site, ...]:
        """All sites of a name in any spelling, likeliest first."""
        found = self._rated(name)
        return tuple(sorted(found, key=lambda site: (-found[site], site.place_id)))

    def resolve(
        self, name: str, *, admin1: str | None = None, near: Iterable[str] = (), before: str | None = None
    ) -> Resolution:
        """Which place a name means.

        Args:
            name: The name as written.
            admin1: Governorate or country that the text puts it in; binds where any place of that name lies there.
            near: Ids of the places that are named with it.
            before: Id of the place last named before it; weighs less.

        Returns:
            The likeliest site, and the others of that name, likeliest first.
        """
        rated = self._rated(name)
        neighbours = [site for place_id in near if (site := self._sites.get(place_id)) is not None]
        earlier = [site] if before and (site := self._sites.get(before)) is not None else []
        stated = self.governorate(admin1) if admin1 else None

        def likelihood(site: Site) -> float:
            there = 100.0 if stated and site.admin1 == stated.name else 0.0
            company = _closeness(site, neighbours, _NEAR_WEIGHT) + _closeness(site, earlier, _BEFORE_WEIGHT)
            return there + rated[site] + company

        found = sorted(rated, key=lambda site: (-likelihood(site), site.place_id))
        return Resolution(found[0], tuple(found[1:])) if found else Resolution(None, ())

    def _rated(self, name: str) -> dict[Site, float]:
        """Sites of a name with how likely they are before anything else is known."""
        bonuses = self._by_name.get(fold(name), {})
        return {
            site: prominence(site) + bonus for place_id, bonus in bonuses.items() if (site := self._sites[place_id])
        }

    def governorate(self, name: str) -> Site | None:
        """The governorate of a name ("Aleppo" the province), or the country; null if there is none."""
        found = self.candidates(name)
        return next((site for site in found if site.feature == "ADM1"), None) or next(
            (site for site in found if site.feature == "PCLI"), None
        )

    def within(self, place_id: str) -> tuple[str, ...]:
        """What a place lies in: its own id, then town, district, governorate, country; empty for an unknown id."""
        site = self._sites.get(place_id)
        if site is None:
            return ()
        chain = [place_id, site.parent if site.parent in self._sites else None]
        if site.admin2:
            chain.append(f"admin2:{site.admin2}")
        abroad = site.admin1 is not None and f"country:{site.admin1}" in self._sites
        chain.append(f"country:{site.admin1}" if abroad else f"admin1:{site.admin1}" if site.admin1 else None)
        chain.append(None if abroad else self.country)
        return tuple(dict.fromkeys(filter(None, chain)))

    def as_place(self, site: Site, text: str, *, inferred: bool = False, candidates: Iterable[Site] = ()) -> Place:
        """A site as records carry it.

        Args:
            site: The site. A neighbourhood becomes its town, with the neighbourhood beside it.
            text: The place as the article writes it.
            inferred: True if the sentence itself does not name it.
            candidates: Other sites of that name that lost, likeliest first.
        """
        town = self._sites[site.parent] if site.district and site.parent else site
        return Place(
            place_id=town.place_id,
            name=town.name,
            admin1=town.admin1,
            lat=town.lat,
            lon=town.lon,
            precision=site.precision,
            text=text,
            district=site.district,
            parent=site.parent if town is site else None,
            inferred=inferred,
            candidates=tuple(other.place_id for other in candidates),
        )

    def names(self, words: Words) -> Iterator[Name]:
        """All names of all places for `scan.NameIndex`, the most prominent places first."""
        for site in self._sites.values():
            texts = (site.district or site.name, site.name, *self._alternates[site.place_id])
            spellings = dict(zip(texts, self._folded[site.place_id], strict=True))
            for place, (text, folded) in enumerate(spellings.items()):
                if folded:
                    yield Name(PLACE, site.place_id, text, _name_standing(site, folded.split(), place, words))


def _name_bonus(place: int) -> float:
    """What it says for a site that a name is its n-th, own name and news name first."""
    return _OWN_NAME_BONUS if place < 2 else max(0.0, _USUAL_NAME_BONUS * (1 - place / _NAMES_IN_USE))


def _name_standing(site: Site, folded: list[str], place: int, words: Words) -> Standing:
    """How far one of a site's names goes by itself; `place` counts its names in order of use."""
    known = site.news and (place < _NAMES_IN_USE or site.precision is not PlacePrecision.TOWN)
    if known:
        return Standing.PLAIN if site.district else Standing.FIRM
    if len(folded) > 1:
        kunya = folded[0] in words.before_persons and folded[1] in words.given_names
        return Standing.WEAK if kunya else Standing.PLAIN
    short = len(folded[0]) < 4
    return Standing.WEAK if short or folded[0] in words.given_names else Standing.FAINT


def _closeness(site: Site, others: list[Site], weight: float) -> float:
    points = [other for other in others if other.precision is not PlacePrecision.COUNTRY]
    if not points:
        return 0.0
    together = any(other.admin1 == site.admin1 for other in points)
    return (_SAME_GOVERNORATE if together else 0.0) - weight * log1p(min(km(site, p) for p in points) / _NEAR_KM)
