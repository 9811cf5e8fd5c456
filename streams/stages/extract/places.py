"""The places that each sentence names, resolved; and those that it takes up again: "the town", "the area"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.record import Place
from schemas.vocabulary import PlacePrecision
from streams.stages.extract.document import PlaceHit
from streams.theatres.gazetteer import Gazetteer, Site
from streams.theatres.scan import Hit

NEAR = 8
"""Places of the article that speak for one namesake against another."""

_AREAS = (PlacePrecision.COUNTRY, PlacePrecision.GOVERNORATE, PlacePrecision.DISTRICT)
_PROVINCE_AFTER = re.compile(
    r"['’]?s?,? (?:(?:north|south|east|west)\w*,? )?(?:(?:town|village|city|suburb|neighbou?rhood) of [A-Za-z]|province|governorate|countryside|provincial (?!capital)|region\b|mountains|hills\b)"
)
_PROVINCE_BEFORE = re.compile(
    r"\b(?:town|village|villages|towns|settlement) in $|\b(?:provinces?|governorates?|countryside|rural|country side) (?:of |around |in |near )?(?:the )?$|\brural $",
    re.IGNORECASE,
)
_DIRECTION = re.compile(r"\b(?:north|south|east|west)\w*[- ](?:of )?(?:the )?(?:city of |town of )?$", re.IGNORECASE)
_AROUND = re.compile(
    r"\b(?:near|around|outside|outskirts of|surroundings of|countryside of|vicinity of|north of|south of|east of|west of|environs of|edge of|close to|suburbs of)"
    r" (?:the )?(?:\w+ )?(?:(?:town|village|city|camp|district)s? (?:of )?)?$",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:an?|two|three|several|some) (?:[\w-]+ ){0,3}(?:town|village|camp|suburb|area|neighbou?rhood|district|region|base|city|towns|villages|suburbs|areas) (?:[\w-]+ ){0,9}$"
)
"""A place not named, before the name that only says roughly where it lies: "a village near Hama"."""
_SPOKESMAN = re.compile(
    r"['’]?s? (?:said|says|has (?:said|accused|denied|insisted)|accused|accuses|denied|denies|insists|insisted|considers|considered|still considers|warned|"
    r"governor|mayor|police command|media (?:center|centre)|correspondent|24\b|hopes|wants|blamed|reiterated|university|residents said|government|regime|"
    r"talks|conference|health directorate|road\b|highway|today\b|now\b|-backed|-based|based|-held|gas\b)",
    re.IGNORECASE,
)
_TOLD_FROM = re.compile(
    r"\b(?:based in|spoke from|told|governor of|from its base in|bishop of|talks in|conference in|meeting in|mayor of|of the university of|flights? from|refugee from)(?: \w+)? $",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"([A-Za-z]+) (?:(?:the|a|an|its|their|rebel-held|government-held|eastern|western|northern|southern|central|northeastern|northwestern|southeastern|southwestern|besieged|opposition-held|"
    r"rebel held|strategic|ancient|historic|nearby|neighbouring|neighboring|coastal|desert|syrias|syrian|countrys|city|town|towns|village|villages|district|districts|province|provinces|neighborhood|neighbourhood|neighborhoods|neighbourhoods|suburb|suburbs|camp|area|areas|"
    r"of|countryside|border|rural|capital|regime-held|key|main|country's|Syria's|Syria’s|Syrias|Syrian|second|largest|al)[ ,]+)*$"
)
_AGAIN = re.compile(
    r"\b(?:[Tt]he|[Tt]his|[Tt]hat) (?:(?:adjacent|nearby|critical|military|strategic|besieged|rebel-held|key|same|eastern|western|northern|southern|border|whole|entire|ancient|northern|central|embattled|desert|rebel|small|residential|battleground) )?"
    r"(town|city|village|camp|neighbou?rhood|district|suburb|enclave|province|governorate|military airport|airport|air base|airbase|base|area|region)\b(?!,? (?:of [A-Z]|al-|of al-|of|called|council|hospital|centre said|center said))"
)
_CAPITAL = re.compile(r"\bprovincial capital\b(?! of)|\bprovinces capital\b|\bprovince's capital\b")
_QUARTER_AFTER = re.compile(
    r"\b((?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+(?: (?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+){0,2}) (neighbou?rhoods?|district|quarter|suburb)\b"
)
_QUARTER_BEFORE = re.compile(
    r"\b(?:neighbou?rhoods?|districts?|quarters?|suburbs?) of ((?:al-|el-|Al-|El-|[A-Z])[\w’'-]+(?: (?:al-|el-|Al-|[A-Z])[\w’'-]+){0,2})"
)
_VILLAGE = re.compile(
    r"\b(?:towns?|villages?|hamlet) (?:of )?((?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+(?: (?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+){0,2})"
)
_TAKEN = re.compile(
    r"\b(?:capturing|captured|seizing|seized|taking|retaking|retook|recaptured|recapturing|overran|overrunning|liberated) "
    r"((?:[Aa]l-|[Ee]l-)?[A-Z][\w’'-]+) (?=from|after|on|in|and|near|late|early|last|earlier)"
)
_VILLAGE_AFTER = re.compile(
    r"\b((?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+(?: (?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+)?) (?:village|town)\b"
)
_NO_NAME = re.compile(
    r"^(?:The|A|An|In|On|At|This|That|Syrian|Russian|Several|Two|Three|Four|Five|Last|Rebel|Government|Old|Local|Many|Other|Eastern|Western|Northern|Southern|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Kurdish|Turkish|Shiite|Sunni|Christian|Alawite|Monitor|NGO|Activists|State|UN|Opposition|Killing|Kills|Killed|Air|Warplanes|Army|Forces|Islamic|Is|IS|Some|Each|Their|Its|Armenian|Daesh|ISIS|And|Over|When|Most)\b"
)


_WITHIN = re.compile(
    r"(?:[ ,]+(?:and|[A-Z][\w’'-]*|al-[\w’'-]+|towns?|villages?|areas?|district|neighbou?rhoods?|in|of|the|near|farms?|city"
    r"|(?:north|south|east|west|central|coastal)\w*|countryside|rural|province))*[ ,]*"
)
"""What may stand between a place and the province that it is said to lie in: other places, and words of lying."""
_ROW = re.compile(
    r"\b(?:in|on|at|near|of|against|around|targeting|targeted|hit|bombed|pounded|struck|shelled|captured|towns?|villages?) "
    r"(?:(?:[A-Z]|al-|el-)[\w’'-]*,? (?:and )?){1,14}$"
)
_HEADING = re.compile(r" (?:[A-Z][a-z]+|A|An|SANA) (?!(?:[Cc]entre|[Cc]enter|[Cc]ommand|said)\b)[a-z]")
"""What follows a governorate's name that stands as a heading over the next item."""
_PLACING = frozenset(
    ["in", "on", "at", "near", "of", "from", "to", "into", "toward", "towards", "around", "inside", "outside", "between", "against", "over", "across", "through", "hit", "struck", "bombed", "shelled", "targeted", "captured", "seized", "retook", "recaptured", "entered", "stormed", "took", "village", "villages", "town", "towns", "targeting", "pounded", "liberated", "controls"]
)
"""Words before a name that make a place of it, however little known."""


_QUARTER_NOUNS = ("district", "neighbourhood", "neighborhood", "suburb")
_NO_PLACE = frozenset("with for by to between government against ally allies that as after while when backer".split())
"""Words before a capital's name that make it a government: "talks with Damascus"."""


class PlaceReader:
    """Resolves the places of one article, in the order of reading.

    Args:
        gazetteer: The theatre's places.
        hits: All place hits of the article: their company decides between namesakes.
    """

    def __init__(self, gazetteer: Gazetteer, hits: Sequence[Hit]) -> None:
        self._gazetteer = gazetteer
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
        if hit.weak and not _AROUND.search(text, max(0, hit.start - 40), hit.start) and not self._among(text, hits, at):
            return None
        if _SPOKESMAN.match(text, hit.end) or _TOLD_FROM.search(text, max(0, hit.start - 40), hit.start):
            return None
        if _HALF.match(text, hit.end) and _NAMED_VILLAGE.search(text, max(0, hit.start - 14), hit.start):
            following = hits[at + 1].start if at + 1 < len(hits) else len(text)
            if following > hit.end + 1:
                return None  # half of a name that no list knows
        site, others = self._resolve(text, hits, at)
        if site is not None and hit.start == 0 and _HEADING.match(text, hit.end):
            site = next((s for i in hit.ids if (s := self._gazetteer.get(i)) and s.feature == "ADM1"), site)
        if site is None:
            return None
        if site.district is None and site.precision is PlacePrecision.TOWN and _is_quarter(text, hit):
            city = self._city_near(hits, at)
            if city is not None and city.place_id != site.place_id:
                return self._in_city(text, hit.start, hit.end, city)
        written = text[hit.start : hit.end]
        found = self._hit(text, hit.start, hit.end, self._gazetteer.as_place(site, written, candidates=others[:5]))
        if site.feature == "PPLC" and (found.cue in _NO_PLACE or (not found.cue and hit.start < 2)):
            return None
        return found if site.news or found.around or found.cue in _PLACING or self._listed(text, hits, at) else None

    def _listed(self, text: str, hits: Sequence[Hit], at: int) -> bool:
        """True for a little-known name in a list of places: "Tabiya, Jazira and Bulayl"."""
        between = text[hits[at - 1].end : hits[at].start] if at else ""
        if between == " ":  # a list that lost its commas: only with neighbours
            near = {site.admin1 for place_id in hits[at - 1].ids[:1] if (site := self._gazetteer.get(place_id))}
            return any(site.admin1 in near for i in hits[at].ids[:1] if (site := self._gazetteer.get(i)))
        return between in (", ", " and ", ", and ", " or ") or self._among(text, hits, at)

    def _among(self, text: str, hits: Sequence[Hit], at: int) -> bool:
        """True for a name in a row of capitalised names that a preposition opens, with a neighbour of its province."""
        if at == 0 or not _ROW.search(text, max(0, hits[at].start - 150), hits[at].start):
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
        cue = _CUE.search(before)
        around = bool(_AROUND.search(before)) or bool(_VAGUE.search(before)) or text[end : end + 14].lstrip(" '’s").startswith("countryside")
        return PlaceHit(start, end, place, cue[1].lower() if cue else "", place.precision in _AREAS, around)

    def _resolve(self, text: str, hits: Sequence[Hit], at: int) -> tuple[Site | None, tuple[Site, ...]]:
        hit = hits[at]
        written = text[hit.start : hit.end]
        sites = [site for place_id in hit.ids if (site := self._gazetteer.get(place_id))]
        if _says_province(text, hit):
            province = next((site for site in sites if site.feature == "ADM1"), None)
            if province:
                return province, ()
        if len(sites) == 1:
            return sites[0], ()
        if self._listed(text, hits, at):
            towns = [site for site in sites if site.precision is PlacePrecision.TOWN and site.feature != "PPLQ"]
            sites = towns or sites
        stated = self._stated(text, hits, at)
        key = (written, stated)
        village = text[hit.end : hit.end + 9].startswith((" village", " town")) or text[: hit.start].endswith(("village of ", "town of "))
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

    def _city_near(self, hits: Sequence[Hit], at: int) -> Site | None:
        """The city that a quarter's sentence names next, else the one named last."""
        for other in hits[at + 1 : at + 4]:
            site = self._gazetteer.get(other.ids[0])
            if site is not None and site.feature in ("PPLA", "PPLC", "PPLA2") and not other.weak:
                return site
        place_id = self._town.place.place_id if self._town else None
        site = self._gazetteer.get(place_id) if place_id else None
        return site if site is not None and site.feature in ("PPLA", "PPLC", "PPLA2") else None

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
            if _WITHIN.fullmatch(text, hit.end, other.start):
                found = next((i for i in other.ids if i.startswith(("admin1:", "country:"))), None)
                if found:
                    return found.partition(":")[2]
        return None

    def _quarters(self, text: str, found: list[PlaceHit]) -> Iterator[PlaceHit]:
        for pattern in (_QUARTER_AFTER, _QUARTER_BEFORE):
            for match in pattern.finditer(text):
                city = self._city_of(text, match, found)
                lead = next((h for h in found if h.start == match.start(1) and h.end < match.end(1) and not h.area), None)
                if lead is not None:  # "Homs Akrameh neighbourhood": the city stands before its quarter
                    yield self._quarter_hit(text, lead.end + 1, match.end(1), lead)
                    continue
                if city is not None and not _NO_NAME.match(match[1]):
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
        for pattern in (_VILLAGE, _VILLAGE_AFTER):
            for match in pattern.finditer(text):
                if _NO_NAME.match(match[1]) or any(
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
        for match in _TAKEN.finditer(text):
            inside = any(hit.start < match.end(1) and match.start(1) < hit.end for hit in found)
            if inside or _NO_NAME.match(match[1]):
                continue
            area = self._area or self._town
            place = Place(
                place_id=None, name=match[1], admin1=area.place.admin1 if area else None, lat=None, lon=None,
                precision=PlacePrecision.TOWN, text=match[1],
            )  # fmt: skip
            new.append(self._hit(text, match.start(1), match.end(1), place))
        return new

    def _again(self, text: str, found: list[PlaceHit]) -> Iterator[PlaceHit]:
        for match in _CAPITAL.finditer(text):
            capital = self._capital(match, found)
            if capital is not None:
                yield self._hit(text, match.start(), match.end(), capital)
        for match in _AGAIN.finditer(text):
            noun = match[1]
            wide = noun in ("province", "governorate", "region", "area")
            earlier = [
                hit for hit in found if hit.end <= match.start() and hit.area == (noun in ("province", "governorate"))
            ]
            source = earlier[-1] if earlier else self._area if noun in ("province", "governorate") else self._town
            if noun in _QUARTER_NOUNS and not earlier and self._quarter is not None:
                source = self._quarter
            if source is None or (wide and noun in ("region", "area") and source.area):
                continue
            place = self._site_of(noun, source.place) if noun.startswith(("air", "base")) else None
            place = place or source.place.model_copy(update={"inferred": True})
            yield replace(self._hit(text, match.start(1), match.end(1), place), area=source.area)

    def _site_of(self, noun: str, town: Place) -> Place | None:
        """The airport or base of a town: "the city, as well as the airport"."""
        if noun == "base":
            return None
        for name in (f"{town.name} Airport", f"{town.name} military airport", f"{town.name} airbase", f"{town.name} air base"):
            found = self._gazetteer.candidates(name)
            if found:
                return self._gazetteer.as_place(found[0], noun, inferred=True)
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


_HALF = re.compile(r" [A-Z][a-z]+")
_NAMED_VILLAGE = re.compile(r"\b(?:village|town|hamlet) of $")
_QUARTER_NEXT = re.compile(r" (?:[Nn]eighbou?rhoods?|quarters?)\b")
_QUARTER_OF = re.compile(r"\b(?:neighbou?rhoods?|districts|quarters) of (?:(?:[Aa]l-|[A-Z])[\w’'-]+,? (?:and )?){0,4}$")


def _is_quarter(text: str, hit: Hit) -> bool:
    if _QUARTER_NEXT.match(text, hit.end):
        return True
    return _QUARTER_OF.search(text, max(0, hit.start - 70), hit.start) is not None


def _says_province(text: str, hit: Hit) -> bool:
    if _PROVINCE_AFTER.match(text, hit.end):
        return True
    return _PROVINCE_BEFORE.search(text, max(0, hit.start - 30), hit.start) is not None


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
