"""Who was there for part of a cycle only, and what was decided about it: ``spells.csv``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.curves import Gate
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Place, error, warning
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.numbers import half_up
from kpi_toolkit.method.tables import Tables, rows_of, table

_DAY = timedelta(days=1)
PRO_RATA = ("days", "workdays")
Works = Callable[[date], bool]


def _rows(tables: Tables) -> Iterator[Mapping[str, Any]]:
    return ({str(key): value for key, value in row.items()} for row in tables.spells.to_dict("records"))


def shares(tables: Tables, cycle: Cycle, works: Works) -> dict[str, Fraction]:
    """Return which part of the cycle each person counts for who is held to a part of the targets.

    Of a role the days outside it are missing, of a leave the days in it; all days or worked days, as it was decided.
    """
    found: dict[str, Fraction] = {}
    for row in _rows(tables):
        if row["treat"] in PRO_RATA:
            every = [day for day in _days(cycle.first_day, cycle.last_day) if row["treat"] == "days" or works(day)]
            inside = sum((row["from"] or cycle.first_day) <= day <= (row["to"] or cycle.last_day) for day in every)
            gone = len(every) - inside if row["kind"] == "role" else inside
            found[row["person"]] = found.get(row["person"], Fraction(1)) - Fraction(gone, len(every) or 1)
    return {person: max(share, Fraction(0)) for person, share in found.items()}


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


def pro_rated(design: Design, tables: Tables, cycle: Cycle, works: Works) -> Tables:
    """Return the tables with the targets of amounts as large as the part of the cycle that each person counts for.

    Shares in per cent, vetoes and what is scored without a target stay. A target is rounded half up to two decimals,
    as it stands on the form.
    """
    part = shares(tables, cycle, works)
    if not part:
        return tables
    goals = {(row["person"], row["indicator"]): row for row in tables.goals.to_dict("records")}
    for person in rows_of(tables.people):
        for item in design.roles[person.role].indicators if part.get(person.id) else ():
            fresh = {"person": person.id, "indicator": item.id}
            row = goals.get((person.id, item.id)) or {**table("goals", [fresh]).to_dict("records")[0], "row": None}
            target = item.target if row["target"] is None else row["target"]
            if target is not None and _is_amount(item):
                goals[person.id, item.id] = {**row, "target": half_up(Fraction(target) * part[person.id], 2)}
    return replace(tables, goals=pd.DataFrame([*goals.values()], columns=tables.goals.columns, dtype=object))


def _is_amount(item: Indicator) -> bool:
    return item.needs_target and not is_per_cent(item) and not isinstance(item.curve, Gate)


def check_spells(design: Design, tables: Tables, cycle: Cycle) -> Iterable[Issue]:
    """Find who left inside a cycle with nothing decided, and what is wrong with what was decided."""
    file = tables.file("spells")
    roles = dict(zip(tables.people["id"], tables.people["role"], strict=True))
    names = names_of(tables.people, design.roles)
    for row in _rows(tables):
        place, who = Place(file, row["row"]), names.get(row["person"], row["person"])
        first, last = row["from"] or cycle.first_day, row["to"] or cycle.last_day
        if row["person"] not in roles:
            yield error("unknown-person", replace(place, column="person"), person=row["person"], nearest="")
        elif not cycle.first_day <= first <= last <= cycle.last_day:
            yield error("spell-outside-cycle", replace(place, column="from"), person=who, first=first, last=last)
        elif row["kind"] == "leave" and row["treat"] in PRO_RATA and (first, last) == (cycle.first_day, cycle.last_day):
            yield error("away-all-cycle", replace(place, column="treat"), person=who)
        elif row["kind"] == "role" and row["role"] not in (None, roles[row["person"]]):
            other = design.roles[row["role"]].name if row["role"] in design.roles else row["role"]
            own = design.roles[roles[row["person"]]].name
            yield warning("role-held-before", replace(place, column="role"), person=who, role=other, own=own)
    decided = {row["person"] for row in _rows(tables)}
    days = (cycle.last_day - cycle.first_day).days + 1
    for person in rows_of(tables.people):
        if person.left and cycle.first_day <= person.left < cycle.last_day and person.id not in decided:
            place = Place(tables.file("people"), person.row, "left")
            present = (person.left - cycle.first_day).days + 1
            yield warning(
                "left-inside-cycle", place, person=names[person.id], date=person.left, present=present, days=days
            )
