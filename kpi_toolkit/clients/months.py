"""The months that a title, the name of a sheet or of a file speaks of."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date
from functools import lru_cache

_ENGLISH = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_HAN = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_NAMED = re.compile(rf"(?<![a-z])(?:{'|'.join(f'{name[:3]}(?:{name[3:]}|t)?' for name in _ENGLISH)})(?![a-z])")
_SAID = (
    re.compile(r"(?<!\d)(?P<year>20\d\d)[^\d(（a-z第]{0,2}m?(?P<month>1[0-2]|0?[1-9])(?!\d|\s?[周季旬])"),
    re.compile(r"(?<!\d)(?P<year>\d\d)\s*年\D?(?P<month>1[0-2]|0?[1-9])\s*月"),
    re.compile(r"(?<![\da-ln-z])(?P<month>1[0-2]|0?[1-9])月?[^\da-z]{1,2}(?P<year>20\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<month>1[0-2]|0?[1-9])\s*月"),
    re.compile(
        r"(?<![\d./])(?P<month>1[0-2]|0?[1-9])[./]0?1\s?(?:[-–—~～至到]|to)\s?(?:1[0-2]|0?[1-9])[./](?:2[89]|3[01])(?![\d./])"
    ),
)
"""How months are written, by years and numbers; those that other words give are put into numbers first. A letter at
a number makes it a week, a half-year or whatever else it stands for, but for the m of month."""
_DAYS = (
    re.compile(
        r"(?<!\d)(?P<y>20\d\d)\s?[-/.年]\s?(?P<m>1[0-2]|0?[1-9])\s?[-/.月]\s?(?P<d>3[01]|[12]\d|0?[1-9])(?!\d|[-/.]\d)日?"
    ),
    re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)"),
    re.compile(r"(?<![\d/.])(?P<m>\d{1,2})(?P<by>[-/.])(?P<d>\d{1,2})(?P=by)(?P<y>20\d\d|(?<=/)\d\d)(?!\d)"),
    re.compile(r"(?<![\d/.])(?P<d>\d{1,2})(?P<by>[-/.])(?P<m>\d{1,2})(?P=by)(?P<y>20\d\d|(?<=/)\d\d)(?!\d)"),
)
_PERIODS = (
    (re.compile(r"(?<![a-z])m(?:onth)?\s?0?(1[0-2]|[1-9])(?!\d)"), 1),
    (re.compile(r"(?<![a-z\d])q([1-4])(?![\da-z])|(?<!\d)([1-4])q(?![a-z])|([1-4])\s?季"), 3),
    (re.compile(r"(?<![\d-])2\d-(0[1-9]|1[0-2])(?![\d-])"), 1),
)
"""Other ways to name a month or a quarter, each with its months."""
_ALWAYS_ANOTHER = re.compile(
    r"(?<![\d.])(?P<first>\d{1,2})\s?月?份?\s?(?:[-–—~～至到及和与、&+]|to)\s?(?P<last>\d{1,2})\s?月"
    r"|[上下前后]半(?:个)?月|半个?月|[上中下]旬|第.{1,3}周|周报|至今|近\s?\d+\s?[天日周]"
    r"|(?<![a-z])(?:half[- ]month|first half of|second half of|year[- ]to[- ]date|ytd|to date)(?![a-z])"
    r"|(?<![a-z])(?:weeks? |weekly |wks? ?|(?:last|past|rolling) (?=\d+ (?:day|week)))\d"
)
_FROM_DAY_TO_DAY = re.compile(
    r"(?<!\d)(?P<a>\d{1,2})\s?[日号]?\s?[-–—~～至到]\s?(?:\d{1,2}[月./])?(?P<b>\d{1,2})\s?[日号]"
    r"|(?<![\d./])(?:1[0-2]|0?[1-9])[./](?P<c>3[01]|[12]\d|0?[1-9])\s?[-–—~～至到]\s?(?:1[0-2]|0?[1-9])[./]"
    r"(?P<d>3[01]|[12]\d|0?[1-9])(?![\d./])"
    r"|(?<!\d)(?P<e>\d{1,2})\s?(?:[-–—]|to)\s?(?P<f>\d{1,2})\s?\d{1,2}月"
    r"|\d{1,2}月\s?(?P<g>\d{1,2})\s?(?:[-–—]|to)\s?(?P<h>\d{1,2})(?![\d月])"
)
_UNTIL = re.compile(r"截(?:至|止)|(?<![a-z])(?:as of|up to|until|through|to)(?![a-z])")
_LONGER = re.compile(
    r"(?:total|sum)\s20\d\d|20\d\d年?\s?(?:合计|总计|total)|季度|[上下]半年|半年|年度|全年|年终|累计|累积"
    r"|(?:(?<![a-z\d])|(?<=20\d\d))(?:q[1-4]|[1-4]q|h[12])(?![a-z\d])|(?<=20\d\d)\W?w\d{1,2}(?![a-z\d])"
    r"|(?<![a-z])(?:quarter(?:ly)?|half[- ]year(?:ly)?|annual|yearly|(?:full|whole) year|cumulative|cumulated)(?![a-z])"
)
"""Words for other spans than a month: always, up to a day, and where no single month is said beside them."""
_OF_A_MONTH = re.compile(
    r"(?:'s)?\W+(?:results?|figures?|data|numbers?|kpis?|actuals?|appraisals?|performance|scores?|targets?|sales)(?![a-z])"
)
"""What stands behind a month and behind nobody's name."""
_SHORTEST = 28
_NO_OTHER_WORD = {
    "january", "july", "aug", "feb", "february", "sep", "sept", "september", "oct", "october", "nov", "november", "dec",
    "december",
}  # fmt: skip
"""English months, long and short, that are neither a first name nor a verb."""


def months_said(text: str) -> list[tuple[int | None, int]]:
    """Return the months that a text speaks of, each with its year, or None where it gives none.

    >>> [months_said(text) for text in ("September 2026 results", "九月份业绩", "26年9月业绩", "Sep-26", "202609")]
    [[(2026, 9)], [(None, 9)], [(2026, 9)], [(None, 9)], [(2026, 9)]]
    >>> months_said("Prepared by June, you may print it"), months_said("May results"), months_said("Figures of June")
    ([], [(None, 5)], [(None, 6)])
    """
    return _months_and_rest(_NAMED.sub(_in_numbers, in_figures(text)))[0]


def month_of_heading(text: str) -> tuple[list[tuple[int | None, int]], str]:
    """Return the month whose figures stand under a heading, and the heading without it: there a name is no other word.

    >>> month_of_heading("2026年10月份完成"), month_of_heading("Oct actual"), month_of_heading("9月")
    (([(2026, 10)], '完成'), ([(None, 10)], 'actual'), ([(None, 9)], ''))
    >>> month_of_heading("1-9月累计")[1], month_of_heading("实际")[0]
    ('1-累计', [])
    """
    named = _NAMED.sub(lambda found: f"{_number(found[0])}月", in_figures(text))
    first = re.sub(r"(?<!\d)(20\d\d-\d\d)-01( 00:00:00)?$", r"\1", named)  # as dates in a header are kept
    months, rest = _months_and_rest(first)
    return months, rest.strip(" 月份-_/·:()'")


def in_figures(text: str) -> str:
    """Return a text in small letters of usual width, with months and quarters that are written in Chinese as figures.

    >>> in_figures("２０２６年十一月"), in_figures("2026年第三季度 KPI")
    ('2026年11月', '2026年第3季度 kpi')
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    han = "十[一二]?(?=月)|[一二三四五六七八九](?=月)|[一二三四](?=季)"
    return re.sub(han, lambda found: str(_HAN.index(found[0]) + 1), plain)


def _months_and_rest(plain: str) -> tuple[list[tuple[int | None, int]], str]:
    for pattern in _SAID:
        found = [(match.groupdict().get("year"), int(match["month"])) for match in pattern.finditer(plain)]
        if found:
            months = [(int(year) % 100 + 2000 if year else None, month) for year, month in found]
            return months, pattern.sub("", plain)
    return [], plain


def days_said(text: str) -> tuple[list[date], str]:
    """Return the days that a text speaks of, and the text without them; 8/9/2026 may be either.

    >>> days_said("9/30/2026 by Li"), days_said("导出 2026-11-02")[0], len(days_said("8/9/2026")[0])
    (([datetime.date(2026, 9, 30)], '  by Li'), [datetime.date(2026, 11, 2)], 2)
    """
    found: list[date] = []
    rest = unicodedata.normalize("NFKC", text)
    for pattern in _DAYS:
        for match in pattern.finditer(rest):
            with suppress(ValueError):
                found.append(date(2000 + int(match["y"]) % 100, int(match["m"]), int(match["d"])))
        if pattern is not _DAYS[2]:
            rest = pattern.sub(" ", rest)
    return found, rest


def periods_said(text: str) -> list[tuple[int | None, int]]:
    """Return the months of a text that names them by number or quarter.

    >>> periods_said("M9"), periods_said("第三季度"), periods_said("KPI 26-09"), periods_said("Sales team")
    ([(None, 9)], [(None, 7), (None, 8), (None, 9)], [(None, 9)], [])
    """
    for pattern, months in _PERIODS:
        match = pattern.search(in_figures(text))
        if match:
            last = int(next(filter(None, match.groups()))) * months
            return [(None, month) for month in range(last - months + 1, last + 1)]
    return []


def year_of(month: int, day: date) -> int:
    """Return the year of a month that says none: the one that brings it nearest to a day.

    >>> year_of(11, date(2027, 1, 1)), year_of(1, date(2026, 11, 1)), year_of(11, date(2026, 10, 1))
    (2026, 2027, 2026)
    """
    years = (day.year, day.year - 1, day.year + 1)
    return min(years, key=lambda year: abs(12 * (year - day.year) + month - day.month))


def another_span(text: str, last: date | None = None) -> bool:
    """Return whether a text says that figures are of more or less than a month, which ends with ``last`` if given.

    >>> last = date(2026, 11, 30)
    >>> [another_span(text, last) for text in ("四季度", "1-11月累计", "11月上半月", "截至11月15日", "Q4 2026")]
    [True, True, True, True, True]
    >>> [another_span(text, last) for text in ("11.1-11.15", "as of 20th November", "1 to 20 November 2026", "11.1-30")]
    [True, True, True, False]
    >>> [another_span(text, last) for text in ("2026年度考核 11月", "截至2026年11月30日", "四季度11月")]
    [False, False, False]
    """
    plain = _NAMED.sub(_in_numbers, in_figures(text))
    several = _ALWAYS_ANOTHER.search(plain)
    if several and not (several["first"] and several["first"] == several["last"]):
        return True
    if days := _FROM_DAY_TO_DAY.search(plain):
        first, end = (int(day) for day in days.groups() if day)
        return not (first == 1 and end >= _SHORTEST)
    if until := _UNTIL.search(plain):
        rest = plain[until.end() :]
        day = re.match(r"\s*(?:20\d\d\s?[-/.年]\s?)?(?P<m>\d{1,2})\s?[-/.月]\s?(?P<d>\d{1,2})(?!\d)", rest)
        day = day or re.match(r"\s*(?P<d>\d{1,2})(?:st|nd|rd|th)?\s?(?P<m>\d{1,2})月", rest)
        return bool(day and (last is None or (last.month == int(day["m"]) and int(day["d"]) < last.day)))
    return bool(_LONGER.search(plain)) and not months_said(text)


@lru_cache(maxsize=1024)
def months_named(text: str, *, days: bool) -> tuple[tuple[int | None, int], ...]:
    """Return the months in the name of a sheet or a file; that of ``days`` among them, or they say when it was made."""
    return tuple(months_said(text if days else days_said(text)[1]))


def _in_numbers(found: re.Match[str]) -> str:
    """Return a named month as a number and 月; as it was where the name may be another word."""
    beside = found.string[: found.start()], found.string[found.end() :]
    alone = not any(re.search(r"\w", side) for side in beside)
    beside_number = re.search(r"\d\W{0,2}$", beside[0]) or re.match(r"\W{0,2}\d", beside[1])
    told = re.search(r"(?<![a-z])(?:of|in|during|since|until)\W$", beside[0])
    dated = beside_number or told or _OF_A_MONTH.match(beside[1]) or (beside[1][:1] == "." and found[0] != "may")
    return f"{_number(found[0])}月" if dated or alone or found[0] in _NO_OTHER_WORD else found[0]


def _number(name: str) -> int:
    return next(n for n, month in enumerate(_ENGLISH, start=1) if month[:3] == name[:3])
