"""What makes a person's goals: agreed in time, nine points explained, stages and parts (S122-S137)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.tables import Table, Tables, rows_of, table

ASSIGNMENT_POINTS = {
    "area": "area", "what": "text", "how": "approach", "when": "starts", "finished": "deadline",
    "appraised": "standard",
    "reward": "reward", "importance": "importance", "benefit": "benefit",
}  # fmt: skip
"""The nine points explained before work is assigned, and the column of ``goals.csv`` that holds each (S137)."""


def days_late(confirmed: date, first_day: date) -> int:
    """Return by how many days goals were confirmed too late: the talk ends before the cycle begins (S129).

    >>> days_late(date(2026, 12, 1), date(2026, 12, 1)), days_late(date(2026, 11, 30), date(2026, 12, 1))
    (1, 0)
    """
    return max(0, (confirmed - first_day).days + 1)


def with_year_goals(design: Design, tables: Tables, cycle: Cycle) -> Tables:
    """Return the tables with a cycle's part of each year's goal as target, where none was agreed for it (S138)."""
    yearly = {
        (person.id, item.id): item.year.within(cycle.first_day.month, cycle.last_day.month)
        for person in rows_of(tables.people)
        if person.role in design.roles
        for item in design.roles[person.role].indicators
        if item.year is not None
    }
    if not yearly:
        return tables
    rows = tables.goals.records()
    for row in rows:
        target = yearly.pop((row["person"], row["indicator"]), None)
        row["target"] = target if row["target"] is None else row["target"]
    rows += [blank_goal(tables.goals, *key) | {"target": target} for key, target in yearly.items()]
    return replace(tables, goals=Table.of(tables.goals.columns, (row.values() for row in rows)))


def blank_goal(goals: Table, person: str, indicator: str) -> dict[str, Any]:
    """Return a row for a table of goals that stands in no file and says nothing yet."""
    known = table("goals", [{"person": person, "indicator": indicator}]).records()[0]
    return {column: known.get(column) for column in goals.columns} | {"row": None}


def untold_points(goal: Mapping[str, Any]) -> list[str]:
    """Return which of the nine points a goal does not say; an assignment needs all (S137).

    >>> untold_points(dict.fromkeys(ASSIGNMENT_POINTS.values(), "said") | {"benefit": ""})
    ['benefit']
    """
    return [point for point, column in ASSIGNMENT_POINTS.items() if goal.get(column) in (None, "")]
