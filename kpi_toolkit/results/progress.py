"""How far a month has come before it is over: what was reported so far, against the plan up to that day (S011)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Tables, rows_of


@dataclass(frozen=True, slots=True)
class Progress:
    """An indicator of a person on a day within the cycle."""

    person: str
    item: Indicator
    actual: Decimal
    due: Decimal
    """The part of the target that the days so far stand for, two decimals."""
    ratio: Decimal
    """What was done, for one of what was due, two decimals."""

    @property
    def behind(self) -> bool:
        """Whether less was done than was due."""
        return self.ratio < 1


def progress(design: Design, tables: Tables, cycle: Cycle, on: date) -> tuple[Progress, ...]:
    """Return what can be held against the days of a cycle that is under way, most behind first; nothing of others.

    Only what adds up over the days: amounts of which more is better. Shares and limits stand as they are on any day.
    """
    if not cycle.first_day <= on < cycle.last_day:
        return ()
    parts = {person.id: _part_gone(person, cycle, on) for person in rows_of(tables.people)}
    found = [
        _held(row, item, target, part)
        for row, item, target in _adding_up(design, tables)
        if (part := parts[row.person])
    ]
    return tuple(sorted(found, key=lambda each: each.ratio))


def _part_gone(person: Any, cycle: Cycle, on: date) -> Fraction:
    """Return which part of somebody's own days in a cycle is over; 0 before they came and once they are gone."""
    first, last = (
        max(cycle.first_day, person.joined or cycle.first_day),
        min(cycle.last_day, person.left or cycle.last_day),
    )
    return Fraction((on - first).days + 1, (last - first).days + 1) if first <= on <= last else Fraction(0)


def _adding_up(design: Design, tables: Tables) -> Iterator[tuple[Any, Indicator, Decimal]]:
    for row, item in Roster(design, tables.people).lines(tables.actuals):
        if row.actual is None or item.basis is not Basis.ACTUAL:
            continue
        target = tables.target(row.person, item)
        adds_up = item.direction is Direction.HIGHER and not (item.is_quotient or is_per_cent(item))
        if adds_up and target is not None and target > 0:
            yield row, item, target


def _held(row: Any, item: Indicator, target: Decimal, part: Fraction) -> Progress:
    due = Fraction(target) * part
    return Progress(row.person, item, row.actual, half_up(due, 2), half_up(Fraction(row.actual) / due, 2))
