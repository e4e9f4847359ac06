"""Sales quotas that stand in the words of goals instead of in an indicator's class (S088, X02)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.said import asked_for
from kpi_toolkit.method.goals import LEVELS, Cascade
from kpi_toolkit.method.issues import Issue, Place, warning
from kpi_toolkit.method.model import Indicator, Role
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.wording import matches, numbers_before

_SAID = ("text", "quantity", "standard", "quality", "deliverable")
"""Columns of a goal in which a quota could stand."""


def quotas_in_words(case: Case, tables: Tables, goals_file: str, cascade_file: str) -> Iterator[Issue]:
    """Find sales that people of supporting posts are to bring: in their goals, or in goals above that they carry."""
    holders = {
        person.id: (person.name, case.design.roles[person.role])
        for person in rows_of(tables.people)
        if person.role in case.design.roles and not case.bears_quota(person.role)
    }
    for row in rows_of(tables.goals):
        said = "\n".join(str(getattr(row, name)) for name in _SAID if getattr(row, name))
        if row.person in holders and _sells(case, said) and matches(case.wording.money, said):
            place = Place(goals_file, row.row, "text")
            yield warning("quota-in-goal", place, role=holders[row.person][1].name, goal=row.text or said)
    cascade = Cascade.of(tables)
    for name, row in cascade.goals.items():
        role = _carrier(cascade, row, holders)
        if role is not None and row.level != LEVELS[0] and _sold_above(case, cascade, name):
            yield warning("quota-in-goal", Place(cascade_file, row.row, "name"), role=role.name, goal=row.name)


def goals_keep_their_number(case: Case, row: Any, item: Indicator, place: Place) -> Iterator[Issue]:
    """Find a goal whose words give the indicator's unit another number than its target."""
    target = item.target if row.target is None else row.target
    words = [text for text in (row.text, row.quantity) if text and not matches(case.wording.partly, text)]
    said = {number for unit in item.unit.words for text in words for number in numbers_before(unit, text)}
    try:
        numbers = {Decimal(number) for number in said}
    except InvalidOperation:
        return
    numbers |= asked_for([row.standard or ""], item, case.wording) if row.standard else set()
    if target is not None and numbers and target not in numbers:
        yield warning("goal-number", place, indicator=item.name, said=sorted(numbers), target=target, unit=item.unit)


def _sells(case: Case, said: str) -> bool:
    return matches((*case.wording.sales, *case.wording.sold), said)


def _sold_above(case: Case, cascade: Cascade, goal: str) -> bool:
    """Whether a goal is about sales: by its own name, or as a share of one that is."""
    seen: list[str] = []
    while goal in cascade.goals and goal not in seen:
        row = cascade.goals[goal]
        if _sells(case, row.name):
            return True
        seen.append(goal)
        goal = row.parent if row.parent and row.share is not None else ""
    return False


def _carrier(cascade: Cascade, row: Any, holders: dict[str, tuple[str, Role]]) -> Role | None:
    """Return the supporting post that carries a goal: its owner by name, or whoever's goals hang on a post's goal."""
    owner = (row.owner or "").strip().casefold()
    for person, (name, role) in holders.items():
        if owner and owner in {person, name.casefold(), *map(str.casefold, role.name.words)}:
            return role
    below = cascade.carried.get(row.id, ()) if row.level == LEVELS[-1] else ()
    return next((holders[goal.person][1] for goal in below if goal.person in holders), None)
