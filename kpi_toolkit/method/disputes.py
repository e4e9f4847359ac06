"""What people did not agree with in the talk, and what came of it: an overlay on the actuals, both values kept."""

from __future__ import annotations

from dataclasses import replace

from kpi_toolkit.method.tables import Table, Tables, rows_of


def settled(tables: Tables) -> Tables:
    """Return the tables with every value that a talk changed; the files and ``tables.disputes`` keep what stood there.

    >>> tables = Tables.of(
    ...     people=[{"id": "lin", "name": "Lin", "role": "editor"}],
    ...     actuals=[{"person": "lin", "indicator": "style", "appraiser": 80}],
    ...     disputes=[{"person": "lin", "indicator": "style", "column": "appraiser", "from": 80, "to": 85, "by": "wang",
    ...                "outcome": "changed", "reason": "five texts overlooked", "date": "2026-11-06"}],
    ... )
    >>> settled(tables).actuals["appraiser"]
    [Decimal('85')]
    """
    changed = {
        (row.person, row.indicator, row.column): row.to for row in rows_of(tables.disputes) if row.outcome == "changed"
    }
    if not changed:
        return tables
    actuals = rows_of(tables.actuals)
    agreed = (
        [changed.get((row.person, row.indicator, column), value) for column, value in zip(columns, row, strict=True)]
        for columns in [tables.actuals.columns]
        for row in actuals
    )
    return replace(tables, actuals=Table.of(tables.actuals.columns, agreed))
