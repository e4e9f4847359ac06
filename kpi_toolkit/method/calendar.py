"""Every date of a cycle: goals before it, three reviews a month in it, appraisal after it, meetings (section J).

Which days are worked is handed in (:class:`WorkDays`); nothing here knows a holiday.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.profile import AppraisalCalendar
from kpi_toolkit.method.regulation import Routine
from kpi_toolkit.method.value import Text

Kind = Literal["goals", "proposal", "fixed", "checkpoint", "appraisal", "payout", "meeting", "report"]
_WEEKEND = frozenset({6, 7})
_DAY = timedelta(days=1)
REVIEW_DAYS = (10, 20, None)
"""Days of a month on which progress is reviewed; None is its last."""
_TOLD, _PROPOSED, _FIXED = 3, 2, 1
"""On which day from the end of the month before: goals are announced, proposed, agreed (S140-S143)."""
PHASES = ("motivate", "track", "sprint")
"""What the three reviews of a month are for; one meeting serves both (S190, S191)."""


@dataclass(frozen=True)
class WorkDays:
    """Which days are worked: all but weekends and holidays, and weekend days that make up for a holiday."""

    holidays: Mapping[date, Text] = field(default_factory=dict)
    made_up: frozenset[date] = frozenset()
    weekend: frozenset[int] = _WEEKEND
    """Days of the week that are not worked, Monday is 1."""
    unannounced: tuple[int, ...] = ()
    """Years whose make-up days nobody had announced."""

    def works(self, day: date) -> bool:
        """Whether a day is worked."""
        return day in self.made_up or (day.isoweekday() not in self.weekend and day not in self.holidays)

    def latest(self, day: date) -> date:
        """Return the last worked day up to a day."""
        while not self.works(day):
            day -= _DAY
        return day


@dataclass(frozen=True, order=True)
class Entry:
    """A date of the calendar, or a stretch of days."""

    start: date
    end: date
    kind: Kind
    level: int = 0
    """For goals that are announced: how far from the top, 0 for the company's; the last is the direct superior's."""
    phase: str = ""
    routine: Routine | None = field(default=None, compare=False)

    def late(self, on: date) -> bool:
        """Whether something done on a day came too late (S139)."""
        return on > self.end


def cycle_dates(cycle: Cycle, settings: AppraisalCalendar, days: WorkDays) -> tuple[Entry, ...]:
    """Return the dates that the regulation sets for a cycle, in order (S139-S145).

    >>> made = cycle_dates(Cycle.parse("2026-12"), AppraisalCalendar(), WorkDays())
    >>> [entry.start.isoformat() for entry in made if entry.kind != "checkpoint"]
    ['2026-11-28', '2026-11-29', '2026-11-30', '2027-01-01']
    """
    return tuple(sorted(_dates(cycle, settings, days)))


def routine_dates(cycle: Cycle, routines: Iterable[Routine], days: WorkDays) -> tuple[Entry, ...]:
    """Return when meetings and reports come in a cycle; a quarter's and a year's where the cycle closes one (S187)."""
    found = (
        Entry(day, day, routine.kind, routine=routine)
        for routine in routines
        for day in dict.fromkeys(_days_of(routine, cycle, days))
    )
    return tuple(sorted(found))


def month_end_places(settings: AppraisalCalendar) -> tuple[tuple[Kind, int, int], ...]:
    """Return what happens at the end of the month before a cycle: its kind, its level, the day counted from the end.

    The last day is place 1 in every counting; the days before it are one further off where it is not counted (Y10).
    Levels that tell their goals on one day are one, the lowest.

    >>> month_end_places(AppraisalCalendar())
    (('goals', 1, 3), ('proposal', 0, 2), ('fixed', 0, 1))
    """
    more = int(settings.counting == "exclusive")
    lowest = settings.levels - 1
    levels = range(settings.levels) if settings.level_days else (lowest,)
    told: list[tuple[Kind, int, int]] = [
        ("goals", level, _TOLD + more + (lowest - level) * settings.level_days) for level in levels
    ]
    return (*told, ("proposal", 0, _PROPOSED + more), ("fixed", 0, _FIXED))


def _dates(cycle: Cycle, settings: AppraisalCalendar, days: WorkDays) -> Iterator[Entry]:
    eve = cycle.first_day - _DAY
    for kind, level, place in month_end_places(settings):
        yield _single(_from_end(eve, place, settings, days), kind, level)
    for month in cycle.each_month():
        for day, phase in zip(REVIEW_DAYS, PHASES, strict=True):
            at = month.first_day.replace(day=day) if day else month.last_day
            at = days.latest(at) if settings.day_mode == "workday" else at
            yield Entry(at, at, "checkpoint", phase=phase)
    after = cycle.last_day + _DAY
    first, last = (after + (day - 1) * _DAY for day in settings.appraisal_days)
    yield Entry(first, last, "appraisal")
    if settings.payout_days is not None:
        yield _single(last + settings.payout_days * _DAY, "payout")


def _single(day: date, kind: Kind, level: int = 0) -> Entry:
    return Entry(day, day, kind, level)


def _from_end(last: date, place: int, settings: AppraisalCalendar, days: WorkDays) -> date:
    """Return the day, or the worked day, so many places from the end of a month."""
    if settings.day_mode == "calendar":
        return last - (place - 1) * _DAY
    day = days.latest(last)
    for _ in range(place - 1):
        day = days.latest(day - _DAY)
    return day


_CLOSED_BY = {"monthly": "month", "quarterly": "quarter", "yearly": "year"}


def _days_of(routine: Routine, cycle: Cycle, days: WorkDays) -> list[date]:
    """Return the days of a routine: worked ones, and the last worked one of what it closes."""
    if routine.cadence == "daily":
        return [day for day in cycle.each_day() if days.works(day)]
    if routine.cadence == "weekly":
        met = (_in_week(monday, routine.weekday, days) for monday in cycle.mondays())
        return [day for day in met if day is not None and cycle.first_day <= day <= cycle.last_day]
    return [days.latest(end) for end in cycle.ends(_CLOSED_BY[routine.cadence])]


def _in_week(monday: date, weekday: int, days: WorkDays) -> date | None:
    """Return the day of a week's meeting: its own, else the last worked one before it, else the first after it."""
    week = [monday + number * _DAY for number in range(7)]
    worked = [day for day in week if days.works(day)]
    own = week[weekday - 1]
    before = [day for day in worked if day <= own]
    return before[-1] if before else next(iter(worked), None)
