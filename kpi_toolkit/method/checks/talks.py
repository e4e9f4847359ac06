"""What can be wrong with what was said in talks and agreed afterwards: disputes, answers, measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kpi_toolkit.method.checklists import Checklist
from kpi_toolkit.method.checks.days import LONG, days_far
from kpi_toolkit.method.checks.people import people_by_name
from kpi_toolkit.method.checks.places import called, find_indicator, twice
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Known, Place, error, nearest, warning
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.tables import Table, Tables, rows_of


def check_disputes(design: Design, tables: Tables) -> Iterator[Issue]:
    """Find disputes of values that are not there, that changed since, or that say nothing of the outcome."""
    file, roles = tables.file("disputes"), dict(zip(tables.people["id"], tables.people["role"], strict=True))
    given = {(row.person, row.indicator): row for row in rows_of(tables.actuals)}
    yield from twice(tables.disputes, file, ["person", "indicator", "column"])
    for row in rows_of(tables.disputes):
        yield from _known(design, tables.people, roles, row, file)
        item = find_indicator(design, roles, row.person, row.indicator)
        if item is None:
            continue
        found = getattr(given.get((row.person, row.indicator)), row.column, None)
        if found != row.from_:
            yield error("dispute-of-another-value", Place(file, row.row, "from"), value=row.from_, found=found)
        if (row.to is None or row.to == row.from_) == (row.outcome == "changed"):
            yield error("dispute-outcome", Place(file, row.row, "to"), outcome=row.outcome, indicator=item.name)


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
    roles = dict(zip(people["id"], people["role"], strict=True))
    yield from twice(answers, files["answers"], ["person", "checklist", "line", "by", "date"])
    yield from days_far(answers, files["answers"], ("date",), cycle)
    yield from twice(measures, files["measures"], ["person", "indicator", "kind", "measure", "deadline"])
    yield from days_far(measures, files["measures"], ("done",), cycle)
    for row in rows_of(answers):
        yield from _known(design, people, roles, row, files["answers"])
        yield from _line_known(row, checklists, files["answers"])
    for row in rows_of(measures):
        yield from _known(design, people, roles, row, files["measures"])
        yield from _can_be_followed_up(row, names_of(people, design.roles), cycle, files["measures"])
    if len(measures):
        yield from _trained_before_the_post(people, names_of(people, design.roles), measures, cycle, files["measures"])


def _known(design: Design, people: Table, roles: Mapping[str, str], row: Any, file: str) -> Iterator[Issue]:
    if row.person not in roles:
        near = people_by_name(people).either(row.person)
        yield error("unknown-person", Place(file, row.row, "person"), person=row.person, nearest=near)
    indicator = getattr(row, "indicator", "")
    role = design.roles.get(roles.get(row.person, ""))
    if role and indicator and find_indicator(design, roles, row.person, indicator) is None:
        known = Known({item.id: (item.name.zh, item.name.en) for item in role.indicators})
        yield error(
            "unknown-indicator", Place(file, row.row, "indicator"), indicator=indicator, role=role.name,
            nearest=known.meant(indicator), known=[called(item.id, item.name) for item in role.indicators],
        )  # fmt: skip


def _line_known(row: Any, checklists: Mapping[str, Checklist], file: str) -> Iterator[Issue]:
    if row.checklist not in checklists:
        place, near = Place(file, row.row, "checklist"), nearest(row.checklist, checklists)
        yield error("unknown-card", place, name=row.checklist, nearest=near, known=", ".join(checklists))
        return
    lines = {line.id: line for line in checklists[row.checklist].lines}
    if row.line not in lines:
        place = Place(file, row.row, "line")
        yield error("unknown-line", place, line=row.line, nearest=nearest(row.line, lines), known=", ".join(lines))


def _trained_before_the_post(
    people: Table, names: Mapping[str, Any], measures: Table, cycle: Cycle, file: str
) -> Iterator[Issue]:
    """Find who began in the cycle without a training before taking the post (S244), where measures are kept at all."""
    trained = {row.person for row in rows_of(measures) if row.kind == "training" and row.moment == "before-post"}
    for row in rows_of(people):
        if row.joined and cycle.first_day <= row.joined <= cycle.last_day and row.id not in trained:
            yield warning("no-training-before-post", Place(file), person=names.get(row.id, row.id), date=row.joined)


def _can_be_followed_up(row: Any, names: Mapping[str, Any], cycle: Cycle, file: str) -> Iterator[Issue]:
    who = names.get(row.person, row.person)
    if row.deadline is None:
        yield error("measure-without-deadline", Place(file, row.row, "deadline"), person=who)
    elif row.deadline < cycle.first_day:
        yield error("measure-deadline-past", Place(file, row.row, "deadline"), person=who, date=row.deadline)
    elif row.deadline > cycle.last_day + LONG:
        yield warning("date-far", Place(file, row.row, "deadline"), date=row.deadline, cycle=cycle.id)
    if not row.owner:
        yield warning("measure-without-owner", Place(file, row.row, "owner"), person=who)
    if row.kind == "corrective" and row.cause is None:
        yield warning("measure-without-cause", Place(file, row.row, "cause"), person=who)
    if row.kind in ("corrective", "preventive") and not row.check:
        yield warning("measure-without-check", Place(file, row.row, "check"), person=who)
