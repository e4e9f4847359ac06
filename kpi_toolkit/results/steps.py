"""Which steps of a month were done with whom, and on which day: one answer for the board, the talks and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from kpi_toolkit.clients.record import Record
from kpi_toolkit.method.calendar import day_of
from kpi_toolkit.method.checklists import CONFLICT
from kpi_toolkit.method.procedures import done_by
from kpi_toolkit.method.tables import Table, Tables, rows_of

STEPS = ("agreed", "sent", "actual", "self", "appraiser", "talk", "signed")
"""Goals agreed, form sent, actuals, self-appraisal, appraiser's view, talk held, signed: in the order of a month."""
COACHING = "coaching"
LOGS = frozenset({COACHING, CONFLICT})
"""Kept all month; what they hold is no talk yet."""
NO_DAY = date.min
"""Stands where something was done and nobody wrote down when."""


def steps_done(
    tables: Tables, record: Record, answers: Table, phase: str = "appraisal", *, until: date = date.max
) -> Mapping[str, Mapping[str, date]]:
    """Return by step who has done it and when: from forms on record, ``steps.csv``, confirmed goals and talk answers.

    ``phase`` is the one whose forms count as sent; what came later than ``until`` is left out. A measure with a
    deadline is no talk: it can be agreed without one.
    """
    told: dict[str, dict[str, date]] = {name: {} for name in STEPS}

    def later(name: str, person: str, on: date) -> None:
        if on <= until:
            told[name][person] = max(told[name].get(person, NO_DAY), on)

    for row in rows_of(answers):
        if row.checklist not in LOGS:
            later("talk", row.person, row.date or NO_DAY)
    for line in record.lines:
        said = datetime.fromisoformat(line.at).astimezone().date()  # as the day was where the board is looked at
        made = line.facts.get("forms", {})
        if line.kind == "sent" and line.facts.get("phase") == phase:
            told["sent"] |= dict.fromkeys(made, NO_DAY) if said <= until else {}  # our own; nobody asks when
        elif line.kind == "received":
            back = [person for person, form in made.items() if form["phase"] == "appraisal"]
            for name in ("actual", "self", "appraiser"):
                told[name] |= dict.fromkeys(back, said) if said <= until else {}
        elif line.kind in {"agreed", "talk", "signed"}:
            person, on = str(line.facts.get("person")), day_of(line.facts.get("on"))
            later(line.kind, person, on or said)
            if line.kind == "signed" and on:  # a form has one day: of the talk at the end of which it was signed
                later("talk", person, on)
    for name, people in done_by(tables).items():
        for person, on in people.items():
            later(name, person, on)
    return told


def has_left(person: Any, on: date) -> bool:
    """Return whether somebody of ``people.csv`` was gone by a day: nothing is asked of them, or planned for them."""
    return person.left is not None and person.left < on
