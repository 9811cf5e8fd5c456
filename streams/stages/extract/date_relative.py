"""Words of time that count from publication, or from the day named before: "two weeks ago", "since then".

Decides which days they cover; "recent months" and other counts without a number stay out.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from schemas.record import DateRange
from schemas.vocabulary import DatePrecision
from streams.stages.extract import calendar
from streams.stages.extract.calendar import DAY, back, span
from streams.stages.extract.counts import number
from streams.stages.extract.date_reading import DAY_NAME, Found, Reading

_QUANTITY = re.compile(
    r"(?P<about>\b(?:more|less|fewer) than "
    r"|\b(?:nearly|almost|about|around|roughly|over|just|at least|some|only|barely|exactly) )?"
    r"(?P<n>\b\d{1,3}|\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|several|few|a few|couple of|a couple of))[ -]$",
    re.I,
)
_PAST = re.compile(r"\b(?:past|last|previous|these last)(?: (?P<some>few|several|couple of))? $", re.I)
_DETERMINED = re.compile(
    r"\b(?P<which>this|last|past|the same|same|that|previous|next|coming|following|every|each)[ -]$", re.I
)
_EARLIER = re.compile(
    r"\b(?P<part>earlier|earlier in|later|later in|late|late in|early|early in)(?: (?P<which>this|last|that|the))? $",
    re.I,
)
# --------------------------------------------------------------------------------------------- relative words of time


def today(r: Reading) -> Found:
    """Reads "today", "tonight", "this morning"."""
    return r.found(None, calendar.day(r.published), "date.today")


def yesterday(r: Reading) -> Found:
    """The day before publication."""
    return r.found(None, calendar.day(r.published - DAY), "date.yesterday")


def overnight(r: Reading) -> Found:
    """Reads "overnight" alone; "overnight Sunday" is read with its weekday."""
    if re.match(rf" (?:on |from |between )?(?:{DAY_NAME})", r.text[r.end : r.end + 20]):
        return None
    return r.found(None, calendar.night(r.published), "date.overnight")


def earlier(r: Reading) -> Found:
    """Reads "earlier in the day", which is the day named before if that is recent."""
    fresh = (
        r.last is not None and r.last.first == r.last.last and (r.published - r.last.first).days <= calendar.SOME_DAYS
    )
    return r.found(None, r.last if fresh else calendar.day(r.published), "date.earlier")


def since_then(r: Reading) -> Found:
    """Reads "since then": from the day named before on."""
    if r.last is None or r.last.first > r.published:
        return None
    return r.found(None, span(r.last.first, r.published), "date.since-then")


def weekend(r: Reading) -> Found:
    """Reads "over the weekend": the latest Saturday and Sunday that have begun."""
    which = _DETERMINED.search(r.left)
    if which and which["which"].lower() in ("next", "coming", "following", "every", "each"):
        return None
    saturday = calendar.latest_weekday(r.published, 5)
    if which and which["which"].lower() == "last" and (r.published - saturday).days < 2:
        saturday -= timedelta(days=7)
    return r.found(which, span(saturday, min(saturday + DAY, max(r.published, saturday))), "date.weekend")


def unit(r: Reading) -> Found:
    """Phrases around hour, day, week, month, year: what precedes the unit says which."""
    for rule in (
        _counted_span,
        _counted_point,
        _earlier_this,
        _determined,
        _recent,
        _for_some,
        _ordinal_day,
        _anaphoric,
    ):
        if found := rule(r):
            return found
    return None


def _unit_of(r: Reading) -> str:
    return r.head.lower().rstrip("s")


_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}
_QUANTITIES = {"a": 1, "an": 1, "several": 7, "few": 7, "a few": 7, "couple of": 2, "a couple of": 2}


def _days_in(quantity: str, unit: str) -> int | None:
    """Days in "72 hours", "two weeks"; "several" and "a few" count for days only."""
    count = _QUANTITIES.get(quantity.lower()) or number(quantity)
    if count is None or (count == 7 and quantity.lower() in ("several", "few", "a few") and unit not in ("day",)):
        return None
    return max(1, -(-int(count * 24 * _DAYS[unit]) // 24)) if unit == "hour" else int(count * _DAYS[unit])


_OVER = re.compile(
    r"\b(?:for|over|during|in|after|within)(?: the)?(?: (?:past|last|previous))? $|\b(?:past|last|previous) $", re.I
)


def _counted_span(r: Reading) -> Found:
    """Reads "in the past 72 hours", "for three days", "after two weeks of": so many days up to publication."""
    quantity = _QUANTITY.search(r.left)
    if quantity is None or re.match(
        r"[ -]old\b| (?:ago|earlier|later|before|after|from now)\b", r.text[r.end : r.end + 12]
    ):
        return None
    lead = _OVER.search(r.left, 0, quantity.start())
    unit = _unit_of(r)
    if lead is None or _future(r, lead):
        return None
    if not re.search(r"past|last|previous|for|over|after", lead[0], re.I):  # "in two days" may lie ahead
        return None
    days = _days_in(quantity["n"], unit)
    if days is None or (unit == "hour" and not re.search(r"past|last|previous", lead[0], re.I)):
        return None
    precision = DatePrecision.YEAR if unit == "year" else None
    return r.found(lead, span(r.published - timedelta(days=days), r.published, precision), "date.past-span")


def _future(r: Reading, lead: re.Match[str]) -> bool:
    return (
        re.search(
            r"\b(?:will|would|could|may|to last|due|agreed|truce|ceasefire|cease-fire)\b[^.]{0,24}$",
            r.left[: lead.start()],
        )
        is not None
    )


def _counted_point(r: Reading) -> Found:
    """Reads "two weeks ago", "a day earlier", "less than two weeks after", from publication or the day named before."""
    quantity = _QUANTITY.search(r.left)
    tail = re.compile(r" (?P<word>ago|earlier|later|before|after)\b").match(r.text, r.end)
    if quantity is None or tail is None:
        return None
    days = _days_in(quantity["n"], _unit_of(r))
    if days is None or re.search(r"\b(?:first|last) $", r.left[: quantity.start()], re.IGNORECASE):
        return None
    word = tail["word"]
    if word == "ago":
        return r.found(quantity, _ago(r.published, days, _unit_of(r)), "date.ago", tail.end())
    if word == "before":
        return None
    anchor = r.last or (calendar.day(r.published) if word == "after" else None)
    if anchor is None or anchor.precision is not DatePrecision.DAY:
        return None
    return r.found(quantity, _from_anchor(anchor.last, days, word, quantity["about"] or ""), f"date.{word}", tail.end())


def _ago(published: date, days: int, unit: str) -> DateRange:
    """A day, or the week, month or year that a rounder count points to."""
    if unit in ("hour", "day"):
        return calendar.day(published - timedelta(days=0 if unit == "hour" and days == 1 else days))
    if unit == "week":
        first = calendar.monday(published - timedelta(days=days))
        return span(first, first + 6 * DAY)
    if unit == "month":
        return calendar.month(*calendar.shift_month(published, -(days // 30)))
    return calendar.year(published.year - days // 365)


def _from_anchor(anchor: date, days: int, word: str, about: str) -> DateRange:
    """Days counted from an anchor; "less than two weeks after" covers all that it allows."""
    if word == "later":
        return calendar.day(anchor + timedelta(days=days))
    if about.lower().startswith(("less", "fewer", "barely")):
        return span(anchor - timedelta(days=days - 1), anchor)
    return calendar.day(anchor - timedelta(days=days))


def _earlier_this(r: Reading) -> Found:
    """Reads "earlier this month", "late last year", "early this week"."""
    lead = _EARLIER.search(r.left)
    if lead is None or lead["which"] is None:
        return None
    unit, which, part = _unit_of(r), lead["which"].lower(), lead["part"].lower().split()[0]
    if which == "this" and part in ("earlier", "early"):
        first = _start_of(r.published, unit)
        when = span(first, max(first, r.published - DAY), _precision(unit)) if first else None
        return r.found(lead, when, "date.earlier-this")
    if which == "last" and unit in ("month", "year") and part in ("late", "early"):
        return r.found(lead, _last(r.published, unit, part), "date.last")
    if which == "that" and unit == "year" and r.last:
        return r.found(lead, span(r.last.last, date(r.last.last.year, 12, 31), DatePrecision.YEAR), "date.later-that")
    return None


def _start_of(published: date, unit: str) -> date | None:
    if unit == "week":
        return calendar.monday(published)
    if unit == "month":
        return published.replace(day=1)
    return published.replace(month=1, day=1) if unit == "year" else None


def _precision(unit: str) -> DatePrecision:
    return {"month": DatePrecision.MONTH, "year": DatePrecision.YEAR}.get(unit, DatePrecision.RANGE)


def _last(published: date, unit: str, part: str = "") -> DateRange | None:
    """The calendar unit before this one."""
    if unit == "week":
        first = calendar.monday(published) - 7 * DAY
        return span(first, first + 6 * DAY)
    if unit == "month":
        return calendar.month(*calendar.shift_month(published, -1), part)
    return calendar.year(published.year - 1, part) if unit == "year" else None


_OVER_THE = re.compile(r"\b(?:over|during|in|within) the $", re.IGNORECASE)


def _determined(r: Reading) -> Found:
    """Reads "this week", "last month", "the past week", "that day", "the same day"."""
    lead = _DETERMINED.search(r.left)
    if lead is None:
        return None
    which, unit = lead["which"].lower(), _unit_of(r)
    if which in ("the same", "same", "that") and unit == "day":
        return r.found(lead, r.last, "date.same-day")
    if r.head.endswith("s"):
        return _plural_past(r, which, unit, lead)
    if which == "this":
        first = _start_of(r.published, unit)
        when = span(first, r.published, _precision(unit)) if first else None
        return r.found(lead, when, "date.this")
    if which == "last" and not _OVER_THE.search(r.left, 0, lead.start()):
        return r.found(lead, _last(r.published, unit), "date.last")
    if which in ("past", "last") and unit in ("week", "month", "year"):
        return r.found(lead, back(r.published, int(_DAYS[unit])), "date.past-span")
    return None


def _plural_past(r: Reading, which: str, unit: str, lead: re.Match[str]) -> Found:
    """Reads "the past days", "the last weeks"; a lost apostrophe ("this weeks battle") is the singular."""
    if which == "this" and (first := _start_of(r.published, unit)):
        return r.found(lead, span(first, r.published, _precision(unit)), "date.this")
    if which == "last" and re.match(r" [a-z]", r.text[r.end : r.end + 2]) and unit in ("week", "month", "year"):
        return r.found(lead, _last(r.published, unit), "date.last")
    if which in ("past", "last"):
        return r.found(lead, _recently(r, unit), "date.past-span")
    return None


def _recently(r: Reading, unit: str) -> DateRange | None:
    days = {"day": calendar.SOME_DAYS, "week": calendar.RECENT_WEEKS}.get(unit)
    if unit == "hour":
        return span(r.published - DAY, r.published)
    return back(r.published, days) if days else None


def _recent(r: Reading) -> Found:
    """Reads "in recent weeks", "the past few days", "the last several weeks"."""
    lead = re.search(r"\b(?:in )?(?:the )?(?:most )?recent $", r.left, re.I) or _PAST.search(r.left)
    if lead is None or not r.head.endswith("s"):
        return None
    return r.found(lead, _recently(r, _unit_of(r)), "date.recent")


def _for_some(r: Reading) -> Found:
    """Reads "for days", "after days of", "for weeks"."""
    lead = re.search(r"\b(?:for|after) $", r.left, re.I)
    if lead is None or not r.head.endswith("s"):
        return None
    return r.found(lead, _recently(r, _unit_of(r)) if _unit_of(r) != "hour" else None, "date.for-some")


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NTH_DAY = re.compile(
    rf"\bfor (?:a|the) (?P<nth>{'|'.join(_ORDINALS[1:])})(?: straight| consecutive| successive)? $", re.IGNORECASE
)


def _ordinal_day(r: Reading) -> Found:
    """Reads "for a third straight day": that day and those before it."""
    lead = _NTH_DAY.search(r.left)
    if lead is None or _unit_of(r) != "day":
        return None
    days = _ORDINALS.index(lead["nth"].lower())
    return r.found(lead, back(r.published, days), "date.nth-day")


def _anaphoric(r: Reading) -> Found:
    """Reads "the day before", "the previous day", "the year before": counted from the day named before."""
    if r.last is None:
        return None
    unit = _unit_of(r)
    before = re.match(r" (?:before|earlier)\b", r.text[r.end : r.end + 9])
    lead = re.search(r"\bthe (?P<previous>previous )?$", r.left, re.I)
    if lead is None or not (before or lead["previous"]):
        return None
    end = r.end + before.end() if before else None
    if unit == "year":
        return r.found(lead, calendar.year(r.last.first.year - 1), "date.year-before", end)
    if unit == "day" and r.last.precision is DatePrecision.DAY:
        return r.found(lead, calendar.day(r.last.first - DAY), "date.day-before", end)
    return None
