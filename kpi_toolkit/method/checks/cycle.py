"""What can be wrong with one cycle's tables against the design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from kpi_toolkit.method.checks.people import check_people
from kpi_toolkit.method.checks.places import find_indicator, indicator_place, target_usable, twice
from kpi_toolkit.method.cycle import Cycle
from kpi_toolkit.method.issues import Issue, Issues, Place, error, hint, nearest, warning
from kpi_toolkit.method.model import Basis, Design, Indicator, Missing
from kpi_toolkit.method.namesakes import names_of
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Text, Word

_HIGHEST_VIEW = Decimal(200)


def check_cycle(design: Design, tables: Tables, *, cycle: Cycle | None = None) -> Issues:
    """Return what is wrong with one cycle's tables against the design: unknown names, doubles, ranges, gaps."""
    found = list(check_people(design, tables.people))
    folder = f"cycles/{cycle.id}/" if cycle else ""
    roles = dict(zip(tables.people["id"], tables.people["role"], strict=True))
    names = names_of(tables.people, design.roles)
    files = {name: f"{folder}{name}.csv" for name in ("goals", "actuals", "adjustments", "calibration")}
    found += twice(tables.goals, files["goals"], ["person", "indicator"])
    found += twice(tables.actuals, files["actuals"], ["person", "indicator"])
    for name in ("goals", "actuals"):
        found += _names_known(design, roles, getattr(tables, name), files[name])
    found += _goals_usable(design, roles, tables.goals, files["goals"])
    goals = {(row.person, row.indicator): row.target for row in rows_of(tables.goals)}
    found += _values_plausible(design, roles, tables.actuals, goals, files["actuals"])
    found += _nothing_missing(design, tables, names, files["actuals"])
    found += _self_appraisals_returned(design, tables, names, files["actuals"])
    found += _targets_fit_the_cycle(design, tables, names, cycle)
    found += [
        error(
            "unknown-person",
            Place(files["calibration"], row.row, "person"),
            person=row.person,
            nearest=nearest(row.person, roles),
        )
        for row in rows_of(tables.calibration)
        if row.person not in roles
    ]
    for row in rows_of(tables.calibration):
        who = names.get(row.person, row.person)
        if row.from_tier is row.to_tier:
            place = Place(files["calibration"], row.row, "to_tier")
            found.append(error("nobody-moved", place, person=who, tier=Word(f"tier.{row.to_tier.value}")))
        if row.approver == row.person:
            place = Place(files["calibration"], row.row, "approver")
            found.append(warning("self-approved", place, person=who))
    found += _adjustments_allowed(design, names, tables.adjustments, files["adjustments"], cycle)
    return Issues(found)


def _names_known(design: Design, roles: dict[str, str], table: pd.DataFrame, file: str) -> Iterator[Issue]:
    for row in rows_of(table):
        role = design.roles.get(roles.get(row.person, ""))
        if row.person not in roles:
            near = nearest(row.person, roles)
            yield error("unknown-person", Place(file, row.row, "person"), person=row.person, nearest=near)
        elif role and find_indicator(design, roles, row.person, row.indicator) is None:
            near = nearest(row.indicator, (item.id for item in role.indicators))
            yield error(
                "unknown-indicator", Place(file, row.row, "indicator"),
                indicator=row.indicator, role=role.name, nearest=near,
                known=", ".join(item.id for item in role.indicators),
            )  # fmt: skip


def _goals_usable(design: Design, roles: dict[str, str], goals: pd.DataFrame, file: str) -> Iterator[Issue]:
    for row in rows_of(goals):
        indicator = find_indicator(design, roles, row.person, row.indicator)
        if indicator is not None and row.target is not None:
            yield from target_usable(indicator, row.target, Place(file, row.row, "target"))


def _values_plausible(
    design: Design, roles: dict[str, str], actuals: pd.DataFrame, goals: Mapping[tuple[str, str], Any], file: str
) -> Iterator[Issue]:
    for row in rows_of(actuals):
        indicator = find_indicator(design, roles, row.person, row.indicator)
        if indicator is None:
            continue
        highest = max(_HIGHEST_VIEW, design.cap(indicator))
        for view in ("self", "appraiser", "others"):
            value = getattr(row, view)
            if value is not None and not 0 <= value <= highest:
                yield error("out-of-range", Place(file, row.row, view), value=value, low=0, high=highest)
            elif value is not None and 0 < value <= 1:
                place = Place(file, row.row, view)
                yield warning("fraction-for-percent", place, value=value, percent=value * 100, indicator=indicator.name)
        actual, target = row.actual, goals.get((row.person, row.indicator)) or indicator.target or 0
        if actual is not None and actual < 0 <= target and not indicator.curve.whole:
            place = Place(file, row.row, "actual")
            yield warning("negative-actual", place, value=actual, indicator=indicator.name)
        if actual is not None and indicator.unit.en == "%" and 0 < actual <= 1 < target:
            place = Place(file, row.row, "actual")
            yield warning("fraction-for-percent", place, value=actual, percent=actual * 100, indicator=indicator.name)
        if actual is not None and indicator.curve.whole and (actual < 0 or actual != int(actual)):
            yield error("not-whole", Place(file, row.row, "actual"), value=actual, indicator=indicator.name)


def _nothing_missing(design: Design, tables: Tables, names: Mapping[str, Text], file: str) -> Iterator[Issue]:
    """Find targets that are nowhere, which stops scoring, and actuals that are, which the policy meets."""
    given = {(r.person, r.indicator): r for r in rows_of(tables.actuals)}
    goals = {(r.person, r.indicator): r.target for r in rows_of(tables.goals)}
    if len(tables.actuals) and tables.actuals[["actual", "self", "appraiser", "others"]].isna().all(axis=None):
        yield warning("blank-cycle", Place(file))
        given = {}
    aimless: dict[tuple[str, str], list[Text]] = {}
    for person in rows_of(tables.people):
        role = design.roles.get(person.role)
        for indicator in role.indicators if role else ():
            if role is None or not role.method.counts(indicator.side):
                continue
            key = (person.id, indicator.id)
            row = given.get(key)
            named = {"person": names[person.id], "indicator": indicator.name}
            aimed = indicator.basis is not Basis.ACTUAL or not indicator.curve.needs_target
            if not aimed and goals.get(key) is None and indicator.target is None:
                aimless.setdefault((person.role, indicator.id), []).append(names[person.id])
            view = _absent(design, indicator, row)
            if view and (given or tables.actuals.empty):
                make = error if design.missing is Missing.REFUSE else warning
                place = Place(file, row.row if row else None, view)
                yield make("missing-actual", place, policy=Word(f"missing_name.{design.missing.value}"), **named)

    for (name, item), people in aimless.items():
        found = next(indicator for indicator in design.roles[name].indicators if indicator.id == item)
        yield error("no-target", indicator_place(name, found), indicator=found.name, people=people)


def _self_appraisals_returned(design: Design, tables: Tables, names: Mapping[str, Text], file: str) -> Iterator[Issue]:
    """Name whose self-appraisal is not whole, where others handed theirs in (V14)."""
    given = {(row.person, row.indicator) for row in rows_of(tables.actuals) if row.self is not None}
    asked = {
        person.id: [(person.id, item.id) in given for item in design.roles[person.role].indicators if item.weight]
        for person in rows_of(tables.people)
        if person.role in design.roles
    }
    late = [names[person] for person, lines in asked.items() if not all(lines)]
    if late and any(any(lines) for lines in asked.values()):
        yield hint("self-appraisal-missing", Place(file, column="self"), n=len(late), of=len(asked), people=late)


def _absent(design: Design, indicator: Indicator, row: Any) -> str:
    """Return the column whose value is missing, empty where the indicator can be scored."""
    seen = {view: getattr(row, view, None) for view in ("actual", "self", "appraiser", "others")}
    if indicator.basis is Basis.RATERS:
        return "" if design.raters.mix(seen) is not None else "appraiser"
    needed = ["appraiser" if indicator.basis is Basis.APPRAISER else "actual"]
    needed += ["appraiser"] if indicator.curve.kind == "table" else []
    return next((view for view in needed if seen[view] is None), "")


def _targets_fit_the_cycle(
    design: Design, tables: Tables, names: Mapping[str, Text], cycle: Cycle | None
) -> Iterator[Issue]:
    """Find what a longer cycle would measure against the design's targets, which are for a month."""
    if cycle is None or cycle.months == 1:
        return
    goals = {(row.person, row.indicator) for row in rows_of(tables.goals) if row.target is not None}
    for person in rows_of(tables.people):
        role = design.roles.get(person.role)
        items = [item for item in role.indicators if item.unit.en != "%" and item.target is not None] if role else []
        bare = [item.name for item in items if item.basis is Basis.ACTUAL and (person.id, item.id) not in goals]
        if bare:
            place = Place(f"cycles/{cycle.id}/goals.csv")
            yield warning("monthly-target", place, person=names[person.id], indicators=bare, months=cycle.months)


def _adjustments_allowed(
    design: Design, names: Mapping[str, Text], adjustments: pd.DataFrame, file: str, cycle: Cycle | None
) -> Iterator[Issue]:
    rules = {rule.id: rule for rule in design.adjustments.rules}
    for row in rows_of(adjustments):
        if row.person not in names:
            near = nearest(row.person, names)
            yield error("unknown-person", Place(file, row.row, "person"), person=row.person, nearest=near)
        if rules and row.rule not in rules:
            near = nearest(row.rule, rules)
            yield error(
                "unknown-rule", Place(file, row.row, "rule"), rule=row.rule, nearest=near, known=", ".join(rules)
            )
        elif rules and rules[row.rule].add_only and row.points < 0:
            yield error("add-only", Place(file, row.row, "points"), rule=rules[row.rule].name, points=row.points)
        if row.approver == row.person:
            yield warning("self-approved", Place(file, row.row, "approver"), person=names.get(row.person, row.person))
        if cycle and not cycle.first_day <= row.date <= cycle.last_day:
            yield warning("date-outside-cycle", Place(file, row.row, "date"), date=row.date, cycle=cycle.id)
