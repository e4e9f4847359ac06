"""Which steps of a month were done with whom, and on which day: one answer for the board, the talks and the pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import chain, product
from typing import Any

from kpi_toolkit.clients.record import Line, Record
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
    talks = (("talk", row.person, row.date or NO_DAY) for row in rows_of(answers) if row.checklist not in LOGS)
    lines = (each for line in record.lines for each in _done_in(line, phase))
    stated = ((name, person, on) for name, people in done_by(tables).items() for person, on in people.items())
    for name, person, on in chain(talks, lines, stated):
        if on <= until:
            told[name][person] = max(told[name].get(person, NO_DAY), on)
    told["sent"] = dict.fromkeys(told["sent"], NO_DAY)  # our own; nobody asks when
    return told


def _done_in(line: Line, phase: str) -> Iterator[tuple[str, str, date]]:
    """Go through what a line of the record says was done: the step, with whom, and when."""
    said = datetime.fromisoformat(line.at).astimezone().date()  # as the day was where the board is looked at
    made, person = line.facts.get("forms", {}), str(line.facts.get("person"))
    if line.kind == "sent" and line.facts.get("phase") == phase:
        yield from (("sent", who, said) for who in made)
    elif line.kind == "received":
        back = [who for who, form in made.items() if form["phase"] == "appraisal"]
        yield from product(("actual", "self", "appraiser"), back, [said])
    elif line.kind in {"agreed", "talk", "signed"}:
        on = day_of(line.facts.get("on"))
        yield line.kind, person, on or said
        if line.kind == "signed" and on:  # a form has one day: of the talk at the end of which it was signed
            yield "talk", person, on


def has_left(person: Any, on: date) -> bool:
    """Return whether somebody of ``people.csv`` was gone by a day: nothing is asked of them, or planned for them."""
    return person.left is not None and person.left < on
