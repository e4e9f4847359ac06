"""Days that lie too far from their cycle: a slip of the year, or a copy of the month before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Place, warning
from kpi_toolkit.method.tables import Table, Tables, rows_of

LONG = timedelta(days=366)
"""Ours: what is to come of a cycle comes within a year."""


def days_far(
    table: Table, file: str, columns: tuple[str, ...], cycle: Cycle, *, earliest: date | None = None
) -> Iterator[Issue]:
    """Find days before ``earliest`` (default: the first of the cycle), or more than a year after the cycle."""
    first, last = earliest or cycle.first_day, cycle.last_day + LONG
    for row in rows_of(table):
        for column in columns:
            day = _day(getattr(row, column), cycle)
            if day is not None and not first <= day <= last:
                yield warning("date-far", Place(file, row.row, column), date=day, cycle=cycle.id)


def _day(said: date | str | None, cycle: Cycle) -> date | None:
    """Return the day that a cell means, in the cycle's year where none is said; “before the fair” means none."""
    if not isinstance(said, str):
        return said
    found = re.fullmatch(r"(?:(\d{4})[-/.年](?=.)|(?=.*月))(\d{1,2})[-/.月](\d{1,2})日?", said.strip())
    try:
        return date(int(found[1] or cycle.year), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def days_of_the_plan(tables: Tables, cycle: Cycle) -> Iterator[Issue]:
    """Find days of a cycle's goals and of how they were set that are another cycle's."""
    before = cycle.previous.first_day
    yield from days_far(tables.goals, tables.file("goals"), ("deadline",), cycle)
    yield from days_far(tables.goals, tables.file("goals"), ("made", "assigned", "confirmed"), cycle, earliest=before)
    own = tables.steps.only(lambda row: not row.procedure)  # of other procedures, some begin long before
    yield from days_far(own, tables.file("steps"), ("date",), cycle, earliest=before)
