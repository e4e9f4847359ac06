"""The values of a form that came back, held against each other as the tables' checks do: each finding at its cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kpi_toolkit.clients.form_cycle import CycleForms
from kpi_toolkit.clients.form_reading import Entries, Key, Return
from kpi_toolkit.clients.library import case_of
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.method.checks.cycle import adjustments_allowed
from kpi_toolkit.method.checks.plausible import check_values, in_own_units
from kpi_toolkit.method.checks.quotients import check_quotients, worked_out
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.checks.words import points_against_rules
from kpi_toolkit.method.issues import Issue
from kpi_toolkit.method.tables import rows_of, table

FIGURE = {"goals": "target", "actuals": "actual"}
"""The column of a table that a form is about."""
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


def frame_of(found: Return, name: str) -> tuple[Any, list[Entries]]:
    """Return one table of a return, and for each of its rows the cells."""
    own = [(key, entries) for key, entries in found.values.items() if key[0] == name]
    rows = [{**named(key), **{column: came.text for column, came in entries.items()}} for key, entries in own]
    return table(name, rows), [entries for _, entries in own]


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
    case = case_of(Workbook(forms.client.folder.parent.parent), forms.design, forms.client.profile.country)
    allowed = adjustments_allowed(Roster(forms.design, forms.tables.people), mine, forms.cycle)
    for issue in (*allowed, *points_against_rules(case, mine)):
        if issue.place.column == "points" and issue.code != "same-event-other-points":
            (_, person, _), entries = own[(issue.place.row or 2) - 2]
            yield replace(issue, place=entries["points"].place, about=(person,))
