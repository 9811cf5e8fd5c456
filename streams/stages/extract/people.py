"""People counted in a text: "at least 18 civilians", "a woman and nine children", "dozens".

Decides how many people a noun phrase counts, and who they are. What happened to them is left to the reader of tolls;
ages, distances, aircraft and other counts of things are no people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from schemas.vocabulary import Victims
from streams.stages.extract.counts import NUMBER, ROUND, WORDS, number


def _words(text: str) -> tuple[str, ...]:
    """Words of a list that is easier to read as running text."""
    return tuple(text.split())


_CIVILIAN = _words(
    """
    civilian civilians child children kid kids toddler toddlers infant infants baby babies girl girls boy boys
    schoolchildren schoolgirl schoolgirls schoolboy schoolboys pupil pupils student students teenager teenagers woman
    women mother mothers wife wives daughter daughters son sons father fathers brother brothers sister sisters family
    families resident residents citizen citizens villager villagers worshipper worshippers worshiper worshipers shopper
    shoppers passenger passengers doctor doctors nurse nurses medic medics paramedic paramedics teacher teachers worker
    workers volunteer volunteers rescuer rescuers journalist journalists reporter reporters activist activists refugee
    refugees evacuee evacuees pilgrim pilgrims farmer farmers employee employees staff patient patients bystander
    bystanders protester protesters protestor protestors demonstrator demonstrators detainee detainees elderly infirm
    martyr martyrs relatives displaced driver drivers cameraman photographer
    """
)
_COMBATANT = _words(
    """
    fighter fighters combatant combatants militant militants rebel rebels jihadist jihadists jihadi jihadis soldier
    soldiers troop troops terrorist terrorists gunman gunmen insurgent insurgents extremist extremists member members
    mercenary mercenaries commander commanders officer officers conscript conscripts policeman policemen guard guards
    militiaman militiamen serviceman servicemen personnel forces loyalist loyalists leader leaders emir emirs general
    generals colonel operatives operative pilot pilots crew crewmen recruit recruits takfiri takfiris attacker attackers
    bomber bombers elements militias deserters defectors warlord warlords adviser advisers advisors advisor sniper
    snipers infiltrators
    """
)
_UNKNOWN = _words(
    """
    people persons person men man victims victim syrians syrian individuals human nationals foreigners prisoner
    prisoners kurds iraqis turks russians iranians lebanese palestinians alawites christians druze locals lives
    bodies corpses souls casualties fatalities deaths passers-by adults adult youths youth inmates hostages
    others other more
    """
)
WHO: dict[str, Victims] = {
    **dict.fromkeys(_CIVILIAN, Victims.CIVILIANS),
    **dict.fromkeys(_COMBATANT, Victims.COMBATANTS),
    **dict.fromkeys(_UNKNOWN, Victims.UNKNOWN),
}
"""Head nouns that count people, and who these are. "People" may be anyone."""

_CHILD = frozenset(
    _words(
        """
        child children kid kids toddler toddlers infant infants baby babies girl girls boy boys schoolchildren
        schoolgirl schoolgirls schoolboy schoolboys pupil pupils
        """
    )
)
_WOMAN = frozenset(("woman", "women", "mother", "mothers", "wife", "wives"))
_THINGS = frozenset(
    _words(
        """
        % percent per km kilometre kilometres kilometer kilometers kms mile miles metre metres meter meters m hour hours
        day days week weeks month months year years year-old minute minutes time times raid raids strike strikes
        airstrike airstrikes air sortie sorties attack attacks missile missiles rocket rockets shell shells bomb bombs
        barrel barrels vehicle vehicles tank tanks car cars truck trucks bus buses plane planes aircraft jet jets
        helicopter helicopters warplane warplanes house houses home homes building buildings village villages town towns
        area areas district districts neighbourhood neighbourhoods neighborhood neighborhoods hospital hospitals school
        schools checkpoint checkpoints position positions mortar mortars front fronts kg tons tonnes dollars pm am
        p.m a.m gmt separate explosion explosions blast blasts suicide series operation operations group groups
        second         third half quarter bid statement report video result blow fire attempt
        """
    )
)
"""Nouns and measures whose count is no count of people."""
_STOP = frozenset(
    _words(
        """
        and or but were was is are be been being have has had in on at by when while after before from to with during as
        that who which where since for near inside outside including among between amid killed dead wounded injured died
        said according also not will would could may might into against through because if then than his her their its
        """
    )
)
"""Words at which a noun phrase ends before its head."""


@dataclass(frozen=True, slots=True)
class People:
    """A counted group of people."""

    start: int
    end: int
    """Half-open range of the noun phrase."""
    least: int
    most: int | None
    """Null if open: "at least", "more than", "dozens"."""
    of: Victims
    head: str
    """The head noun in lower case, empty for a bare number."""
    rest: bool
    """True for "30 others", "another 20": people beside those counted before."""

    @property
    def children(self) -> int | None:
        """How many of them are children by the head noun."""
        return self.least if self.head in _CHILD else None

    @property
    def women(self) -> int | None:
        """How many of them are women by the head noun."""
        return self.least if self.head in _WOMAN else None


_FEW = (3, None)
"""Bounds of "several": more than a pair."""

_OPEN = (
    r"at least|atleast|more than|over|no (?:fewer|less) than|not less than|upwards of|in excess of|a minimum of|least"
)
_CAPPED = r"up to|as many as"
_LOOSE = r"about|around|some|nearly|almost|approximately|roughly|an estimated|estimated|exactly|only|just|close to"
_REST = r"another|other|a further|further|additional|an additional|the other"
_COUNT = re.compile(
    r"(?<![\w.,-])(?:(?P<between>between )|(?P<from>from )"
    r"|(?:the |all |these |those |a total of |a total )?"
    rf"(?:(?:(?P<open>{_OPEN})|{_CAPPED}|{_LOOSE}|(?P<rest>{_REST})) ){{1,3}})?"
    rf"(?:(?P<low>{NUMBER})(?:(?P<to> ?(?:-|–|to|or) ?| and (?=\d))(?P<high>{NUMBER}))?(?P<plus>\+)?"
    r"|(?P<round>hundreds of thousands|tens of thousands|(?:many )?(?:dozens|scores|hundreds|thousands)|several|a few)"
    r"|(?P<one>an?|one|his|her))(?![\w%]|[.,:]\d|-(?:year|month|day|week|hour|strong|day-old|km|member|mm))",
    re.IGNORECASE,
)
_BEFORE_COUNT = re.compile(
    rf"\b(?:(?:the|all|these|those|a total of|between|from|{_OPEN}|{_CAPPED}|{_LOOSE}|{_REST}) )+(?:an? )?$"
    r"|\b(?:an?|half an?) $",
    re.IGNORECASE,
)
_LEADS = tuple(
    f"{words.split()[-1]} "
    for words in f"the|all|these|those|a total of|between|from|{_OPEN}|{_CAPPED}|{_LOOSE}|{_REST}|a|an".split("|")
)
"""How what stands before a count may end."""
_BEFORE_NOUN = re.compile(r"\b(?:an?|one|his|her|another) (?:[\w-]+ ){0,3}$", re.IGNORECASE)
SINGULAR = tuple(sorted(word for word in WHO if f"{word}s" in WHO or word in ("child", "woman", "man", "person")))
_COUNTERS = (
    *(str(digit) for digit in range(10)),
    *sorted(WORDS),
    *sorted(ROUND),
    "dozen",
    "hundred",
    "thousand",
    "several",
    "few",
)
_FORMS = tuple(form for word in _COUNTERS for form in dict.fromkeys((word, word.capitalize())))
_FIRST_NOUN = len(_FORMS)
_AUTOMATON = AhoCorasick([*_FORMS, *SINGULAR], matchkind=MatchKind.LeftmostLongest)
"""Where a count may stand: digits, number words, and nouns for one person ("a pilot")."""

_WORD = re.compile(r" ([\w’'-]+)")


def find_people(text: str) -> Iterator[People]:
    """The counted groups of people in a text, in order, none overlapping another."""
    position = 0
    for index, start, _ in _AUTOMATON.find_matches_as_indexes(text):
        if start < position or text[start - 1 : start].isalnum():
            continue
        lead = _lead(text, position, start, noun=index >= _FIRST_NOUN)
        if lead is None and index >= _FIRST_NOUN:
            continue
        people = people_at(text, lead.start() if lead else start, len(text))
        if people:
            yield people
            position = people.end


def _lead(text: str, floor: int, start: int, *, noun: bool) -> re.Match[str] | None:
    """What belongs to a count before its number, or to a noun for one person."""
    if noun:
        return _BEFORE_NOUN.search(text, max(floor, start - 48), start)
    if not text[max(0, start - 16) : start].lower().endswith(_LEADS):
        return None
    return _BEFORE_COUNT.search(text, max(floor, start - 48), start)


def people_at(text: str, start: int, end: int) -> People | None:
    """The counted group that begins right at an offset, null if there is none."""
    count = _COUNT.match(text, start, end)
    return _people(text, count, end) if count else None


def _people(text: str, count: re.Match[str], stop: int) -> People | None:
    bounds = _bounds(count)
    if bounds is None:
        return None
    head, end, rest = _head(text, count.end(), stop)
    if head is None or (count["one"] and head not in SINGULAR):
        return None
    if count["low"] and count["between"] is None and _is_year_or_clock(text, count, head):
        return None
    rest = rest or count["rest"] is not None
    return People(count.start(), end, *bounds, WHO.get(head, Victims.UNKNOWN), head, rest)


def _is_year_or_clock(text: str, count: re.Match[str], head: str) -> bool:
    """True for a year ("2013", "2016 Terrorists shell") and for a bare number that a word of time or age governs."""
    bare = count["low"]
    before = text[max(0, count.start() - 12) : count.start()].lower()
    if bare.isdigit() and len(bare) == 4 and bare[:2] in ("19", "20") and not count["open"]:
        return not head or text[count.end() + 1 : count.end() + 2].isupper()
    return not head and _OF_TIME.search(before) is not None


_OF_TIME = re.compile(r"\b(?:on|aged|age|since|until|no\.?|chapter|resolution|brigade|division) $")


def _bounds(count: re.Match[str]) -> tuple[int, int | None] | None:
    """Least and most that a count states."""
    if count["one"]:
        return (1, 1)
    if count["round"]:
        word = count["round"].lower().removeprefix("many ")
        return _FEW if word in ("several", "a few") else ROUND.get(word, (20_000 if word[0] == "t" else 200_000, None))
    low = number(count["low"])
    high = number(count["high"]) if count["high"] else None
    if low is None or ((count["between"] or count["from"]) and high is None):
        return None
    if count["to"] and count["to"].strip() == "and" and not count["between"]:
        return None
    if high is not None:
        return (low, high) if high >= low else None
    return (low, None) if count["open"] or count["plus"] else (low, low)


def _head(text: str, position: int, stop: int) -> tuple[str | None, int, bool]:
    """Head noun after a count, where the phrase ends, and whether it speaks of others.

    Returns:
        The noun in lower case; empty for a bare number; null if what is counted is no people.
    """
    end, rest, before = position, False, ""
    for _ in range(7):
        word = _WORD.match(text, position, stop)
        if word is None:
            break
        lower = word[1].lower().removesuffix("'s").removesuffix("’s")
        if lower in WHO and lower not in _REST_WORDS:
            return *_last_head(text, lower, word.end(), stop), rest
        if lower in _THINGS:
            return None, end, rest
        counts = lower[0].isdigit() or lower.split("-")[0] in WORDS or lower in ROUND
        if counts or lower in _STOP or (lower == "the" and before != "of"):
            break
        if lower in _REST_WORDS:
            rest, end = True, word.end()
        position, before = word.end(), lower
    return "", end, rest


_REST_WORDS = frozenset(("others", "other", "more"))
_NEXT = re.compile(r" ([a-z-]+)")


def _last_head(text: str, head: str, end: int, stop: int) -> tuple[str, int]:
    """The last of several head nouns in a row: "school students", "rebel fighters", "people" alone."""
    while (word := _NEXT.match(text, end, stop)) and word[1] in WHO and word[1] not in ("more", "displaced"):
        head, end = word[1], word.end()
    return head, end
