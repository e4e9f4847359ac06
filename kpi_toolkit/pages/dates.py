"""A cycle's calendar as readers meet it: lines of a table, and an iCalendar file for whatever calendar they use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kpi_toolkit.clients.countries import work_days_of
from kpi_toolkit.method.calendar import Entry, WorkDays, cycle_dates, routine_dates
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.profile import AppraisalCalendar, Profile
from kpi_toolkit.method.regulation import Routine
from kpi_toolkit.method.shown import one_line, some_lines
from kpi_toolkit.pages.words import Words


@dataclass(frozen=True)
class Dates:
    """The calendar of one client's cycle."""

    cycle: Cycle
    settings: AppraisalCalendar
    days: WorkDays
    entries: tuple[Entry, ...]
    """What the regulation sets."""
    routines: tuple[tuple[Routine, tuple[Entry, ...]], ...]
    """Meetings and reports that fall into the cycle, each with its days."""

    @property
    def unannounced(self) -> list[str]:
        """The years of its dates whose make-up days nobody had announced."""
        return [str(year) for year in self.days.unannounced if any(entry.end.year == year for entry in self.entries)]

    def name(self, entry: Entry, words: Words) -> str:
        """Return what an entry is, in words."""
        if entry.routine is not None:
            return words.show(entry.routine.name)
        if entry.kind == "goals":
            return words(f"calendar.goals_{which_level(self.settings, entry.level)}", n=entry.level + 1)
        if entry.kind == "checkpoint":
            return words("calendar.checkpoint", phase=words(f"calendar.phase_{entry.phase}"))
        return words(f"calendar.{entry.kind}")

    def note(self, entry: Entry, words: Words) -> str:
        """Return what a reader should know of an entry: a holiday, a day off, who proposes what."""
        said = [words("calendar.improvement")] if entry.kind == "checkpoint" else []
        stretch = entry.end != entry.start
        for day in dict.fromkeys((entry.start, entry.end)):
            if self.days.works(day):
                continue
            holiday = self.days.holidays.get(day)
            why = _with_dates(words.show(holiday), words) if holiday else words("calendar.not_worked")
            said.append(words("calendar.end_not_worked", day=day, why=why) if stretch else why)
        return words("list.semicolon").join(said)

    def to_json(self, words: Words) -> list[dict[str, str]]:
        """Return every entry as plain data."""
        everything = [*self.entries, *(entry for _, own in self.routines for entry in own)]
        return [
            {"start": entry.start.isoformat(), "end": entry.end.isoformat(), "kind": entry.kind,
             "name": self.name(entry, words)}
            for entry in sorted(everything)
        ]  # fmt: skip


def which_level(settings: AppraisalCalendar, level: int) -> str:
    """Return whose goals are told: the ``first`` level's, the ``last``'s, some in the ``middle``, or both in one."""
    between = {settings.levels - 1: "last", 0: "first"}.get(level, "middle")
    return between if settings.level_days else "both"


def dates_of(profile: Profile, design: Design, period: Cycle) -> Dates:
    """Return the calendar of a client's cycle; meetings and reports are those that the design states."""
    settings = profile.calendar
    days = work_days_of(period, profile.country)
    found = ((routine, routine_dates(period, [routine], days)) for routine in design.regulation.routines)
    return Dates(period, settings, days, cycle_dates(period, settings, days), tuple(each for each in found if each[1]))


def write_ics(dates: Dates, client: str, profile: Profile, words: Words) -> bytes:
    """Return a calendar in the iCalendar format (RFC 5545): whole days, the same bytes for the same calendar.

    What comes every day stays out: it would bury the dates that somebody has to remember.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//kpi_toolkit//appraisal calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", one_line(f"{words.show(profile.name)} · {words.cycle(dates.cycle)}", gap=" "))
    seldom = (entry for routine, own in dates.routines if routine.cadence != "daily" for entry in own)
    for entry in sorted([*dates.entries, *seldom]):
        event = Event()
        part = entry.routine.name.pick() if entry.routine else f"{entry.kind}-{entry.level}"
        event.add("uid", f"{client}-{dates.cycle.id}-{entry.start:%Y%m%d}-{_as_id(part)}@kpi-toolkit")
        event.add("dtstamp", datetime.combine(dates.cycle.first_day, datetime.min.time(), UTC))
        event.add("dtstart", entry.start)
        event.add("dtend", entry.end + timedelta(days=1))
        event.add("summary", one_line(dates.name(entry, words), gap=" "))
        about = entry.routine.purpose if entry.routine else None
        if said := words.show(about) if about else dates.note(entry, words):
            event.add("description", some_lines(said))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _with_dates(text: str, words: Words) -> str:
    """Return a holiday's name with the dates in it as the page writes dates; the package writes them its own way."""
    iso = re.sub(r"(\d{2})/(\d{2})/(\d{4})", r"\3-\1-\2", text)
    said = re.sub(r"\d{4}-\d{2}-\d{2}", lambda found: words.day_short(found[0]), iso)
    return said if said.isascii() else said.replace(" ", words("list.space"))


def _as_id(text: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in text.lower()).split())
