"""A goal in parts or stages: how far each is, and the completion that follows (S122, S153).

What a part counts is in ``stages`` of ``goals.csv`` (20/30/50), all alike where nothing is said; how far each part is
stands in ``parts`` of ``actuals.csv`` (``100%; 15/20; 0``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from kpi_toolkit.method.checks.plausible import is_per_cent
from kpi_toolkit.method.checks.roster import Roster
from kpi_toolkit.method.issues import Issue, Place, error
from kpi_toolkit.method.model import Basis, Design, Indicator
from kpi_toolkit.method.numbers import FULL, decimals_of, half_up
from kpi_toolkit.method.rows import completions
from kpi_toolkit.method.tables import Tables, rows_of


def completion(parts: Sequence[Fraction], stages: Sequence[Decimal] = ()) -> Decimal:
    """Return how far a goal is in per cent, to six decimals: the mean of its parts, each by what it counts.

    >>> completion(completions("100%; 10/10; 15/20; 10/20")), completion(completions("100; 100; 0"), (20, 30, 50))
    (Decimal('81.25'), Decimal('50'))
    >>> completion(completions("2/3"))
    Decimal('66.666667')
    """
    weights = [Fraction(stage) for stage in stages] or [Fraction(1)] * len(parts)
    whole = sum((part * weight for part, weight in zip(parts, weights, strict=True)), Fraction(0))
    return half_up(whole / sum(weights), 6).normalize() + 0


def _filled(item: Indicator) -> str:
    """Return the column that a completion goes to: the actual of what is in per cent, else the appraiser's view."""
    if item.basis is not Basis.ACTUAL:
        return "appraiser"
    return "actual" if is_per_cent(item) else ""


def with_completions(design: Design, tables: Tables) -> Tables:
    """Return the tables with the completion of every row that states its parts; one that was typed stays."""
    if not any(row.parts for row in rows_of(tables.actuals)):
        return tables
    roster, stages = Roster(design, tables.people), _stages(tables)
    columns = {name: tables.actuals[name] for name in ("actual", "appraiser")}
    for at, row in enumerate(rows_of(tables.actuals)):
        item, counted = roster.item(row), stages.get((row.person, row.indicator), ())
        column = _filled(item) if item and row.parts else ""
        if column and columns[column][at] is None and len(counted) in {0, len(completions(row.parts))}:
            columns[column][at] = completion(completions(row.parts), counted)
    return replace(tables, actuals=tables.actuals.assign(**columns))


def _stages(tables: Tables) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    return {(row.person, row.indicator): row.stages for row in rows_of(tables.goals) if row.stages}


def check_parts(design: Design, tables: Tables) -> Iterator[Issue]:
    """Find parts that are not those of the goal, go beyond all, or say something else than the figure beside them."""
    roster, stages = Roster(design, tables.people), _stages(tables)
    for row, item in roster.lines(tables.actuals):
        if row.parts:
            place = Place(tables.file("actuals"), row.row, "parts")
            column, parts = _filled(item), completions(row.parts)
            counted, beyond = stages.get((row.person, row.indicator), ()), max(parts)
            typed = getattr(row, column) if column else None
            if not column:
                yield error("parts-not-percent", place, indicator=item.name, unit=item.unit)
            elif len(counted) not in {0, len(parts)}:
                yield error("parts-not-stages", place, indicator=item.name, n=len(parts), of=len(counted))
            elif beyond > FULL:
                yield error("out-of-range", place, value=half_up(beyond, 2).normalize() + 0, low=0, high=FULL)
            elif typed is not None and typed != half_up(made := completion(parts, counted), decimals_of(typed)):
                yield error("not-the-parts", replace(place, column=column), indicator=item.name, value=typed, made=made)
