"""Days, months, years and seasons by name: "Monday night", "June 19", "in late 2016", "spring 2015".

Decides which of the days of that name is meant, seen from the day of publication.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from schemas.record import DateRange
from streams.stages.extract import calendar
from streams.stages.extract.calendar import span
from streams.stages.extract.date_reading import MONTH, MONTHS, SHORT_MONTHS, WEEKDAYS, Found, Reading

_PART = re.compile(r"\b(?P<part>early|mid|middle of|late|beginning of|start of|end of)(?:[ -](?:in )?(?:the )?)$", re.I)
_PART_NAMES = {"beginning of": "early", "start of": "early", "middle of": "mid", "end of": "late"}
_GOVERNED = re.compile(
    r"\b(?:on|of|since|by|from|until|till|in|after|before|between|to|and|dated|during|late|early|the)[ -]$", re.I
)


# ---------------------------------------------------------------------------------------------------------- weekdays

_PERIOD = re.compile(r"(?:'?s|’s)?(?: (?P<night>night|overnight)| (?:morning|afternoon|evening|dawn|at dawn)\b)?")
_LAST_OR_NIGHT = re.compile(r"\b(?P<which>last|late on|late|on|this|overnight|overnight on|the night of) $", re.I)
_NOT_A_DAY = re.compile(r" ?(?:Times|Telegraph|Express|Mirror|Mail|Herald)\b")
_DAY_DATE = re.compile(rf",? (?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?,? (?:of )?{MONTH}|{MONTH} \d{{1,2}})")


def weekday(r: Reading) -> Found:
    """Reads "Monday", "last Monday", "Monday night", "overnight Sunday". With a date after it, the date says it."""
    end = r.end
    if _DAY_DATE.match(r.text, end) or _NOT_A_DAY.match(r.text, end):
        return None
    left = _LAST_OR_NIGHT.search(r.left)
    which = left["which"].lower() if left else ""
    tail = _PERIOD.match(r.text, end)
    if which == "on" and tail and tail[0] == "s":  # "on Fridays": a habit
        return None
    when = calendar.latest_weekday(r.published, WEEKDAYS.index(r.head[:3].lower()), before=which == "last")
    end = tail.end() if tail else end
    if which.startswith("overnight"):
        return r.found(left, calendar.night(when), "date.weekday.overnight", end)
    if tail and tail["night"] == "overnight":
        return r.found(left, calendar.night(when), "date.weekday.overnight", end)
    return r.found(left, calendar.day(when), "date.weekday", end)


# ------------------------------------------------------------------------------------------------------------ months

_DAY_NUMBER = r"[0-3]?\d)(?:st|nd|rd|th)?"
_TO = r" ?(?:-|–|to|and|until) ?"
_LEFT_DAYS = re.compile(rf"(?:\b(?:on|the) )*\b(?P<first>{_DAY_NUMBER}(?:{_TO}(?P<last>{_DAY_NUMBER})?(?: of)?,? $")
_RIGHT_DAYS = re.compile(rf" (?P<first>{_DAY_NUMBER}(?:{_TO}(?P<last>{_DAY_NUMBER}(?= |,|\.|$|\)))?(?![\d:.]\d|,\d)")
_YEAR_AFTER = re.compile(
    r",? (?:of )?(?P<year>(?:19|20)\d\d)(?!\d)|(?P<last>,? (?:of )?last year)|(?P<this>,? (?:of )?this year)"
)
_GLUED = re.compile(r" \d{5,6}\b")
"""Day and year run together, as page headers lose their comma: "Jun 142016"."""
_IN_MONTH = re.compile(
    r"\b(?P<lead>in|since|of|from|until|during|through|last|this|past|by|after|before|for) (?:the month of )?$", re.I
)
_STOP = re.compile(r"\.(?= \d)")
"""The full stop of a shortened month: "Dec. 30"."""
_FORWARD = re.compile(r"\b(?:months?|week|end|beginning|days?) of $", re.I)
_MODAL = ("May", "March", "Mar", "Dec", "Sep", "Jan")


def month(r: Reading) -> Found:
    """Reads "June 19", "19 June 2014", "in late June", "October last year", "last May"."""
    number_ = MONTHS.index(r.head[:3].lower()) + 1
    if r.head in SHORT_MONTHS and _STOP.match(r.text, r.end):
        r = replace(r, end=r.end + 1)
    left, right = _LEFT_DAYS.search(r.left), _RIGHT_DAYS.match(r.text, r.end)
    if _GLUED.match(r.text, r.end):
        return None
    if right and int(right["first"]) == 0:
        right = None
    if left and not (right and left["first"] and not _YEAR_AFTER.match(r.text, r.end)):
        return _full_date(r, number_, left, left, r.end)
    if right:
        return _full_date(r, number_, None, right, right.end())
    return _month_alone(r, number_)


def _full_date(r: Reading, number_: int, left: re.Match[str] | None, days: re.Match[str], end: int) -> Found:
    """A day of a month, or a few of them, with or without a year."""
    tail = _YEAR_AFTER.match(r.text, end)
    year, end = _stated_year(r, tail, number_), tail.end() if tail else end
    first = _day_of(r.published, year, number_, int(days["first"]))
    last = _day_of(r.published, year, number_, int(days["last"])) if days["last"] else first
    found = r.found(left, span(first, max(first, last)), "date.day", end)
    return None if found is None or _is_byline(r, found, dated=tail is not None) else found


def _stated_year(r: Reading, tail: re.Match[str] | None, number_: int) -> int | None:
    if tail is None:
        return None
    if tail["year"]:
        return int(tail["year"])
    return r.published.year - 1 if tail["last"] else r.published.year


def _day_of(published: date, year: int | None, number_: int, day_of_month: int) -> date:
    return calendar.latest_day(published, number_, day_of_month) if year is None else date(year, number_, day_of_month)


def _month_alone(r: Reading, number_: int) -> Found:
    """A month without a day. "May", "March" and abbreviations need a word before them that asks for a time."""
    part = _PART.search(r.left)
    lead = _IN_MONTH.search(r.left)
    tail = _YEAR_AFTER.match(r.text, r.end)
    if (r.head in _MODAL or r.head.endswith(".")) and not (part or lead or tail):
        return None
    year = _stated_year(r, tail, number_) or calendar.latest_month(r.published, number_)
    if (
        tail is None
        and lead
        and lead["lead"].lower() == "last"
        and (year, number_) == (r.published.year, r.published.month)
    ):
        year -= 1
    third = _part_name(part)
    start = part or (lead if lead and lead["lead"].lower() in ("in", "last", "this", "during") else None)
    return r.found(start, calendar.month(year, number_, third), "date.month", tail.end() if tail else r.end)


def _part_name(part: re.Match[str] | None) -> str:
    if part is None:
        return ""
    name = part["part"].lower()
    return _PART_NAMES.get(name, name)


# ------------------------------------------------------------------------------------------------- years and seasons

_IN_YEAR = re.compile(
    r"\b(?:in|since|during|of|from|until|through|the|by|and|after|before|to|between|for) $|[(–-]$|\bmid-$", re.I
)
_COUNTED = re.compile(
    r" (?:people|fighters|soldiers|troops|civilians|families|men|militants|others|rebels|refugees|killed|or|more"
    r"|km|kilomet|m\b|metres|US|dollars|tons)"
)
_SEASON_LEAD = re.compile(
    r"\b(?P<lead>in|in the|last|this|since|since the|late|early|of|during the|over the|the) $", re.I
)


def year(r: Reading) -> Found:
    """Reads "in 2012", "late 2016", "the 2012 massacre"; not a bare number of people."""
    stated = int(r.head)
    if stated > r.published.year or r.text[r.end : r.end + 1] == "s":
        return None
    if r.left[-1:] in ("-", ".", "/") and r.left[-2:-1].isdigit():
        return _numeric(r)
    part, lead = _PART.search(r.left), _IN_YEAR.search(r.left)
    if part is None and (lead is None or (lead[0] not in _OF_TIME and _COUNTED.match(r.text, r.end))):
        return None
    return r.found(part, calendar.year(stated, _part_name(part)), "date.year")


_OF_TIME = frozenset(("in ", "In ", "since ", "Since ", "during ", "During "))


def season(r: Reading) -> Found:
    """Reads "last summer", "spring 2015", "in the winter"; not the Arab Spring."""
    name = r.head.lower()
    lead = _SEASON_LEAD.search(r.left)
    tail = re.compile(r",? (?:of )?(?P<year>20\d\d)(?!\d)").match(r.text, r.end)
    if tail is None and (lead is None or lead["lead"].lower() == "the"):
        return None
    begun = calendar.SEASONS[name] <= r.published.month
    year = int(tail["year"]) if tail else r.published.year - (not begun)
    return r.found(lead, calendar.season(year, name), "date.season", tail.end() if tail else None)


_DAY_FIRST = re.compile(r"\b(?:on|dated|of|since|from) (?P<day>\d{1,2})[-./](?P<month>\d{1,2})[-./]$")


def _numeric(r: Reading) -> Found:
    """Reads "on 19.06.2014": day first, and only where a preposition makes it a part of the sentence."""
    left = _DAY_FIRST.search(r.left)
    if left is None:
        return None
    return r.found(left, calendar.day(date(int(r.head), int(left["month"]), int(left["day"]))), "date.numeric")


_BYLINE = re.compile(r"(?:published|updated?|posted|modified|printed)(?: at| on|:)? ?(?:\w{3,9},? )?$", re.I)
_HEADER = 400
"""Characters at the head of a text in which a full date without a preposition says when it was printed."""


def _is_byline(r: Reading, found: tuple[int, int, DateRange, str], *, dated: bool) -> bool:
    """True for a date that says when the text was printed, and for a dateline's."""
    start, end, when, _ = found
    before = r.text[max(0, start - 32) : start]
    if _BYLINE.search(before):
        return True
    near = abs((when.first - r.published).days) <= calendar.GRACE
    governed = _GOVERNED.search(before) or re.match(r"(?:on|the) ", r.text[start:end], re.I)
    if re.match(r" ?(?:\(|[-–—] )", r.text[end : end + 3]) and re.search(r"[A-Z]{3,},? $", before):
        return True
    return dated and near and start < _HEADER and not governed
