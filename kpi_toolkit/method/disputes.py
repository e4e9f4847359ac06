"""What people did not agree with in the talk, and what came of it: an overlay on the actuals, both values kept."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kpi_toolkit.method.tables import Tables, rows_of


def settled(tables: Tables) -> Tables:
    """Return the tables with every value that a talk changed; the files and ``tables.disputes`` keep what stood there.

    >>> tables = Tables.of(
    ...     people=[{"id": "lin", "name": "Lin", "role": "editor"}],
    ...     actuals=[{"person": "lin", "indicator": "style", "appraiser": 80}],
    ...     disputes=[{"person": "lin", "indicator": "style", "column": "appraiser", "from": 80, "to": 85, "by": "wang",
    ...                "outcome": "changed", "reason": "five texts overlooked", "date": "2026-11-06"}],
    ... )
    >>> settled(tables).actuals["appraiser"].tolist()
    [Decimal('85')]
    """
    changed = {
        (row.person, row.indicator, row.column): row.to for row in rows_of(tables.disputes) if row.outcome == "changed"
    }
    if not changed:
        return tables
    actuals = tables.actuals.copy()
    for column in {column for _, _, column in changed}:
        values = [
            changed.get((person, indicator, column), value)
            for person, indicator, value in zip(actuals["person"], actuals["indicator"], actuals[column], strict=True)
        ]
        actuals[column] = pd.Series(values, dtype=object, index=actuals.index)
    return replace(tables, actuals=actuals)
