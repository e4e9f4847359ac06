"""The dates of a cycle: month ends by calendar and by working days, reviews, the window, meetings, holidays, iCalendar."""

from __future__ import annotations

import json
from datetime import date

import pytest
from conftest import ROOT, altered
from icalendar import Calendar

from kpi_toolkit.clients.client import load_client
from kpi_toolkit.clients.countries import work_days, work_days_of
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.calendar import WorkDays, cycle_dates, routine_dates
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.profile import AppraisalCalendar
from kpi_toolkit.pages.dates import dates_of, write_ics
from kpi_toolkit.pages.words import Words

CHINA = work_days("CN", *range(2025, 2029))


@pytest.fixture
def usual(kpi, workbook):
    """Return the meetings and reports that ``kpi new --meetings`` writes."""
    kpi("new", "fresh", "--meetings")
    return load_client(workbook.client_folder("fresh")).design.regulation.routines


def dates(cycle: str, kind: str, **settings) -> list[str]:
    entries = cycle_dates(Cycle.parse(cycle), AppraisalCalendar(**settings), CHINA)
    return [entry.start.isoformat() for entry in entries if entry.kind == kind]


def test_S139_the_window_is_the_first_week_of_the_next_month():
    (window,) = [e for e in cycle_dates(Cycle.parse("2026-12"), AppraisalCalendar(), CHINA) if e.kind == "appraisal"]
    assert (window.start, window.end) == (date(2027, 1, 1), date(2027, 1, 7))
    assert not window.late(date(2027, 1, 7))
    assert window.late(date(2027, 1, 8))


@pytest.mark.parametrize(
    ("row", "kind", "calendar", "workday"),
    [
        ("S140", "goals", "2026-11-28", "2026-11-26"), ("S141", "goals", "2026-11-28", "2026-11-26"),
        ("S142", "proposal", "2026-11-29", "2026-11-27"), ("S143", "fixed", "2026-11-30", "2026-11-30"),
    ],
)  # fmt: skip
def test_goals_are_told_proposed_and_fixed_at_the_months_end(row, kind, calendar, workday):
    assert dates("2026-12", kind) == [calendar]
    assert dates("2026-12", kind, day_mode="workday") == [workday]


@pytest.mark.parametrize(
    ("cycle", "days"),
    [
        ("2026-06", ["2026-05-27", "2026-05-28", "2026-05-29"]), ("2027-02", ["2027-01-27", "2027-01-28", "2027-01-29"]),
        ("2026-11", ["2026-10-28", "2026-10-29", "2026-10-30"]), ("2026-09", ["2026-08-27", "2026-08-28", "2026-08-31"]),
    ],
)  # fmt: skip
def test_S143_working_days_end_with_the_last_working_day(kpi, workbook, cycle, days):
    page = workbook.client_data / "home-goods" / "client.toml"
    page.write_text(altered(page.read_text("utf-8"), ("[1, 7]", '[1, 7]\nday_mode = "workday"')), "utf-8")
    entries = json.loads(kpi("calendar", "home-goods", cycle, "--json")[1])["entries"]
    assert [e["start"] for e in entries if e["kind"] in {"goals", "proposal", "fixed"}] == days


def test_working_days_are_counted_without_the_last_one_where_that_is_agreed():
    told = [
        dates("2026-06", kind, counting="exclusive", day_mode="workday")[0] for kind in ("goals", "proposal", "fixed")
    ]
    assert told == ["2026-05-26", "2026-05-27", "2026-05-29"]


def test_S143_the_leap_february_ends_on_the_29th():
    assert [dates("2028-03", kind) for kind in ("goals", "proposal", "fixed")] == [
        ["2028-02-27"], ["2028-02-28"], ["2028-02-29"]
    ]  # fmt: skip


def test_Y10_days_before_may_be_counted_without_the_last_one():
    told = [dates("2026-12", kind, counting="exclusive")[0] for kind in ("goals", "proposal", "fixed")]
    assert told == ["2026-11-27", "2026-11-28", "2026-11-30"]


def test_X13_levels_follow_one_another_from_the_top():
    entries = cycle_dates(Cycle.parse("2026-12"), AppraisalCalendar(levels=3, level_days=1), CHINA)
    told = [(entry.level, entry.start.day) for entry in entries if entry.kind == "goals"]
    assert told == [(0, 26), (1, 27), (2, 28)]


def test_S132_three_reviews_a_month_end_with_its_last_day():
    assert dates("2027-02", "checkpoint") == ["2027-02-10", "2027-02-20", "2027-02-28"]
    assert dates("2027-02", "checkpoint", day_mode="workday")[1:] == ["2027-02-19", "2027-02-26"]


def test_S145_a_month_has_seven_dates():
    assert len(cycle_dates(Cycle.parse("2026-12"), AppraisalCalendar(), CHINA)) == 7


def test_S190_S191_the_three_phases_are_the_three_reviews():
    entries = cycle_dates(Cycle.parse("2026-12"), AppraisalCalendar(), CHINA)
    phases = [(entry.phase, (entry.start.day - 1) // 10) for entry in entries if entry.phase]
    assert phases == [("motivate", 0), ("track", 1), ("sprint", 3)]


def test_S133_a_year_is_appraised_by_the_same_scheme():
    entries = cycle_dates(Cycle.parse("2026"), AppraisalCalendar(), CHINA)
    assert sum(entry.kind == "checkpoint" for entry in entries) == 36
    assert [entry.start for entry in entries if entry.kind == "fixed"] == [date(2025, 12, 31)]


def test_S106_results_are_honoured_so_many_days_after():
    assert dates("2026-11", "payout") == []
    entries = cycle_dates(Cycle.parse("2026-11"), AppraisalCalendar(payout_days=8), CHINA)
    (due,) = [entry for entry in entries if entry.kind == "payout"]
    assert due.start == date(2026, 12, 15)
    assert due.late(date(2026, 12, 16))


def test_S187_december_closes_a_quarter_and_the_year(usual):
    found = {
        month: {e.routine.cadence for e in routine_dates(Cycle.parse(f"2026-{month}"), usual, CHINA)}
        for month in ("10", "12")
    }
    assert found["12"] == {"daily", "weekly", "monthly", "quarterly", "yearly"}
    assert found["10"] == {"daily", "weekly", "monthly"}


def test_S188_the_daily_sheet_has_five_lines_and_comes_every_working_day(usual):
    (daily,) = [r for r in usual if r.cadence == "daily" and r.kind == "report"]
    assert daily.lines == len(daily.sections) == 5
    days = {entry.start for entry in routine_dates(Cycle.parse("2026-10"), [daily], CHINA)}
    assert date(2026, 10, 1) not in days
    assert date(2026, 10, 10) in days


def test_S189_the_weekly_meeting_keeps_its_day_and_lists_common_problems(usual):
    (weekly,) = [r for r in usual if r.cadence == "weekly"]
    assert "Common problems" in [section.en for section in weekly.sections]
    days = [entry.start for entry in routine_dates(Cycle.parse("2026-11"), [weekly], CHINA)]
    assert [day.isoweekday() for day in days] == [1] * 5
    golden_week = [entry.start for entry in routine_dates(Cycle.parse("2026-10"), [weekly], CHINA)]
    assert date(2026, 10, 5) not in golden_week


@pytest.mark.parametrize(("cycle", "days"), [("2027-02", [1, 11, 15, 22]), ("2026-10", [8, 12, 19, 26])])
def test_a_weekly_meeting_comes_once_a_week_however_the_holidays_fall(usual, cycle, days):
    (weekly,) = [r for r in usual if r.cadence == "weekly"]
    found = [entry.start for entry in routine_dates(Cycle.parse(cycle), [weekly], CHINA)]
    assert [day.day for day in found] == days
    assert all(CHINA.works(day) for day in found)
    friday = weekly.model_copy(update={"weekday": 5})
    weeks = [entry.start.isocalendar()[:2] for entry in routine_dates(Cycle.parse("2027"), [friday], CHINA)]
    assert len(weeks) == len(set(weeks)) > 45


@pytest.mark.parametrize(
    ("cycle", "notes"),
    [("2026-12", ["1 January 2027: New Year's Day"]), ("2026-09", ["1 October 2026: National Day", "7 October 2026: Day off (substituted from 10 Oct 2026)"]), ("2026-10", ["1 November 2026: not a working day", "7 November 2026: not a working day"]), ("2026-06", [])],
)  # fmt: skip
def test_an_appraisal_that_begins_or_ends_on_a_day_off_says_so(cycle, notes):
    workbook = Workbook(ROOT)
    client = load_client(workbook.client_folder("home-goods"))
    words = Words("en", workbook)
    made = dates_of(client.profile, client.design, Cycle.parse(cycle))
    (window,) = [entry for entry in made.entries if entry.kind == "appraisal"]
    assert made.note(window, words).split(words("list.semicolon")) == (notes or [""])


def test_S192_every_meeting_and_report_says_what_it_is_for(usual):
    assert all(routine.purpose for routine in usual)


def test_S097_the_monthly_meeting_has_a_place_for_field_feedback(usual):
    (monthly,) = [r for r in usual if r.cadence == "monthly"]
    assert any("Field feedback" in section.en for section in monthly.sections)


def test_holidays_and_made_up_days_are_those_that_were_announced_for_2026():
    off = [
        date(2026, 1, 2),
        date(2026, 2, 16),
        date(2026, 4, 6),
        date(2026, 5, 5),
        date(2026, 6, 19),
        date(2026, 10, 7),
    ]
    on = [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    assert not any(CHINA.works(day) for day in off)
    assert all(CHINA.works(day) for day in on)
    assert CHINA.holidays[date(2026, 10, 1)].zh == "国庆节"


def test_a_year_without_announced_days_is_named():
    assert work_days_of(Cycle.parse("2026-12")).unannounced == (2027,)
    assert work_days_of(Cycle.parse("2026-06")).unannounced == ()
    assert not WorkDays(holidays=work_days("CN", 2027).holidays).works(date(2027, 2, 8))


def test_the_same_calendar_is_the_same_file_and_a_reader_finds_every_date():
    workbook = Workbook(ROOT)
    client = load_client(workbook.client_folder("home-goods"))
    made = dates_of(client.profile, client.design, Cycle.parse("2026-12"))
    data = write_ics(made, client.id, client.profile, Words("zh", workbook))
    assert data == write_ics(made, client.id, client.profile, Words("zh", workbook))
    events = Calendar.from_ical(data).walk("VEVENT")
    names = {str(event["summary"]) for event in events}
    window = next(event for event in events if str(event["summary"]) == "考核")
    assert window["dtstart"].dt == date(2027, 1, 1)
    assert window["dtend"].dt == date(2027, 1, 8)
    assert {"双方商定目标", "每旬跟进：月中追踪", "年度总结"} <= names
    assert len({str(event["uid"]) for event in events}) == len(events) == 7 + 4 + 3
