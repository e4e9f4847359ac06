"""What makes a person's goals: agreed in time, nine points explained, stages and parts (S122-S137)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

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


def untold_points(goal: Mapping[str, Any]) -> list[str]:
    """Return which of the nine points a goal does not say; an assignment needs all (S137).

    >>> untold_points(dict.fromkeys(ASSIGNMENT_POINTS.values(), "said") | {"benefit": ""})
    ['benefit']
    """
    return [point for point, column in ASSIGNMENT_POINTS.items() if goal.get(column) in (None, "")]
