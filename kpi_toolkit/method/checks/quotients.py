"""Part and whole: a figure reported as the counts that it is made of. The quotient is scored, all three are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.counting import Formula
from kpi_toolkit.method.issues import Issue, Place, error, warning
from kpi_toolkit.method.model import Design, Indicator
from kpi_toolkit.method.numbers import decimals_of, half_up
from kpi_toolkit.method.tables import Tables, rows_of
from kpi_toolkit.method.value import Text


def formula_of(item: Indicator) -> Formula:
    """Return how a figure follows from part and whole; where the design does not say, by the unit: per cent or not."""
    own = item.formula
    return own if own and own.whole else Formula(part=Text(), whole=Text(), percent=is_per_cent(item))


def worked_out(design: Design, tables: Tables) -> Tables:
    """Return the tables with the actual of every row that states part and whole (S027-S041).

    Its six decimals are those of an attainment; what cannot be divided stays as it is, and the checks say so.

    >>> editor = {"name": "Editor", "indicators": [
    ...     {"id": "passed", "name": "Passed", "class": "quality", "weight": 100, "target": 90}]}
    >>> tables = Tables.of(people=[{"id": "lin", "name": "Lin", "role": "editor"}],
    ...                    actuals=[{"person": "lin", "indicator": "passed", "part": 190, "whole": 200}])
    >>> worked_out(Design.model_validate({"roles": {"editor": editor}}), tables).actuals["actual"]
    [Decimal('95')]
    """
    if all(row.part is None and row.whole is None for row in rows_of(tables.actuals)):
        return tables
    roster = Roster(design, tables.people)
    values = [
        row.actual if row.actual is not None or (item := roster.item(row)) is None else _quotient(item, row)
        for row in rows_of(tables.actuals)
    ]
    return replace(tables, actuals=tables.actuals.assign(actual=values))


def _quotient(item: Indicator, row: Any) -> Decimal | None:
    if row.part is None or row.whole is None or row.whole <= 0:
        return None
    return formula_of(item).figure(row.part, row.whole)


def check_quotients(design: Design, tables: Tables) -> Iterator[Issue]:
    """Find quotients that cannot be made, or whose part, whole and actual do not go together."""
    for row, item in Roster(design, tables.people).lines(tables.actuals):
        if not (row.part is None and row.whole is None):
            yield from _sound(item, row, Place(tables.file("actuals"), row.row))


def _sound(item: Indicator, row: Any, place: Place) -> Iterator[Issue]:
    formula, named = formula_of(item), {"indicator": item.name, "part": row.part, "whole": row.whole}
    if row.part is None or row.whole is None:
        column = "part" if row.part is None else "whole"
        other = row.whole if row.part is None else row.part
        yield error("half-a-quotient", replace(place, column=column), indicator=item.name, other=other)
    elif row.whole <= 0:
        yield error("whole-not-positive", replace(place, column="whole"), **named)
    elif formula.percent and row.part > row.whole and not formula.beyond:
        say = error if item.formula else warning  # where the design does not say what is counted, it may be meant
        yield say("part-above-whole", replace(place, column="part"), **named)
    elif row.actual is not None and not _says(row.actual, figure := formula.figure(row.part, row.whole)):
        yield error("not-the-quotient", replace(place, column="actual"), value=row.actual, figure=figure, **named)


def _says(typed: Decimal, figure: Decimal) -> bool:
    """Whether a typed figure is this one, or this one rounded to the decimals that were typed."""
    return typed == half_up(figure, decimals_of(typed))
