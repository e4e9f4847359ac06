"""Goals: what a business works for (S014-S021), from the company's to each person's, a person's (S122-S137)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any, Literal, get_args

from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.grouping import gathered
from kpi_toolkit.method.model import Design
from kpi_toolkit.method.numbers import CENTI, centi, deal, from_centi
from kpi_toolkit.method.profile import Profile
from kpi_toolkit.method.rows import Level
from kpi_toolkit.method.tables import Table, Tables, rows_of, table
from kpi_toolkit.method.value import Id, Sourced, Text

_WHOLE = 100 * CENTI
Horizon = Literal["short", "choose", "mid", "long"]
_MID_FROM, _SHORT_TO, _LONG_FROM = Decimal(3), Decimal(2), Decimal(5)


class GoalCard(Sourced):
    """A type of operating goal: ``templates/goals/<id>.toml``."""

    name: Text
    aim: Text
    indicators: tuple[Id, ...] = ()
    """Indicator cards that show whether it is reached, the main ones first."""
    diagnosis_only: bool = False
    """True for the want of a goal: it may be found, but nothing can be built on it (S017)."""
    worksheet: Id | None = None
    """The checklist that helps on."""
    design: str | None = None
    """The design starter that is made for it."""


@dataclass(frozen=True, slots=True)
class ChosenGoal:
    """One goal of a client's mix."""

    id: str
    name: Text
    aim: Text
    share: Decimal
    indicators: tuple[str, ...]


def chosen_goals(profile: Profile, cards: Mapping[str, GoalCard]) -> tuple[ChosenGoal, ...]:
    """Return the goals of a client's mix, the largest share first; unknown ones are left to the checks."""
    found = []
    for goal, share in profile.goals.items():
        own, card = profile.own_goals.get(goal), cards.get(goal)
        if own:
            found.append(ChosenGoal(goal, own.name, Text(), share, own.indicators))
        elif card:
            found.append(ChosenGoal(goal, card.name, card.aim, share, card.indicators))
    return tuple(sorted(found, key=lambda goal: -goal.share))


def goal_weights(goals: Sequence[ChosenGoal]) -> dict[str, Decimal]:
    """Return the indicators that a mix of goals suggests at the top, each once, with per cent of the mix (S018).

    A goal's share falls to its indicators alike; one that serves two goals has a part of both. The weights add up to
    100, with two decimals; what goals without an indicator leave open stands under an empty id.

    >>> brand = ChosenGoal("brand", Text(en="Brand"), Text(), Decimal("0.5"), ("awareness", "traffic"))
    >>> sales = ChosenGoal("sales", Text(en="Sales"), Text(), Decimal("0.5"), ("orders", "traffic"))
    >>> {name: str(weight) for name, weight in goal_weights([brand, sales]).items()}
    {'awareness': '25.00', 'traffic': '50.00', 'orders': '25.00'}
    """
    found: dict[str, Fraction] = {}
    for goal in goals:
        served = goal.indicators or ("",)
        for name in served:
            found[name] = found.get(name, Fraction(0)) + Fraction(goal.share) / len(served)
    common = lcm(*(weight.denominator for weight in found.values()))
    dealt = deal(_WHOLE, [int(weight * common) * _WHOLE for weight in found.values()], common) if found else []
    return {name: from_centi(weight) for name, weight in zip(found, dealt, strict=True)}


def served_shares(goals: Sequence[str], weights: Sequence[tuple[str | None, Decimal]]) -> dict[str, int]:
    """Return what part of all weights serves each goal, in whole per cents that add up as the parts do.

    >>> served_shares(["brand", "sales"], [("brand", Decimal(50)), ("sales", Decimal(25)), (None, Decimal(25))])
    {'brand': 50, 'sales': 25}
    """
    goals = sorted(goals)  # of equal remainders the same one is rounded up, whoever asks in whatever order
    parts = [sum(centi(weight) for served, weight in weights if served == goal) for goal in goals]
    whole = sum(centi(weight) for _, weight in weights)
    if not whole:
        return dict.fromkeys(goals, 0)
    shares = deal(100, [100 * part for part in (*parts, whole - sum(parts))], whole)
    return dict(zip(goals, shares, strict=False))  # the last serves none of them


def horizon(years: Decimal) -> Horizon:
    """Return how far ahead goals look: short to 2 years, mid from 3, long from 5 (S021, X16).

    Between 2 and 3 the source is silent: the user chooses.

    >>> [horizon(Decimal(years)) for years in ("1.5", "4", "6", "5", "2.5")]
    ['short', 'mid', 'long', 'long', 'choose']
    """
    if years >= _LONG_FROM:
        return "long"
    if years >= _MID_FROM:
        return "mid"
    return "short" if years <= _SHORT_TO else "choose"


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
