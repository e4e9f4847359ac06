"""From the company's goal to each person's: what is split into what, and what is missing (S135, S127)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, get_args

from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.rows import Level
from kpi_toolkit.method.tables import Tables, rows_of

LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Cascade:
    """The goals of one cycle from the top down: those above people, and people's own."""

    goals: dict[str, Any]
    """Lines of ``cascade.csv`` by id."""
    own: tuple[Any, ...]
    """Lines of ``goals.csv`` that say something in words or name a goal above."""

    @classmethod
    def of(cls, tables: Tables) -> Cascade:
        """Return the cascade of a cycle's tables; of two goals of one id the first counts."""
        goals: dict[str, Any] = {}
        for row in rows_of(tables.cascade):
            goals.setdefault(row.id, row)
        return cls(goals, tuple(row for row in rows_of(tables.goals) if row.text or row.parent))

    @cached_property
    def parts(self) -> dict[str, list[Any]]:
        """The goals of the cascade that each is split into; those without a goal above stand under an empty id."""
        return self._below(self.goals.values())

    @cached_property
    def carried(self) -> dict[str, list[Any]]:
        """The people's goals under each goal."""
        return self._below(self.own)

    def _below(self, rows: Iterable[Any]) -> dict[str, list[Any]]:
        return gathered((row.parent if row.parent in self.goals else "", row) for row in rows)

    def value(self, goal: str) -> Fraction | None:
        """Return what a goal is worth: as written, or its share of the goal above; None where neither is known."""
        row = self.goals[goal]
        if row.value is not None or row.share is None or self._breaks_order(row):
            return None if row.value is None else Fraction(row.value)
        above = self.value(row.parent)
        return None if above is None else above * Fraction(row.share) / 100

    def unit(self, goal: str) -> str:
        """Return the unit of a goal's value: a share without one of its own is of the unit of the goal above."""
        row = self.goals[goal]
        own = row.unit or row.value is not None or row.share is None or self._breaks_order(row)
        return str(row.unit) if own else self.unit(row.parent)

    def gap(self, goal: str) -> Fraction | None:
        """Return per cent of a goal that nobody below carries; below zero where more is carried than asked for.

        None where the goal or one of those below it has no value, or other units.
        """
        below = self.parts.get(goal, [])
        shares = [row.share for row in below]
        if below and None not in shares:
            return 100 - sum(map(Fraction, shares), Fraction(0))
        whole, parts = self.value(goal), [self.value(row.id) for row in below]
        same = {self.unit(row.id) for row in below} == {self.unit(goal)}
        if not below or not whole or not same or None in parts:
            return None
        return 100 - sum((part for part in parts if part is not None), Fraction(0)) * 100 / whole

    def coverage(self) -> Fraction | None:
        """Return the share of people's goals that hang on a goal of the top level; None where nobody has one (S006)."""
        if not self.own:
            return None
        return Fraction(sum(self._reaches_top(row.parent) for row in self.own), len(self.own))

    def lines(self) -> Iterator[tuple[int, Any]]:
        """Go through the goals above people from the top down, each with its depth."""

        def below(parent: str, depth: int) -> Iterator[tuple[int, Any]]:
            for row in self.parts.get(parent, ()):
                if not parent or not self._breaks_order(row):
                    yield depth, row
                    yield from below(row.id, depth + 1)

        yield from below("", 0)

    def _reaches_top(self, goal: str | None) -> bool:
        row = self.goals.get(goal or "")
        if row is None or row.level == LEVELS[0]:
            return row is not None
        return not self._breaks_order(row) and self._reaches_top(row.parent)

    def _breaks_order(self, row: Any) -> bool:
        """Whether a goal has none above it that is of a higher level; so no chain that is followed runs in a circle."""
        above = self.goals.get(row.parent or "")
        return above is None or not above_level(above.level, row.level)


def above_level(upper: Level, lower: Level) -> bool:
    """Whether one level stands above another."""
    return LEVELS.index(upper) < LEVELS.index(lower)
