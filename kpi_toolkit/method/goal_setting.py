"""What makes a person's goals: agreed in time, nine points explained, stages and parts (S122-S137)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
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


def stages_done(stages: Sequence[Decimal], done: int) -> Decimal:
    """Return the completion in per cent of a goal with stages, so many of them done (S122).

    >>> stages_done([Decimal(20), Decimal(30), Decimal(50)], 2)
    Decimal('50')
    """
    return sum(stages[:done], Decimal(0))


def parts_done(parts: Iterable[Fraction]) -> Fraction:
    """Return the completion of a goal in parts that count alike, each no more than whole (S153).

    >>> float(parts_done([Fraction(1), Fraction(10, 10), Fraction(15, 20), Fraction(10, 20)]))
    0.8125
    """
    shares = [min(part, Fraction(1)) for part in parts]
    return sum(shares, Fraction(0)) / len(shares)
