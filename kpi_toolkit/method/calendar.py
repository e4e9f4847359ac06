"""Every date of a cycle: goals before it, three reviews a month in it, appraisal after it, meetings (section J).

Which days are worked is handed in (:class:`WorkDays`); nothing here knows a holiday.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.profile import AppraisalCalendar
from kpi_toolkit.method.regulation import Routine
from kpi_toolkit.method.value import Text

Kind = Literal["goals", "proposal", "fixed", "checkpoint", "appraisal", "payout", "meeting", "report"]
_SATURDAY = 6
_DAY = timedelta(days=1)
_TEN_DAYS = (10, 20, None)
_TOLD, _PROPOSED, _FIXED = 3, 2, 1
"""On which day from the end of the month before: goals are told, proposed, fixed (S140-S143)."""
PHASES = ("motivate", "track", "sprint")
"""What the three reviews of a month are for; one meeting serves both (S190, S191)."""


@dataclass(frozen=True)
class WorkDays:
    """Which days are worked: all but weekends and holidays, and weekend days that make up for a holiday."""

    holidays: Mapping[date, Text] = field(default_factory=dict)
    made_up: frozenset[date] = frozenset()
    unannounced: tuple[int, ...] = ()
    """Years whose make-up days nobody had announced."""

    def works(self, day: date) -> bool:
        """Whether a day is worked."""
        return day in self.made_up or (day.isoweekday() < _SATURDAY and day not in self.holidays)

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
    """For goals that are told: how far from the top, 0 for the company's; the last is the direct superior's."""
    phase: str = ""
    routine: Routine | None = field(default=None, compare=False)
    works: bool = field(default=True, compare=False)
    """Whether its first day is worked."""

    def late(self, on: date) -> bool:
        """Whether something done on a day came too late (S139)."""
        return on > self.end


def cycle_dates(cycle: Cycle, settings: AppraisalCalendar, days: WorkDays) -> tuple[Entry, ...]:
    """Return the dates that the regulation sets for a cycle, in order (S139-S145).

    >>> made = cycle_dates(Cycle.parse("2026-12"), AppraisalCalendar(), WorkDays())
    >>> [entry.start.isoformat() for entry in made if entry.kind != "checkpoint"]
    ['2026-11-28', '2026-11-29', '2026-11-30', '2027-01-01']
    """
    return tuple(sorted(_mark(entry, days) for entry in _dates(cycle, settings, days)))


def routine_dates(cycle: Cycle, routines: Iterable[Routine], days: WorkDays) -> tuple[Entry, ...]:
    """Return when meetings and reports come in a cycle; a quarter's and a year's where the cycle closes one (S187)."""
    found = (
        Entry(day, day, routine.kind, routine=routine)
        for routine in routines
        for day in dict.fromkeys(_days_of(routine, cycle, days))
    )
    return tuple(sorted(found))


def _mark(entry: Entry, days: WorkDays) -> Entry:
    works = entry.kind == "appraisal" or days.works(entry.start)
    return Entry(entry.start, entry.end, entry.kind, entry.level, entry.phase, entry.routine, works)


def _dates(cycle: Cycle, settings: AppraisalCalendar, days: WorkDays) -> Iterator[Entry]:
    eve = cycle.first_day - _DAY
    step = settings.level_days
    told = sorted({_TOLD + (settings.levels - 1 - level) * step: level for level in range(settings.levels)}.items())
    for place, level in told:
        yield _single(_from_end(eve, place, settings, days), "goals", level)
    yield _single(_from_end(eve, _PROPOSED, settings, days), "proposal")
    yield _single(_from_end(eve, _FIXED, settings, days), "fixed")
    for month in _months(cycle):
        for day, phase in zip(_TEN_DAYS, PHASES, strict=True):
            at = date(month.year, month.month, day or monthrange(month.year, month.month)[1])
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
    """Return the day so many places from the end of a month; the last day itself is the same in every counting."""
    if settings.counting == "exclusive" and place > _FIXED:
        place += 1
    if settings.day_mode == "calendar" or place == _FIXED:
        return last - (place - 1) * _DAY
    day = days.latest(last)
    for _ in range(place - 1):
        day = days.latest(day - _DAY)
    return day


def _months(cycle: Cycle) -> Iterator[Cycle]:
    for number in range(cycle.months):
        yield Cycle(cycle.year, cycle.month + number, 1)


def _days_of(routine: Routine, cycle: Cycle, days: WorkDays) -> Iterator[date]:
    """Go through the days of a routine: worked ones, and the last worked one of what it closes."""
    every = [cycle.first_day + number * _DAY for number in range((cycle.last_day - cycle.first_day).days + 1)]
    match routine.cadence:
        case "daily":
            yield from filter(days.works, every)
        case "weekly":
            for day in every:
                if day.isoweekday() == routine.weekday and days.latest(day) >= cycle.first_day:
                    yield days.latest(day)
        case cadence:
            months = {"monthly": 1, "quarterly": 3, "yearly": 12}[cadence]
            for month in _months(cycle):
                if month.month % months == 0:
                    yield days.latest(month.last_day)
