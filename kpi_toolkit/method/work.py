"""What the sheets of days, weeks and assigned tasks come to: what is open, what several met, what feeds a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.issues import folded
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.tables import Tables, rows_of, table

DAILY, ASSIGNED = "daily", "ad-hoc"
"""The sheets of each day's work and of tasks that were assigned."""


@dataclass(frozen=True)
class OpenDay:
    """A day whose work was not cleared on it: how much is open, and what is carried over and why (S188)."""

    person: str
    day: str
    open: Decimal
    why: str


def open_days(rows: Iterable[Any]) -> Iterator[OpenDay]:
    """Go through the days on which less was done than planned."""
    for row in rows:
        if row.sheet == DAILY and None not in {row.planned, row.done} and row.done < row.planned:
            yield OpenDay(row.person, row.line, row.planned - row.done, row.carried)


def carried_over(rows: Iterable[Any]) -> dict[str, str]:
    """Return by person what the last day that was filled in carries over."""
    days = [row for row in rows if row.sheet == DAILY and (row.carried or row.done is not None)]
    days.sort(key=lambda row: str(row.line))
    return {row.person: row.carried for row in days}


def common_problems(rows: Iterable[Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the problems that two people or more reported, each with them, most people first (S189)."""
    found: dict[str, tuple[str, dict[str, None]]] = {}
    for row in rows:
        if row.problem:
            found.setdefault(folded(row.problem).rstrip("。.!！"), (row.problem, {}))[1][row.person] = None
    shared = [(problem, tuple(people)) for problem, people in found.values() if len(people) > 1]
    return sorted(shared, key=lambda each: -len(each[1]))


def mean_completion(shares: Iterable[Decimal | None]) -> Decimal | None:
    """Return the mean of what was rated, to the hundredth; None where nothing was (S155).

    >>> mean_completion([Decimal(100), Decimal(100), Decimal(50), Decimal(70), None])
    Decimal('80.00')
    """
    rated = [share for share in shares if share is not None]
    return half_up(Fraction(sum(rated)) / len(rated), 2) if rated else None


def fed_column(item: Indicator) -> str:
    """Return the column of ``actuals`` that the log of assigned tasks feeds; empty where an indicator has none."""
    return "" if item.fed_by != "ad_hoc_log" else "actual" if item.basis is Basis.ACTUAL else "appraiser"


def fed(design: Design, tables: Tables, work: Iterable[Any]) -> Tables:
    """Return a cycle's tables with the mean of each person's assigned tasks where its line is blank (S155)."""
    shares = gathered((row.person, row.completion) for row in work if row.sheet == ASSIGNED)
    given = {(row["person"], row["indicator"]): row for row in tables.actuals.records()}
    for person in rows_of(tables.people):
        mean = mean_completion(shares.get(person.id, ()))
        for item in design.roles[person.role].indicators if mean is not None else ():
            column = fed_column(item)
            line = given.get((person.id, item.id), {"person": person.id, "indicator": item.id})
            if column and line.get(column) is None:
                given[person.id, item.id] = line | {column: mean}
    known = [column for column in tables.actuals.columns if column != "row"]
    rows = [{column: value for column, value in row.items() if column in known} for row in given.values()]
    return replace(tables, actuals=table("actuals", rows)) if shares else tables
