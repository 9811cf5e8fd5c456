"""Places: names to sites, and of several sites of one name the one that is meant.

Finding names in text is left to `scan`; here a name, or the ids of a hit, become a site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import asin, cos, log1p, log10, radians, sin, sqrt

from schemas.errors import TheatreError
from schemas.record import Place
from schemas.vocabulary import PlacePrecision
from streams.theatres.names import fold
from streams.theatres.pack import Pack
from streams.theatres.scan import PLACE, Name, Standing, Words

PATH = "places.csv"
HEADER = (
    "id", "name", "alternate_names", "lat", "lon", "admin1", "admin2", "feature_code", "population", "source",
)  # fmt: skip
"""Columns of places.csv. `alternate_names` are joined by `|`; `population` may be empty."""

_NEIGHBOURHOODS = frozenset(("PPLX", "SQR", "RD", "BDG"))
_DISTRICTS = frozenset(("RGN", "MTS", "VAL", "DSRT", "LK"))
_POPULATED = frozenset(("STLMT", "CMPRF", "CMP", "FRM"))
"""Populated places beside those whose code begins with PPL."""

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

_SPELLINGS_OF_SITES = 12
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Site:
    """A place that has a position."""

    place_id: str
    name: str
    """English news name: "Khan Shaykhun"; of a neighbourhood "Aleppo: Old City"."""
    lat: float
    """WGS84 degrees."""
    lon: float
    """WGS84 degrees."""
    admin1: str | None
    """Governorate, or the country of a place abroad; null for the theatre's country itself."""
    admin2: str | None
    """District within the governorate."""
    feature: str
    """GeoNames feature code."""
    population: int
    """Zero if not known."""
    parent: str | None
    """Place id of the town it belongs to: of neighbourhoods always, of sites where one is near."""
    news: bool
    """True if the news is likely to know it by name: picked by hand, a seat of administration, or large."""
    picked: bool
    """True if it was picked by hand as one that the news of this war named."""
    precision: PlacePrecision
    district: str | None = None
    """Name of the neighbourhood, null for all else."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which place a name means."""

    site: Site | None
    """The likeliest, null if the theatre has no such name."""
    candidates: tuple[Site, ...]
    """The others of that name, likeliest first."""


def km(a: Site | tuple[float, float], b: Site | tuple[float, float]) -> float:
    """Great-circle distance in kilometres of two sites, or of (lat, lon) in degrees."""
    (lat1, lon1), (lat2, lon2) = _point(a), _point(b)
    h = (
        sin(radians(lat2 - lat1) / 2) ** 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, h)))


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


def read_gazetteer(
    pack: Pack, country: str, parent_km: float, news_population: int, nouns: Mapping[str, tuple[str, ...]]
) -> Gazetteer:
    """The gazetteer of a pack.

    Args:
        pack: The pack; its places stand in places.csv.
        country: Id of the theatre's country.
        parent_km: Greatest distance of a site from the town that it is said to belong to.
        news_population: Number of people from which a place counts as known to the news.
        nouns: What sites are called by feature code, such as "airport": a site that is named after its town is found
            under each spelling of the town with each of them.

    Raises:
        TheatreError: If a row is broken, an id stands twice, or the country is not there; names file and line.
    """
    rows: dict[str, tuple[Site, tuple[str, ...]]] = {}
    for line, row in pack.csv(PATH, HEADER):
        try:
            site = _site(row, news_population)
        except ValueError as error:
            raise TheatreError(f"{pack.name}/{PATH}:{line}: {error}; mend that row") from error
        if site.place_id in rows:
            raise TheatreError(f"{pack.name}/{PATH}:{line}: id {site.place_id!r} stands twice; ids are unique")
        rows[site.place_id] = (site, tuple(filter(None, row[2].split("|"))))
    if country not in rows:
        raise TheatreError(f"{pack.name}/{PATH}: has no row for the theatre's country {country!r}; add one")
    parents = _Parents([site for site, _ in rows.values()], parent_km)
    whole = {place_id: (parents.given(site), alternates) for place_id, (site, alternates) in rows.items()}
    return Gazetteer(((site, (*names, *_site_names(site, whole, nouns))) for site, names in whole.values()), country)


def _site_names(
    site: Site, rows: Mapping[str, tuple[Site, tuple[str, ...]]], nouns: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Names of a site after its town: "Tabaqa military airport" of Tabqa Airbase."""
    if site.district or site.parent is None or site.feature not in nouns:
        return
    town, spellings = rows[site.parent]
    if fold(site.name).startswith(f"{fold(town.name)} "):
        # One spelling of each folded form is enough, in order of use.
        latin = {fold(name): name for name in reversed((town.name, *spellings)) if name.isascii()}
        for spelling in list(reversed(latin.values()))[:_SPELLINGS_OF_SITES]:
            yield from (f"{spelling} {noun}" for noun in nouns[site.feature])


def _site(row: list[str], news_population: int) -> Site:
    place_id, name, _, lat, lon, admin1, admin2, feature, population, source = row
    if not place_id or not name or not feature:
        raise ValueError("id, name and feature_code must not be empty")
    people = int(float(population or 0))
    seat = feature.startswith("PPLA") or feature in ("PPLC", "ADM1", "PCLI")
    picked = "curated" in source or source == "manual" or place_id.startswith("site:")
    latitude, longitude = float(lat), float(lon)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"lat {lat}, lon {lon} is no position on earth")
    city, colon, district = name.partition(": ")
    quarter = bool(colon) or feature in _NEIGHBOURHOODS
    return Site(
        place_id=place_id,
        name=name,
        lat=latitude,
        lon=longitude,
        admin1=admin1 or None,
        admin2=admin2 or None,
        feature=feature,
        population=people,
        parent=city if colon else None,
        news=seat or picked or people >= news_population,
        picked=picked,
        precision=_precision(feature, quarter),
        district=(district or name) if quarter else None,
    )


def _precision(feature: str, quarter: bool) -> PlacePrecision:
    if feature in ("PCLI", "ADM1"):
        return PlacePrecision.COUNTRY if feature == "PCLI" else PlacePrecision.GOVERNORATE
    if feature in _DISTRICTS:
        return PlacePrecision.DISTRICT
    if not quarter and (feature.startswith("PPL") or feature in _POPULATED):
        return PlacePrecision.TOWN
    return PlacePrecision.EXACT


class _Parents:
    """Finds the town that a neighbourhood or a site belongs to."""

    def __init__(self, sites: list[Site], parent_km: float) -> None:
        towns = [site for site in sites if site.precision is PlacePrecision.TOWN]
        self._limit = parent_km
        self._known = [town for town in towns if town.news]
        self._by_name: dict[str, list[Site]] = {}
        for town in towns:
            self._by_name.setdefault(fold(town.name), []).append(town)

    def given(self, site: Site) -> Site:
        """The site with its town; a neighbourhood without one counts as a town itself."""
        if site.precision is not PlacePrecision.EXACT:
            return site
        named = self._named(site)
        near = named or [town for town in self._known if town.feature != "CMPRF"]
        town = self._nearest(site, near, big=site.district is not None and not named)
        if town is None and site.district:
            return replace(site, parent=None, district=None, precision=PlacePrecision.TOWN)
        return replace(site, parent=town.place_id if town else None)

    def _named(self, site: Site) -> list[Site]:
        """Towns whose name stands before the colon or at the head of the site's name."""
        words = fold(site.parent or site.name).split()
        heads = (" ".join(words[:n]) for n in range(len(words), 0, -1))
        lists = (self._by_name.get(head, []) for head in heads)
        return next((found for towns in lists if (found := [t for t in towns if km(t, site) <= self._reach(site)])), [])

    def _reach(self, site: Site) -> float:
        return self._limit * (2 if site.parent else 1)

    def _nearest(self, site: Site, towns: Iterable[Site], big: bool) -> Site | None:
        reach = self._reach(site)
        close = [
            (distance / (4 if town.feature in ("PPLA", "PPLC") and big else 1), town.place_id, town)
            for town in towns
            if abs(town.lat - site.lat) * 111 <= reach and (distance := km(town, site)) <= reach
        ]
        return min(close)[2] if close else None


def _point(site: Site | tuple[float, float]) -> tuple[float, float]:
    return (site.lat, site.lon) if isinstance(site, Site) else site


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
