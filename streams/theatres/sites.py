"""Sites: the places of a pack, read from places.csv, each with the town that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import asin, cos, radians, sin, sqrt

from schemas.errors import TheatreError
from schemas.vocabulary import PlacePrecision
from streams.theatres.names import fold
from streams.theatres.pack import Pack

PATH = "places.csv"
HEADER = (
    "id", "name", "alternate_names", "lat", "lon", "admin1", "admin2", "feature_code", "population", "source",
)  # fmt: skip
"""Columns of places.csv. `alternate_names` are joined by `|`; `population` may be empty."""

_NEIGHBOURHOODS = frozenset(("PPLX", "SQR", "RD", "BDG"))
_DISTRICTS = frozenset(("RGN", "MTS", "VAL", "DSRT", "LK"))
_POPULATED = frozenset(("STLMT", "CMPRF", "CMP", "FRM"))
"""Populated places beside those whose code begins with PPL."""

_SPELLINGS_OF_SITES = 12
"""Spellings of a town under which a site named after it is found."""

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


def km(a: Site | tuple[float, float], b: Site | tuple[float, float]) -> float:
    """Great-circle distance in kilometres of two sites, or of (lat, lon) in degrees."""
    (lat1, lon1), (lat2, lon2) = _point(a), _point(b)
    h = (
        sin(radians(lat2 - lat1) / 2) ** 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, h)))


def read_sites(
    pack: Pack, country: str, parent_km: float, news_population: int, nouns: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[Site, tuple[str, ...]], ...]:
    """The places of a pack, each with its alternate names.

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
    return tuple((site, (*names, *_site_names(site, whole, nouns))) for site, names in whole.values())


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
        # A quarter that is not written "City: Quarter" belongs to the city around it, whatever hamlet bears its name.
        named = self._named(site) if site.parent or not site.district else []
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
