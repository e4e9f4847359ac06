"""What no value can show by itself: each is held against its target, its unit, its column and its indicator's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from kpi_toolkit.method.checks.case import Case
from kpi_toolkit.method.checks.places import find_indicator
from kpi_toolkit.method.issues import Issue, Place, error, warning
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import Measured
from kpi_toolkit.method.segments import Direction
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.wording import matches

VIEWS = ("self", "appraiser", "others")
_HIGHEST_VIEW = Decimal(200)
_FRACTION = Decimal("1.5")
"""A share up to here may be a fraction: 1.05 is 105 %."""
_MAGNITUDE = 10
_FAR = 100
"""Ours: so many times its target a value is looked at again; 10 up where more is better, else 100."""
_SCALES = (5, 10)
"""Points that appraisers are used to instead of per cent."""
_FEW = 3


def check_values(design: Design, roles: Mapping[str, str], tables: Tables) -> Iterator[Issue]:
    """Go through the values of a cycle that cannot be right, and those that probably are not."""
    targets = {(row.person, row.indicator): row for row in rows_of(tables.goals) if row.target is not None}
    for row in rows_of(tables.goals):
        indicator = find_indicator(design, roles, row.person, row.indicator)
        if indicator is not None:
            yield from _unit_fits(row.target, indicator, Place(tables.file("goals"), row.row, "target"))
    for row in rows_of(tables.actuals):
        indicator = find_indicator(design, roles, row.person, row.indicator)
        if indicator is None:
            continue
        yield from _views_in_range(row, indicator, design, tables.file("actuals"))
        if row.actual is not None:
            yield from _actual_plausible(row, indicator, targets.get((row.person, row.indicator)), tables)
    yield from _views_in_per_cent(tables)


def _unit_fits(value: Decimal | None, indicator: Indicator, place: Place) -> Iterator[Issue]:
    """Find a unit behind a number that is not the indicator's."""
    if isinstance(value, Measured) and value.unit.casefold() not in {
        word.casefold() for word in (indicator.unit.zh, indicator.unit.en)
    }:
        yield error("other-unit", place, value=f"{value:f} {value.unit}", unit=indicator.unit, indicator=indicator.name)


def _views_in_range(row: Any, indicator: Indicator, design: Design, file: str) -> Iterator[Issue]:
    highest = max(_HIGHEST_VIEW, design.cap(indicator))
    for view in VIEWS:
        value, place = getattr(row, view), Place(file, row.row, view)
        if value is not None and not 0 <= value <= highest:
            yield error("out-of-range", place, value=value, low=0, high=highest)
        elif value is not None and 0 < value <= 1:
            yield _fraction(value, indicator, place)


def _fraction(value: Decimal, indicator: Indicator, place: Place) -> Issue:
    return warning("fraction-for-percent", place, value=value, percent=value * 100, indicator=indicator.name)


def _actual_plausible(row: Any, indicator: Indicator, goal: Any, tables: Tables) -> Iterator[Issue]:
    value, place = row.actual, Place(tables.file("actuals"), row.row, "actual")
    yield from _unit_fits(value, indicator, place)
    target = goal.target if goal is not None else indicator.target
    if value < 0 <= (target or 0) and not indicator.curve.whole:
        yield warning("negative-actual", place, value=value, indicator=indicator.name)
    if indicator.curve.whole and (value < 0 or value != int(value)):
        yield error("not-whole", place, value=value, indicator=indicator.name)
    if not target or target < 0 or value <= 0 or indicator.basis is not Basis.ACTUAL:
        return
    share = indicator.unit.en == "%"
    if share and value <= _FRACTION and value * _MAGNITUDE <= target:
        yield _fraction(value, indicator, place)
    elif share and target <= _FRACTION and target * _MAGNITUDE <= value:
        at = Place(tables.file("goals"), goal.row, "target") if goal is not None else place
        yield warning("fraction-for-target", at, value=target, percent=target * 100, indicator=indicator.name)
    elif value >= target * (_FAR if indicator.direction is Direction.LOWER else _MAGNITUDE) or value * _FAR <= target:
        yield warning("far-from-target", place, value=value, target=target, indicator=indicator.name)


def _views_in_per_cent(tables: Tables) -> Iterator[Issue]:
    """Find a column of views, or all that one appraiser gave, that looks like points of five or of ten."""
    managers = dict(zip(tables.people["id"], tables.people["manager"], strict=True))
    for view in VIEWS:
        given = [(managers.get(row.person), row, getattr(row, view)) for row in rows_of(tables.actuals)]
        given = [entry for entry in given if entry[2] is not None and entry[2] > 1]
        groups: dict[str | None, list[Any]] = {None: given}
        for entry in given if view == "appraiser" else ():
            groups.setdefault(entry[0], []).append(entry) if entry[0] else None
        for manager, own in groups.items():
            scale = next((top for top in _SCALES if own and max(value for *_, value in own) <= top), None)
            if scale and (manager is None or len(own) >= _FEW):
                at = Place(tables.file("actuals"), own[0][1].row, view)
                yield warning("points-for-percent", at, n=len(own), scale=scale)
                break


def directions_fit_names(case: Case) -> Iterator[Issue]:
    """Find what is counted upwards though its name says that fewer is better: complaints, defects, returns."""
    for _, role, item, place in case.indicators():
        if case.wording is None or item.direction is not Direction.HIGHER or item.basis is not Basis.ACTUAL:
            continue
        names = {item.name.zh, item.name.en}
        if any(matches(case.wording.fewer, said) and not matches(case.wording.handled, said) for said in names):
            yield warning("direction-by-name", place, role=role.name, indicator=item.name)


CHECKS = (directions_fit_names,)
