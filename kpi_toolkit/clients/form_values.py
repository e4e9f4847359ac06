"""The values of a form that came back, held against each other as the tables' checks do: each finding at its cell.

And whether it came back whole: with the lines, columns and sheets that it was sent with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import ValidationError

from kpi_toolkit.clients.cell_values import number_in
from kpi_toolkit.clients.form_cycle import CycleForms
from kpi_toolkit.clients.form_reading import Came, Columns, Entries, Key, Return
from kpi_toolkit.clients.library import case_of
from kpi_toolkit.clients.reading import issue_of
from kpi_toolkit.method.checks.cycle import adjustments_allowed
from kpi_toolkit.method.checks.plausible import check_values, in_own_units
from kpi_toolkit.method.checks.quotients import check_quotients, worked_out
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.checks.words import points_against_rules
from kpi_toolkit.method.form_rows import FormRow
from kpi_toolkit.method.forms import Cell
from kpi_toolkit.method.issues import Issue, Place, error, warning
from kpi_toolkit.method.model import Aggregation, Basis
from kpi_toolkit.method.rows import ROW_TYPES
from kpi_toolkit.method.scoring import score_cycle
from kpi_toolkit.method.tables import rows_of, table
from kpi_toolkit.method.value import Language, Text

FIGURE = {"goals": "target", "actuals": "actual"}
"""The column of a table that a form is about."""
_IF = {"others": "raters", "part": "quotient", "whole": "quotient"}
"""Columns that only lines of a kind have."""
_WIDE_BREAK = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\s+|\s+(?=[\u2e80-\u9fff\uff00-\uffef])")
"""Blanks beside letters that no blanks part."""
_OF_A_WHOLE_TABLE = {"points-for-percent"}
"""What only shows in everybody's values: ``kpi check`` says it."""


def named(key: Key) -> dict[str, str]:
    """Return the columns of a table that say which row is meant."""
    name, person, line = key
    sheet, _, own = line.partition(" ")
    more = {
        "adjustments": {}, "measures": {}, "work": {"sheet": sheet, "line": own},
        "answers": {"checklist": sheet, "line": own}, "disputes": {"indicator": sheet, "column": own},
    }  # fmt: skip
    return {"person": person, **more.get(name, {"indicator": line})}


def frame_of(found: Return, name: str, *, counted: bool = False) -> tuple[Any, list[Entries]]:
    """Return one table of a return, as the form itself ``counted`` it if so wanted, and for each row the cells."""
    own = [(key, entries) for key, entries in found.values.items() if key[0] == name]
    rows = [
        {**named(key), **{column: "" if counted and came.is_text else came.text for column, came in entries.items()}}
        for key, entries in own
    ]
    return table(name, rows), [entries for _, entries in own]


def validated(
    found: Return, key: Key, entries: Entries, said: Mapping[str, Any], elsewhere: Came | None
) -> tuple[Any, set[str]]:
    """Return a row as its table has it and the columns that are wrong: each is said at its cell, or ``elsewhere``.

    What is right in a line is looked at even so, that all may be mended at once; None where too much is missing.
    """
    row, wrong = ROW_TYPES[key[0]], set[str]()
    try:
        return row.model_validate({**said, **named(key)}), wrong
    except ValidationError as problem:
        for detail in problem.errors():
            wrong.add(column := str(detail["loc"][0]) if detail["loc"] else "")
            if (came := entries.get(column, elsewhere)) is not None:
                issue = issue_of(detail, came.place, came.text) if came.text else error("blank-cell", came.place)
                found.issues.append(issue)
    with suppress(ValidationError):
        right = {column: text for column, text in said.items() if column not in wrong}
        return row.model_validate({**right, **named(key)}), wrong
    return None, wrong


def implausible(forms: CycleForms, found: Return) -> Iterator[Issue]:
    """Go through what cannot be right, or probably is not: each finding at its cell of the form."""
    roster, file = Roster(forms.design, forms.tables.people), found.path.name
    for name, column in FIGURE.items():
        frame, cells = frame_of(found, name)
        mine = replace(forms.tables, **{"actuals": table("actuals"), name: frame}, files={name: file})
        mine = worked_out(forms.design, mine)
        issues = (*check_quotients(forms.design, mine), *check_values(roster, mine, forms.cycle.months))
        for issue in issues:
            place, alone = issue.place, issue.code not in _OF_A_WHOLE_TABLE
            if place.file == file and place.row is not None and alone:
                at = cells[place.row - 2]
                came = at.get(place.column or "", next(iter(at.values())))
                yield replace(issue, place=came.place, about=(came.row.person,))
        known = in_own_units(forms.design, mine)
        for row, entries in zip(rows_of(getattr(known, name)), cells, strict=True):
            if column in entries:
                entries[column] = replace(entries[column], value=getattr(row, column))


def odd_points(forms: CycleForms, found: Return) -> Iterator[Issue]:
    """Find points of events that go against their rule or their reason, at their cells."""
    own = [(key, entries) for key, entries in found.values.items() if key[0] == "adjustments"]
    if not own:
        return
    rows = [{**named(key), **{column: came.value for column, came in entries.items()}} for key, entries in own]
    mine = replace(forms.tables, adjustments=table("adjustments", rows))
    case = case_of(forms.client.workbook, forms.design, forms.client.profile.country)
    allowed = adjustments_allowed(Roster(forms.design, forms.tables.people), mine, forms.cycle)
    for issue in (*allowed, *points_against_rules(case, mine)):
        if issue.place.column == "points" and issue.code != "same-event-other-points":
            (_, person, _), entries = own[(issue.place.row or 2) - 2]
            yield replace(issue, place=entries["points"].place, about=(person,))


def figures_fit(forms: CycleForms, found: Return) -> None:
    """Ask about figures that do not follow from the entries: something that does not calculate changed these."""
    shown = {came.row: came for came in found.locked if (came.row.phase, came.column) == ("appraisal", "score")}
    people = {row.person for row in shown}
    if not people:
        return
    frame, _ = frame_of(found, "actuals", counted=True)
    mine = forms.tables.people.only(lambda row: row.id in people)
    scored = score_cycle(forms.design, worked_out(forms.design, replace(forms.tables, people=mine, actuals=frame)))
    for person in people:
        geometric = forms.design.roles[scored.scores[person].role].aggregation is Aggregation.GEOMETRIC
        odd = [
            (came, points) for line in scored.lines[person]
            if (came := shown.get(FormRow(person, "appraisal", "item", line.id))) is not None
            and not _fits(came.text, points := line.score if geometric else line.points)
        ]  # fmt: skip
        if odd:
            came, points = odd[0]
            cells = [one.place.cell for one, _ in odd]
            said: dict[str, Any] = {"value": came.text, "points": points or "–", "cells": cells}
            answer = found.ask("stale", person, ("leave", "take"), came.place, **said)
            if answer == "leave":
                found.drop(person, "appraisal")


def printed(entries: Entries) -> set[str]:
    """Return what the form itself says of a goal where nobody has said more: that is nobody's entry."""
    item = next(iter(entries.values())).row.item
    return {*item.standard.words} if item is not None and item.standard else set()


def _fits(shown: str, points: Decimal | None) -> bool:
    """Whether a shown score is the one that follows; what shows no number says nothing."""
    number = number_in(shown)
    return number is None if points is None else number in {None, points}


def all_there(found: Return, known: Mapping[str, FormRow], columns: Columns) -> None:
    """Ask about what a form was sent with and the file lacks; a hidden sheet that may be the reason is named."""
    for person, phase in dict.fromkeys((row.person, row.phase) for row in found.coded):
        lines = [row for row in known.values() if (row.person, row.phase, row.kind) == (person, phase, "item")]
        gone = [row.item.name for row in lines if row not in found.coded and row.item is not None]
        if gone:
            text = "gone_hidden" if found.unseen else "gone"
            found.ask("gone", f"{person}:{phase}", ("leave",), text=text, n=len(gone), indicators=gone,
                      sheets=found.unseen)  # fmt: skip
        own = [row for row in found.coded if (row.person, row.phase) == (person, phase)]
        lost = {cell.id: cell.name for row in own for cell in _entered(row, columns) if cell.id not in found.coded[row]}
        if lost:
            _ask_of_columns(found, person, phase, lost.values())
    if found.unseen and not any(name.startswith("gone:") for name in found.asking.asked):
        found.issues.append(warning("hidden-sheets", Place(found.path.name), sheets=found.unseen))


def _ask_of_columns(found: Return, person: str, phase: str, lost: Iterable[Text]) -> None:
    """Ask about columns that a form was sent with and has no more."""
    sheet = next((came.place.sheet for (row, _), came in found.entries.items() if row.person == person), None)
    names = [Text.each(partial(_unbroken, name)) for name in lost]
    place = Place(found.path.name, sheet=sheet)
    found.ask("columns", f"{person}:{phase}", ("leave",), place, n=len(names), columns=names)


def _unbroken(name: Text, language: Language) -> str:
    return " ".join(_WIDE_BREAK.sub("", name.pick(language)).split())


def _entered(row: FormRow, columns: Columns) -> list[Cell]:
    """Return the columns in which something may be entered for a row."""
    item = row.item
    has = {"raters": item is not None and item.basis is Basis.RATERS, "quotient": item is not None and item.is_quotient}
    return [
        cell for cell in columns[row.kind].values() if cell.entered(row.phase) and has.get(_IF.get(cell.id, ""), True)
    ]
