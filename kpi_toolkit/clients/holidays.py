"""China's public holidays and the weekend days that are worked for them, from the package ``holidays``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kpi_toolkit.method.calendar import WorkDays
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.value import Text

_AFTER = timedelta(weeks=10)


def china_work_days(years: Iterable[int]) -> WorkDays:
    """Return which days of some years are worked in mainland China.

    The State Council announces each year's make-up days in the autumn before; a year of which the package knows none is
    named in ``unannounced``, its statutory holidays are there all the same.
    """
    from holidays import country_holidays

    wanted = sorted(set(years))
    zh, en = (country_holidays("CN", years=wanted, language=language) for language in ("zh_CN", "en_US"))
    made_up = frozenset(day for day in zh.weekend_workdays if day.year in wanted)
    return WorkDays(
        holidays={day: Text(zh=zh[day], en=en[day]) for day in sorted(zh)},
        made_up=made_up,
        unannounced=tuple(year for year in wanted if year not in {day.year for day in made_up}),
    )


def work_days_of(cycle: Cycle) -> WorkDays:
    """Return the work days that a cycle's calendar touches: from the eve of it to ten weeks after."""
    return china_work_days(range(cycle.previous.last_day.year, (cycle.last_day + _AFTER).year + 1))
