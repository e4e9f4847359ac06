"""The day or the months that a cell says, in every usual writing. Never a guess."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from kpi_toolkit.clients.months import another_span, days_said, months_named, months_said, periods_said, year_of
from kpi_toolkit.clients.wording import usual_words
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Place, hint
from kpi_toolkit.method.rows import NO_YEAR, ROW_TYPES

if TYPE_CHECKING:
    from kpi_toolkit.clients.blocks import Record

SERIAL = re.compile(r"[2-5]\d{4}")
"""A date of 1954 to 2064 as Excel counts it, in a cell that lost its format."""
_DAY_ZERO = date(1899, 12, 30).toordinal()
_PLAIN_DAYS = ("%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d/%Y", "%b %d/%Y", "%d-%b-%Y", "%d-%b-%y")
_ORDERS = {"day-month": ("%d/%m/%Y", *_PLAIN_DAYS), "month-day": ("%m/%d/%Y", *_PLAIN_DAYS)}
"""The forms of a date, between numbers a stroke for whatever parts them, in either order of day and month."""
_PARTED = re.compile(r"(?<=\d)(?: ?[-/.] ?| ?[年月] ?| )(?=\d)")
_SEPT = re.compile(r"\bsept\b\.?", re.IGNORECASE)
_NO_PART_OF_A_DAY = re.compile(r" 00:00(:00)?$|(?<=\d)(st|nd|rd|th)\b|(?<=\d) ?[日号]|,", re.IGNORECASE)
HALF_A_YEAR = timedelta(182)
"""So far from a cycle a day without a year may lie."""
_MONTH_ALONE = re.compile(r"0?[1-9]|1[0-2]")


@lru_cache(maxsize=16_384)  # one day stands in many lines, and every line is asked several times
def dates_of(text: str) -> dict[str, date]:
    """Return the date that a text says by the order of day and month that it is read in; none where it says none.

    >>> [[str(day) for day in dates_of(text).values()] for text in ("2022年7月1日", "1 Sept 2019", "13/04/2020", "x")]
    [['2022-07-01', '2022-07-01'], ['2019-09-01', '2019-09-01'], ['2020-04-13'], []]
    >>> dates_of("04/05/2020")
    {'day-month': datetime.date(2020, 5, 4), 'month-day': datetime.date(2020, 4, 5)}
    """
    plain = _NO_PART_OF_A_DAY.sub("", _SEPT.sub("Sep", " ".join(unicodedata.normalize("NFKC", text).split())))
    if SERIAL.fullmatch(plain):
        return dict.fromkeys(_ORDERS, date.fromordinal(_DAY_ZERO + int(plain)))
    even = _PARTED.sub("/", plain)
    read = {order: next(filter(None, (_spelt(even, form) for form in forms)), None) for order, forms in _ORDERS.items()}
    return {order: day for order, day in read.items() if day}


def _spelt(words: str, form: str) -> date | None:
    try:
        return datetime.strptime(words, form).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def day_within(text: str, first: date, last: date) -> date | None:
    """Return the day between two others that a text without a year says; None where no year or more than one fits.

    >>> says = [day_within(text, date(2026, 5, 1), date(2027, 4, 30)) for text in ("11月30日", "2 May", "2026-11-30")]
    >>> [str(day) for day in says], day_within("5月1日", date(2026, 5, 1), date(2027, 5, 1))
    (['2026-11-30', '2026-05-02', 'None'], None)
    """
    plain = text.strip()
    if not NO_YEAR.fullmatch(plain):
        return None
    years = range(first.year, last.year + 1)
    texts = (f"{year}年{plain.rstrip('日号')}日" if "月" in plain else f"{plain} {year}" for year in years)
    days = {day for said in texts for day in dates_of(said).values() if first <= day <= last}
    return days.pop() if len(days) == 1 else None


def in_the_cycle(cells: dict[str, str], table: str, cycle: str, place: Place) -> tuple[dict[str, str], list[Issue]]:
    """Return a row of a cycle's table with the year of days that say none, where only one lies near.

    A deadline lies ahead; when people came may be any year.
    """
    told: list[Issue] = []
    due = [column for column in _days_of(table) if NO_YEAR.fullmatch(cells.get(column, "").strip())]
    for column in due if cycle else ():
        said, period = cells[column], Cycle.parse(cycle)
        first = period.first_day - (timedelta() if column in _AHEAD else HALF_A_YEAR)
        if day := day_within(said, first, period.last_day + HALF_A_YEAR):
            cells = {**cells, column: day.isoformat()}
            told.append(hint("year-of-the-cycle", replace(place, column=column), value=said.strip(), day=day))
    return cells, told


_AHEAD = frozenset({"deadline"})


@lru_cache
def _days_of(table: str) -> tuple[str, ...]:
    fields = ROW_TYPES[table].model_fields.items() if table != "people" else ()
    return tuple(name for name, info in fields if "datetime.date" in str(info.annotation))


@lru_cache(maxsize=1024)
def _months_meant(text: str) -> tuple[tuple[int | None, int], ...]:
    """Return the months of a text that is to say one: also a bare number, a quarter or a day."""
    plain = unicodedata.normalize("NFKC", text)
    if _MONTH_ALONE.fullmatch(plain):
        return ((None, int(plain)),)
    return (
        *(months_said(plain) or periods_said(plain) or ((day.year, day.month) for day in dates_of(plain).values())),
    )


def month_of(record: Record, cycle: Cycle) -> str:
    """Return the month that a record says, by form, sheet or file; the cycle's own where it says several.

    What stands for its month and is none, but has a number in it, or is more or less than a month, comes out as it was
    written. A sheet's pages may say another month than all of these.
    """
    if cycle.months > 1:
        return ""
    own = record.text("month")
    span = next((text for text in (own, record.sheet) if another_span(text, cycle.last_day)), "")
    if span:
        return span
    said = _months_meant(own)
    if not said and re.search(r"\d", own):
        return own
    said = said or months_named(record.sheet, days=True) or months_named(record.source.name, days=False)
    months = [f"{year or year_of(month, cycle.first_day)}-{month:02}" for year, month in said]
    found = cycle.id if cycle.id in months else next(iter(months), "")
    around = (*record.grid.around, *record.grid.titles) if found in {"", cycle.id} else ()
    others = (other_month(text, cycle) for text in around)
    return next(filter(None, others), found)


def other_month(text: str, cycle: Cycle) -> str:
    """Return the first month that a text speaks of instead of the one that is a cycle; empty where it does not.

    The day on which a file was made is none, nor what says how old a form is.

    >>> october = Cycle.parse("2026-10")
    >>> [other_month(text, october) for text in ("9月业绩", "Sep and Oct", "Printed 2026-11-02", "Last month")]
    ['2026-09', '', '', '2026-09']
    >>> other_month("Form 3, version of March 2025", october)
    ''
    """
    days, rest = days_said(usual_words().without_issue(text))
    made = [day for day in days if cycle.last_day < day <= cycle.last_day + _MADE]
    either = {(day.year, day.day, day.month) for day in made}  # 11/2/2026 is one day, whichever stands first
    dated = [day for day in days if day not in made and (day.year, day.month, day.day) not in either]
    said = [(year or cycle.year, month) for year, month in (months_said(rest) or periods_said(rest))]
    if _LAST_MONTH.match(rest):
        before = cycle.first_day - timedelta(days=1)
        said.append((before.year, before.month))
    months = [*((day.year, day.month) for day in dated), *said]
    own = cycle.kind != "month" or (cycle.year, cycle.first_day.month) in months
    if own or not months:
        return ""
    year, month = min(months)
    return f"{year}-{month:02d}"


_MADE = timedelta(days=62)
"""A day so soon after a cycle is the one on which its file was made."""
_LAST_MONTH = re.compile(r"\W*(上个?月|(last|previous|prior) month)(?!.{0,12}(compar|vs|比))", re.IGNORECASE)
