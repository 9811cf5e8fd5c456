"""The places that each sentence names, resolved; and those that it takes up again: "the town", "the area"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from schemas.record import Place
from schemas.vocabulary import PlacePrecision
from streams.stages.extract import place_patterns as words
from streams.stages.extract.document import PlaceHit
from streams.theatres.gazetteer import Gazetteer, Site
from streams.theatres.scan import Hit

NEAR = 8
"""Places of the article that speak for one namesake against another."""
TOWN = 20_000
"""Inhabitants from which a town in the news is itself, also in a list of a city's quarters."""
GREAT_CITY = 500_000
"""Inhabitants from which a city's parts are named like a country's: "east Aleppo"."""
_SEATS = ("PPLA", "PPLC")
"""Features of the seats of governorates: cities, whatever words stand beside their names."""
_CITIES = (*_SEATS, "PPLA2")
_AREAS = (PlacePrecision.COUNTRY, PlacePrecision.GOVERNORATE, PlacePrecision.DISTRICT)


class PlaceReader:
    """Resolves the places of one article, in the order of reading.

    Args:
        gazetteer: The theatre's places.
        hits: All place hits of the article: their company decides between namesakes.
        provinces: Governorates that the article speaks of by names that it never gives to their cities.
    """

    def __init__(self, gazetteer: Gazetteer, hits: Sequence[Hit], provinces: frozenset[str] = frozenset()) -> None:
        self._gazetteer = gazetteer
        self._provinces = provinces
        self._near = _company(gazetteer, hits)
        self._sites: dict[tuple[str, str | None], tuple[Site | None, tuple[Site, ...]]] = {}
        self._before: str | None = None
        self._town: PlaceHit | None = None
        self._area: PlaceHit | None = None
        self._quarter: PlaceHit | None = None

    def read(self, text: str, hits: Sequence[Hit]) -> tuple[PlaceHit, ...]:
        """The places of a sentence.

        Args:
            text: The sentence.
            hits: Its place hits, offsets counting from its start.
        """
        found = [place for at, hit in enumerate(hits) if (place := self._place(text, hits, at)) is not None]
        found += self._taken(text, found)
        taken = [(hit.start, hit.end) for hit in found]
        if "own" in text or "illage" in text or "amlet" in text:
            found += [hit for hit in self._villages(text, found) if _free(taken, hit)]
        if "neighb" in text or "istrict" in text or "uarter" in text or "uburb" in text:
            taken = [(hit.start, hit.end) for hit in found]
            found += [hit for hit in self._quarters(text, found) if _free(taken, hit)]
        found.sort(key=lambda hit: hit.start)
        found += self._again(text, found)
        found.sort(key=lambda hit: hit.start)
        self._remember(found)
        return tuple(found)

    def _place(self, text: str, hits: Sequence[Hit], at: int) -> PlaceHit | None:
        hit = hits[at]
        if (
            hit.weak
            and not words.AROUND.search(text, max(0, hit.start - 40), hit.start)
            and not self._among(text, hits, at)
        ):
            return None
        if words.SPOKESMAN.match(text, hit.end) or words.TOLD_FROM.search(text, max(0, hit.start - 40), hit.start):
            return None
        if words.HALF.match(text, hit.end) and words.NAMED_VILLAGE.search(text, max(0, hit.start - 14), hit.start):
            following = hits[at + 1].start if at + 1 < len(hits) else len(text)
            if following > hit.end + 1:
                return None  # half of a name that no list knows
        if _is_double(text, hits, at + 1):
            return None
        if _is_double(text, hits, at) and (city := self._city_near(hits, at)) is not None:
            return self._in_city(text, hits[at - 1].start, hit.end, city)
        site, others = self._resolve(text, hits, at)
        if site is not None and hit.start == 0 and words.HEADING.match(text, hit.end):
            site = next((s for i in hit.ids if (s := self._gazetteer.get(i)) and s.feature == "ADM1"), site)
        if site is None:
            return None
        known = site.feature in _SEATS or (site.news and site.population >= TOWN)
        if not known and words.NAMED_AFTER.match(text, hit.end):
            return None
        town = site.district is None and site.precision is PlacePrecision.TOWN and not known
        if town and _is_quarter(text, hit):
            city = self._city_near(hits, at)
            if city is not None and city.place_id != site.place_id:
                return self._in_city(text, hit.start, hit.end, city)
        if site.precision is PlacePrecision.TOWN and (noun := words.BASE_NEXT.match(text, hit.end)) is not None:
            base = self._site_of(
                "airbase", self._gazetteer.as_place(site, text[hit.start : noun.end()]), inferred=False
            )
            if base is not None:
                return self._hit(text, hit.start, noun.end(), base)
        written = text[hit.start : hit.end]
        found = self._hit(text, hit.start, hit.end, self._gazetteer.as_place(site, written, candidates=others[:5]))
        if site.feature == "PPLC" and (found.cue in words.NO_PLACE or (not found.cue and hit.start < 2)):
            return None
        if site.feature == "PPLC" and words.GOVERNMENTS.search(text, max(0, hit.start - 16), hit.start):
            return None
        return (
            found if site.news or found.around or found.cue in words.PLACING or self._listed(text, hits, at) else None
        )

    def _listed(self, text: str, hits: Sequence[Hit], at: int) -> bool:
        """True for a little-known name in a list of places: "Tabiya, Jazira and Bulayl"."""
        between = text[hits[at - 1].end : hits[at].start] if at else ""
        if between == " ":  # a list that lost its commas: only with neighbours
            near = {site.admin1 for place_id in hits[at - 1].ids[:1] if (site := self._gazetteer.get(place_id))}
            return any(site.admin1 in near for i in hits[at].ids[:1] if (site := self._gazetteer.get(i)))
        return between in (", ", " and ", ", and ", " or ") or self._among(text, hits, at)

    def _among(self, text: str, hits: Sequence[Hit], at: int) -> bool:
        """True for a name in a row of capitalised names that a preposition opens, with a neighbour of its province."""
        if at == 0 or not words.ROW.search(text, max(0, hits[at].start - 150), hits[at].start):
            return False
        own = {site.admin1 for i in hits[at].ids if (site := self._gazetteer.get(i))}
        return any(
            site.admin1 in own
            for other in hits[max(0, at - 5) : at]
            for i in other.ids[:2]
            if not other.weak and (site := self._gazetteer.get(i))
        )

    def _hit(self, text: str, start: int, end: int, place: Place) -> PlaceHit:
        before = text[max(0, start - 60) : start]
        around = (
            bool(words.AROUND.search(before))
            or bool(words.VAGUE.search(before))
            or text[end : end + 14].lstrip(" '’s").startswith("countryside")
        )
        outskirts = words.OUTSKIRTS.search(before) is not None
        return PlaceHit(start, end, place, words.cue_of(before), place.precision in _AREAS, around, outskirts)

    def _resolve(self, text: str, hits: Sequence[Hit], at: int) -> tuple[Site | None, tuple[Site, ...]]:
        hit = hits[at]
        written = text[hit.start : hit.end]
        sites = [site for place_id in hit.ids if (site := self._gazetteer.get(place_id))]
        if _says_province(text, hit):
            province = next((site for site in sites if site.feature == "ADM1"), None)
            if province:
                return province, ()
        if (whole := self._whole_province(text, hit, sites)) is not None:
            return whole, ()
        if len(sites) == 1:
            return sites[0], ()
        listed = self._listed(text, hits, at)
        if listed:
            towns = [site for site in sites if site.precision is PlacePrecision.TOWN and site.feature != "PPLQ"]
            sites = towns or sites
        # "Homs, Hama, Aleppo": a city in a list of cities is no village in the province of the next one.
        is_city = any(site.feature in _SEATS for site in sites)
        stated = None if listed and is_city else self._stated(text, hits, at)
        key = (written, stated)
        village = text[hit.end : hit.end + 9].startswith((" village", " town")) or text[: hit.start].endswith(
            ("village of ", "town of ")
        )
        quarter = None if village else self._quarter_in_company(sites, hits)
        if quarter is not None and stated is None:
            return quarter, ()
        if key not in self._sites:
            resolved = self._gazetteer.resolve(written, admin1=stated, near=self._near, before=self._before)
            self._sites[key] = (resolved.site or (sites[0] if sites else None), resolved.candidates)
        site, others = self._sites[key]
        if site is not None and (site.feature == "ADM1" or site not in sites):
            city = next((other for other in sites if other.precision is PlacePrecision.TOWN), None)
            site = city or site
        return site, others

    def _whole_province(self, text: str, hit: Hit, sites: Sequence[Site]) -> Site | None:
        """The governorate, where the article speaks of that and not of its city; "east Aleppo" is of a great city."""
        whole = next((site for site in sites if site.place_id in self._provinces), None)
        before = text[max(0, hit.start - 40) : hit.start]
        if whole is None or words.CITY.search(before):
            return None
        great = any(site.population >= GREAT_CITY for site in sites if site.feature in _SEATS)
        return None if great and words.SIDE.search(before) else whole

    def _city_near(self, hits: Sequence[Hit], at: int) -> Site | None:
        """The city that a quarter's sentence names next, else the one named last."""
        for other in hits[at + 1 : at + 4]:
            site = self._gazetteer.get(other.ids[0])
            if site is not None and site.feature in _CITIES and not other.weak:
                return site
        place_id = self._town.place.place_id if self._town else None
        site = self._gazetteer.get(place_id) if place_id else None
        return site if site is not None and site.feature in _CITIES else None

    def _in_city(self, text: str, start: int, end: int, city: Site) -> PlaceHit:
        written = text[start:end]
        place = self._gazetteer.as_place(city, written).model_copy(
            update={"precision": PlacePrecision.EXACT, "district": written, "parent": None}
        )
        return self._hit(text, start, end, place)

    def _quarter_in_company(self, sites: Sequence[Site], hits: Sequence[Hit]) -> Site | None:
        """The one namesake that is a quarter of a city that the sentence, else the article, speaks of."""
        named = {hit.ids[0] for hit in hits}
        own = next((site for site in sites if site.district and site.parent in named), None)
        if own is not None:
            return own
        cities = set(self._near)
        found = [site for site in sites if site.district and site.parent in cities]
        return found[0] if found and not any(site.place_id in cities for site in sites) else None

    def _stated(self, text: str, hits: Sequence[Hit], at: int) -> str | None:
        """The governorate that the next words put a place in: "Rabia in Latakia province"."""
        hit = hits[at]
        for other in hits[at + 1 : at + 7]:
            if other.start - hit.end > 120:
                break
            if words.WITHIN.fullmatch(text, hit.end, other.start):
                found = next((i for i in other.ids if i.startswith(("admin1:", "country:"))), None)
                if found:
                    return found.partition(":")[2]
        return None

    def _quarters(self, text: str, found: list[PlaceHit]) -> Iterator[PlaceHit]:
        for pattern in (words.QUARTER_AFTER, words.QUARTER_BEFORE):
            for match in pattern.finditer(text):
                city = self._city_of(text, match, found)
                lead = next(
                    (h for h in found if h.start == match.start(1) and h.end < match.end(1) and not h.area), None
                )
                if lead is not None:  # "Homs Akrameh neighbourhood": the city stands before its quarter
                    yield self._quarter_hit(text, lead.end + 1, match.end(1), lead)
                    continue
                if city is not None and not words.NO_NAME.match(match[1]):
                    yield self._quarter_hit(text, match.start(1), match.end(1), city)

    def _quarter_hit(self, text: str, start: int, end: int, city: PlaceHit) -> PlaceHit:
        name = text[start:end]
        new = {"precision": PlacePrecision.EXACT, "district": name, "text": name, "inferred": False, "parent": None}
        return self._hit(text, start, end, city.place.model_copy(update=new))

    def _city_of(self, text: str, match: re.Match[str], found: list[PlaceHit]) -> PlaceHit | None:
        for hit in found:
            if not hit.area and 0 <= hit.start - match.end() <= 30:
                return hit
        before = [hit for hit in found if not hit.area and hit.end <= match.start()]
        return before[-1] if before else self._town

    def _villages(self, text: str, found: list[PlaceHit]) -> Iterator[PlaceHit]:
        """Villages that the gazetteer does not know: emitted unresolved, never replaced by a known place."""
        for pattern in (words.VILLAGE, words.VILLAGE_AFTER):
            for match in pattern.finditer(text):
                if words.NO_NAME.match(match[1]) or any(
                    hit.start < match.end(1) and match.start(1) < hit.end for hit in found
                ):
                    continue
                area = next((hit for hit in found if hit.start >= match.end()), None) or self._area or self._town
                place = Place(
                    place_id=None, name=match[1], admin1=area.place.admin1 if area else None, lat=None, lon=None,
                    precision=PlacePrecision.TOWN, text=match[1],
                )  # fmt: skip
                yield self._hit(text, match.start(1), match.end(1), place)

    def _taken(self, text: str, found: list[PlaceHit]) -> list[PlaceHit]:
        """A name that no list knows, but that is taken like a town: "after seizing Buwayr from the alliance"."""
        new: list[PlaceHit] = []
        for verb in words.TAKEN.finditer(text):
            match = words.TAKEN_NAME.match(text, verb.end())
            if match is None:
                continue
            inside = any(hit.start < match.end(1) and match.start(1) < hit.end for hit in found)
            if inside or words.NO_NAME.match(match[1]):
                continue
            area = self._area or self._town
            place = Place(
                place_id=None, name=match[1], admin1=area.place.admin1 if area else None, lat=None, lon=None,
                precision=PlacePrecision.TOWN, text=match[1],
            )  # fmt: skip
            new.append(self._hit(text, match.start(1), match.end(1), place))
        return new

    def _again(self, text: str, found: list[PlaceHit]) -> Iterator[PlaceHit]:
        for match in words.CAPITAL.finditer(text):
            capital = self._capital(match, found)
            if capital is not None:
                yield self._hit(text, match.start(), match.end(), capital)
        for match in words.SEAT.finditer(text):
            seat = self._gazetteer.capital
            if seat is not None and all(hit.area for hit in found):
                yield self._hit(
                    text, match.start(1), match.end(), self._gazetteer.as_place(seat, match[1], inferred=True)
                )
        for match in words.AGAIN.finditer(text):
            noun = match[1]
            if any(
                0 <= hit.start - match.end() <= 30 and words.LEADS_ON.fullmatch(text, match.end(), hit.start)
                for hit in found
            ):
                continue
            wide = noun in ("province", "governorate", "region", "area")
            earlier = [
                hit for hit in found if hit.end <= match.start() and hit.area == (noun in ("province", "governorate"))
            ]
            source = earlier[-1] if earlier else self._area if noun in ("province", "governorate") else self._town
            if noun in words.QUARTER_NOUNS and not earlier and self._quarter is not None:
                source = self._quarter
            if source is None or (wide and noun in ("region", "area") and source.area):
                continue
            place = self._site_of(noun, source.place) if noun.startswith(("air", "base")) else None
            place = place or source.place.model_copy(update={"inferred": True})
            yield replace(self._hit(text, match.start(1), match.end(1), place), area=source.area)

    def _site_of(self, noun: str, town: Place, *, inferred: bool = True) -> Place | None:
        """The airport or base of a town: "the city, as well as the airport"."""
        if noun == "base":
            return None
        for name in (
            f"{town.name} Airport",
            f"{town.name} military airport",
            f"{town.name} airbase",
            f"{town.name} air base",
        ):
            found = self._gazetteer.candidates(name)
            if found:
                return self._gazetteer.as_place(found[0], noun if inferred else town.text, inferred=inferred)
        return None

    def _capital(self, match: re.Match[str], found: list[PlaceHit]) -> Place | None:
        """The seat of the province named last."""
        areas = [hit for hit in found if hit.place.precision is PlacePrecision.GOVERNORATE and hit.end <= match.start()]
        area = areas[-1] if areas else self._area
        if area is None or area.place.admin1 is None:
            return None
        towns = self._gazetteer.candidates(area.place.name)
        seat = next((site for site in towns if site.precision is PlacePrecision.TOWN), None)
        return self._gazetteer.as_place(seat, match[0], inferred=True) if seat else None

    def _remember(self, found: list[PlaceHit]) -> None:
        first_town: PlaceHit | None = None
        for hit in found:
            if hit.place.inferred:
                continue
            if hit.place.district:
                self._quarter = hit
            if hit.area:
                self._area = hit
            elif not (hit.around and first_town):
                self._town = hit if not first_town or first_town.around else self._town
                first_town = first_town or hit
            self._before = hit.place.place_id or self._before


def provinces(gazetteer: Gazetteer, texts: Iterable[tuple[str, Sequence[Hit]]]) -> frozenset[str]:
    """Governorates that an article calls so, and whose namesake cities it never speaks of."""
    said: set[str] = set()
    cities: set[str] = set()
    for text, hits in texts:
        for hit in hits:
            whole = next((i for i in hit.ids if (s := gazetteer.get(i)) and s.feature == "ADM1"), None)
            seat = gazetteer.get(hit.ids[0])
            if seat is not None and seat.feature in _SEATS and text[hit.start : hit.end].lower().endswith(" city"):
                cities.add(f"admin1:{seat.admin1}")
            if whole is None:
                continue
            if words.IS_CITY.match(text, hit.end) or words.CITY.search(text[max(0, hit.start - 40) : hit.start]):
                cities.add(whole)
            elif _says_province(text, hit):
                said.add(whole)
            elif words.HELD_AS_CITY.search(text[max(0, hit.start - 40) : hit.start]):
                cities.add(whole)
    return frozenset(said - cities)


def _is_quarter(text: str, hit: Hit) -> bool:
    if words.QUARTER_NEXT.match(text, hit.end):
        return True
    return words.QUARTER_OF.search(text, max(0, hit.start - 70), hit.start) is not None


def _is_double(text: str, hits: Sequence[Hit], at: int) -> bool:
    """True for the second half of a quarter's name, itself a town's: "the Shahba al-Jadida district"."""
    if not 0 < at < len(hits) or hits[at - 1].end != hits[at].start - 1:
        return False
    return text.startswith(("al-", "Al-"), hits[at].start) and words.IS_QUARTER.match(text, hits[at].end) is not None


def _says_province(text: str, hit: Hit) -> bool:
    if words.PROVINCE_AFTER.match(text, hit.end):
        return True
    return words.PROVINCE_BEFORE.search(text, max(0, hit.start - 30), hit.start) is not None


def _company(gazetteer: Gazetteer, hits: Sequence[Hit]) -> tuple[str, ...]:
    """Places of the article that are sure: of one meaning, or by far the best known of their name."""
    sure: dict[str, None] = {}
    for hit in hits:
        if hit.weak or len(sure) >= NEAR:
            continue
        site = gazetteer.get(hit.ids[0])
        if site is not None and (len(hit.ids) == 1 or site.news) and site.feature != "PCLI":
            sure[site.place_id] = None
    return tuple(sure)


def _free(taken: list[tuple[int, int]], hit: PlaceHit) -> bool:
    return all(hit.end <= start or end <= hit.start for start, end in taken)
