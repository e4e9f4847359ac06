"""A country's public holidays and the weekend days that are worked for them, from the package ``holidays``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.value import Text

_AFTER = timedelta(weeks=10)
_UNSTATED = "CN"
"""Whose holidays hold for a client that states no country, as they did before countries could be stated."""
_PART = {"GB": "ENG"}
"""Of a country all of whose parts have holidays of their own: the part that is meant, where most people work."""
_KNOWN_YEARS = range(2020, 2026)
"""Whoever made up for a holiday in these years is expected to announce such days again."""


def work_days(country: str | None, years: Iterable[int]) -> WorkDays:
    """Return which days of some years are worked in a country, by its two-letter code.

    Where weekend days are worked in place of others, they are announced year by year (in China by the State Council, in
    the autumn before); a year of which the package knows none is named in ``unannounced``, its statutory holidays are
    there all the same.
    """
    from holidays import country_holidays

    code, wanted = country or _UNSTATED, sorted(set(years))
    holidays_of = partial(country_holidays, code, subdiv=_PART.get(code))
    known = holidays_of()
    spoken = known.supported_languages or ()
    english = next((language for language in ("en_US", f"en_{code}") if language in spoken), None)
    chinese = next((language for language in ("zh_CN", "zh_HK", "zh_TW") if language in spoken), english)
    zh, en = (holidays_of(years=wanted, language=language) for language in (chinese, english))
    made_up = frozenset(day for day in zh.weekend_workdays if day.year in wanted)
    before = holidays_of(years=_KNOWN_YEARS).weekend_workdays
    announces = any(day.year in _KNOWN_YEARS for day in before)
    return WorkDays(
        holidays={day: Text(zh=zh[day], en=en[day]) for day in sorted(zh)},
        made_up=made_up,
        weekend=frozenset(day + 1 for day in known.weekend),
        unannounced=tuple(y for y in wanted if announces and y not in {day.year for day in made_up}),
    )


def work_days_of(cycle: Cycle, country: str | None = None) -> WorkDays:
    """Return the work days that a cycle's calendar touches: from the eve of it to ten weeks after."""
    return work_days(country, range(cycle.previous.last_day.year, (cycle.last_day + _AFTER).year + 1))
