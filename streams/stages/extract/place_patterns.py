"""The words around place names, as patterns: what makes a name a province, a quarter, a spokesman, a mere direction."""

from __future__ import annotations

import re


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SETTLEMENT = r"town|village|city|suburb|neighbou?rhood"
_NAME = r"(?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+"
_NAMES = rf"{_NAME}(?: {_NAME}){{0,2}}"

PROVINCE_AFTER = re.compile(
    r"['’]?s?,? (?:(?:north|south|east|west)\w*,? )?"
    rf"(?:(?:{_SETTLEMENT}) of [A-Za-z]|province|governorate|countryside|provincial (?!capital)|region\b|mountains"
    rf"|hills\b)"
)
"""Behind a name that is a city's and a province's: it is the province."""
CITY = re.compile(
    r"\b(?:city|town|capital|neighbou?rhoods?|districts?|suburbs?|quarters?|parts?|outskirts|edges?|half)"
    r" of (?:(?:east|west|north|south)\w* )?$"
    r"|\bcities of (?:[\w-]+,? (?:and )?){0,4}$|\b(?:divided|embattled|second|largest) (?:city )?$"
)
"""Before such a name: it is the city."""
SIDE = re.compile(r"\b(?:east|west|eastern|western|-held|held) $")
"""Before such a name: it is the city, or a part of the province; the city, where one was divided."""
IS_CITY = re.compile(r"['’]?s? (?:city|cities|town|neighbou?rhoods?|districts?|airport|military airport)\b")
"""Behind such a name: it is the city."""
PROVINCE_BEFORE = re.compile(
    r"\b(?:towns?|villages?|settlement) in $|\brural $"
    r"|\b(?:provinces?|governorates?|countryside|rural|country side) (?:of |around |in |near )?(?:the )?$",
    re.IGNORECASE,
)
"""Before such a name."""
AROUND = re.compile(
    r"\b(?:near|around|outside|close to|(?:outskirts|surroundings|countryside|vicinity|north|south|east|west"
    r"|environs|edge|suburbs) of)"
    r" (?:the )?(?:\w+ )?(?:(?:town|village|city|camp|district)s? (?:of )?)?$",
    re.IGNORECASE,
)
"""Before a name that only says near what it was."""
OUTSKIRTS = re.compile(
    r"\b(?:outskirts|suburbs|environs|(?:north|south|east|west)\w*) of (?:the )?(?:\w+ )?(?:capital )?"
    r"(?:city )?(?:of )?$"
)
"""Before a name that only says on whose edge it was."""
VAGUE = re.compile(
    r"\b(?:an?|two|three|several|some) (?:[\w-]+ ){0,3}(?:town|village|camp|suburb|area|neighbou?rhood|district"
    r"|region|base|city)s?"
    r" (?:[\w-]+ ){0,9}$"
)
"""A place not named, before the name that only says roughly where it lies: "a village near Hama"."""
SPOKESMAN = re.compile(
    r"-(?:backed|based|allied|brokered|sponsored|led)\b"
    r"|['’]?s? (?:(?:residents |still )?(?:said|says|accused?s?|denie[ds]|insist(?:s|ed)|considers?|considered"
    r"|warned|hopes|wants|blamed)"
    r"|has (?:said|accused|denied|insisted)|reiterated|governor|mayor|police command|media cent(?:er|re)"
    r"|correspondent|24\b"
    r"|university|government|regime|talks|conference|health directorate|road\b|highway|today\b|now\b|-backed"
    r"| and (?:Moscow|Tehran|Ankara|Washington)\b|-?based|-held|gas\b)",
    re.IGNORECASE,
)
"""Behind a name that is no place of an act: a government that speaks, an institution, a road."""
TOLD_FROM = re.compile(
    r"\b(?:based in|spoke from|told|(?:governor|bishop|mayor|university) of|from its base in|(?:talks|conference"
    r"|meeting) in"
    r"|flights? from|refugee from)(?: \w+)? $",
    re.IGNORECASE,
)
"""Before a name from which somebody only speaks."""
AGAIN = re.compile(
    r"\b(?:[Tt]he|[Tt]his|[Tt]hat) (?:(?:adjacent|nearby|critical|military|strategic|besieged|rebel-held|key|same"
    r"|border|whole|entire"
    r"|(?:east|west|north|south)ern|central|ancient|embattled|desert|rebel|small|residential|battleground) )?"
    r"(town|city|village|camp|neighbou?rhood|district|suburb|enclave|province|governorate|military airport|airport"
    r"|air base|airbase"
    r"|base|area|region)\b(?!,? (?:al-|of|called|council|hospital|cent(?:re|er) said))"
)
"""A definite noun that takes up a place named before."""
LEADS_ON = re.compile(
    r"(?: (?:strategic|key|[A-Z][\w’'-]*|(?:town|city|village) of|\w+ern))* | (?:near|outside|close to) (?:the )?"
)
"""Between a definite noun and the name that it goes with after all."""
CAPITAL = re.compile(r"\bprovincial capital\b(?! of)|\bprovince['’]?s capital\b")
SEAT = re.compile(
    r"\b[Tt]he (?:Syrian )?(capital)\b(?!['’]?s? (?:city )?(?:of\b|[A-Z])|['’]s| letter| punish|-)"
    r"(?<!provincial capital)"
)
"""The country's capital, by that word alone."""
QUARTER_AFTER = re.compile(rf"\b({_NAMES}) (neighbou?rhoods?|district|quarter|suburb)\b")
QUARTER_BEFORE = re.compile(rf"\b(?:neighbou?rhoods?|districts?|quarters?|suburbs?) of ({_NAMES})")
VILLAGE = re.compile(rf"\b(?:towns?|villages?|hamlet) (?:of )?({_NAMES})")
VILLAGE_AFTER = re.compile(rf"\b({_NAME}(?: {_NAME})?) (?:village|town)\b")
TAKEN = re.compile(r"\b(?:captur|seiz|tak|retak|recaptur|overrunn|liberat)(?:ing|ed) |\b(?:retook|overran) ")
"""A verb of capture; behind it a name stands for a town, be it known or not."""
TAKEN_NAME = re.compile(r"((?:[Aa]l-|[Ee]l-)?[A-Z][\w’'-]+) (?=from|after|on|in|and|near|late|early|last|earlier)")
NO_NAME = re.compile(
    r"^(?:The|A|An|In|On|At|And|Over|When|Most|This|That|Several|Two|Three|Four|Five|Last|Old|Local|Many|Other|Some"
    r"|Each|Their|Its"
    r"|(?:East|West|North|South)ern|\w+day|Syrian|Russian|Kurdish|Turkish|Armenian|Shiite|Sunni|Christian|Alawite"
    r"|Islamic|Rebel"
    r"|Government|Opposition|Monitors?|Observatory|Reuters|AFP|AP|SANA|NGO|Activists|State|UN|Kill(?:ing|s|ed)|Air|Warplanes|Army|Forces|Is|IS|Daesh"
    r"|ISIS)\b"
)
"""Capitalised words that begin no name of a place."""
WITHIN = re.compile(
    r"(?:[ ,]+(?:and|[A-Z][\w’'-]*|al-[\w’'-]+|towns?|villages?|areas?|district|neighbou?rhoods?|in|of|the|near"
    r"|farms?|city"
    r"|(?:north|south|east|west|central|coastal)\w*|countryside|rural|province))*[ ,]*"
)
"""What may stand between a place and the province that it is said to lie in: other places, and words of lying."""
ROW = re.compile(
    r"\b(?:in|on|at|near|of|against|around|targeting|targeted|hit|bombed|pounded|struck|shelled|captured|towns?"
    r"|villages?) "
    r"(?:(?:[A-Z]|al-|el-)[\w’'-]*,? (?:and )?){1,14}$"
)
"""A row of names, opened by a preposition, before one more."""
HEADING = re.compile(r" (?:[A-Z][a-z]+|A|An|SANA) (?!(?:[Cc]entre|[Cc]enter|[Cc]ommand|said)\b)[a-z]")
"""What follows a governorate's name that stands as a heading over the next item."""
BASE_NEXT = re.compile(r" (?:military |air )?(?:base|airbase)\b")
"""Behind a town's name: its air base."""
HALF = re.compile(r" [A-Z][a-z]+")
NAMED_VILLAGE = re.compile(r"\b(?:village|town|hamlet) of $")
QUARTER_NEXT = re.compile(
    r" (?:[Nn]eighbou?rhoods?|quarters?)\b| (?:[Aa]l-|[Ee]l-)[A-Z][\w’'-]+ (?:[Nn]eighbou?rhood|district|quarter)\b"
    r"|(?:,? (?:and |(?:[Aa]l-|[Ee]l-|[A-Z])[\w’'-]+)){1,6} [Nn]eighbou?rhoods\b"
)
NAMED_AFTER = re.compile(r" (?:[Hh]ospital|[Mm]osque|[Ss]chool|[Uu]niversity|[Bb]rigade|[Bb]attalion|[Nn]ews|TV)\b")
"""Behind a little-known name: something that bears it, wherever it stands."""
IS_QUARTER = re.compile(r" (?:[Nn]eighbou?rhood|district|quarter)\b")
QUARTER_OF = re.compile(r"\b(?:neighbou?rhoods?|districts|quarters) of (?:(?:[Aa]l-|[A-Z])[\w’'-]+,? (?:and )?){0,4}$")

PLACING = _words(
    "in on at near of from to into toward towards around inside outside between against over across through hit "
    "struck bombed shelled targeted captured seized retook recaptured entered stormed took village villages town "
    "towns targeting pounded liberated controls "
)
"""Words before a name that make a place of it, however little known."""
EPITHETS = _words(
    "the a an its their eastern western northern southern central northeastern northwestern southeastern "
    "southwestern besieged rebel held strategic ancient historic nearby neighbouring neighboring coastal desert "
    "syrias syrian countrys city town towns village villages district districts province provinces neighborhood "
    "neighbourhood neighborhoods neighbourhoods suburb suburbs camp area areas of countryside border rural "
    "capital key main country's syria's syria’s second largest al "
)
"""Words between a preposition and the name that it governs."""
QUARTER_NOUNS = ("district", "neighbourhood", "neighborhood", "suburb")
NO_PLACE = _words("with for by to between government against ally allies that as after while when backer ")
"""Words before a capital's name that make it a government: "talks with Damascus"."""
GOVERNMENTS = re.compile(r"\b(?:Moscow|Tehran|Ankara|Washington|Baghdad|Beirut|Riyadh|Paris|London),? and $")
"""Other governments before it: "Moscow and Damascus had agreed"."""


def cue_of(before: str) -> str:
    """The word that governs a name: the nearest before it that is no epithet, in lower case; empty if there is none."""
    for word in reversed(before.removesuffix("as well as ").split()):
        bare = word.strip(",").lower()
        if bare not in EPITHETS and not bare.endswith(("-held", "-controlled")):
            return bare if bare.isalpha() else ""
    return ""


HELD_AS_CITY = re.compile(
    r"\b(?:east(?:ern)?|west(?:ern)?|divided|besieged|held"
    r"|(?:control|battle|siege|streets|centre|center|fall) (?:of|for)) (?:the )?$",
    re.IGNORECASE,
)
"""Words before a name that speak of a city that can be held, divided or besieged, where the province bears its name."""
