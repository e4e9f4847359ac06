"""What can be wrong with what was said in talks and agreed afterwards: disputes, answers, measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kpi_toolkit.method.checklists import CONFLICT, Checklist
from kpi_toolkit.method.checks.days import LONG, days_far
from kpi_toolkit.method.checks.places import twice, unknown_line
from kpi_toolkit.method.checks.plausible import unit_fits
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Place, error, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import Measured
from kpi_toolkit.method.tables import Table, Tables, rows_of
from kpi_toolkit.method.value import Text


def check_disputes(design: Design, tables: Tables) -> Iterator[Issue]:
    """Find disputes of values that are not there, that changed since, or that say nothing of the outcome."""
    file, roster = tables.file("disputes"), Roster(design, tables.people)
    yield from twice(tables.disputes, file, ["person", "indicator", "column"])
    for row in rows_of(tables.disputes):
        yield from roster.unknown(row, file)
        item = roster.item(row)
        if item is None:
            continue
        behind = [column for column in ("from_", "to") if isinstance(getattr(row, column), Measured)]
        for column in behind:  # another unit than is read: which number is meant, nobody knows
            value, place = getattr(row, column), Place(file, row.row, column.rstrip("_"))
            if row.column == "actual":
                yield from unit_fits(value, item, place)
            else:
                yield error("unit-behind", place, value=value.as_typed)
        if behind:
            continue
        found = getattr(tables.actual.get((row.person, row.indicator)), row.column, None)
        if found != row.from_:
            yield error("dispute-of-another-value", Place(file, row.row, "from"), value=row.from_, found=found)
        if (row.to is None or row.to == row.from_) == (row.outcome == "changed"):
            yield error("dispute-outcome", Place(file, row.row, "to"), outcome=row.outcome, indicator=item.name)
        if row.outcome == "escalated" and row.deadline is None:
            yield warning("appeal-without-deadline", Place(file, row.row, "deadline"), indicator=item.name)


def check_afterwards(
    design: Design,
    people: Table,
    answers: Table,
    measures: Table,
    checklists: Mapping[str, Checklist],
    cycle: Cycle,
    files: Mapping[str, str],
) -> Iterator[Issue]:
    """Find answers to questions that nobody asked, and measures that cannot be followed up (S251)."""
    roster, file = Roster(design, people), files["measures"]
    yield from twice(answers, files["answers"], ["person", "checklist", "line", "by", "date"])
    yield from days_far(answers, files["answers"], ("date",), cycle)
    yield from twice(measures, file, ["person", "indicator", "kind", "measure", "deadline"])
    yield from days_far(measures, file, ("done",), cycle)
    for row in rows_of(answers):
        yield from roster.unknown(row, files["answers"])
        at = Place(files["answers"], row.row, "line")
        yield from unknown_line(checklists, row.checklist, row.line, at, replace(at, column="checklist"))
        if row.checklist == CONFLICT and row.by not in roster.names:
            yield roster.stranger(row.by or "–", Place(files["answers"], row.row, "by"))
    for row in rows_of(measures):
        yield from roster.unknown(row, file)
        yield from _can_be_followed_up(row, Place(file, row.row), roster.called(row.person), cycle)
    if len(measures):
        yield from _trained_before_the_post(roster, measures, cycle, file)


def _trained_before_the_post(roster: Roster, measures: Table, cycle: Cycle, file: str) -> Iterator[Issue]:
    """Find who began in the cycle without a training before taking the post (S244), where measures are kept at all."""
    trained = {row.person for row in rows_of(measures) if row.kind == "training" and row.moment == "before-post"}
    for row in rows_of(roster.people):
        if row.joined and cycle.first_day <= row.joined <= cycle.last_day and row.id not in trained:
            yield warning("no-training-before-post", Place(file), person=roster.names[row.id], date=row.joined)


def _can_be_followed_up(row: Any, place: Place, who: Text | str, cycle: Cycle) -> Iterator[Issue]:
    if row.deadline is None:  # a draft, as results make them: what else it lacks is agreed with the deadline
        yield warning("measure-without-deadline", replace(place, column="deadline"), person=who)
        return
    if row.deadline < cycle.first_day:
        yield error("measure-deadline-past", replace(place, column="deadline"), person=who, date=row.deadline)
    elif row.deadline > cycle.last_day + LONG:
        yield warning("date-far", replace(place, column="deadline"), date=row.deadline, cycle=cycle.id)
    if not row.owner:
        yield warning("measure-without-owner", replace(place, column="owner"), person=who)
    if row.kind == "corrective" and row.cause is None:
        yield warning("measure-without-cause", replace(place, column="cause"), person=who)
    if row.kind in ("corrective", "preventive") and not row.check:
        yield warning("measure-without-check", replace(place, column="check"), person=who)
